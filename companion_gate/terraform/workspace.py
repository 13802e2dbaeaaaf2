"""Private copies of a root's folder tree, so that Terraform never writes into the user's folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.hcl.syntax import Block, parse
from companion_gate.terraform.configuration import absolute, local_calls, module_closure
from companion_gate.terraform.quiet import OVERRIDE_FILE, OWN_FILES, PROVIDER_FILE, quiet_files

_LEFT_OUT = (".terraform", "*.tfstate", "*.tfstate.*", "*.tfstate.d", ".terraform.tfstate.lock.info", "crash.log")
_LOCK_FILE = ".terraform.lock.hcl"
_LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'


@dataclass(frozen=True)
class Workspace:
    """`root` is where Terraform runs; `source_root` is the user's root (of a generated one: itself)."""

    root: Path
    source_root: Path
    # Pairs of a folder or file in the workspace and what it stands for.
    origins: tuple[tuple[Path, Path], ...] = ()

    def original(self, path: Path) -> Path:
        """The user's file behind a path of the workspace; a path that stands for none is given back."""
        located = absolute(self.root / path)
        for inside, outside in sorted(self.origins, key=lambda pair: len(pair[0].parts), reverse=True):
            if located.is_relative_to(inside) and not located.name.endswith(OWN_FILES):
                return outside / located.relative_to(inside)
        return located

    def isolate(self, *, aws_calls: bool) -> None:
        """Write the override file: local backend always; without `aws_calls` a provider that asks AWS nothing."""
        provider = self.root / PROVIDER_FILE
        provider.unlink(missing_ok=True)
        quiet = {} if aws_calls else quiet_files(self.root)
        if PROVIDER_FILE in quiet:
            provider.write_text(quiet[PROVIDER_FILE], encoding="utf-8")
        override = _LOCAL_BACKEND + quiet.get(OVERRIDE_FILE, "")
        (self.root / _override_name(self.root)).write_text(override, encoding="utf-8")


def mirror(root: Path, into: Path) -> Workspace:
    """A tree under the empty folder `into` that looks like the user's, files linked; changes in it stay in it."""
    workspace = placed(root, into)
    workspace.isolate(aws_calls=True)
    return workspace


def placed(root: Path, into: Path) -> Workspace:
    """As `mirror`, but not isolated: for a module that another root calls."""
    return _tree(root, into, _link)


def copied(root: Path, into: Path) -> Workspace:
    """As `mirror`, but the files of the root and of every module it calls are copies, and may be changed."""
    workspace = _tree(root, into, _copy)
    workspace.isolate(aws_calls=True)
    return workspace


def generated(files: Mapping[str, str], links: Mapping[str, Path], into: Path) -> Workspace:
    """A root made of texts by file name, with `links` (name in the root: user's file or folder) beside them."""
    workspace = written(files, links, into)
    workspace.isolate(aws_calls=True)
    return workspace


def written(files: Mapping[str, str], links: Mapping[str, Path], into: Path) -> Workspace:
    """As `generated`, but not isolated: for a module that another root calls."""
    into.mkdir(parents=True, exist_ok=True)
    root = Path(os.path.realpath(into)) / "root"
    root.mkdir()
    blocks: list[Block] = []
    for name, text in files.items():
        file = _inside(root, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if file.parent == root and name.endswith(".tf"):
            blocks += parse(text, file).blocks
    targets = [(_inside(root, name), absolute(target)) for name, target in links.items()]
    for inside, target in targets:
        if not target.exists():
            raise GateError(f"{target}, to be linked as {inside.name}, does not exist; correct the path")
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.symlink_to(target)
    workspace = Workspace(root, root, tuple(targets))
    called = {workspace.original(folder) for folder in local_calls(blocks, root)}
    modules = {folder for module in called for folder in module_closure(module)}
    for inside, target in targets:
        if target.is_dir() and any(folder.is_relative_to(target) for folder in modules):
            inside.unlink()
            _fill(target, inside, _with_parents(modules, target), _link)
    return workspace


def _tree(root: Path, into: Path, place: Callable[[Path, Path], None]) -> Workspace:
    source_root = absolute(root)
    closure = module_closure(source_root)
    if reserved := [path for path in source_root.iterdir() if path.name.endswith(OWN_FILES)]:
        raise GateError(f"{reserved[0]}: the gate uses this file name itself; rename the file")
    top = _top(source_root, closure)
    into.mkdir(parents=True, exist_ok=True)
    # Terraform resolves links in module paths; a tree below a link (macOS: /tmp) would change path.module.
    tree = Path(os.path.realpath(into)) / "tree"
    _fill(top, tree, _with_parents(closure, top), place, files_of=closure)
    return Workspace(tree / source_root.relative_to(top), source_root, ((tree, top),))


def _top(root: Path, closure: Iterable[Path]) -> Path:
    """The git checkout where there is one, else one folder above all modules, so that "../" resolves."""
    common = Path(os.path.commonpath([*closure]))
    checkout = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    return Path(os.path.commonpath([common, checkout])) if checkout else common.parent


def _with_parents(folders: Iterable[Path], top: Path) -> set[Path]:
    """The folders that must be real ones: Terraform turns a module's path absolute if it leads through a link."""
    real = {top}
    for folder in folders:
        if folder.is_relative_to(top):
            real |= {parent for parent in (folder, *folder.parents) if parent.is_relative_to(top)}
    return real


def _fill(
    source: Path,
    target: Path,
    real: Collection[Path],
    place: Callable[[Path, Path], None],
    files_of: Collection[Path] | None = None,
) -> None:
    """Make `target` look like `source`: folders in `real` are made, all else is placed or linked."""
    target.mkdir()
    for entry in os.scandir(source):
        path, there = Path(entry.path), target / entry.name
        if path in real:
            _fill(path, there, real, place, files_of)
        elif any(fnmatch(entry.name, pattern) for pattern in _LEFT_OUT):
            continue
        elif entry.name == _LOCK_FILE:
            _copy(path, there)
        elif entry.is_file() and (files_of is None or source in files_of):
            place(path, there)
        else:
            _link(path, there)


def _link(path: Path, there: Path) -> None:
    there.symlink_to(path)


def _copy(path: Path, there: Path) -> None:
    shutil.copyfile(path, there)


def _inside(root: Path, name: str) -> Path:
    path = Path(os.path.normpath(root / name))
    if path == root or not path.is_relative_to(root):
        raise GateError(f"{name!r} does not name a file inside a generated root; use a path below it")
    return path


def _override_name(root: Path) -> str:
    """A name that sorts behind every other override file, because the last backend wins."""
    others = [
        path.name.split(".tf")[0]
        for path in root.iterdir()
        if path.name.endswith(("override.tf", "override.tf.json")) and not path.name.endswith(OVERRIDE_FILE)
    ]
    last = max(others, default="")
    return f"{last}_{OVERRIDE_FILE}" if last > OVERRIDE_FILE else OVERRIDE_FILE
