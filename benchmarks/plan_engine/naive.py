"""tftest as it comes, in a process of its own: ``python -m benchmarks.plan_engine.naive SETTINGS``.

SETTINGS is a JSON object: `roots` (folders; each is set up and planned) and optionally `write` (folder for <root>.json)
and `shared` (a root that is set up once, and into which the files of each of `roots` are put to be planned).
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tftest


def _each_anew(root: Path) -> Mapping[str, Any]:
    terraform = tftest.TerraformTest(str(root))
    terraform.setup()
    plan: Mapping[str, Any] = terraform.plan(output=True)
    return plan


def _in(shared: Path) -> Callable[[Path], Mapping[str, Any]]:
    terraform = tftest.TerraformTest(str(shared))
    terraform.setup()

    def plan(root: Path) -> Mapping[str, Any]:
        for path in (path for path in shared.iterdir() if ".tf" in path.name and not path.name.startswith(".")):
            path.unlink()
        for path in root.iterdir():
            shutil.copyfile(path, shared / path.name)
        made: Mapping[str, Any] = terraform.plan(output=True)
        return made

    return plan


def main() -> None:
    settings = json.loads(sys.argv[1])
    plan = _in(Path(settings["shared"])) if "shared" in settings else _each_anew
    for root in map(Path, settings["roots"]):
        made = plan(root)
        if "write" in settings:
            Path(settings["write"], f"{root.name}.json").write_text(json.dumps(dict(made)), encoding="utf-8")


if __name__ == "__main__":
    main()
