"""What the gate is asked to judge: Terraform roots and reusable modules, found on disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from companion_gate.cache.inputs import PlanInputs
from companion_gate.errors import GateError
from companion_gate.hcl.documents import read_file, read_module, read_text
from companion_gate.hcl.syntax import parse, shown
from companion_gate.readme import Example, readme_examples
from companion_gate.terraform.batch import BatchCase
from companion_gate.terraform.configuration import literal
from companion_gate.terraform.plan import TerraformSession
from companion_gate.terraform.workspace import Workspace, placed, written

EXAMPLE_PROVIDER = 'provider "aws" {\n  region = "eu-central-1"\n}\n'
"""Put beside a README example, which shows the module call and leaves the provider to its reader."""


@dataclass(frozen=True)
class Case:
    """One way to plan a stack: as it is, or a reusable module through an example of its README."""

    stack: Path
    name: str
    example: Example | None = None

    def workspace(self, session: TerraformSession) -> Workspace:
        """A workspace for it in the session's private folder."""
        workspace = self.to_plan.root(session)
        workspace.isolate(aws_calls=True)
        return workspace

    @property
    def to_plan(self) -> BatchCase:
        """What Terraform plans, alone or beside others."""
        return BatchCase(f"{self.stack}::{self.name}", self._placed, provider=EXAMPLE_PROVIDER if self.example else "")

    def _placed(self, into: Path) -> Workspace:
        if self.example is None:
            return placed(self.stack, into)
        link = _link_of(self.example, self.stack)
        # The blank lines give the example the line numbers of the README, for messages.
        files = {"main.tf": "\n" * (self.example.line - 1) + self.example.text}
        workspace = written(files, {link: self.stack.parent}, into)
        original = (workspace.root / "main.tf", self.stack / "README.md")
        return replace(workspace, origins=(*workspace.origins, original))

    @property
    def inputs(self) -> PlanInputs:
        """What its plan is made of. Raises GateError for an example that cannot be tried."""
        if self.example is None:
            return PlanInputs((self.stack,))
        beside = PurePosixPath(_link_of(self.example, self.stack))
        called = {
            (self.stack.parent / PurePosixPath(source).relative_to(beside)).resolve()
            for source in _sources(self.example)
            if PurePosixPath(source).is_relative_to(beside)
        }
        return PlanInputs(tuple(sorted(called)), {"main.tf": self.example.text, "provider.tf": EXAMPLE_PROVIDER})


def find_stacks(folders: Iterable[Path]) -> tuple[Path, ...]:
    """The Terraform folders at or directly below each of ``folders``, absolute.

    A folder that holds .tf files is one stack, and what lies below it belongs to it; otherwise each of its
    sub-folders with .tf files is a stack. Raises GateError for a folder that is missing or holds none.
    """
    found: dict[Path, None] = {}
    for folder in folders:
        if not folder.is_dir():
            raise GateError(f"--stack {folder}: there is no such folder; name a folder with Terraform files")
        below = [folder] if _has_terraform(folder) else sorted(filter(_has_terraform, folder.iterdir()))
        if not below:
            raise GateError(
                f"--stack {folder}: neither it nor a folder in it holds a .tf file; nothing would be checked"
            )
        found.update(dict.fromkeys(each.resolve() for each in below))
    return tuple(found)


def stack_above(stack: Path, stacks: Sequence[Path]) -> Path | None:
    """The nearest of ``stacks`` that a stack lies below."""
    return next((parent for parent in stack.parents if parent in stacks), None)


def cases_of(stack: Path) -> tuple[Case, ...]:
    """How the stack is planned; raises GateError for a module that needs input and has no example."""
    missing = _inputs_needed(stack)
    if not missing:
        return (Case(stack, "plan"),)
    readme = stack / "README.md"
    examples = [each for each in readme_examples(readme) if _calls(each, stack)] if readme.is_file() else []
    if not examples:
        raise GateError(
            f"{shown(stack)}: nothing gives var.{missing[0]} a value, so it cannot be planned; set it in "
            f"terraform.tfvars, or add an ```hcl example to {shown(readme)} that calls the module"
        )
    return tuple(Case(stack, f"plan[{_slug(example, examples)}]", example) for example in examples)


def _has_terraform(folder: Path) -> bool:
    return (folder.is_dir() and any(folder.glob("*.tf"))) or any(folder.glob("*.tf.json"))


def _inputs_needed(stack: Path) -> Sequence[str]:
    """Variables without a default that neither a variable file of the folder nor the environment sets.

    Which files Terraform reads by itself: Terraform docs, "Variable Definition Precedence".
    """
    given = {name.removeprefix("TF_VAR_") for name in os.environ if name.startswith("TF_VAR_")}
    for file in (stack / "terraform.tfvars", *stack.glob("*.auto.tfvars")):
        if file.is_file():
            given |= {attribute.name for attribute in read_file(file).attributes}
    for file in (stack / "terraform.tfvars.json", *stack.glob("*.auto.tfvars.json")):
        if file.is_file():
            given |= set(_json_object(file))
    return [
        block.name
        for block in read_module(stack).variables
        if block.attribute("default") is None and block.name not in given
    ]


def _json_object(file: Path) -> dict[str, object]:
    try:
        values = json.loads(read_text(file))
    except ValueError as error:
        raise GateError(f"{shown(file)}: cannot be read as JSON: {error}; correct it") from error
    if not isinstance(values, dict):
        raise GateError(f"{shown(file)}: holds no JSON object; write one entry for each variable")
    return values


def _calls(example: Example, stack: Path) -> bool:
    return any(PurePosixPath(source).name == stack.name for source in _sources(example))


def _sources(example: Example) -> list[str]:
    calls = [block for block in parse(example.text).blocks if block.kind == "module"]
    sources = [literal(attribute.value) for call in calls if (attribute := call.attribute("source"))]
    return [source for source in sources if source]


def _link_of(example: Example, stack: Path) -> str:
    """The folder, relative to the example's root, that must be the stack's parent for its source to be right."""
    source = next(source for source in _sources(example) if PurePosixPath(source).name == stack.name)
    link = str(PurePosixPath(source).parent)
    if not source.startswith("./") or link in (".", ""):
        raise GateError(
            f'{shown(stack / "README.md")}:{example.line}: source = "{source}" cannot be tried; write it as '
            f'"./modules/{stack.name}"'
        )
    return link


def _slug(example: Example, examples: Sequence[Example]) -> str:
    title = "-".join("".join(c if c.isalnum() else " " for c in example.title.lower()).split())
    alone = sum(each.title == example.title for each in examples) == 1
    return title if title and alone else f"{title or 'example'}-{example.index}"
