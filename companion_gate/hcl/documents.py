"""A module folder's .tf files, parsed, by Terraform's block kinds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from companion_gate.hcl.syntax import Attribute, Block, Document, HclError, parse, shown

__all__ = ["Attribute", "Block", "Document", "HclError", "ModuleSource", "read_file", "read_module", "read_text"]


@dataclass(frozen=True)
class ModuleSource:
    """The .tf files of one folder, in the order of their names."""

    folder: Path
    files: tuple[Document, ...]

    def blocks(self, *key: str) -> tuple[Block, ...]:
        """Top-level blocks whose kind and labels begin with ``key``, such as ``("resource", "aws_sqs_queue")``."""
        return tuple(block for file in self.files for block in file.blocks if block.key[: len(key)] == key)

    def document(self, file: Path) -> Document:
        """The parsed file behind a block's ``file``. Raises KeyError if it is of another folder."""
        return {document.file: document for document in self.files}[file]

    @property
    def resources(self) -> tuple[Block, ...]:
        """``resource`` blocks; labels are type and name."""
        return self.blocks("resource")

    @property
    def data(self) -> tuple[Block, ...]:
        """``data`` blocks; labels are type and name."""
        return self.blocks("data")

    @property
    def variables(self) -> tuple[Block, ...]:
        """``variable`` blocks."""
        return self.blocks("variable")

    @property
    def outputs(self) -> tuple[Block, ...]:
        """``output`` blocks."""
        return self.blocks("output")

    @property
    def modules(self) -> tuple[Block, ...]:
        """Module calls."""
        return self.blocks("module")

    @property
    def providers(self) -> tuple[Block, ...]:
        """``provider`` configurations."""
        return self.blocks("provider")

    @property
    def terraform(self) -> tuple[Block, ...]:
        """``terraform`` settings blocks."""
        return self.blocks("terraform")

    @property
    def locals(self) -> tuple[Attribute, ...]:
        """Every local value of every ``locals`` block."""
        return tuple(attribute for block in self.blocks("locals") for attribute in block.attributes)


def read_module(folder: Path) -> ModuleSource:
    """Parses a module folder. Raises HclError for what Terraform would read and the gate cannot.

    Which files Terraform loads, and that override files are merged into the others: Terraform docs, "Files and
    Configuration Structure" and "Override Files".
    """
    if not folder.is_dir():
        raise HclError(f"{shown(folder)}: is not a folder; name a folder with .tf files")
    files = []
    for file in sorted(folder.iterdir()):
        if file.name.startswith(".") or not file.is_file():
            continue
        if file.name.endswith(".tf.json"):
            raise HclError(f"{shown(file)}: JSON configuration is not read by the gate; write it as a .tf file")
        if file.name == "override.tf" or file.name.endswith("_override.tf"):
            raise HclError(
                f"{shown(file)}: override files are not read by the gate; change the file that this one overrides"
            )
        if file.suffix == ".tf":
            files.append(read_file(file))
    if not files:
        raise HclError(f"{shown(folder)}: holds no .tf file; name a folder with .tf files")
    return ModuleSource(folder, tuple(files))


def read_file(file: Path) -> Document:
    """Parses one .tf file. Raises HclError."""
    return parse(read_text(file), file)


def read_text(file: Path) -> str:
    """A text file with its line ends as they are. Raises HclError."""
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise HclError(f"{shown(file)}:{line}: is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise HclError(f"{shown(file)}: cannot be read: {error.strerror}; check that it is a readable file") from error
