"""A key's policy lets nobody use the key without naming or narrowing who."""

from __future__ import annotations

from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.iam import Statement, as_tuple, statements
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided, worst
from aic_engine.values import Absent, Unknown
from aic_engine.weakening import edit

EXPECTED = "principals of named accounts, roles or services, or a condition that narrows them"
NARROWING = ("aws:sourceaccount", "aws:sourcearn", "aws:principalaccount", "aws:principalorgid", "kms:calleraccount")


def decide(key: Resource, graph: Graph) -> Decision:
    value = key.get("policy")
    if isinstance(value, Absent):
        return passed("policy", "the default policy, which is for the account")
    read = statements(value)
    if isinstance(read, Unknown):
        return undecided("policy", expected=EXPECTED, value=read)
    return worst([*(_judge(each) for each in read), passed("policy")])


def _judge(statement: Statement) -> Decision:
    if statement.effect == "Deny" or not _is_everybody(statement.principals) or _is_narrowed(statement):
        return passed("policy", statement.label)
    if isinstance(statement.effect, Unknown) or isinstance(statement.conditions, Unknown):
        return undecided("policy", expected=EXPECTED, value=Unknown(f"{statement.label} is not known"))
    cure = 'name the principal, or add a condition on "kms:CallerAccount" or "aws:SourceAccount"'
    return failed("policy", expected=EXPECTED, actual=f'{statement.label} is for "*"', cure=cure)


def _is_everybody(principals: Any) -> bool:
    named = principals.get("AWS") if isinstance(principals, dict) else principals
    return "*" in as_tuple(named)


def _is_narrowed(statement: Statement) -> bool:
    return any(values for key in NARROWING for _, values in statement.condition(key))


def for_everybody(document: Any) -> Any:
    """The first statement that allows something is for everybody."""
    first, *others = document["Statement"]
    kept = {name: value for name, value in first.items() if name != "Condition"}
    return {**document, "Statement": [{**kept, "Effect": "Allow", "Principal": {"AWS": "*"}}, *others]}


RULE = Rule(
    id="CKV_AIC_MEM_014",
    name="kms-not-public",
    title="Nobody outside the account may use the keys",
    severity=Severity.CRITICAL,
    types=("aws_kms_key", "aws_kms_key_policy"),
    why="Memories are as private as the key they are encrypted under.",
    fix="""
Principal = { AWS = "arn:aws:iam::111122223333:root" }
""",
    sources=("AWS docs, KMS developer guide: key policies; a principal * without conditions is everybody",),
    controls={
        "GDPR-32": "Only named principals can decrypt personal data.",
    },
    breaks=(edit("aws_kms_key", "policy", for_everybody),),
    decide=decide,
)
