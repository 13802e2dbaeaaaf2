"""Build hook: puts python-hcl2 inside the package under a private name, and the policies beside it.

Checkov's fork of python-hcl2 and python-hcl2 itself both install the top-level package ``hcl2``: whichever is
unpacked last breaks the other, whatever the installer, and ``pip check`` sees nothing. So python-hcl2 is a *build*
requirement only; its files go from the build environment to ``companion_gate/_vendor/hcl2``, with their imports
pointed there and its licence beside them.

A wheel gets them without a change in the source folder, so that a build never disturbs what runs from it. An editable
install runs from the source folder, so there they are written into it. The sdist holds none: it is built again.
The policies go only into wheels: an editable install would get a copy that later changes do not reach, and a gate
that runs outdated policies passes what it should not.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import importlib.metadata
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.requirements import Requirement

PACKAGE = "python-hcl2"
VENDORED = "companion_gate/_vendor"
PRIVATE_NAME = "companion_gate._vendor.hcl2"
# ``python -m hcl2`` needs python-hcl2's other top-level package, ``cli``, which is not wanted here.
LEFT_OUT = ("hcl2/__main__.py",)


class VendorPythonHcl2(BuildHookInterface):  # type: ignore[type-arg]
    """Vendors python-hcl2 for wheels and editable installs."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects files; ``version`` is "standard" or "editable" for a wheel."""
        if self.target_name != "wheel":
            return
        files = self._files()
        if version == "editable":
            _replace(Path(self.root) / VENDORED, files)
            return
        self._folder = tempfile.TemporaryDirectory(prefix="vendored-")
        _write(Path(self._folder.name), files)
        for name in files:
            build_data["force_include"][str(Path(self._folder.name) / name)] = f"{VENDORED}/{name}"
        build_data["force_include"][str(Path(self.root) / "policies")] = "companion_policies"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called by hatchling when the artifact is written."""
        if self.target_name == "wheel" and version == "standard":
            self._folder.cleanup()

    def _files(self) -> dict[str, str]:
        """Path below ``_vendor`` and text of every file. Raises RuntimeError if the source is not what it should be."""
        distribution = importlib.metadata.distribution(PACKAGE)
        requirements = [Requirement(text) for text in self.metadata.config["build-system"]["requires"]]
        wanted = next(requirement for requirement in requirements if requirement.name == PACKAGE)
        if not wanted.specifier.contains(distribution.version):
            raise RuntimeError(f"{PACKAGE} {distribution.version} is installed; build with {wanted}, as pyproject says")
        files = {"__init__.py": '"""Third-party code under private names; made by hatch_build.py."""\n'}
        for file in distribution.files or []:
            is_license = "licenses" in file.parts
            if (file.parts[0] != "hcl2" and not is_license) or "__pycache__" in file.parts or str(file) in LEFT_OUT:
                continue
            text = _genuine(file).decode("utf-8")
            files[f"hcl2/{file.name}" if is_license else file.as_posix()] = (
                _private(text, file) if file.suffix == ".py" else text
            )
        if "hcl2/LICENSE" not in files:
            raise RuntimeError(f"{PACKAGE} comes without the licence that the wheel has to carry; build with {wanted}")
        return files


def _genuine(file: importlib.metadata.PackagePath) -> bytes:
    """A file's bytes, if they are those that python-hcl2 installed: Checkov's fork writes to the same places."""
    content = Path(str(file.locate())).read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    if file.hash is None or file.hash.value != digest:
        raise RuntimeError(f"{file} is not the file that {PACKAGE} installed; build in an isolated environment")
    return content


def _private(source: str, file: importlib.metadata.PackagePath) -> str:
    """Python source whose imports of ``hcl2`` go to the private name. Raises RuntimeError if one is left."""
    source = re.sub(r"^(\s*from) hcl2\b", rf"\1 {PRIVATE_NAME}", source, flags=re.MULTILINE)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module or ""]
        else:
            continue
        if any(module.partition(".")[0] in ("hcl2", "cli") for module in modules):
            raise RuntimeError(f"{file}:{node.lineno}: imports {modules[0]} in a way this hook cannot redirect")
    return source


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _replace(folder: Path, files: dict[str, str]) -> None:
    """Makes a folder hold just these files; leaves it alone if it does, as something may be running from it."""
    present = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    made = {name for name in present if "__pycache__" not in name and not name.endswith(".lark_cache.bin")}
    if made == set(files) and all(present[name].read_text(encoding="utf-8") == files[name] for name in made):
        return
    shutil.rmtree(folder, ignore_errors=True)
    _write(folder, files)
