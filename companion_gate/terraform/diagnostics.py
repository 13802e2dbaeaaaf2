"""What Terraform complains about, typed, in terms of the user's own files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tftest

from companion_gate.errors import GateError

_ERRORS_SHOWN = 10
# Summaries of Terraform 1.9 to 1.15 for a provider that cannot be installed.
_PROVIDER_MISSING = frozenset({"Failed to query available provider packages", "Failed to install provider"})
_PROVIDER_PROSE = re.compile(r"^Could not retrieve the list of available versions for provider (\S+): ")
# Terraform names the place of a rule, or of the variable whose type does not fit, at the end of a sentence.
_DECLARED = re.compile(r"\b(?:checked by the validation rule|declared|defined) at (.+?):(\d+),\d+")
VALUES_FILE = "values.tfvars.json"
"""Name of the file in which the driver hands variables to Terraform; it is gone when its diagnostics are read."""
# Init repeats every failure in this sentence.
_PREAMBLE = "Terraform encountered problems during initialisation"
_CURES = {
    "No value for required variable": "set it in terraform.tfvars or as TF_VAR_<name>",
    "Missing required argument": "add the argument",
    "Unsupported argument": "remove the argument, or declare it as a variable of the called module",
    "Unsupported attribute": "correct the name, or output it from the module",
    "Unsupported block type": "remove the block or correct its name",
    "Reference to undeclared resource": "declare it or correct the name",
    "Reference to undeclared input variable": "declare the variable or correct the name",
    "Inconsistent dependency lock file": "run `terraform init` in the root and commit its .terraform.lock.hcl",
}


@dataclass(frozen=True)
class Diagnostic:
    """One diagnostic of Terraform; `file` is the user's own, `line` counts from 1, `snippet_context` is its block."""

    severity: str
    summary: str
    detail: str
    file: Path | None = None
    line: int | None = None
    address: str | None = None
    snippet_context: str | None = None

    @property
    def sentence(self) -> str:
        """Place, cause and cure in one line."""
        place = f"{_shown(self.file)}:{self.line}: " if self.file else ""
        subject = f"{self.address}: " if self.address and self.address not in self.summary else ""
        if self.provider_missing:
            return f"{place}{self._provider_sentence}"
        detail = f": {self.detail}" if self.detail else ""
        cure = f"; {_CURES[self.summary]}" if self.summary in _CURES else ""
        if not cure and "127.0.0.1:9" in self.summary + self.detail:
            cure = "; this root asks AWS while it plans: give the gate an emulated AWS, or drop the data source"
        return f"{place}{subject}" + (f"{self.summary}{detail}".rstrip(".") + cure).replace("\n", " ")

    @property
    def provider_missing(self) -> bool:
        """Whether a provider could not be installed."""
        return self.summary in _PROVIDER_MISSING

    @property
    def _provider_sentence(self) -> str:
        first = self.detail.split("\n")[0].split(" To see which modules")[0].rstrip(".")
        prose = _PROVIDER_PROSE.match(first)
        name, cause = (prose[1], first[prose.end() :]) if prose else ("", first)
        return (
            f"provider {name or 'of this root'} cannot be had: {cause}; put it in a mirror folder or let this machine "
            "reach the registry"
        )


class TerraformFailed(GateError, tftest.TerraformTestError):  # type: ignore[misc]  # noqa: N818  # tftest is untyped
    """A Terraform command failed; `diagnostics` holds its errors, `command` its first word, such as "plan"."""

    def __init__(
        self, command: str, returncode: int, diagnostics: Sequence[Diagnostic], fallback_text: str = ""
    ) -> None:
        self.command = command
        self.returncode = returncode
        self.diagnostics = list(diagnostics)
        super().__init__(self._message(fallback_text), "\n".join(item.sentence for item in diagnostics))

    def __str__(self) -> str:
        return str(self.args[0])

    def _message(self, fallback_text: str) -> str:
        ended = f"was killed by signal {-self.returncode}" if self.returncode < 0 else "failed"
        sentences = [item.sentence for item in self.diagnostics[:_ERRORS_SHOWN]]
        if not sentences:
            cause = " ".join(fallback_text.split()) or f"exit code {self.returncode}, no message"
            return f"terraform {self.command} {ended}: {cause}"
        more = len(self.diagnostics) - len(sentences)
        head = f"terraform {self.command} {ended}: "
        return head + "\n".join(sentences) + (f"\nand {more} more errors" if more else "")


def read_diagnostics(
    stdout: str, *, cwd: Path, original: Callable[[Path], Path], redact: Callable[[str], str]
) -> list[Diagnostic]:
    """The diagnostics of a `-json` command's output, in order and without repeats."""
    found: dict[Diagnostic, None] = {}
    for event in json_lines(stdout):
        raw = event.get("diagnostic")
        if isinstance(raw, dict) and not str(raw.get("summary", "")).startswith(_PREAMBLE):
            found[_diagnostic(raw, cwd, original, redact)] = None
    return list(found)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By place and text: Terraform walks its graph in parallel, so the order of its errors is an accident."""
    return sorted(
        diagnostics, key=lambda item: (str(item.file), item.line or 0, item.address or "", item.summary, item.detail)
    )


def declared_place(detail: str) -> tuple[Path, int] | None:
    """The file, relative to the root, and line (from 1) of the rule or variable that a detail names."""
    found = _DECLARED.search(detail)
    return (Path(found[1]), int(found[2])) if found else None


def json_lines(stdout: str) -> Iterable[dict[str, Any]]:
    """The JSON objects among the lines of an output."""
    for line in stdout.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def _diagnostic(
    raw: dict[str, Any], cwd: Path, original: Callable[[Path], Path], redact: Callable[[str], str]
) -> Diagnostic:
    place = raw.get("range") or {}
    filename, line = place.get("filename"), (place.get("start") or {}).get("line")
    if filename and Path(filename).name == VALUES_FILE:
        filename, line = declared_place(" ".join(str(raw.get("detail")).split())) or (None, None)
    file = original(Path(os.path.normpath(cwd / filename))) if filename else None
    return Diagnostic(
        severity=str(raw.get("severity", "error")),
        summary=redact(" ".join(str(raw.get("summary", "")).split())),
        detail=redact(" ".join(str(raw.get("detail") or "").split())),
        file=file,
        line=line if file else None,
        address=raw.get("address"),
        snippet_context=(raw.get("snippet") or {}).get("context"),
    )


def _shown(file: Path) -> str:
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return str(file)
