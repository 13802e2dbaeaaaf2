"""How a run was done: versions, the AWS, the profile."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from companion_gate import POLICIES_FOLDER
from companion_gate.aws.capabilities import NOT_EXERCISED
from companion_gate.gate.options import Options
from companion_gate.gate.surroundings import not_taken
from companion_gate.hcl.syntax import shown
from companion_gate.version import VERSION

_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA")
"""Where CI says which commit it builds: GitHub docs, "Variables"; GitLab docs, "Predefined CI/CD variables"."""


def how(options: Options, asked: int, loaded: int) -> dict[str, str]:
    """Names and values for people; ``asked`` of the ``loaded`` policies are in the profile."""
    own = options.policies == POLICIES_FOLDER
    facts = {
        "companion-gate": VERSION,
        "policies": "the ones of companion-gate" if own else shown(options.policies),
        "profile": f"{options.profile}: {asked} of {loaded} policies",
        "AWS": options.aws,
        "plan engine": options.plan_engine,
        "Checkov": metadata.version("checkov"),
        "Python": platform.python_version(),
    }
    if options.parameters:
        facts["tightened"] = ", ".join(f"{name} = {number:g}" for name, number in options.parameters.items())
    if options.shard:
        facts["shard"] = f"{options.shard}: the other shards judge the other stacks"
    if left := not_taken(os.environ):
        facts["not taken from the environment"] = ", ".join(left)
    if options.aws == "embedded":
        facts["not exercised by the embedded AWS"] = ", ".join(NOT_EXERCISED)
    return facts


def repository(folder: Path) -> Path:
    """The root of the git repository that a folder is in, or the folder itself: what reports name files from."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def commit(folder: Path) -> str:
    """The commit that is judged, as CI or git says; empty where neither does."""
    for name in _COMMITS:
        if os.environ.get(name):
            return os.environ[name]
    try:
        # rev-parse runs no hook and no program of the repository's choice.
        done = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
