"""Whether a resource's own policy is for everybody."""

from __future__ import annotations

import re
from typing import Any

from aic_engine.graph import Resource
from aic_engine.iam import Statement, as_tuple, statements
from aic_engine.rule import Decision, failed, passed, undecided, worst
from aic_engine.values import Unknown

NARROWING = (
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "kms:CallerAccount",
)
"""Condition keys that say who calls, or from where (AWS docs, IAM: AWS global condition context keys)."""

_OPERATORS = ("stringequals", "stringlike", "arnequals", "arnlike", "ipaddress")
_ANYWHERE = ("0.0.0.0/0", "::/0")
_EXPECTED = "named principals, or a condition that narrows them"
_CURE = "name the principals, or add StringEquals on aws:SourceAccount, or ArnEquals on aws:SourceArn"


def is_for_named_principals(resource: Resource, path: str) -> Decision:
    """Fails where a statement of the policy at ``path`` allows something to everybody."""
    read = statements(resource.get(path))
    if isinstance(read, Unknown):
        return undecided(path, expected=_EXPECTED, value=read)
    return worst([*(_judge(each, path) for each in read), passed(path)])


def _judge(statement: Statement, path: str) -> Decision:
    everybody = _is_everybody(statement.principals)
    if statement.effect == "Deny" or everybody is False:
        return passed(path, statement.label)
    narrowed = _is_narrowed(statement)
    if narrowed is True:
        return passed(path, statement.label)
    if everybody is None or narrowed is None or isinstance(statement.effect, Unknown):
        return undecided(path, expected=_EXPECTED, value=Unknown(f"{statement.label} is not known", "write it out"))
    return failed(path, expected=_EXPECTED, actual=f"{statement.label}, which is for everybody", cure=_CURE)


def _is_everybody(principals: Any) -> bool | None:
    if isinstance(principals, dict):
        answers = [is_anybody(each) for named in principals.values() for each in as_tuple(named)]
    else:
        answers = [is_anybody(each) for each in as_tuple(principals)]
    return True if True in answers else None if None in answers else False


def is_anybody(principal: Any) -> bool | None:
    """Whether one principal stands for everybody; ``None`` where it is not known which it is."""
    if isinstance(principal, Unknown):
        return False if principal.origin is not None or principal.text is not None else None
    return re.sub(r"^arn:[^:]*:[^:]*:", "", str(principal)).strip("*?:/") == ""


def _is_narrowed(statement: Statement) -> bool | None:
    if isinstance(statement.conditions, Unknown):
        return None
    answers: list[bool | None] = []
    for key in NARROWING:
        for operator, values in statement.condition(key):
            if operator.lower().removeprefix("foranyvalue:") in _OPERATORS and values:
                broad = [True if value in _ANYWHERE else is_anybody(value) for value in values]
                answers.append(False if True in broad else None if None in broad else True)
    return True if True in answers else None if None in answers else False
