"""Scans folders with Checkov and our policies, and accounts for everything that Checkov can leave out silently."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aic_engine.rule import Finding, Rule
from companion_gate.errors import GateError
from companion_gate.hcl.documents import read_module
from companion_gate.hcl.syntax import shown
from companion_gate.terraform.configuration import module_closure

WORKER = Path(__file__).with_name("worker.py")
SECONDS = 600
CONFIGURATION = (".checkov.yaml", ".checkov.yml")
"""Files that Checkov takes settings from by itself; they can switch checks off or run any Python."""

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONHOME")


@dataclass(frozen=True)
class Skip:
    """A policy that a comment in the source switches off for one resource."""

    rule_id: str
    resource: str
    file: Path
    line: int | None


@dataclass
class FolderScan:
    """What Checkov and the policies say of one folder."""

    folder: Path
    findings: list[Finding] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Reasons why the scan is not complete; any one of them fails the gate."""
    kept: bool = False
    """Whether the scan was made by an earlier run, of the same content."""


def scan(
    folders: Sequence[Path], policies: Path, rules: Sequence[Rule], limits: Mapping[str, float] | None = None
) -> tuple[dict[Path, FolderScan], float]:
    """Scan every folder, with ``limits`` in place of the policies' own numbers.

    The second value is the wall time in seconds. Raises GateError when Checkov itself fails.
    """
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="companion-gate-checkov-") as name:
        tmp = Path(name)
        receipt = tmp / "receipt.jsonl"
        answer = _run_worker(folders, policies, tmp, receipt, limits or {})
        entries = [json.loads(line) for line in receipt.read_text(encoding="utf-8").splitlines() if line.strip()]
    _require_loaded(entries, rules, policies)
    by_folder = _by_folder(entries)
    scans = {}
    for part in answer["folders"]:
        folder = Path(part["folder"])
        scans[folder] = _folder_scan(folder, part, by_folder.get(part["folder"], []), rules)
    for missing in set(folders) - set(scans):
        raise GateError(f"Checkov said nothing about {missing}; run the gate again with only that folder")
    return scans, time.perf_counter() - started


def configuration_in(folder: Path) -> list[Path]:
    """Checkov configuration files in the folder: they would disarm or hijack the scan."""
    return [folder / name for name in CONFIGURATION if (folder / name).exists()]


def _run_worker(folders: Sequence[Path], policies: Path, tmp: Path, receipt: Path, limits: Mapping[str, float]) -> Any:
    request, answer, home = tmp / "request.json", tmp / "answer.json", tmp / "home"
    home.mkdir()
    receipt.touch()
    request.write_text(
        json.dumps({"policies": str(policies), "folders": [str(each) for each in folders], "answer": str(answer)}),
        encoding="utf-8",
    )
    try:
        done = subprocess.run(
            [sys.executable, str(WORKER), str(request)],
            cwd=home,
            env={**_environment(home, receipt), "COMPANION_GATE_PARAMETERS": json.dumps(limits)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GateError(f"Checkov did not finish within {SECONDS} s; scan fewer folders at once") from None
    if done.returncode != 0 or not answer.is_file():
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise GateError(f"Checkov stopped with exit code {done.returncode}: {last}")
    try:
        return json.loads(answer.read_text(encoding="utf-8"))
    except ValueError:
        raise GateError("Checkov ended without an answer; see whether the disk is full") from None


def _environment(home: Path, receipt: Path) -> dict[str, str]:
    """Nothing of the caller's Checkov settings, credentials or proxies; no network use that can be switched off."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {
        **passed_on,
        "HOME": str(home),
        "TMPDIR": str(home),
        "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true",
        "CKV_PARSE_ERROR_FAIL": "true",
        # The policies read count and for_each themselves; Checkov's copies of a block would cost most of the scan.
        "CHECKOV_ENABLE_FOREACH_HANDLING": "False",
        "CHECKOV_ENABLE_MODULES_FOREACH_HANDLING": "False",
        "COMPANION_GATE_RECEIPT": str(receipt),
        "LOG_LEVEL": "ERROR",
    }


def _require_loaded(entries: Sequence[Mapping[str, Any]], rules: Sequence[Rule], policies: Path) -> None:
    loaded = next((entry["loaded"] for entry in entries if "loaded" in entry), None)
    wanted = [rule.id for rule in rules]
    if loaded is None:
        error = next((entry["error"] for entry in entries if "error" in entry), "it loaded none of them")
        raise GateError(f"Checkov did not load the policies in {policies}: {error}")
    if loaded != wanted:
        difference = sorted(set(loaded) ^ set(wanted))
        raise GateError(f"Checkov loaded other policies than the gate: {', '.join(difference)} in {policies}")


def _by_folder(entries: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The receipt's entries, each under the folder that was being scanned."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    folder = ""
    for entry in entries:
        if "folder" in entry:
            folder = entry["folder"]
        found.setdefault(folder, []).append(entry)
    return found


def _folder_scan(
    folder: Path, answer: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], rules: Sequence[Rule]
) -> FolderScan:
    result = FolderScan(folder)
    for entry in entries:
        result.findings += [Finding.from_json(item) for item in entry.get("findings", [])]
        if "error" in entry:
            result.faults.append(str(entry["error"]))
    result.faults += [
        f"{shown(Path(path))}: cannot be parsed by Checkov, which reads less than Terraform; write it in simpler HCL"
        for path in answer["parsing_errors"]
    ]
    result.skips = [
        # Checkov writes files as /main.tf, relative to the scanned folder.
        Skip(skip["id"], skip["resource"], Path(os.path.normpath(f"{folder}/{skip['file']}")), skip["line"])
        for skip in answer["skipped"]
    ]
    if not result.faults:
        result.faults += _unread(folder, result, rules)
    return result


def _unread(folder: Path, result: FolderScan, rules: Sequence[Rule]) -> list[str]:
    """Blocks that the gate's own parser sees and that no policy of their type was asked about."""
    try:
        blocks = [block for source in module_closure(folder) for block in read_module(source).resources]
    except GateError as error:
        return [str(error)]
    judged = {(finding.rule_id, finding.block, Path(finding.file or "").resolve()) for finding in result.findings}
    faults = []
    for block in blocks:
        address = f"{block.type}.{block.name}"
        for rule in rules:
            if block.type in rule.types and (rule.id, address, block.file.resolve()) not in judged:
                faults.append(
                    f"{shown(block.file)}:{block.line}: {address} was not shown to {rule.id} by Checkov; "
                    "write the block so that Checkov's parser reads it"
                )
    return faults
