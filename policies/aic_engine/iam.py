"""IAM policy documents as rules read them: statements, and what they allow, with three values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aic_engine.graph import Resource
from aic_engine.values import GAP, Known, Unknown, Value

IDENTITY_POLICIES: Mapping[str, str] = {
    "aws_iam_role_policy": "policy",
    "aws_iam_policy": "policy",
    "aws_iam_user_policy": "policy",
    "aws_iam_group_policy": "policy",
    "aws_iam_role": "inline_policy",
    "aws_ssoadmin_permission_set_inline_policy": "inline_policy",
}
"""Resource types with an identity policy, and the argument that holds it (AWS provider 5.100)."""


@dataclass(frozen=True)
class Statement:
    """One statement; texts that are unknown stay :class:`Unknown` in their lists."""

    effect: Any
    actions: tuple[Any, ...]
    not_actions: tuple[Any, ...]
    resources: tuple[Any, ...]
    not_resources: tuple[Any, ...]
    principals: Any
    conditions: Any
    label: str
    """How people find it: its Sid, or its number."""

    def allows(self, *wanted: str) -> bool | None:
        """Whether it allows any of these actions on anything; ``None`` where that is not known."""
        return self._covers("Allow", wanted)

    def denies(self, *wanted: str) -> bool | None:
        """Whether it denies all of these actions."""
        answers = [self._covers("Deny", (action,)) for action in wanted]
        return False if False in answers else None if None in answers else True

    def _covers(self, effect: str, wanted: tuple[str, ...]) -> bool | None:
        if isinstance(self.effect, str) and self.effect != effect:
            return False
        if self.not_actions:
            answers = [matches_any(self.not_actions, action) for action in wanted]
            named = False if True not in answers and None not in answers else None if None in answers else all(answers)
            covered = None if named is None else not named
        else:
            answers = [matches_any(self.actions, action) for action in wanted]
            covered = True if True in answers else None if None in answers else False
        return covered if covered is not True or isinstance(self.effect, str) else None

    def condition(self, key: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The operators that test ``key`` (compared without case, as IAM does), and their values."""
        if not isinstance(self.conditions, dict):
            return
        for operator, tests in self.conditions.items():
            if isinstance(tests, dict):
                for name, values in tests.items():
                    if name.lower() == key.lower():
                        yield operator, as_tuple(values)

    @property
    def condition_keys(self) -> int:
        """How many conditions must hold at once."""
        tests = self.conditions.values() if isinstance(self.conditions, dict) else ()
        return sum(len(each) if isinstance(each, dict) else 1 for each in tests)


def policies_of(resource: Resource) -> list[str] | Unknown:
    """The paths at which an identity policy of this resource stands."""
    argument = IDENTITY_POLICIES[resource.type]
    if resource.type != "aws_iam_role":
        return [argument]
    count = resource.blocks(argument)
    return count if isinstance(count, Unknown) else [f"{argument}[{at}].policy" for at in range(count)]


def statements(value: Value) -> list[Statement] | Unknown:
    """The statements of a policy; :class:`Unknown` where the document, or the list of its statements, is."""
    document = read_json(value)
    if isinstance(document, Unknown):
        return document
    if document is None:
        return []
    listed = _elements(document).get("statement") if isinstance(document, dict) else None
    if isinstance(listed, Unknown):
        return listed
    if listed is None:
        return Unknown("it holds no Statement", "write it as an IAM policy document")
    found = listed if isinstance(listed, list) else [listed]
    return [_statement(each, at) for at, each in enumerate(found)]


def read_json(value: Value) -> Any:
    """The data of a JSON text, with :class:`Unknown` in it where parts are; an absent one is ``None``."""
    if isinstance(value, Unknown):
        return value if value.document is None else value.document
    if not isinstance(value, Known):
        return None
    try:
        return json.loads(value.value) if isinstance(value.value, str) else value.value
    except ValueError:
        return Unknown("it is not JSON", "make it with jsonencode")


def as_tuple(value: Any) -> tuple[Any, ...]:
    """IAM takes one value for a list of one, and a list in any order."""
    if isinstance(value, Unknown) and isinstance(value.document, list):
        return tuple(value.document)
    return () if value is None else tuple(value) if isinstance(value, list) else (value,)


def matches_any(patterns: Iterable[Any], text: str) -> bool | None:
    """Whether any of IAM's patterns (``*``, ``?``, without case) matches; ``None`` where an unknown one may."""
    maybe = False
    for pattern in patterns:
        if isinstance(pattern, str):
            if _matches(pattern, text):
                return True
        elif isinstance(pattern, Unknown):
            maybe = maybe or pattern.text is None or _matches(pattern.text.replace(GAP, "*"), text)
    return None if maybe else False


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern.lower()).fullmatch(text.lower()) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern), re.DOTALL)


def _statement(data: Any, at: int) -> Statement:
    if not isinstance(data, dict):
        unread = data if isinstance(data, Unknown) else Unknown("a statement is no object")
        return Statement(unread, (unread,), (), (unread,), (), unread, unread, f"statement {at + 1}")
    element = _elements(data)
    sid = element.get("sid")
    effect = element.get("effect")
    if effect not in ("Allow", "Deny") and not isinstance(effect, Unknown):
        effect = Unknown("its Effect is neither Allow nor Deny", "write Allow or Deny")
    resources, not_resources = as_tuple(element.get("resource")), as_tuple(element.get("notresource"))
    if not resources and not not_resources:
        resources = (Unknown("it names no resource", "name the resources"),)
    return Statement(
        effect=effect,
        actions=as_tuple(element.get("action")),
        not_actions=as_tuple(element.get("notaction")),
        resources=resources,
        not_resources=not_resources,
        # Whoever is not named is everybody else.
        principals="*" if "notprincipal" in element else element.get("principal"),
        conditions=element.get("condition"),
        label=f"statement {sid}" if isinstance(sid, str) and sid else f"statement {at + 1}",
    )


def _elements(data: Mapping[str, Any]) -> dict[str, Any]:
    """The elements by name in lower case: another case must not hide one."""
    return {str(name).lower(): value for name, value in data.items()}
