"""What an expression refers to, read from python-hcl2's tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from companion_gate.hcl.documents import HclError, read_module
from companion_gate.hcl.syntax import SyntaxTree, expression_tree, shown, source, trees, unwrapped

_FOR_EXPRESSIONS = ("for_tuple_expr", "for_object_expr")
_TRAVERSALS = ("get_attr_expr_term", "index_expr_term", "attr_splat_expr_term", "full_splat_expr_term")
_HEREDOCS = ("heredoc_template", "heredoc_template_trim")
_LITERAL_INDEX = re.compile(r'\[\s*(\d+|"[^"$%\\]*")\s*\]')
_TEMPLATE_OPENING = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")


def references(expression: str) -> tuple[str, ...]:
    """The traversals in an expression, in the order of the text, each once. Raises HclError on bad HCL.

    ``aws_x.y.arn``, ``data.aws_x.y.id``, ``module.m.out``, ``local.a``, ``var.b``, ``each.value``, ``aws_x.y[0].arn``.
    As in a plan's own ``references``, a traversal ends before a splat or a computed index: ``aws_x.y[*].arn`` and
    ``aws_x.y[var.i].arn`` give ``aws_x.y`` (and ``var.i``). The variables of a ``for`` are not references.
    """
    return tuple(dict.fromkeys(_references(expression_tree(expression), f"value = {expression}\n", frozenset())))


def local_references(folder: Path) -> dict[str, tuple[str, ...]]:
    """Each local value of a module folder and what its expression refers to; plan JSON does not carry it."""
    found = {}
    for local in read_module(folder).locals:
        try:
            found[local.name] = references(local.value.text)
        except HclError as error:
            raise HclError(f"{shown(local.file)}:{local.line}: local.{local.name}: {error}") from error
    return found


def _references(tree: SyntaxTree, text: str, bound: frozenset[str]) -> Iterator[str]:
    """``bound`` names the variables of the ``for`` expressions around the tree."""
    pending: list[tuple[SyntaxTree, frozenset[str]]] = [(tree, bound)]
    while pending:
        node, names = pending.pop()
        if node.data in _HEREDOCS:
            yield from _heredoc_references(source(node, text), names)
            continue
        if node.data in _TRAVERSALS and (steps := _steps(node, text)) is not None:
            if len(steps) > 1 and steps[0] not in names:
                yield steps[0] + "".join(steps[1:])
            pending.extend((index, names) for index in reversed(_computed_indexes(node)))
            continue
        if node.data in _FOR_EXPRESSIONS or node.data == "string":
            pending.extend(reversed(list(_scoped(node, text, names))))
            continue
        pending.extend((child, names) for child in reversed(trees(node)))


def _steps(node: SyntaxTree, text: str) -> list[str] | None:
    """``["aws_x", ".y", "[0]", ".arn"]`` of a traversal; None when its root is no name (a call, a parenthesis)."""
    chain: list[SyntaxTree] = []
    while node.data in _TRAVERSALS:
        term, access = trees(node)
        chain.append(access)
        node = unwrapped(term)
    if node.data != "identifier":
        return None
    steps = [source(node, text)]
    for access in reversed(chain):
        step = _step(access, text)
        if step is None:
            break
        steps.append(step)
    return steps


def _step(access: SyntaxTree, text: str) -> str | None:
    if access.data == "get_attr":
        return "." + source(access, text).lstrip(".").strip()
    if access.data == "short_index":
        return f"[{source(access, text).lstrip('.')}]"
    literal = _LITERAL_INDEX.fullmatch(source(access, text))
    return f"[{literal[1]}]" if literal else None


def _computed_indexes(node: SyntaxTree) -> list[SyntaxTree]:
    """The index expressions along a traversal, in the order of the text."""
    indexes: list[SyntaxTree] = []
    while node.data in _TRAVERSALS:
        term, access = trees(node)
        accesses = trees(access) if access.data in ("attr_splat", "full_splat") else [access]
        indexes[:0] = [step for step in accesses if step.data == "braces_index"]
        node = unwrapped(term)
    return indexes


def _scoped(node: SyntaxTree, text: str, names: frozenset[str]) -> Iterator[tuple[SyntaxTree, frozenset[str]]]:
    """The parts of a ``for`` expression, or of a string with ``%{for}``, each with the variables in force there."""
    scopes = [names]
    for part in trees(node):
        if part.data == "string_part" and not trees(part):
            continue
        directive = trees(part)[0] if part.data == "string_part" else part
        if directive.data in ("for_intro", "template_for_start"):
            children = trees(directive)
            variables = {source(child, text) for child in children if child.data == "identifier"}
            yield from ((child, scopes[-1]) for child in children if child.data != "identifier")
            scopes.append(scopes[-1] | variables)
        elif directive.data == "template_endfor":
            if len(scopes) > 1:
                scopes.pop()
        else:
            yield directive, scopes[-1]


def _heredoc_references(heredoc: str, names: frozenset[str]) -> Iterator[str]:
    """python-hcl2 keeps a heredoc as one token, so its template is handed back to it as a quoted one."""
    template = _quoted(heredoc)
    yield from _references(expression_tree(template), f"value = {template}\n", names)


def _quoted(heredoc: str) -> str:
    """A quoted template with the interpolations and directives of a heredoc and none of its text."""
    sequences = []
    position = heredoc.index("\n")
    while (opening := _TEMPLATE_OPENING.search(heredoc, position)) is not None:
        sequence = _sequence(heredoc, opening.start())
        sequences.append(sequence)
        position = opening.start() + len(sequence)
    return '"' + "".join(sequences) + '"'


def _sequence(heredoc: str, start: int) -> str:
    """The shortest text from an opening ``${`` or ``%{`` that reads as a whole template sequence."""
    end = heredoc.find("}", start)
    while end != -1:
        sequence = heredoc[start : end + 1]
        try:
            expression_tree(f'"{sequence}"')
        except HclError:
            end = heredoc.find("}", end + 1)
        else:
            return sequence
    raise HclError(f"the heredoc template sequence {heredoc[start:].splitlines()[0]!r} has no end; close it with '}}'")
