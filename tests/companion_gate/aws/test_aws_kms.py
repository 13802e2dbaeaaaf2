from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from companion_gate.aws.server import EmbeddedAws

Client = Callable[..., Any]
Refused = Callable[..., str]

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyOutsideTheOrganisation",
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["kms:*"],
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            },
            {
                "Sid": "EncryptLogGroups",
                "Effect": "Allow",
                "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
                "Action": "kms:Decrypt",
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": ["arn:aws:logs:*:*:log-group:*"]}},
            },
        ],
    }
)
MAC = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}


@pytest.fixture
def kms(client: Client) -> Any:
    return client("kms", "eu-west-1")


def made(kms: Any, **settings: Any) -> dict[str, Any]:
    return dict(kms.create_key(**settings)["KeyMetadata"])


def test_key_is_symmetric_of_one_region_and_enabled_unless_told_otherwise(kms: Any) -> None:
    key = made(kms)
    expected = {
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": "Enabled",
        "MultiRegion": False,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
    }
    assert expected.items() <= key.items()
    assert not {"SigningAlgorithms", "MacAlgorithms"} & set(key)
    assert kms.describe_key(KeyId=key["Arn"])["KeyMetadata"] == key


def test_key_of_tickets_has_the_algorithm_of_its_size(kms: Any) -> None:
    key = made(kms, CustomerMasterKeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC", MultiRegion=False)
    assert (key["KeySpec"], key["CustomerMasterKeySpec"], key["MacAlgorithms"]) == (
        "HMAC_256",
        "HMAC_256",
        ["HMAC_SHA_256"],
    )
    assert not {"SigningAlgorithms", "EncryptionAlgorithms"} & set(key)
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] == key


def test_code_of_a_ticket_is_verified_and_no_other(kms: Any, refused: Refused) -> None:
    key = made(kms, **MAC)["Arn"]
    kms.create_alias(AliasName="alias/tickets", TargetKeyId=key)
    answer = kms.generate_mac(KeyId=key, Message=b"ticket", MacAlgorithm="HMAC_SHA_256")
    assert (answer["KeyId"], len(answer["Mac"])) == (key, 32)
    asked = {"KeyId": "alias/tickets", "Message": b"ticket", "MacAlgorithm": "HMAC_SHA_256", "Mac": answer["Mac"]}
    verified = kms.verify_mac(**asked)
    assert (verified["KeyId"], verified["MacValid"], verified["MacAlgorithm"]) == (key, True, "HMAC_SHA_256")
    refused("KMSInvalidMacException", kms.verify_mac, **{**asked, "Message": b"another ticket"})
    refused("KMSInvalidMacException", kms.verify_mac, **{**asked, "KeyId": made(kms, **MAC)["KeyId"]})


def test_code_needs_an_enabled_key_that_makes_such_codes(kms: Any, refused: Refused) -> None:
    asked = {"Message": b"ticket", "MacAlgorithm": "HMAC_SHA_256"}
    key = made(kms, **MAC)["KeyId"]
    refused("InvalidKeyUsageException", kms.generate_mac, **{**asked, "MacAlgorithm": "HMAC_SHA_512"}, KeyId=key)
    refused("InvalidKeyUsageException", kms.generate_mac, **asked, KeyId=made(kms)["KeyId"])
    refused("NotFoundException", kms.generate_mac, **asked, KeyId="alias/none")
    kms.disable_key(KeyId=key)
    refused("DisabledException", kms.generate_mac, **asked, KeyId=key)
    kms.enable_key(KeyId=key)
    kms.schedule_key_deletion(KeyId=key)
    refused("KMSInvalidStateException", kms.verify_mac, **asked, KeyId=key, Mac=b"code")


@pytest.mark.parametrize(
    ("spec", "usage"),
    [
        ("HMAC_256", "ENCRYPT_DECRYPT"),
        ("SYMMETRIC_DEFAULT", "GENERATE_VERIFY_MAC"),
        ("SYMMETRIC_DEFAULT", "SIGN_VERIFY"),
    ],
)
def test_usage_that_the_key_cannot_have_is_refused(kms: Any, refused: Refused, spec: str, usage: str) -> None:
    refused("UnsupportedOperationException", kms.create_key, KeySpec=spec, KeyUsage=usage)
    assert kms.list_keys()["Keys"] == []


def test_keys_that_are_not_symmetric_are_never_rotated(kms: Any, refused: Refused) -> None:
    for key in (made(kms, **MAC), made(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")):
        refused("UnsupportedOperationException", kms.enable_key_rotation, KeyId=key["KeyId"])
        status = kms.get_key_rotation_status(KeyId=key["Arn"])
        assert status["KeyRotationEnabled"] is False
        assert "RotationPeriodInDays" not in status


def test_rotation_ends_when_deletion_is_scheduled(kms: Any, refused: Refused) -> None:
    key = made(kms)
    kms.enable_key_rotation(KeyId=key["KeyId"])
    answer = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert (answer["KeyId"], answer["KeyState"], answer["PendingWindowInDays"]) == (key["Arn"], "PendingDeletion", 7)
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is False
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (described["KeyState"], described["DeletionDate"]) == ("PendingDeletion", answer["DeletionDate"])
    for operation in (kms.enable_key_rotation, kms.schedule_key_deletion):
        refused("KMSInvalidStateException", operation, KeyId=key["KeyId"])


def test_policy_with_conditions_reads_back_and_locks_nobody_out(kms: Any, refused: Refused) -> None:
    key = made(kms, Policy=POLICY)["KeyId"]
    assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == POLICY
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key
    changed = POLICY.replace("kms:Decrypt", "kms:Encrypt")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=changed)
    assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == changed
    for policy in ("{", "{}", "[1]"):
        refused(
            "MalformedPolicyDocumentException", kms.put_key_policy, KeyId=key, PolicyName="default", Policy=policy
        )
        refused("MalformedPolicyDocumentException", kms.create_key, Policy=policy)
    refused("NotFoundException", kms.put_key_policy, KeyId=f"{key[:-4]}0000", PolicyName="default", Policy=POLICY)


def test_numbers_out_of_range_are_refused(server: EmbeddedAws, kms: Any, refused: Refused) -> None:
    """AWS answers with an error that any operation may have, which the model of this service does not repeat."""
    key = made(kms)["KeyId"]
    unchecked = server.client("kms", "eu-west-1")
    for days in (89, 2561):
        refused("ValidationException", unchecked.enable_key_rotation, KeyId=key, RotationPeriodInDays=days)
    for days in (6, 31):
        refused("ValidationException", unchecked.schedule_key_deletion, KeyId=key, PendingWindowInDays=days)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_tags_and_aliases_of_a_key(kms: Any) -> None:
    key = made(kms, Tags=[{"TagKey": "data", "TagValue": "tickets"}], **MAC)["KeyId"]
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "chat"}])
    kms.untag_resource(KeyId=key, TagKeys=["data"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "team", "TagValue": "chat"}]
    kms.create_alias(AliasName="alias/tickets", TargetKeyId=key)
    (alias,) = kms.list_aliases(KeyId=key)["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/tickets", key)
    kms.delete_alias(AliasName="alias/tickets")
    assert kms.list_aliases(KeyId=key)["Aliases"] == []
