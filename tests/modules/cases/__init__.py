"""Good and bad inputs of each module, by the module's folder name; a file here is the suite of the module it names."""

from __future__ import annotations

import importlib
import pkgutil

from ..suites import Suite

SUITES: dict[str, Suite] = {
    name.replace("_", "-"): importlib.import_module(f"{__name__}.{name}").SUITE
    for _, name, _ in pkgutil.iter_modules(__path__)
    if name != "common"
}
