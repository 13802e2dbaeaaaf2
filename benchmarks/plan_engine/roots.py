"""The cases on disk: a small repository with modules/, cases/<name>/ and, in cases/ itself, all of them as one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.plan_engine.cases import PROVIDER, PROVIDER_FILE, REPOSITORY, Case

TEST_FILE = "cases.tftest.hcl"
_VARIABLES = "terraform.tfvars"
_CALL = re.compile(r'^module "(\w+)" \{\n  source\s*= "(\S+)"', re.MULTILINE)


def write_roots(cases: Sequence[Case], repository: Path, leave_out: Sequence[str] = ()) -> list[Path]:
    """Each case as a root of its own, without the files to leave out; returns the roots in the order of the cases."""
    folders = _cases_folder(repository)
    for case in cases:
        _write(case, folders / case.name, leave_out)
    return [folders / case.name for case in cases]


def write_shared_root(cases: Sequence[Case], repository: Path) -> Path:
    """A root beside those of `write_roots` whose `terraform init` serves all: it calls what one of them calls."""
    root = repository / "cases" / "shared"
    root.mkdir()
    calls = dict(match for case in cases for match in _CALL.findall(case.files["main.tf"]))
    text = "".join(f'module "{label}" {{\n  source = "{source}"\n}}\n' for label, source in calls.items())
    (root / "main.tf").write_text(text, encoding="utf-8")
    return root


def write_one_root(cases: Sequence[Case], repository: Path) -> Path:
    """All cases as modules of one root with one provider; a case that configures its own keeps it."""
    root = _cases_folder(repository)
    calls = []
    for case in cases:
        _write(case, root / case.name, leave_out=(PROVIDER_FILE, _VARIABLES))
        values = case.files.get(_VARIABLES, "")
        calls.append(f'module "{case.name}" {{\n  source = "./{case.name}"\n{values}}}\n')
    (root / "main.tf").write_text("".join(calls), encoding="utf-8")
    (root / PROVIDER_FILE).write_text(PROVIDER, encoding="utf-8")
    return root


def write_test_root(cases: Sequence[Case], repository: Path) -> Path:
    """All cases as runs of one test file for `terraform test`, on a mocked provider."""
    root = _cases_folder(repository)
    runs = ['mock_provider "aws" {}\n']
    for case in cases:
        _write(case, root / case.name, leave_out=(PROVIDER_FILE, _VARIABLES))
        values = case.files.get(_VARIABLES, "")
        variables = f"  variables {{\n{values}  }}\n" if values else ""
        module = f'  module {{\n    source = "./{case.name}"\n  }}\n'
        runs.append(f'run "{case.name.replace("-", "_")}" {{\n  command = plan\n{module}{variables}}}\n')
    (root / TEST_FILE).write_text("".join(runs), encoding="utf-8")
    (root / "main.tf").write_text("# The test file names the modules.\n", encoding="utf-8")
    return root


def _cases_folder(repository: Path) -> Path:
    """Copies modules/ into the empty `repository`, as links would change Terraform's paths, and makes cases/."""
    shutil.copytree(REPOSITORY / "modules", repository / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    (repository / ".git").mkdir()
    folder = repository / "cases"
    folder.mkdir()
    return folder


def _write(case: Case, folder: Path, leave_out: Sequence[str]) -> None:
    folder.mkdir()
    for name, text in case.files.items():
        if name not in leave_out:
            (folder / name).write_text(text, encoding="utf-8")
