"""Reads HCL (Terraform's native syntax) into a syntax tree.

Checkov's parser cannot serve for values: its output drops parentheses and the ``...`` of arguments, so that
``!(a && b)`` and ``!a && b`` look the same. Syntax: HashiCorp, "HCL Native Syntax Specification". Tests hold the values
of this reader against Terraform's own.
"""

from __future__ import annotations

import re

from aic_engine.hcl_nodes import (
    Attr,
    Attribute,
    Block,
    Body,
    Call,
    Conditional,
    For,
    Index,
    Literal,
    Name,
    Node,
    ObjectNode,
    Operation,
    Splat,
    Template,
    TupleNode,
)
from aic_engine.hcl_templates import dedented, template, unescaped

_BLANK = re.compile(r"(?:[ \t\r]+|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]+|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_BLANKS = frozenset(" \t\r\n#/")
_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")
_HEREDOC = re.compile(r"<<(-?)([^\W\d][\w-]*)\r?\n")
_OPERATOR = re.compile(r"==|!=|<=|>=|&&|\|\||[-+*/%<>]")
_BINDS = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_CONSTANTS = {"true": True, "false": False, "null": None}


class HclSyntaxError(Exception):
    """The text is no HCL; ``line`` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


def parse_body(text: str) -> Body:
    """A whole file. Raises :class:`HclSyntaxError`."""
    parser = _Parser(text.removeprefix("\ufeff"))
    return parser.body(closing=False)


def parse_expression(text: str) -> Node:
    """One expression. Raises :class:`HclSyntaxError`."""
    parser = _Parser(text)
    parser.nested += 1
    node = parser.expression()
    parser.skip()
    if parser.at < len(text):
        raise parser.error("more than one expression")
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.nested = 0
        """Above 0 inside parentheses and brackets, where line ends mean nothing."""

    def error(self, message: str) -> HclSyntaxError:
        return HclSyntaxError(message, self.line())

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def skip(self, *, lines: bool = False) -> None:
        # Most calls find nothing to skip; a look at one character is cheaper than the expression.
        if self.text[self.at : self.at + 1] not in _BLANKS:
            return
        match = (_BLANK_LINES if lines or self.nested else _BLANK).match(self.text, self.at)
        if match:
            self.at = match.end()

    def peek(self, token: str) -> bool:
        self.skip()
        return self.text.startswith(token, self.at)

    def take(self, token: str) -> bool:
        if self.peek(token):
            self.at += len(token)
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.take(token):
            found = self.text[self.at : self.at + 10].split("\n")[0] or "the end of the line"
            raise self.error(f"expected {token!r}, found {found!r}")

    def identifier(self) -> str | None:
        self.skip()
        match = _IDENTIFIER.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return match.group(0)

    def body(self, *, closing: bool) -> Body:
        body = Body()
        while True:
            self.skip(lines=True)
            if self.at >= len(self.text):
                if closing:
                    raise self.error("a block is not closed")
                return body
            if self.text[self.at] == "}" and closing:
                self.at += 1
                return body
            line = self.line()
            name = self.identifier()
            if name is None:
                raise self.error(f"expected an argument or a block, found {self.text[self.at]!r}")
            if self.peek("=") and not self.peek("=="):
                self.at += 1
                if name in body.attributes:
                    raise HclSyntaxError(f"{name} is set twice in one block", line)
                body.attributes[name] = Attribute(name, self.expression(), line)
                self._end_of_line(closing)
            else:
                body.blocks.append(self._block(name, line))
                self._end_of_line(closing)

    def _end_of_line(self, closing: bool) -> None:
        self.skip()
        if self.at < len(self.text) and self.text[self.at] != "\n" and not (closing and self.text[self.at] == "}"):
            raise self.error(f"expected the end of the line, found {self.text[self.at]!r}")

    def _block(self, kind: str, line: int) -> Block:
        labels: list[str] = []
        while not self.take("{"):
            if self.take('"'):
                label = self._quoted()
                labels.append(str(label.value) if isinstance(label, Literal) else "")
            elif (name := self.identifier()) is not None:
                labels.append(name)
            else:
                raise self.error(f"expected '=' or '{{' behind {kind}")
        outer, self.nested = self.nested, 0
        body = self.body(closing=True)
        self.nested = outer
        return Block(kind, tuple(labels), body, line)

    def expression(self) -> Node:
        condition = self._binary(1)
        if not self.take("?"):
            return condition
        if_true = self.expression()
        self.expect(":")
        return Conditional(condition, if_true, self.expression())

    def _binary(self, lowest: int) -> Node:
        left = self._unary()
        while True:
            self.skip()
            match = _OPERATOR.match(self.text, self.at)
            if match is None or _BINDS[match.group(0)] < lowest:
                return left
            if match.group(0) == "=" or self.text.startswith("=>", self.at):
                return left
            self.at = match.end()
            left = Operation(match.group(0), (left, self._binary(_BINDS[match.group(0)] + 1)))

    def _unary(self) -> Node:
        for operator in ("!", "-"):
            if self.take(operator):
                return Operation(operator, (self._unary(),))
        return self._postfix(self._term())

    def _term(self) -> Node:
        self.skip()
        if self.take('"'):
            return self._quoted()
        if self.take("("):
            self.nested += 1
            inner = self.expression()
            self.expect(")")
            self.nested -= 1
            return inner
        if self.take("["):
            return self._tuple()
        if self.take("{"):
            return self._object()
        if heredoc := _HEREDOC.match(self.text, self.at):
            return self._heredoc(heredoc)
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            text = number.group(0)
            return Literal(int(text) if text.isdigit() else float(text))
        name = self.identifier()
        if name is None:
            raise self.error(f"expected a value, found {self.text[self.at : self.at + 1]!r}")
        while self.take("::"):
            name += f"::{self.identifier()}"
        if self.take("("):
            return self._call(name)
        return Literal(_CONSTANTS[name]) if name in _CONSTANTS else Name(name)

    def _postfix(self, node: Node) -> Node:
        while True:
            self.skip()
            if self.text.startswith("[*]", self.at) or self.text.startswith(".*", self.at):
                full = self.text[self.at] == "["
                self.at += 3 if full else 2
                rest: Node = Name("*")
                while (step := self._step(rest, indexes=full)) is not None:
                    rest = step
                node = Splat(node, rest)
            elif (step := self._step(node)) is not None:
                node = step
            else:
                return node

    def _step(self, base: Node, *, indexes: bool = True) -> Node | None:
        """The next ``.name``, ``.0`` or ``[index]`` behind ``base``."""
        self.skip()
        if self.text.startswith(".", self.at) and not self.text.startswith((".*", "..."), self.at):
            self.at += 1
            if number := re.compile(r"\d+").match(self.text, self.at):
                self.at = number.end()
                return Index(base, Literal(int(number.group(0))))
            name = self.identifier()
            if name is None:
                raise self.error("expected a name behind '.'")
            return Attr(base, name)
        if indexes and self.text.startswith("[", self.at) and not self.text.startswith("[*]", self.at):
            self.at += 1
            self.nested += 1
            key = self.expression()
            self.expect("]")
            self.nested -= 1
            return Index(base, key)
        return None

    def _call(self, name: str) -> Node:
        self.nested += 1
        arguments: list[Node] = []
        spread = False
        while not self.take(")"):
            arguments.append(self.expression())
            spread = spread or self.take("...")
            if not self.take(",") and not self.peek(")"):
                raise self.error(f"expected ',' or ')' in the arguments of {name}")
        self.nested -= 1
        return Call(name, tuple(arguments), spread)

    def _tuple(self) -> Node:
        self.nested += 1
        if (loop := self._for("]")) is not None:
            self.nested -= 1
            return loop
        items: list[Node] = []
        while not self.take("]"):
            items.append(self.expression())
            if not self.take(",") and not self.peek("]"):
                raise self.error("expected ',' or ']' in a list")
        self.nested -= 1
        return TupleNode(tuple(items))

    def _object(self) -> Node:
        outer, self.nested = self.nested, 1
        if (loop := self._for("}")) is not None:
            self.nested = outer
            return loop
        self.nested = 0
        items: list[tuple[Node, Node]] = []
        while True:
            self.skip(lines=True)
            if self.take("}"):
                self.nested = outer
                return ObjectNode(tuple(items))
            key = self.expression()
            if not self.take("=") and not self.take(":"):
                raise self.error("expected '=' behind the key of an object")
            items.append((Literal(key.name) if isinstance(key, Name) else key, self.expression()))
            self.skip()
            if not self.take(",") and self.text[self.at : self.at + 1] not in ("\n", "}"):
                raise self.error("expected ',' or a new line in an object")

    def _for(self, closing: str) -> Node | None:
        start = self.at
        if self.identifier() != "for" or (first := self.identifier()) is None:
            self.at = start
            return None
        variables = [first]
        if self.take(","):
            variables.append(self.identifier() or "")
        if self.identifier() != "in":
            self.at = start
            return None
        collection = self.expression()
        self.expect(":")
        key: Node | None = None
        value = self.expression()
        if closing == "}":
            self.expect("=>")
            key, value = value, self.expression()
        group = self.take("...")
        condition = None
        place = self.at
        if self.identifier() == "if":
            condition = self.expression()
        else:
            self.at = place
        self.expect(closing)
        return For(tuple(variables), collection, key, value, condition, group)

    def _quoted(self) -> Node:
        """The text behind an opening quote, up to the closing one."""
        parts, end = template(self.text, self.at, self._inner, closing='"')
        if end is None:
            raise self.error("a string is not closed")
        self.at = end
        return _joined(parts, escapes=True)

    def _heredoc(self, opening: re.Match[str]) -> Node:
        end = re.compile(rf"^[ \t]*{re.escape(opening.group(2))}(?=\r?$)", re.MULTILINE).search(
            self.text, opening.end()
        )
        if end is None:
            raise self.error(f"the heredoc {opening.group(2)} has no end")
        text = self.text[opening.end() : end.start()].replace("\r\n", "\n")
        self.at = end.end()
        inner = _Parser(dedented(text) if opening.group(1) else text)
        parts, _ = template(inner.text, 0, inner._inner, closing="")
        return _joined(parts, escapes=False)

    def _inner(self, at: int) -> tuple[Node, int]:
        """The expression of a template that begins at ``at``, and the place behind it."""
        outer, self.at = self.at, at
        self.nested += 1
        node = self.expression()
        self.skip()
        self.nested -= 1
        end, self.at = self.at, outer
        return node, end


def _joined(parts: list[str | Node | None], *, escapes: bool) -> Node:
    nodes: list[Node] = []
    directives = False
    for part in parts:
        if part is None:
            directives = True
        elif isinstance(part, str):
            nodes.append(Literal(unescaped(part, quoted=escapes)))
        else:
            nodes.append(part)
    if directives:
        return Template(tuple(node for node in nodes if not isinstance(node, Literal)), directives=True)
    if not nodes:
        return Literal("")
    if len(nodes) == 1 and (escapes or isinstance(nodes[0], Literal)):
        return nodes[0]
    return Template(tuple(nodes))
