"""For each store that a role may write, some role may delete."""

from __future__ import annotations

import re
from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.iam import IDENTITY_POLICIES, Statement, as_tuple, matches_any, policies_of, statements
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import GAP, Known, Unknown
from aic_engine.weakening import edit

WRITES = {
    "aws_dynamodb_table": ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"),
    "aws_s3_bucket": ("s3:PutObject",),
}
DELETES = {
    "aws_dynamodb_table": ("dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLDelete"),
    "aws_s3_bucket": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
}
EXPECTED = "a role that may delete what other roles write"
CURE = "give the erasure function's role the delete action on this store"


def decide(store: Resource, graph: Graph) -> Decision:
    written: list[bool | None] = []
    deleted: list[bool | None] = []
    doubts: list[str] = []
    for policy in graph.beside(store, *IDENTITY_POLICIES):
        paths = policies_of(policy)
        for path in paths if isinstance(paths, list) else ():
            read = statements(policy.get(path))
            if isinstance(read, Unknown):
                doubts.append(f"{policy.address}.{path}: {read.reason}")
                continue
            written += [_may(each, store, WRITES[store.type], graph) for each in read]
            deleted += [_may(each, store, DELETES[store.type], graph) for each in read]
    if True in deleted:
        return passed("")
    if doubts or None in deleted:
        reason = "; ".join(doubts[:2]) or "which stores a policy names is not known"
        return undecided("", expected=EXPECTED, value=Unknown(reason, "write the policy out, or decide it on the plan"))
    if True in written:
        return failed("", expected=EXPECTED, actual="roles that write it, and none that deletes", cure=CURE)
    return not_applicable("no role of this configuration writes it")


def _may(statement: Statement, store: Resource, actions: tuple[str, ...], graph: Graph) -> bool | None:
    allowed = statement.allows(*actions)
    if allowed is False:
        return False
    named = [_names(each, store, graph) for each in statement.resources]
    if True in named:
        return allowed
    return None if None in named else False


def _names(pattern: Any, store: Resource, graph: Graph) -> bool | None:
    """Whether a resource in a policy is this store, or items, objects and indexes of it."""
    if isinstance(pattern, Unknown):
        parts = [each for each in (graph.target(part) for part in (pattern, *pattern.gaps)) if each is not None]
        if parts:
            return any(part.resource is store for part in parts)
        return _matches(pattern.text.replace(GAP, "*"), store) and None if pattern.text else None
    return _matches(str(pattern), store)


def _matches(pattern: str, store: Resource) -> bool | None:
    name = store.get("name" if store.type == "aws_dynamodb_table" else "bucket")
    if pattern.strip("*") == "":
        return True
    if not isinstance(name, Known):
        return None
    kind = "arn:aws:dynamodb:x:0:table/" if store.type == "aws_dynamodb_table" else "arn:aws:s3:::"
    wanted = re.sub(r"^arn:aws[^:]*:(dynamodb):[^:]*:[^:]*:", "arn:aws:dynamodb:x:0:", pattern)
    return matches_any((wanted,), f"{kind}{name.value}") or matches_any((wanted,), f"{kind}{name.value}/x")


def without_delete(document: Any) -> Any:
    """Nobody may delete items any more."""
    gone = DELETES["aws_dynamodb_table"]
    kept = []
    for statement in document["Statement"]:
        actions = [action for action in as_tuple(statement.get("Action")) if action not in gone]
        if actions or statement["Effect"] != "Allow":
            kept.append({**statement, "Action": actions} if statement["Effect"] == "Allow" else statement)
    return {**document, "Statement": kept} if str(kept) != str(document["Statement"]) else None


RULE = Rule(
    id="CKV_AIC_MEM_009",
    name="erasure-reaches-store",
    title="Whatever is written about a user can be erased",
    severity=Severity.CRITICAL,
    types=("aws_dynamodb_table", "aws_s3_bucket"),
    why=(
        "A store that is written and never deleted from is where a user's words stay after they asked to be forgotten."
    ),
    fix="""
{
  Effect   = "Allow"
  Action   = ["dynamodb:BatchWriteItem", "dynamodb:Query"]
  Resource = aws_dynamodb_table.memory.arn
}
""",
    sources=("AWS docs, Service Authorization Reference: Amazon DynamoDB; Amazon S3",),
    controls={
        "GDPR-17": "Each store that a role writes has a role that erases from it.",
        "SB243-22602.b": "What a user told in a crisis can be erased on request.",
    },
    breaks=(edit("aws_iam_role_policy", "policy", without_delete, everywhere=True),),
    decide=decide,
)
