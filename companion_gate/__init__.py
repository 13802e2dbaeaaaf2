"""The merge gate for AI-companion backends on AWS."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def _policies_folder() -> Path:
    """The policies beside this package in a checkout, or the ones that the wheel carries as ``companion_policies``."""
    checkout = Path(__file__).resolve().parent.parent / "policies"
    if (checkout / "checkov_checks.py").is_file():
        return checkout
    spec = importlib.util.find_spec("companion_policies")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("companion-gate was installed without its policies; install it again")
    return Path(next(iter(spec.submodule_search_locations)))


POLICIES_FOLDER = _policies_folder()

# As Checkov's loader does: policies import their engine by its bare name, and the gate must use that same engine.
if str(POLICIES_FOLDER) not in sys.path:
    sys.path.append(str(POLICIES_FOLDER))
