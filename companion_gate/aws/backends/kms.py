"""KMS: what kind of key may do what, in which state, and the rotation period of a key, which moto forgets.

Sources: AWS docs "CreateKey", "DescribeKey", "GenerateMac", "VerifyMac", "EnableKeyRotation", "GetKeyRotationStatus",
"ScheduleKeyDeletion", "PutKeyPolicy" (API reference), "Key states of AWS KMS keys" and "HMAC keys" (developer guide).
"""

from __future__ import annotations

import json
from typing import Any

from moto.kms.responses import KmsResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action

# AWS docs, "EnableKeyRotation": RotationPeriodInDays of a request that states none, and the least and the most.
DEFAULT_ROTATION_DAYS = 365
ROTATION_DAYS = range(90, 2_561)
# AWS docs, "ScheduleKeyDeletion": PendingWindowInDays of a request that states none, and the least and the most.
DEFAULT_WINDOW_DAYS = 30
WINDOW_DAYS = range(7, 31)
_MAC = "GENERATE_VERIFY_MAC"
# The members of a key's metadata that name algorithms; each usage has one of them.
_ALGORITHMS = ("EncryptionAlgorithms", "SigningAlgorithms", "MacAlgorithms")


@action(KmsResponse, "CreateKey")
def create_key(call: Call) -> Answer:
    spec = call.params.get("KeySpec") or call.params.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    usage = call.params.get("KeyUsage", "ENCRYPT_DECRYPT")
    if (usage == _MAC) != spec.startswith("HMAC_") or (usage == "SIGN_VERIFY" and spec == "SYMMETRIC_DEFAULT"):
        raise AwsError("UnsupportedOperationException", f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    _refuse_malformed(call.params.get("Policy"))
    key_id = call.upstream()["KeyMetadata"]["KeyId"]
    key = call.response.kms_backend.keys[key_id]
    key.key_usage, key.multi_region = usage, bool(call.params.get("MultiRegion"))
    return {"KeyMetadata": _metadata(call, key)}


@action(KmsResponse, "DescribeKey")
def describe_key(call: Call) -> Answer:
    """No policy is asked: requests are not authorised here, and moto would apply a Deny without its Condition."""
    return {"KeyMetadata": _metadata(call, _key(call))}


def _metadata(call: Call, key: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = dict(key.to_dict()["KeyMetadata"])
    if key.key_usage == _MAC:
        metadata["MacAlgorithms"] = [_mac_algorithm(key)]
    named = {"ENCRYPT_DECRYPT": _ALGORITHMS[0], "SIGN_VERIFY": _ALGORITHMS[1], _MAC: _ALGORITHMS[2]}.get(key.key_usage)
    return {name: value for name, value in metadata.items() if name not in _ALGORITHMS or name == named}


def _mac_algorithm(key: Any) -> str:
    return str(key.key_spec).replace("HMAC_", "HMAC_SHA_")


@action(KmsResponse, "GenerateMac")
def generate_mac(call: Call) -> Answer:
    key = _mac_key(call)
    return {**call.upstream(), "KeyId": key.arn}


@action(KmsResponse, "VerifyMac")
def verify_mac(call: Call) -> Answer:
    key = _mac_key(call)
    return {**call.upstream(), "KeyId": key.arn}


def _mac_key(call: Call) -> Any:
    key = _usable_key(call)
    algorithm = call.params["MacAlgorithm"]
    if key.key_usage != _MAC or algorithm != _mac_algorithm(key):
        raise AwsError("InvalidKeyUsageException", f"{key.arn} of {key.key_spec} does not do {algorithm}")
    return key


@action(KmsResponse, "EnableKeyRotation")
def enable_key_rotation(call: Call) -> Answer:
    key = _usable_key(call)
    if key.key_spec != "SYMMETRIC_DEFAULT" or key.origin != "AWS_KMS":
        raise AwsError("UnsupportedOperationException", f"{key.arn} of {key.key_spec} is not rotated by KMS")
    period = call.params.get("RotationPeriodInDays", DEFAULT_ROTATION_DAYS)
    if period not in ROTATION_DAYS:
        raise AwsError("ValidationException", f"RotationPeriodInDays must be from 90 to 2560, not {period}")
    answer = call.upstream()
    call.table("kms rotation days")[key.id] = period
    return answer


@action(KmsResponse, "GetKeyRotationStatus")
def get_key_rotation_status(call: Call) -> Answer:
    """Off for each key that KMS cannot rotate, such as an HMAC key, and for one that awaits deletion."""
    key = _key(call)
    enabled = bool(call.upstream()["KeyRotationEnabled"]) and key.key_state != "PendingDeletion"
    period = call.table("kms rotation days").get(key.id, DEFAULT_ROTATION_DAYS)
    return {"KeyId": key.id, "KeyRotationEnabled": enabled, "RotationPeriodInDays": period if enabled else None}


@action(KmsResponse, "ScheduleKeyDeletion")
def schedule_key_deletion(call: Call) -> Answer:
    key = _not_leaving(call)
    days = call.params.get("PendingWindowInDays", DEFAULT_WINDOW_DAYS)
    if days not in WINDOW_DAYS:
        raise AwsError("ValidationException", f"PendingWindowInDays must be from 7 to 30, not {days}")
    date = call.response.kms_backend.schedule_key_deletion(key.id, days)
    return {"KeyId": key.arn, "DeletionDate": date, "KeyState": key.key_state, "PendingWindowInDays": days}


@action(KmsResponse, "PutKeyPolicy")
def put_key_policy(call: Call) -> Answer:
    _not_leaving(call)
    _refuse_malformed(call.params["Policy"])
    return call.upstream()


def _refuse_malformed(policy: str | None) -> None:
    try:
        document = json.loads(policy) if policy is not None else {"Statement": True}
    except json.JSONDecodeError as error:
        raise AwsError("MalformedPolicyDocumentException", f"The policy is not valid JSON: {error}") from error
    if not isinstance(document, dict) or not document.get("Statement"):
        raise AwsError("MalformedPolicyDocumentException", "The policy has no Statement.")


def _key(call: Call) -> Any:
    response = call.response
    response._validate_key_id(call.params["KeyId"])
    return response.kms_backend.keys[response.kms_backend.any_id_to_key_id(call.params["KeyId"])]


def _not_leaving(call: Call) -> Any:
    key = _key(call)
    if key.key_state == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    return key


def _usable_key(call: Call) -> Any:
    key = _not_leaving(call)
    if key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{key.arn} is disabled.")
    return key
