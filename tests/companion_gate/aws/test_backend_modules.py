"""No service of moto is served without what we add to it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import moto
import pytest

from companion_gate.aws import backends

OURS = Path(backends.__file__).parent
MOTO = Path(moto.__file__).parent
EXTENDED = re.compile(r"^from moto\.(\w+)\.responses import", re.MULTILINE)
SERVED = re.compile(r"^from (?:moto\.(\w+))?\.responses import", re.MULTILINE)
LOADS = """
import sys
from companion_gate.aws import backends
for service in sys.argv[1:]:
    backends.load(service)
print(*(name.rsplit(".", 1)[1] for name in sys.modules if name.startswith("companion_gate.aws.backends.")))
"""


def loaded_by(*services: str) -> set[str]:
    """Our modules that a fresh process has imported after a first request to these services."""
    done = subprocess.run([sys.executable, "-c", LOADS, *services], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def served() -> dict[str, set[str]]:
    """moto's service to the packages whose response classes answer its requests, by its own table of URLs."""
    tables = {file.parent.name: file.read_text(encoding="utf-8") for file in MOTO.glob("*/urls.py")}
    return {service: {found or service for found in SERVED.findall(text)} for service, text in tables.items()}


def test_every_module_is_imported_for_some_service() -> None:
    modules = {file.stem for file in OURS.glob("*.py")} - {"__init__"}
    assert loaded_by(*backends.MODULES) == modules


def test_every_service_that_a_module_extends_imports_it() -> None:
    services = served()
    assert len(services) > 100
    for file in OURS.glob("*.py"):
        for package in EXTENDED.findall(file.read_text(encoding="utf-8")):
            answering = [service for service, packages in services.items() if package in packages]
            assert package in answering
            for service in answering:
                assert file.stem in loaded_by(service), f"moto serves {package} as {service}, without {file.name}"


def test_a_service_that_nobody_asks_is_not_imported() -> None:
    assert loaded_by() == set()
    assert loaded_by("sts") == set()
    assert loaded_by("kms") == {"kms"}


@pytest.mark.parametrize("service", sorted(backends.MODULES))
def test_names_are_motos(service: str) -> None:
    assert (MOTO / service / "urls.py").is_file()
