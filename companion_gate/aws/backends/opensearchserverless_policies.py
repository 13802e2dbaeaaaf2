"""OpenSearch Serverless: encryption, network, data access and lifecycle policies.

Sources: AWS docs "CreateSecurityPolicy", "CreateAccessPolicy", "CreateLifecyclePolicy" (API reference), "Encryption",
"Network access" and "Data access control" for OpenSearch Serverless (developer guide).
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from moto.moto_api._internal import mock_random
from moto.opensearchserverless.responses import OpenSearchServiceServerlessResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, now_ms, pages

_PAGE = 20


@dataclass(frozen=True)
class _Family:
    """The operations of one kind of policy differ in nothing but their names."""

    singular: str
    plural: str

    @property
    def detail(self) -> str:
        return f"{self.singular[0].lower()}{self.singular[1:]}Detail"

    @property
    def summaries(self) -> str:
        return f"{self.singular[0].lower()}{self.singular[1:]}Summaries"


_FAMILIES = (
    _Family("SecurityPolicy", "SecurityPolicies"),
    _Family("AccessPolicy", "AccessPolicies"),
    _Family("LifecyclePolicy", "LifecyclePolicies"),
)


def _rows(call: Call) -> dict[tuple[str, str], dict[str, Any]]:
    """Policies by type and name; the types of the families do not overlap."""
    return call.table("aoss policies")


def policies_of(call: Call, policy_type: str) -> list[dict[str, Any]]:
    """The policies of one type (`encryption`, `network`, `data` or `retention`), with ``policy`` as parsed JSON."""
    return [row for (row_type, _), row in _rows(call).items() if row_type == policy_type]


def _row(call: Call) -> dict[str, Any]:
    policy_type, name = call.params["type"], call.params["name"]
    row = _rows(call).get((policy_type, name))
    if row is None:
        raise AwsError("ResourceNotFoundException", f"Policy with name {name} and type {policy_type} is not found")
    return row


def _create(call: Call) -> dict[str, Any]:
    key = (call.params["type"], call.params["name"])
    if key in _rows(call):
        raise AwsError("ConflictException", f"Policy with name {key[1]} and type {key[0]} already exists")
    row = kept(call.params, ("name", "type", "description"))
    row |= {"policy": _document(call.params), "createdDate": now_ms(), "policyVersion": _version()}
    row["lastModifiedDate"] = row["createdDate"]
    _rows(call)[key] = row
    return row


def _update(call: Call) -> dict[str, Any]:
    row = _row(call)
    # Access and security policies ask for the version that the change is based on.
    if call.params.get("policyVersion", row["policyVersion"]) != row["policyVersion"]:
        raise AwsError("ConflictException", "Policy version specified in the request is not the latest")
    if "policy" in call.params:
        row["policy"] = _document(call.params)
    row |= {**kept(call.params, ["description"]), "policyVersion": _version(), "lastModifiedDate": now_ms()}
    return row


def _delete(call: Call) -> None:
    _row(call)
    del _rows(call)[call.params["type"], call.params["name"]]


def _version() -> str:
    return b64encode(mock_random.get_random_string(14).encode()).decode()


def _document(params: dict[str, Any]) -> Any:
    try:
        document = json.loads(params["policy"])
    except json.JSONDecodeError as error:
        raise AwsError("ValidationException", f"Policy json is invalid, error: {error}") from error
    for message in _defects(params["type"], document):
        raise AwsError("ValidationException", f"Policy json is invalid, error: {message}")
    return document


def _statements(document: Any) -> list[Any]:
    return document if isinstance(document, list) else [document]


def _defects(policy_type: str, document: Any) -> list[str]:
    is_object = policy_type in ("encryption", "retention")
    if not isinstance(document, dict if is_object else list):
        return [f"a policy of type {policy_type} is a JSON {'object' if is_object else 'array'}"]
    statements = _statements(document)
    if any(not isinstance(statement, dict) or not statement.get("Rules") for statement in statements):
        return ["$.Rules: is missing but it is required"]
    if policy_type == "encryption" and not any(statements[0].get(key) for key in ("AWSOwnedKey", "KmsARN")):
        return ["an encryption policy names a KmsARN or sets AWSOwnedKey to true"]
    if policy_type == "network":
        private = [item for item in statements if not item.get("AllowFromPublic")]
        if any(not item.get("SourceVPCEs") and not item.get("SourceServices") for item in private):
            return ["a rule that is not AllowFromPublic names SourceVPCEs or SourceServices"]
    if policy_type == "data" and any(not statement.get("Principal") for statement in statements):
        return ["$.Principal: is missing but it is required"]
    return []


def _resources(document: Any) -> set[str]:
    return {
        resource for statement in _statements(document) for rule in statement["Rules"] for resource in rule["Resource"]
    }


def _list(call: Call, family: _Family) -> Answer:
    wanted = set(call.params.get("resource", []))
    rows = policies_of(call, call.params["type"])
    found = [row for row in rows if not wanted or wanted & _resources(row["policy"])]
    page, token = pages(found, call.params, _PAGE)
    return {family.summaries: page, "nextToken": token}


def _register(family: _Family) -> None:
    def on(operation: str) -> Any:
        return action(OpenSearchServiceServerlessResponse, operation, validate=True)

    on(f"Create{family.singular}")(lambda call: {family.detail: _create(call)})
    on(f"Get{family.singular}")(lambda call: {family.detail: _row(call)})
    on(f"Update{family.singular}")(lambda call: {family.detail: _update(call)})
    on(f"Delete{family.singular}")(_delete)
    on(f"List{family.plural}")(lambda call: _list(call, family))


for _family in _FAMILIES:
    _register(_family)


@action(OpenSearchServiceServerlessResponse, "BatchGetLifecyclePolicy", validate=True)
def batch_get_lifecycle_policy(call: Call) -> Answer:
    """Lifecycle policies are read in batches; there is no GetLifecyclePolicy."""
    asked = [(item["type"], item["name"]) for item in call.params["identifiers"]]
    rows = _rows(call)
    missing = [
        {"type": policy_type, "name": name, "errorCode": "NOT_FOUND", "errorMessage": "Policy is not found"}
        for policy_type, name in asked
        if (policy_type, name) not in rows
    ]
    return {
        "lifecyclePolicyDetails": [rows[key] for key in asked if key in rows],
        "lifecyclePolicyErrorDetails": missing,
    }
