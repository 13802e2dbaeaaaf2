"""No role may scan memory tables, or do everything with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aic_engine.graph import Graph, Resource
from aic_engine.iam import IDENTITY_POLICIES, policies_of, statements
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import Unknown
from aic_engine.weakening import edit

BULK = ("dynamodb:Scan", "dynamodb:PartiQLSelect", "dynamodb:ExportTableToPointInTime")
EXPECTED = "Query, GetItem and the like; no Scan, PartiQLSelect, export or wildcard"
CURE = "name the actions that the code calls, such as dynamodb:Query and dynamodb:PutItem"


def decide(policy: Resource, graph: Graph) -> Decision:
    paths = policies_of(policy)
    if isinstance(paths, Unknown):
        return undecided("inline_policy", expected=EXPECTED, value=paths)
    decisions = [decision for path in paths for decision in _document(policy, path)]
    return worst(decisions) if decisions else not_applicable("it allows nothing of DynamoDB")


def _document(policy: Resource, path: str) -> Iterator[Decision]:
    read = statements(policy.get(path))
    if isinstance(read, Unknown):
        yield undecided(path, expected=EXPECTED, value=read)
        return
    for statement in read:
        bulk = statement.allows(*BULK)
        if bulk:
            yield failed(path, expected=EXPECTED, actual=f"{statement.label} allows to read a whole table", cure=CURE)
        elif bulk is None:
            unread = Unknown(f"actions of {statement.label} are not known", "write them out")
            yield undecided(path, expected=EXPECTED, value=unread)
        elif statement.allows("dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem"):
            yield passed(path, statement.label)


def with_scan(document: Any) -> Any:
    """Who may query may also scan."""
    return _widened(document, ["dynamodb:Query", "dynamodb:Scan"])


def with_everything(document: Any) -> Any:
    """Who may query may do everything."""
    return _widened(document, "dynamodb:*")


def _widened(document: Any, actions: Any) -> Any:
    queries = [each for each in document["Statement"] if "dynamodb:Query" in str(each.get("Action"))]
    if not queries:
        return None
    changed = [{**each, "Action": actions} if each in queries else each for each in document["Statement"]]
    return {**document, "Statement": changed}


RULE = Rule(
    id="CKV_AIC_MEM_008",
    name="memory-no-scan",
    title="Nobody may read everybody's memories at once",
    severity=Severity.HIGH,
    types=tuple(IDENTITY_POLICIES),
    why=(
        "A function that may scan hands out every user's secrets when it is talked into it, or when one filter is "
        "forgotten."
    ),
    fix="""
Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
Resource = aws_dynamodb_table.memory.arn
""",
    sources=("AWS docs, Service Authorization Reference: Amazon DynamoDB",),
    controls={
        "OWASP-LLM06": "A manipulated function cannot read beyond one user's items in one call.",
        "GDPR-25": "By default a function can only reach the items that it names.",
    },
    breaks=(
        edit("aws_iam_role_policy", "policy", with_scan),
        edit("aws_iam_role_policy", "policy", with_everything),
    ),
    decide=decide,
)
