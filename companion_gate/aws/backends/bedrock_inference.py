"""Bedrock inference profiles: those that AWS defines for a geography, and an account's own copies of one.

Sources: AWS docs "CreateInferenceProfile", "GetInferenceProfile", "ListInferenceProfiles", "DeleteInferenceProfile"
(API reference) and "Supported Regions and models for inference profiles" (user guide).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from moto.bedrock.models import BedrockBackend
from moto.bedrock.responses import BedrockResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, now, pages, random_id, state

_TABLE = "bedrock inference profiles"
# Where the profiles of a geography send a request. AWS lists them for each model; these serve all models here, which is
# assumed: no list of models is kept that would age.
GEOGRAPHIES = {
    "apac": ("ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    "eu": ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"),
    "us": ("us-east-1", "us-east-2", "us-west-2"),
}
_MODEL = re.compile(r"arn:aws[a-z-]*:bedrock:([a-z0-9-]+)::foundation-model/([a-z0-9-]+\.[A-Za-z0-9.:-]+)")
_PROFILE = re.compile(r"arn:aws[a-z-]*:bedrock:([a-z0-9-]+):(\d{12}):inference-profile/([a-z0-9-]+)\.(.+)")
_SUMMARY = (
    "inferenceProfileName",
    "description",
    "createdAt",
    "updatedAt",
    "inferenceProfileArn",
    "models",
    "inferenceProfileId",
    "status",
    "type",
)


@action(BedrockResponse, "CreateInferenceProfile", validate=True)
def create_inference_profile(call: Call) -> Answer:
    name = call.params["inferenceProfileName"]
    profiles = call.table(_TABLE)
    if any(each["inferenceProfileName"] == name for each in profiles.values()):
        raise AwsError("ConflictException", f"An inference profile already has the name {name}.")
    profile_id = random_id(12)
    arn = call.arn("bedrock", f"application-inference-profile/{profile_id}")
    created = now()
    profiles[arn] = {
        "inferenceProfileName": name,
        **kept(call.params, ["description"]),
        "createdAt": created,
        "updatedAt": created,
        "inferenceProfileArn": arn,
        "models": _models(call, call.params["modelSource"]["copyFrom"]),
        "inferenceProfileId": profile_id,
        "status": "ACTIVE",
        "type": "APPLICATION",
    }
    if tags := call.params.get("tags"):
        call.response.bedrock_backend.tag_resource(arn, tags)
    return {"inferenceProfileArn": arn, "status": "ACTIVE"}


def _models(call: Call, source: str) -> list[dict[str, str]]:
    """The models behind what a profile is copied from, which must be of this Region (and, a profile, of AWS)."""
    model, profile = _MODEL.fullmatch(source), _PROFILE.fullmatch(source)
    if model and model[1] == call.region:
        return [{"modelArn": source}]
    if profile and (profile[1], profile[2]) == (call.region, call.account):
        return _system_profile(call, profile[3], profile[4])["models"]  # type: ignore[no-any-return]
    raise AwsError("ValidationException", f"The model source {source} is not valid for this account and Region.")


def _system_profile(call: Call, geography: str, model: str) -> dict[str, Any]:
    regions = GEOGRAPHIES.get(geography, ())
    if call.region not in regions:
        raise _not_found(f"{geography}.{model}")
    profile_id = f"{geography}.{model}"
    return {
        "inferenceProfileName": " ".join([geography.upper(), *re.findall(r"[0-9A-Za-z]+", model)]),
        "inferenceProfileArn": call.arn("bedrock", f"inference-profile/{profile_id}"),
        "models": [
            {"modelArn": f"arn:{call.partition}:bedrock:{region}::foundation-model/{model}"} for region in regions
        ],
        "inferenceProfileId": profile_id,
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }


@action(BedrockResponse, "GetInferenceProfile", validate=True)
def get_inference_profile(call: Call) -> Answer:
    identifier = call.params["inferenceProfileIdentifier"]
    found = _find(call, identifier)
    if found is not None:
        return found
    geography, dot, model = identifier.rsplit("/", 1)[-1].partition(".")
    if not dot:
        raise _not_found(identifier)
    return _system_profile(call, geography, model)


def _find(call: Call, identifier: str) -> dict[str, Any] | None:
    for arn, profile in call.table(_TABLE).items():
        if identifier in (arn, profile["inferenceProfileId"]):
            return dict(profile)
    return None


@action(BedrockResponse, "ListInferenceProfiles", validate=True)
def list_inference_profiles(call: Call) -> Answer:
    """An account's own profiles; those of AWS are made when they are asked for by their ids."""
    asked = call.params.get("typeEquals")
    rows = [each for each in call.table(_TABLE).values() if asked in (None, each["type"])]
    page, token = pages(rows, call.params, limit=1000)
    return {"inferenceProfileSummaries": [kept(row, _SUMMARY) for row in page], "nextToken": token}


@action(BedrockResponse, "DeleteInferenceProfile", validate=True)
def delete_inference_profile(call: Call) -> Answer:
    found = _find(call, call.params["inferenceProfileIdentifier"])
    if found is None:
        raise _not_found(call.params["inferenceProfileIdentifier"])
    del call.table(_TABLE)[found["inferenceProfileArn"]]
    return None


def _not_found(identifier: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"The inference profile {identifier} does not exist.")


_other_arns = BedrockBackend._list_arns


def _taggable_arns(self: Any) -> list[str]:
    """The server tags only ARNs from this list."""
    own: Mapping[str, Any] = state(self.account_id, self.region_name, _TABLE)
    return [*_other_arns(self), *own]


BedrockBackend._list_arns = _taggable_arns
