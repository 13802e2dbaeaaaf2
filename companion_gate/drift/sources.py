"""Where the two sides of a comparison come from: plans in JSON, git refs, or the working tree."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from aic_engine.graph import Graph
from aic_engine.plan_graph import PlanError, plan_graph
from companion_gate.errors import GateError
from companion_gate.hcl.syntax import shown


def graph_of_file(file: Path) -> Graph:
    """The graph of ``terraform show -json PLANFILE``. Raises GateError for anything else."""
    try:
        return plan_graph(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise GateError(f"{shown(file)} cannot be read: {error.strerror}; name a plan in JSON or a git ref") from error
    except (ValueError, TypeError, AttributeError, PlanError) as error:
        raise GateError(
            f"{shown(file)} is no Terraform plan in JSON; make one with: terraform show -json PLANFILE > {file.name}"
        ) from error


def repository_of(folder: Path) -> Path:
    """The root of the git repository that a folder is in. Raises GateError outside of one."""
    return Path(_git(folder, "rev-parse", "--show-toplevel").strip())


def file_of(repository: Path, ref: str, file: Path) -> str:
    """The text of a file of the work tree as a ref has it; empty where it has none."""
    name = os.path.relpath(file, repository)
    listed = _git(repository, "ls-tree", "--name-only", "--full-tree", ref, name)
    return _git(repository, "show", f"{ref}:{name}") if listed else ""


def written_out(repository: Path, ref: str, into: Path) -> Path:
    """The files of a ref, in ``into``. No hook runs, and the repository's index and work tree stay as they are.

    Raises GateError for a ref that there is not.
    """
    commit = _git(repository, "rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}").strip()
    index = {"GIT_INDEX_FILE": str(into.with_name(f"{into.name}.index"))}
    _git(repository, "read-tree", commit, environment=index)
    _git(repository, "checkout-index", "--all", "--quiet", f"--prefix={into}/", environment=index)
    return into


def _git(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> str:
    command = ["git", "-C", str(folder), "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(
            command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise GateError(f"git cannot be run: {error.strerror}; install it, or compare two plans in JSON") from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason"])[-1]
        raise GateError(f"git {arguments[0]} {arguments[-1]}: {said}")
    return done.stdout
