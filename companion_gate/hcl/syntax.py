"""HCL text as small dataclasses that know where they stand; the only door to python-hcl2's parse tree.

Offsets count characters of the text (``text[node.start : node.end]`` is the node's source), lines count from 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from lark import Token, Tree
from lark.exceptions import LarkError, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from companion_gate._vendor import hcl2
from companion_gate.errors import GateError

SyntaxTree: TypeAlias = Tree[Token]

# Documents without a file behind them (text that is being rewritten) carry this name in messages.
TEXT = Path("HCL text")


class HclError(GateError):
    """HCL that cannot be read; one sentence with file and line."""


@dataclass(frozen=True)
class Value:
    """The right-hand side of an attribute. ``members`` of an object literal, ``items`` of a list literal."""

    text: str
    line: int
    start: int
    end: int
    members: tuple[Attribute, ...] = ()
    items: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Attribute:
    """``name = value`` in a block, or an element of an object literal."""

    file: Path
    name: str
    line: int
    start: int
    end: int
    value: Value


@dataclass(frozen=True)
class Block:
    """``kind "label" ... { }`` with what stands in it; ``open`` and ``close`` are the offsets of its braces."""

    file: Path
    kind: str
    labels: tuple[str, ...]
    line: int
    start: int
    end: int
    open: int
    close: int
    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]

    @property
    def type(self) -> str:
        """First label: ``aws_sqs_queue`` of a resource; empty when there is none."""
        return self.labels[0] if self.labels else ""

    @property
    def name(self) -> str:
        """Last label: ``turns`` of ``resource "aws_sqs_queue" "turns"``; empty when there is none."""
        return self.labels[-1] if self.labels else ""

    @property
    def key(self) -> tuple[str, ...]:
        """Kind and labels together, as the rewriting functions take them."""
        return (self.kind, *self.labels)

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name, or None."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)


@dataclass(frozen=True)
class Document:
    """One parsed file."""

    file: Path
    text: str
    blocks: tuple[Block, ...]
    attributes: tuple[Attribute, ...]

    def line_text(self, line: int) -> str:
        """Source of a line (from 1), without surrounding blanks."""
        return self.text.split("\n")[line - 1].strip()


@lru_cache(maxsize=4096)
def parse(text: str, file: Path = TEXT) -> Document:
    """Parses HCL; each (text, file) once per process. Raises HclError."""
    body = trees(parse_tree(text, file))[0]
    return Document(file, text, _blocks(body, text, file), _attributes(body, text, file))


def parse_tree(text: str, file: Path = TEXT) -> SyntaxTree:
    """python-hcl2's raw tree of the text. Raises HclError."""
    try:
        return _tree_of(text)
    except LarkError as error:
        line, cause = _cause(error, text)
        raise HclError(
            f"{shown(file)}:{line}: cannot be read as HCL: {cause}; "
            "run `terraform fmt` on it, and if that finds no fault, write the line in a simpler way"
        ) from error


@lru_cache(maxsize=4096)
def _tree_of(text: str) -> SyntaxTree:
    """Terraform runs on mirrored files, so the same text comes under several paths; nobody changes a tree."""
    tree: SyntaxTree = hcl2.parses_to_tree(text)
    return tree


def expression_tree(expression: str) -> SyntaxTree:
    """The tree of one expression such as ``var.a ? 1 : 2``. Raises HclError if it is none, or more than one."""
    one_line = " ".join(expression.split())
    try:
        body = trees(hcl2.parses_to_tree(f"value = {expression}\n"))[0]
    except LarkError as error:
        _, cause = _cause(error, expression)
        raise HclError(f"expression {one_line!r} cannot be read as HCL: {cause}; write one valid value") from error
    statements = [child for child in trees(body) if child.data != "new_line_or_comment"]
    if len(statements) != 1:
        raise HclError(f"{one_line!r} is more than one expression; write a single value")
    return trees(statements[0])[-1]


def shown(path: Path) -> str:
    """A path as messages show it: relative to the working directory where it lies below it."""
    try:
        return str(path.absolute().relative_to(Path.cwd())) if path.is_absolute() else str(path)
    except ValueError:
        return str(path)


def source(tree: SyntaxTree, text: str) -> str:
    """The text a subtree was read from."""
    return text[tree.meta.start_pos : end_of(tree)]


def end_of(tree: SyntaxTree) -> int:
    """Offset behind the last token. The tree's own end lies too far: an operation swallows the newline after it."""
    last = _last_token(tree)
    end = last.end_pos if last is not None else None
    if last is None or end is None:
        raise HclError("an HCL construct without text has no position; this is a fault of the gate")
    # A heredoc's token holds the newline after its closing marker, which belongs to the line, not to the value.
    return end - (len(last) - len(last.rstrip("\r\n"))) if last.type.startswith("HEREDOC") else end


def trees(tree: SyntaxTree) -> list[SyntaxTree]:
    """The children of a tree without the tokens between them."""
    return [child for child in tree.children if isinstance(child, Tree)]


def unwrapped(tree: SyntaxTree) -> SyntaxTree:
    """What stands in a plain expression term; a term in parentheses stays as it is."""
    while tree.data == "expr_term" and len(tree.children) == 1 and trees(tree):
        tree = trees(tree)[0]
    return tree


def _last_token(tree: SyntaxTree) -> Token | None:
    for child in reversed(tree.children):
        if isinstance(child, Token):
            return child
        if child.data != "new_line_or_comment" and (token := _last_token(child)) is not None:
            return token
    return None


def _blocks(body: SyntaxTree, text: str, file: Path) -> tuple[Block, ...]:
    return tuple(_block(child, text, file) for child in trees(body) if child.data == "block")


def _attributes(body: SyntaxTree, text: str, file: Path) -> tuple[Attribute, ...]:
    return tuple(_assignment(child, text, file) for child in trees(body) if child.data == "attribute")


def _block(tree: SyntaxTree, text: str, file: Path) -> Block:
    body = next(child for child in trees(tree) if child.data == "body")
    header = [child for child in trees(tree) if child.data not in ("body", "new_line_or_comment")]
    kind, *labels = (_unquoted(source(part, text)) for part in header)
    braces = [child for child in tree.children if isinstance(child, Token)]
    start, opening, closing = tree.meta.start_pos, braces[0].start_pos or 0, braces[-1].start_pos or 0
    return Block(
        file,
        kind,
        tuple(labels),
        tree.meta.line,
        start,
        closing + 1,
        opening,
        closing,
        _attributes(body, text, file),
        _blocks(body, text, file),
    )


def _assignment(tree: SyntaxTree, text: str, file: Path) -> Attribute:
    """An attribute of a block or an element of an object: both are name, sign, expression."""
    name, expression = trees(tree)[0], trees(tree)[-1]
    value = _value(expression, text, file)
    return Attribute(file, _unquoted(source(name, text)), tree.meta.line, tree.meta.start_pos, value.end, value)


def _value(tree: SyntaxTree, text: str, file: Path) -> Value:
    inner = unwrapped(tree)
    parts = [child for child in trees(inner) if child.data != "new_line_or_comment"]
    return Value(
        source(tree, text),
        tree.meta.line,
        tree.meta.start_pos,
        end_of(tree),
        tuple(_assignment(part, text, file) for part in parts) if inner.data == "object" else (),
        tuple(_value(part, text, file) for part in parts) if inner.data == "tuple" else (),
    )


def _unquoted(label: str) -> str:
    return label[1:-1] if label.startswith('"') else label


def _cause(error: LarkError, text: str) -> tuple[int, str]:
    last_line = text.count("\n") + 1
    if isinstance(error, UnexpectedToken):
        token = error.token
        if token.type == "$END":
            return last_line, "unexpected end of file"
        # Where nothing fits, the lexer takes all that could stand in a string, beginning with the culprit.
        anything = token.type == "STRING_CHARS"
        if token.type == "NL_OR_COMMENT" or (anything and token.lstrip(" \t\r").startswith("\n")):
            return min(error.line, last_line), "unexpected end of line"
        # An operator's token may carry the comment that stands before it.
        words = token.split() or [" "]
        return error.line, f"unexpected {words[0 if anything else -1]!r}"
    if isinstance(error, UnexpectedCharacters):
        return error.line, f"unexpected character {error.char!r}"
    line = error.line if isinstance(error, UnexpectedInput) else last_line
    return max(1, min(line, last_line)), type(error).__name__
