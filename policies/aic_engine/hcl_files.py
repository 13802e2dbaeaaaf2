"""Which files of a folder Terraform reads, and in what order they count.

Terraform docs: "Files and Configuration Structure", "Override Files", "Variable Definition Precedence".
"""

from __future__ import annotations

from pathlib import Path

from aic_engine.rule import RuleError


def configuration_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The folder's .tf files and its override files, each in the order in which Terraform merges them.

    Raises :class:`RuleError` for JSON configuration, which Checkov does not show to its checks.
    """
    files = [path for path in sorted(folder.iterdir()) if not _is_ignored(path.name) and path.is_file()]
    for path in files:
        if path.name.endswith(".tf.json"):
            raise RuleError(f"{path} is JSON configuration, which Checkov does not read; write it as a .tf file")
    read = [path for path in files if path.suffix == ".tf"]
    return [path for path in read if not _is_override(path)], [path for path in read if _is_override(path)]


def variable_files(folder: Path) -> list[Path]:
    """The files that Terraform takes a root's variables from by itself; a later one wins."""
    by_name = sorted(path for path in folder.iterdir() if path.name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    files = [folder / "terraform.tfvars", folder / "terraform.tfvars.json", *by_name]
    return [path for path in files if path.is_file()]


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name.endswith("~") or (name.startswith("#") and name.endswith("#"))


def _is_override(path: Path) -> bool:
    return path.stem == "override" or path.stem.endswith("_override")
