"""KMS: the rotation period of a key, which moto forgets, and whose a key is.

Source: AWS docs "EnableKeyRotation", "GetKeyRotationStatus" and "KeyMetadata" (API reference).
"""

from __future__ import annotations

from moto.kms.responses import KmsResponse

from companion_gate.aws.registration import Answer, Call, action

# AWS docs, "EnableKeyRotation": RotationPeriodInDays of a request that states none.
DEFAULT_ROTATION_DAYS = 365


@action(KmsResponse, "EnableKeyRotation")
def enable_key_rotation(call: Call) -> Answer:
    answer = call.upstream()
    period = call.params.get("RotationPeriodInDays", DEFAULT_ROTATION_DAYS)
    call.table("kms rotation days")[_key_id(call)] = period
    return answer


@action(KmsResponse, "GetKeyRotationStatus")
def get_key_rotation_status(call: Call) -> Answer:
    answer = call.upstream()
    answer["KeyId"] = _key_id(call)
    if answer["KeyRotationEnabled"]:
        answer["RotationPeriodInDays"] = call.table("kms rotation days").get(answer["KeyId"], DEFAULT_ROTATION_DAYS)
    return answer


@action(KmsResponse, "DescribeKey")
def describe_key(call: Call) -> Answer:
    answer = call.upstream()
    aliases = call.response.kms_backend.keys[answer["KeyMetadata"]["KeyId"]].aliases
    # A service's own key, made at its first use (AWS docs: KMS, "AWS managed keys").
    if any(name.startswith("alias/aws/") for name in aliases):
        answer["KeyMetadata"]["KeyManager"] = "AWS"
    return answer


def _key_id(call: Call) -> str:
    return str(call.response.kms_backend.get_key_id(call.params["KeyId"]))
