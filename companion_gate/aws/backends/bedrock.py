"""Bedrock guardrails: a working draft, and numbered versions that never change.

Sources: AWS docs "CreateGuardrail", "GetGuardrail", "CreateGuardrailVersion", "ListGuardrails", "DeleteGuardrail" (API
reference), "Components of a guardrail" (user guide) and "Amazon Bedrock endpoints and quotas" (general reference).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from moto.bedrock.models import BedrockBackend
from moto.bedrock.responses import BedrockResponse

from companion_gate.aws.backends.guardrail_rules import refuse_invalid_policies
from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, now, pages, random_id, state

# Default quotas per Region: guardrails per account, versions per guardrail. Assumed: the page "Amazon Bedrock endpoints
# and quotas" was out of reach when this was written.
MAX_GUARDRAILS = 100
MAX_VERSIONS = 20

# What a request calls `<policy>Config` the answers call `<policy>`, and so with the lists inside.
_POLICIES: dict[str, dict[str, str]] = {
    "topicPolicy": {"topicsConfig": "topics"},
    "contentPolicy": {"filtersConfig": "filters"},
    "wordPolicy": {"wordsConfig": "words", "managedWordListsConfig": "managedWordLists"},
    "sensitiveInformationPolicy": {"piiEntitiesConfig": "piiEntities", "regexesConfig": "regexes"},
    "contextualGroundingPolicy": {"filtersConfig": "filters"},
}
_TEXTS = ("name", "description", "blockedInputMessaging", "blockedOutputsMessaging")
_IDENTITY = ("guardrailId", "guardrailArn", "version", "status", "createdAt")
_SUMMARY = ("name", "description", "version", "status", "createdAt", "updatedAt")


def _settings(call: Call) -> dict[str, Any]:
    """The part of a guardrail that the request states; an update replaces all of it."""
    params = call.params
    refuse_invalid_policies(params)
    settings = kept(params, _TEXTS)
    if key := params.get("kmsKeyId"):
        settings["kmsKeyArn"] = key if key.startswith("arn:") else call.arn("kms", f"key/{key}")
    for policy, names in _POLICIES.items():
        if config := params.get(f"{policy}Config"):
            settings[policy] = {names[name]: value for name, value in config.items() if name in names}
    return settings


def _find(call: Call) -> dict[str, dict[str, Any]]:
    """All versions of the guardrail that the request names by id or ARN, `DRAFT` among them."""
    identifier = call.params["guardrailIdentifier"]
    for guardrail in _guardrails(call).values():
        if identifier in (guardrail["DRAFT"]["guardrailId"], guardrail["DRAFT"]["guardrailArn"]):
            return guardrail
    raise AwsError("ResourceNotFoundException", f"Could not resolve the guardrail identifier {identifier}.")


def _guardrails(call: Call) -> dict[str, dict[str, dict[str, Any]]]:
    return call.table("bedrock guardrails")


def _refuse_taken_name(call: Call, own_id: str | None = None) -> None:
    for guardrail_id, versions in _guardrails(call).items():
        if guardrail_id != own_id and versions["DRAFT"]["name"] == call.params["name"]:
            message = f"Another guardrail in your account already has this name: {call.params['name']}."
            raise AwsError("ConflictException", message)


def _once(call: Call, create: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Repeat the first answer to a request that was sent twice (same `clientRequestToken`)."""
    token = call.params.get("clientRequestToken")
    answers = call.table("bedrock request tokens")
    if token is None:
        return create()
    if token not in answers:
        answers[token] = create()
    answer: dict[str, Any] = answers[token]
    return answer


@action(BedrockResponse, "CreateGuardrail", validate=True)
def create_guardrail(call: Call) -> Answer:
    return _once(call, lambda: _create(call))


def _create(call: Call) -> dict[str, Any]:
    settings = _settings(call)
    _refuse_taken_name(call)
    if len(_guardrails(call)) >= MAX_GUARDRAILS:
        raise AwsError("ServiceQuotaExceededException", f"An account may have {MAX_GUARDRAILS} guardrails in a Region.")
    guardrail_id = random_id(12)
    created = now()
    draft = {
        "guardrailId": guardrail_id,
        "guardrailArn": call.arn("bedrock", f"guardrail/{guardrail_id}"),
        "version": "DRAFT",
        "status": "READY",
        "createdAt": created,
        "updatedAt": created,
        **settings,
    }
    _guardrails(call)[guardrail_id] = {"DRAFT": draft}
    if tags := call.params.get("tags"):
        call.response.bedrock_backend.tag_resource(draft["guardrailArn"], tags)
    return kept(draft, ("guardrailId", "guardrailArn", "version", "createdAt"))


@action(BedrockResponse, "GetGuardrail", validate=True)
def get_guardrail(call: Call) -> Answer:
    return _version(_find(call), call.params.get("guardrailVersion", "DRAFT"))


def _version(versions: Mapping[str, dict[str, Any]], version: str) -> dict[str, Any]:
    if version not in versions:
        raise AwsError("ResourceNotFoundException", f"The guardrail has no version {version}.")
    return versions[version]


@action(BedrockResponse, "UpdateGuardrail", validate=True)
def update_guardrail(call: Call) -> Answer:
    versions = _find(call)
    draft = versions["DRAFT"]
    settings = _settings(call)
    _refuse_taken_name(call, own_id=draft["guardrailId"])
    versions["DRAFT"] = {**kept(draft, _IDENTITY), "updatedAt": now(), **settings}
    return kept(versions["DRAFT"], ("guardrailId", "guardrailArn", "version", "updatedAt"))


@action(BedrockResponse, "CreateGuardrailVersion", validate=True)
def create_guardrail_version(call: Call) -> Answer:
    versions = _find(call)
    return _once(call, lambda: _freeze(call, versions))


def _freeze(call: Call, versions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if len(versions) > MAX_VERSIONS:
        raise AwsError("ServiceQuotaExceededException", f"A guardrail may have {MAX_VERSIONS} versions.")
    guardrail_id = versions["DRAFT"]["guardrailId"]
    # A number is never given twice, not even after its version was deleted.
    numbers = call.table("bedrock last versions")
    number = numbers.get(guardrail_id, 0) + 1
    numbers[guardrail_id] = number
    snapshot = deepcopy(versions["DRAFT"])
    snapshot.pop("description", None)
    created = now()
    snapshot |= {"version": str(number), "createdAt": created, "updatedAt": created}
    snapshot |= kept(call.params, ["description"])
    versions[str(number)] = snapshot
    return {"guardrailId": guardrail_id, "version": str(number)}


@action(BedrockResponse, "DeleteGuardrail", validate=True)
def delete_guardrail(call: Call) -> Answer:
    """Delete one version, or the guardrail with all of them."""
    versions = _find(call)
    if version := call.params.get("guardrailVersion"):
        _version(versions, version)
        del versions[version]
        return None
    del _guardrails(call)[versions["DRAFT"]["guardrailId"]]
    return None


@action(BedrockResponse, "ListGuardrails", validate=True)
def list_guardrails(call: Call) -> Answer:
    """The drafts of all guardrails, or all versions of the one that is asked for."""
    if call.params.get("guardrailIdentifier"):
        rows = list(_find(call).values())
    else:
        rows = [versions["DRAFT"] for versions in _guardrails(call).values()]
    page, token = pages(rows, call.params, limit=1000)
    summaries = [{"id": row["guardrailId"], "arn": row["guardrailArn"], **kept(row, _SUMMARY)} for row in page]
    return {"guardrails": summaries, "nextToken": token}


_custom_model_arns = BedrockBackend._list_arns


def _taggable_arns(self: Any) -> list[str]:
    """The server tags only ARNs from this list, which knows nothing of guardrails."""
    guardrails = state(self.account_id, self.region_name, "bedrock guardrails").values()
    return [*_custom_model_arns(self), *(versions["DRAFT"]["guardrailArn"] for versions in guardrails)]


BedrockBackend._list_arns = _taggable_arns
