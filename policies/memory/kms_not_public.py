"""A key's policy lets nobody use the key without naming or narrowing who."""

from __future__ import annotations

from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.openness import is_for_named_principals
from aic_engine.rule import Decision, Rule, Severity, passed
from aic_engine.values import Absent
from aic_engine.weakening import edit


def decide(resource: Resource, graph: Graph) -> Decision:
    if isinstance(resource.get("policy"), Absent):
        return passed("policy", "the default policy, which is for the account")
    return is_for_named_principals(resource, "policy")


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
