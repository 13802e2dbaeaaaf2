"""Everything that a plan depends on, as a digest; or the reason why that cannot be told and the plan is not kept."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from companion_gate.cache.digest import Digest
from companion_gate.errors import GateError
from companion_gate.hcl.documents import read_text
from companion_gate.terraform.binary import TerraformBinary
from companion_gate.terraform.configuration import is_configuration, local_source, module_blocks, module_closure
from companion_gate.terraform.providers import REGISTRY_HOST, find_mirror, users_cli_config

_LOCK_FILE = ".terraform.lock.hcl"
_STATE = (".tfstate", ".tfstate.backup")
# Terraform docs, "Built-in Functions": those that read the file system, and those whose result changes by
# itself, or whose text (of a template) may call any of them.
_READERS = r"file|filebase64|filemd5|file(?:base64)?sha(?:1|256|512)|fileexists|templatefile"
_CALL = r"(?:\s|/\*.*?\*/|(?:#|//)[^\n]*\n)*\("
_READ = re.compile(rf"\b(?:{_READERS}){_CALL}", re.DOTALL)
_READ_HERE = re.compile(rf'\b(?:{_READERS})\s*\(\s*"\$\{{path\.module\}}/([^"$%\\]*)"')
_CHANGING = "timestamp|plantimestamp|uuid|bcrypt|abspath|pathexpand|fileset|templatestring"
_NEVER_THE_SAME = re.compile(rf"\b({_CHANGING}){_CALL}|\bpath\s*\.\s*(cwd|root)\b", re.DOTALL)
_PASSED_ON = ("TF_VAR_", "TF_CLI_ARGS", "LC_", "LANG", "TZ")


class NotKept(Exception):  # noqa: N818  # the plan is made all the same
    """Why a result must not be kept."""


@dataclass(frozen=True)
class PlanInputs:
    """What is planned: a root that is the one folder, or a generated one of `texts` that calls the `folders`."""

    folders: tuple[Path, ...]
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def locked(self) -> bool:
        """Whether a lock file of the root says which provider it takes."""
        return not self.texts and any((folder / _LOCK_FILE).is_file() for folder in self.folders)


@dataclass(frozen=True)
class Closure:
    """The module folders that the inputs lead to, and the files that those read; both absolute."""

    folders: tuple[Path, ...]
    files: tuple[Path, ...]

    def digest(self) -> str:
        """Names and bytes of all of it, as it lies there now. Raises NotKept for what cannot be read."""
        digest = Digest("closure")
        try:
            for folder in self.folders:
                digest.add("folder", str(folder))
                digest.add_files(_top_files(folder))
            digest.add_files(self.files)
        except OSError as error:
            raise NotKept(f"{error.filename} cannot be read: {error.strerror}") from error
        return digest.hexdigest()

    def to_json(self) -> dict[str, list[str]]:
        return {"folders": [*map(str, self.folders)], "files": [*map(str, self.files)]}

    @classmethod
    def from_json(cls, data: Mapping[str, list[str]]) -> Closure:
        return cls(tuple(map(Path, data["folders"])), tuple(map(Path, data["files"])))


def identity(inputs: PlanInputs, surroundings: Mapping[str, str]) -> str:
    """Digest of what is asked, without the content of the folders."""
    digest = Digest("plan")
    for name, text in sorted({**surroundings, **inputs.texts}.items()):
        digest.add(name, text)
    digest.add("folders", "\n".join(str(folder) for folder in inputs.folders))
    digest.add("variables", json.dumps(inputs.variables, sort_keys=True, default=repr))
    return digest.hexdigest()


def surroundings(binary: TerraformBinary, env: Mapping[str, str], *, engine: str, aws: str) -> dict[str, str]:
    """What a plan depends on beside its root. Raises NotKept where a plan may differ with all of it the same."""
    if aws != "embedded":
        raise NotKept("the AWS that plans may ask is not the gate's own")
    settings = {name: value for name, value in env.items() if name.startswith(_PASSED_ON)}
    return {
        "terraform": f"{binary.version} {platform.system()} {platform.machine()}",
        "environment": json.dumps(settings, sort_keys=True),
        "engine": engine,
        "providers": _providers(env),
    }


def closure_of(inputs: PlanInputs) -> Closure:
    """Raises NotKept with the reason why the plan must not be kept, or GateError for what cannot be read."""
    for name, text in inputs.texts.items():
        if _READ.search(text):
            raise NotKept(f"{name} reads a file")
        _refuse_changing(name, text)
    folders = tuple(dict.fromkeys(folder for start in inputs.folders for folder in module_closure(start)))
    for folder in folders:
        for block in module_blocks(folder):
            if block.kind in ("data", "ephemeral") or any(inner.kind == "data" for inner in block.blocks):
                raise NotKept(f"{block.file.name}:{block.line} asks AWS while planning")
            if block.kind == "module" and local_source(block) is None:
                raise NotKept(f"{block.file.name}:{block.line} calls a module from elsewhere")
    return Closure(folders, tuple(dict.fromkeys(file for folder in folders for file in _files_read(folder))))


def _top_files(folder: Path) -> list[Path]:
    """Terraform loads no file of a folder below; what it reads from there is among the files read."""
    return sorted(path for path in folder.iterdir() if not path.is_dir() and not path.name.endswith(_STATE))


def _files_read(folder: Path) -> Iterator[Path]:
    for source in _top_files(folder):
        if not is_configuration(source.name):
            continue
        text = read_text(source)
        _refuse_changing(source.name, text)
        read = _READ_HERE.findall(text)
        if len(read) != len(_READ.findall(text)) or any(".." in name for name in read):
            raise NotKept(f"{source.name} reads a file that its text does not name")
        for name in read:
            _refuse_template(folder / name)
            yield folder / name


def _refuse_changing(name: str, text: str) -> None:
    if match := _NEVER_THE_SAME.search(text):
        raise NotKept(f"{name} uses {match[1] or 'path.' + match[2]}, which is not the same in every run")


def _refuse_template(file: Path) -> None:
    """A template may call functions, too; any text that could be one is looked at."""
    try:
        text = read_text(file)
    except GateError:
        return
    _refuse_changing(file.name, text)
    if "${" in text and _READ.search(text):
        raise NotKept(f"{file.name} may read another file")


def _providers(env: Mapping[str, str]) -> str:
    """What tells the provider that init would choose, the lock file aside."""
    if (users := users_cli_config(env)) is not None:
        text = read_text(users)
        if "dev_overrides" in text:
            raise NotKept(f"{users} puts a provider under development in place")
        return text
    mirror = find_mirror(env)
    return "registry" if mirror is None else "\n".join(_programs(mirror))


@cache
def _programs(mirror: Path) -> Iterable[str]:
    """Names, sizes and times of the provider's files: to read 700 MB would take as long as a plan."""
    below = (mirror / REGISTRY_HOST / "hashicorp").rglob("*")
    facts = sorted((str(path.relative_to(mirror)), path.stat()) for path in below if path.is_file())
    return [f"{name} {stat.st_size} {stat.st_mtime_ns} {stat.st_ino}" for name, stat in facts]
