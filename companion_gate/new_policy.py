"""``python -m companion_gate.new_policy AREA NAME TYPE PATH VALUE`` writes a policy, its fixture and its page.

The policy asks that an argument has a value; change ``decide`` for anything else. Its fixture is judged by the tests at
once, on HCL and on a plan, and so are its weakenings.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aic_engine.rule import ID_PATTERN, Rule
from companion_gate.errors import GateError
from companion_gate.gate.run import load_policies
from companion_gate.pages import AREAS, write

_FOLDERS = {"MEM": "memory", "VEC": "vectors"}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TYPE = re.compile(r"aws_[a-z0-9_]+")

_POLICY = '''"""{title}."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, require
from aic_engine.values import Known
from aic_engine.weakening import drop, set_to

WANTED = {value!r}


def decide(resource: Resource, graph: Graph) -> Decision:
    return require(
        resource,
        "{path}",
        lambda value: value == Known(WANTED),
        expected=str(WANTED),
        cure="set {path} to {shown}",
    )


RULE = Rule(
    id="{id}",
    name="{name}",
    title="{title}",
    severity=Severity.MEDIUM,
    types=("{type}",),
    why="Say whom it hurts where this does not hold.",
    fix="""
{fix}
""",
    sources=("Say where the value, and the service's behaviour, come from",),
    controls={{"{control}": "Say in one sentence how it supports the control."}},
    breaks=(
        drop("{type}", "{path}"),
        set_to("{type}", "{path}", {other!r}),
    ),
    decide=decide,
)
'''


def scaffold(root: Path, area: str, name: str, type_: str, path: str, value: Any) -> list[Path]:
    """Writes the files below ``root``, a checkout with policies/ and tests/policies/fixtures/. Raises GateError."""
    policies, fixtures = root / "policies", root / "tests/policies/fixtures"
    if area not in AREAS:
        raise GateError(f"there is no area {area!r}; choose one of {', '.join(AREAS)}")
    if not _NAME.fullmatch(name):
        raise GateError(f"name {name!r} must be lower-case words joined by hyphens, such as queue-has-dlq")
    if not _TYPE.fullmatch(type_):
        raise GateError(f"type {type_!r} must be a resource type, such as aws_sqs_queue")
    rules = load_policies(policies)
    if name in {rule.name for rule in rules}:
        raise GateError(f"there is a policy {name} already; choose another name")
    folder = policies / _FOLDERS.get(area, area.lower())
    file, fixture = folder / f"{name.replace('-', '_')}.py", fixtures / name / "main.tf"
    for each in (file, fixture):
        if each.exists():
            raise GateError(f"{each} is there already; choose another name")
    id_ = next_id(rules, area)
    other = _other(value)
    words = {"id": id_, "name": name, "title": name.replace("-", " ").capitalize(), "type": type_, "path": path}
    hcl = {"shown": json.dumps(value).replace('"', "'"), "fix": _hcl(path, value), "control": "SOC2-CC8.1"}
    folder.mkdir(exist_ok=True)
    file.write_text(_POLICY.format(**words, **hcl, value=value, other=other), encoding="utf-8")
    fixture.parent.mkdir(parents=True)
    blocks = [_block(id_, type_, label, path, each) for label, each in (("pass", value), ("fail", other))]
    fixture.write_text("\n".join(blocks), encoding="utf-8")
    write(root / "docs/policies", load_policies(policies))
    return [file, fixture, root / "docs/policies" / f"{name}.md"]


def next_id(rules: Sequence[Rule], area: str) -> str:
    """The id after the highest of its area: ids are never used again."""
    numbers = [int(rule.id[-3:]) for rule in rules if rule.id.startswith(f"CKV_AIC_{area}_")]
    id_ = f"CKV_AIC_{area}_{max(numbers, default=0) + 1:03d}"
    assert ID_PATTERN.fullmatch(id_)  # noqa: S101 - areas and ids come from the same list
    return id_


def _other(value: Any) -> Any:
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"not-{value}"


def _block(id_: str, type_: str, verdict: str, path: str, value: Any) -> str:
    inner = "\n".join(f"  {line}" for line in _hcl(path, value).splitlines())
    return f'# {id_}: {verdict}\nresource "{type_}" "{verdict}" {{\n{inner}\n}}\n'


def _hcl(path: str, value: Any) -> str:
    """``a[0].b`` as a block ``a`` with an argument ``b``."""
    name, _, rest = path.partition(".")
    block = name.partition("[")[0]
    if not rest:
        return f"{block} = {json.dumps(value)}"
    inner = "\n".join(f"  {line}" for line in _hcl(rest, value).splitlines())
    return f"{block} {{\n{inner}\n}}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m companion_gate.new_policy", description=__doc__)
    parser.add_argument("area", help=", ".join(AREAS))
    parser.add_argument("name", help="words joined by hyphens")
    parser.add_argument("type", help="the resource type that it is asked of")
    parser.add_argument("path", help="the argument, such as ttl[0].enabled")
    parser.add_argument("value", help="what it must be, as JSON: true, 3 or a text")
    options = parser.parse_args(arguments)
    try:
        value = json.loads(options.value)
    except ValueError:
        value = options.value
    try:
        made = scaffold(Path.cwd(), options.area, options.name, options.type, options.path, value)
    except GateError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"{file.relative_to(Path.cwd())}\n" for file in made))
    sys.stdout.write("Now write why, sources and controls, add it to tests/policies/reference, and run: make test\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
