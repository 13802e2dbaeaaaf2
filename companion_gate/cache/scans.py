"""Checkov's word on folders, kept from run to run."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from aic_engine.rule import Finding
from companion_gate.cache.digest import Digest, files_below
from companion_gate.cache.store import ContentCache
from companion_gate.checkov.scan import FolderScan, Skip
from companion_gate.errors import GateError
from companion_gate.terraform.configuration import module_closure


class ScanCache:
    """The scans by one folder of policies in a store."""

    def __init__(self, store: ContentCache, policies: Path, limits: Mapping[str, float] | None = None) -> None:
        self._store = store
        self._policies = policies
        self._limits = json.dumps(limits or {}, sort_keys=True)

    def get(self, folder: Path) -> FolderScan | None:
        """The scan of the same files by the same policies, or None."""
        key = self._key(folder)
        kept = self._store.get(key) if key else None
        return _restored(folder, json.loads(kept)) if kept is not None else None

    def put(self, scan: FolderScan) -> None:
        """Keep a complete scan; what made one incomplete has to be seen again."""
        key = self._key(scan.folder)
        if key and not scan.faults:
            self._store.put(key, json.dumps(_entry(scan)).encode())

    def _key(self, folder: Path) -> str:
        """Empty where it cannot be told: the scan itself says what is wrong."""
        digest = Digest("scan")
        digest.add("folder", str(folder))
        digest.add("python", sys.version)
        digest.add("parameters", self._limits)
        try:
            digest.add_files(files_below(self._policies))
            for each in _scanned(folder):
                digest.add_files(files_below(each))
        except (OSError, GateError):
            return ""
        return f"scan-{digest.hexdigest()}"


def _scanned(folder: Path) -> list[Path]:
    """Checkov looks into every folder below, and follows the module calls from there. Raises GateError."""
    below = {file.parent for file in files_below(folder) if file.suffix == ".tf"}
    called = {each for start in sorted({folder, *below}) for each in module_closure(start)}
    return [folder, *sorted(each for each in called if not each.is_relative_to(folder))]


def _entry(scan: FolderScan) -> dict[str, list[dict[str, object]]]:
    return {
        "findings": [finding.to_json() for finding in scan.findings],
        "skips": [{**asdict(skip), "file": str(skip.file)} for skip in scan.skips],
    }


def _restored(folder: Path, entry: dict[str, list[dict[str, object]]]) -> FolderScan:
    return FolderScan(
        folder,
        [Finding.from_json(finding) for finding in entry["findings"]],
        [Skip(**{**skip, "file": Path(str(skip["file"]))}) for skip in entry["skips"]],  # type: ignore[arg-type]
        kept=True,
    )
