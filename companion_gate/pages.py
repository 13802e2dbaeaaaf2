"""Pages of policies: ``python -m companion_gate.pages [--check] [FOLDER]`` writes one for each, and an index."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from aic_engine.profiles import profiles
from aic_engine.rule import Rule
from companion_gate import POLICIES_FOLDER
from companion_gate.controls import Control, controls
from companion_gate.errors import GateError
from companion_gate.gate.run import load_policies

FOLDER = Path("docs/policies")
INDEX = "README.md"
AREAS = {
    "SAFE": "Guardrails and model access",
    "MEM": "Memory and privacy",
    "VEC": "Vectors",
    "EDGE": "Edge",
    "LOAD": "Backpressure",
    "SCALE": "Scaling and endpoints",
    "VOICE": "Voice",
    "GOV": "Disclosure and governance",
}
_ORDER = ("CRITICAL", "HIGH", "MEDIUM", "LOW")


def pages(rules: Sequence[Rule]) -> dict[str, str]:
    """File name -> text. Raises GateError for a control that nobody knows."""
    known = controls()
    for rule in rules:
        for control in rule.controls:
            if control not in known:
                raise GateError(f"{rule.id} supports {control!r}, which companion_gate/controls does not know; add it")
    return {INDEX: _index(rules, known), **{f"{rule.name}.md": _page(rule, known) for rule in rules}}


def stale(folder: Path, rules: Sequence[Rule]) -> list[str]:
    """Files that are missing, or not as they would be written now, or pages of no policy."""
    wanted = pages(rules)
    found = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def write(folder: Path, rules: Sequence[Rule]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages(rules)
    for file in folder.glob("*.md"):
        if file.name not in wanted:
            file.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def _page(rule: Rule, known: Mapping[str, Control]) -> str:
    lines = [f"# {rule.name}", "", f"{rule.title}.", ""]
    asked = [name for name, profile in profiles().items() if rule.id in profile.policies]
    lines += [
        "| Id | Severity | Asked of | Profiles |",
        "| --- | --- | --- | --- |",
        f"| `{rule.id}` | {rule.severity.value} | {', '.join(f'`{each}`' for each in rule.types)} | "
        f"{', '.join(asked) or 'every one'} |",
        "",
        "## Why",
        "",
        rule.why,
        "",
        "## How to fix",
        "",
        "```hcl",
        rule.fix.strip(),
        "```",
        "",
    ]
    if rule.only_on_plan:
        lines += [f"HCL alone cannot tell: {rule.only_on_plan}. The plan decides.", ""]
    if rule.parameters:
        lines += ["## Parameters", "", "They only tighten.", "", "| Name | Bound | Source |", "| --- | --- | --- |"]
        for each in rule.parameters:
            bound = f"{'at least' if each.floor else 'at most'} {each.default:g} {each.unit}"
            lines.append(f"| `{each.name}` | {bound} | {each.source} |")
        lines.append("")
    lines += ["## What it supports", "", *(_control(known[id_], why) for id_, why in rule.controls.items()), ""]
    lines += ["## What it notices", "", "Tests weaken real stacks in these ways, and this policy fails each:", ""]
    lines += [f"- {sentence}" for sentence in dict.fromkeys(each.sentence for each in rule.breaks)]
    lines += ["", "## Sources", "", *(f"- {source}" for source in rule.sources)]
    if rule.built_in:
        lines += ["", f"Checkov's own: {rule.built_in}."]
    return "\n".join(lines) + "\n"


def _control(control: Control, why: str) -> str:
    text = f"- **{control.id}** ({control.source}; {control.says}): {why}"
    if control.decidable != "yes":
        text += f" Infrastructure does not decide {control.cannot}."
    return text


def _index(rules: Sequence[Rule], known: Mapping[str, Control]) -> str:
    lines = [
        "# Policies",
        "",
        f"{len(rules)} policies. Each is decided on HCL, through anyone's Checkov, and on the plan. What cannot be "
        "known is said to be unknown, and fails where no plan decides it.",
        "Written by `make docs`; a test fails when a page is stale.",
        "",
        "## Profiles",
        "",
        "| Profile | Policies | For |",
        "| --- | --- | --- |",
        *(f"| `{each.name}` | {len(each.policies)} | {each.says} |" for each in profiles().values()),
        "",
    ]
    for area, title in AREAS.items():
        mine = [rule for rule in rules if rule.id.split("_")[2] == area]
        if mine:
            lines += [f"## {title}", "", "| Policy | Id | Severity | Decides |", "| --- | --- | --- | --- |"]
            lines += [f"| [{r.name}]({r.name}.md) | `{r.id}` | {r.severity.value} | {r.title} |" for r in mine]
            lines.append("")
    lines += ["## Controls", "", "Policies support a control; none makes anyone compliant.", ""]
    lines += ["| Control | Meaning | Supported by | What infrastructure does not decide |", "| --- | --- | --- | --- |"]
    lines += list(_matrix(rules, known))
    return "\n".join(lines) + "\n"


def _matrix(rules: Sequence[Rule], known: Mapping[str, Control]) -> Iterator[str]:
    for control in known.values():
        supporting = ", ".join(f"[{rule.name}]({rule.name}.md)" for rule in rules if control.id in rule.controls)
        rest = control.cannot if control.decidable != "no" else f"nothing of it: {control.cannot}"
        yield f"| {control.id} | {control.says} | {supporting or 'nothing'} | {rest} |"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m companion_gate.pages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is stale")
    parser.add_argument("--policies", type=Path, default=POLICIES_FOLDER, help="folder of policies")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER, help="where the pages are")
    options = parser.parse_args(arguments)
    try:
        rules = load_policies(options.policies.resolve())
        if not options.check:
            write(options.folder, rules)
            return 0
        names = stale(options.folder, rules)
    except GateError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if names:
        sys.stderr.write(f"stale in {options.folder}: {', '.join(names)}; run make docs\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
