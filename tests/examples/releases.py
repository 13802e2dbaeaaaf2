"""The examples as releases deployed them: states that a later version must be able to take over.

``python -m tests.examples.releases 0.1.0`` writes those of the working tree, when a release is made of it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.modules.deployed import deploy
from tests.modules.roots import REPOSITORY

from .deployments import copied

RELEASES = REPOSITORY / "tests" / "data" / "releases"
# Text-chat deploys nothing that voice-companion does not, and bring-your-own hardly a store.
KEPT = ("sagemaker-companion", "voice-companion")


def last_state(example: str) -> Path:
    """The state of an example as the last release deployed it."""
    newest = max(RELEASES.iterdir(), key=lambda folder: [int(part) for part in folder.name.split(".")])
    return newest / f"{example}.tfstate.json"


def write(version: str) -> None:
    """Writes the states of a release, without what is null in them."""
    folder = RELEASES / version
    folder.mkdir(parents=True, exist_ok=True)
    for example in KEPT:
        with tempfile.TemporaryDirectory() as top:
            root = copied(example, Path(top))
            deploy(root)
            state = _without_null(json.loads((root / "terraform.tfstate").read_text()))
        text = json.dumps(state, separators=(",", ":"), sort_keys=True)
        (folder / f"{example}.tfstate.json").write_text(f"{text}\n")


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    write(sys.argv[1])
