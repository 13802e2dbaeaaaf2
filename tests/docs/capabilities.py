"""Writes docs/aws-capabilities.md: what was applied, planned again and destroyed on which emulated AWS.

``make capabilities`` applies everything on each AWS, with ``--junitxml``, and then calls
``python -m tests.docs.capabilities REPORT…`` on those reports.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from companion_gate.aws.capabilities import NOT_EXERCISED
from companion_gate.aws.inventory import LISTINGS, PARTS, SETTINGS
from companion_gate.terraform.configuration import module_blocks
from tests.modules.roots import MODULES, REPOSITORY

PAGE = REPOSITORY / "docs" / "aws-capabilities.md"
_HEAD = """# What each emulated AWS can exercise

Written by `make capabilities` from its own run; `tests/docs/test_capabilities.py` fails where the embedded AWS did not
exercise a resource type of a module. "yes": in that run, resources of the type were applied, found in the account,
planned again without a change, destroyed, and gone.

"""


@dataclass
class Seen:
    """What the reports say of one AWS."""

    types: set[str] = field(default_factory=set)
    limits: dict[str, None] = field(default_factory=dict)


def read(reports: Iterable[Path]) -> dict[str, Seen]:
    """What was deployed and destroyed on each AWS, by its name. Failed tests count for nothing."""
    found: dict[str, Seen] = defaultdict(Seen)
    for report in reports:
        # The reports are this project's own.
        for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
            told = {each.get("name", ""): each.get("value", "") for each in case.iter("property")}
            if "types" in told and case.find("failure") is None and case.find("error") is None:
                seen = found[told["aws"].partition(",")[0]]
                seen.types.update(told["types"].split())
                seen.limits.update(dict.fromkeys(filter(None, told["limits"].splitlines())))
    return dict(found)


def module_types() -> list[str]:
    """The resource types of all modules."""
    folders = {file.parent for file in MODULES.rglob("*.tf")}
    blocks = [block for folder in folders for block in module_blocks(folder)]
    return sorted({block.type for block in blocks if block.kind == "resource"})


def page(seen: Mapping[str, Seen]) -> str:
    """The page, for these AWSs."""
    names = sorted(seen, key=str.lower)
    rows = [["resource type", *names], ["---"] * (len(names) + 1)]
    rows += [[f"`{type_}`", *(_cell(type_, seen[name]) for name in names)] for type_ in module_types()]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return "".join([_HEAD, table, "\n", *_limits(seen), *_not_exercised()])


def _cell(type_: str, seen: Seen) -> str:
    if type_ in seen.types:
        return "yes"
    names = (f"{type_}: ", f"{_service(type_)}: ")
    reasons = [limit.partition(": ")[2] for limit in seen.limits if limit.startswith(names)]
    return f"no: {reasons[0]}" if reasons else "not in this run"


def _service(type_: str) -> str:
    listings = LISTINGS.get(PARTS.get(type_, type_), ())
    return listings[0].service if listings else {"aws_api_gateway_account": "apigateway"}.get(type_, "")


def _limits(seen: Mapping[str, Seen]) -> Iterator[str]:
    for name in sorted(seen, key=str.lower):
        shown = {*map(_service, module_types()), *module_types()}
        others = [limit for limit in seen[name].limits if limit.partition(": ")[0] not in shown]
        if others:
            yield f"\n## Limits of {name}\n\n" + "".join(f"- {limit}\n" for limit in others)


def _not_exercised() -> Iterator[str]:
    yield "\n## What the embedded AWS does not exercise\n\n"
    yield from (f"- {capability}: {reason}\n" for capability, reason in NOT_EXERCISED.items())
    yield "\n## What is never listed\n\n"
    yield from (f"- `{type_}`: {reason}\n" for type_, reason in SETTINGS.items())


def main(reports: list[str]) -> int:
    """The command; returns its exit status."""
    if not reports:
        sys.stderr.write("name the JUnit reports of runs that applied something: make capabilities\n")
        return 2
    PAGE.write_text(page(read(map(Path, reports))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
