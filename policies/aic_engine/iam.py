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
    def is_conditional(self) -> bool | None:
        return None if isinstance(self.conditions, Unknown) else bool(self.conditions)


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
    listed = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(listed, Unknown):
        return listed
    found = listed if isinstance(listed, list) else [listed]
    return [_statement(each, at) for at, each in enumerate(found) if each is not None]


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
    """IAM takes one value for a list of one."""
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


def is_broad(pattern: Any) -> bool | None:
    """True for a resource that names nothing: only wildcards where the resource's own name would stand."""
    if isinstance(pattern, Unknown):
        return False if pattern.origin is not None or pattern.text is not None else None
    return not re.sub(r"[*?:/]|arn|aws(-\w+)*", "", str(pattern).partition(":::")[2] or str(pattern).rpartition(":")[2])


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern.lower()).fullmatch(text.lower()) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern), re.DOTALL)


def _statement(data: Any, at: int) -> Statement:
    if not isinstance(data, dict):
        unread = data if isinstance(data, Unknown) else Unknown("a statement is no object")
        return Statement(unread, (unread,), (), (unread,), (), unread, unread, f"statement {at + 1}")
    sid = data.get("Sid")
    return Statement(
        effect=data.get("Effect", "Deny"),
        actions=as_tuple(data.get("Action")),
        not_actions=as_tuple(data.get("NotAction")),
        resources=as_tuple(data.get("Resource")),
        not_resources=as_tuple(data.get("NotResource")),
        principals=data.get("Principal"),
        conditions=data.get("Condition"),
        label=f"statement {sid}" if isinstance(sid, str) and sid else f"statement {at + 1}",
    )
