"""The JSON that ``data "aws_iam_policy_document"`` gives. AWS provider docs, "Data Source: aws_iam_policy_document"."""

from __future__ import annotations

from typing import Any

from aic_engine.hcl_evaluate import Env, evaluate
from aic_engine.hcl_nodes import Body
from aic_engine.values import Unknown

_KEYS = {
    "sid": "Sid",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}
_ELSEWHERE = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")


def policy_document(body: Body, env: Env) -> Unknown:
    """The document as an unknown text whose data is known: what Terraform makes of it is not this very text."""
    reason = "it is a policy document"
    if any(body.node(name) is not None for name in _ELSEWHERE):
        return Unknown("its policy document takes in others")
    if body.of_kind("dynamic"):
        return Unknown("a dynamic block decides its policy document")
    statements = [_statement(block.body, env) for block in body.of_kind("statement")]
    return Unknown(reason, document={"Version": "2012-10-17", "Statement": statements})


def _statement(body: Body, env: Env) -> Any:
    if body.of_kind("dynamic"):
        return Unknown("a dynamic block decides the statement")
    made: dict[str, Any] = {"Effect": "Allow"}
    if (node := body.node("effect")) is not None:
        made["Effect"] = evaluate(node, env)
    for name, key in _KEYS.items():
        if (node := body.node(name)) is not None:
            made[key] = evaluate(node, env)
    for name, key in _PRINCIPALS.items():
        for block in body.of_kind(name):
            type_, identifiers = (_value(block.body, part, env) for part in ("type", "identifiers"))
            made.setdefault(key, {})[type_ if isinstance(type_, str) else "AWS"] = identifiers
    for block in body.of_kind("condition"):
        test, variable, values = (_value(block.body, part, env) for part in ("test", "variable", "values"))
        if not isinstance(test, str) or not isinstance(variable, str):
            return Unknown("the condition of a statement is computed")
        made.setdefault("Condition", {}).setdefault(test, {})[variable] = values
    return made


def _value(body: Body, name: str, env: Env) -> Any:
    node = body.node(name)
    return None if node is None else evaluate(node, env)
