from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

TEXTS = {"blockedInputMessaging": "I can't talk about that.", "blockedOutputsMessaging": "Let us change the subject."}
WORDS = {"wordPolicyConfig": {"wordsConfig": [{"text": "word"}], "managedWordListsConfig": [{"type": "PROFANITY"}]}}


def content(*filters: tuple[str, str, str]) -> dict[str, Any]:
    keys = ("type", "inputStrength", "outputStrength")
    return {"contentPolicyConfig": {"filtersConfig": [dict(zip(keys, entry, strict=True)) for entry in filters]}}


def topics(**changes: Any) -> dict[str, Any]:
    topic = {
        "name": "self-harm",
        "definition": "Harming oneself.",
        "examples": ["How do I hurt myself?"],
        "type": "DENY",
    }
    return {"topicPolicyConfig": {"topicsConfig": [{**topic, **changes}]}}


def grounding(threshold: float) -> dict[str, Any]:
    return {"contextualGroundingPolicyConfig": {"filtersConfig": [{"type": "GROUNDING", "threshold": threshold}]}}


def create(bedrock: Any, name: str = "companion", **settings: Any) -> dict[str, Any]:
    answer: dict[str, Any] = bedrock.create_guardrail(name=name, **{**TEXTS, **(settings or WORDS)})
    return answer


def test_new_guardrail_is_a_ready_draft_that_reads_back_what_was_sent(client: Client) -> None:
    bedrock = client("bedrock", "eu-west-1")
    policies = content(("HATE", "HIGH", "LOW"), ("PROMPT_ATTACK", "HIGH", "NONE")) | topics() | WORDS | grounding(0.75)
    pii = {"piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}]}
    regex = {"regexesConfig": [{"name": "ticket", "description": "A ticket", "pattern": r"T-\d+", "action": "BLOCK"}]}
    policies |= {"sensitiveInformationPolicyConfig": pii | regex}
    created = create(bedrock, description="policy 1", kmsKeyId="11111111-2222-3333-4444-555555555555", **policies)

    assert re.fullmatch(r"[a-z0-9]{12}", created["guardrailId"])
    assert created["guardrailArn"] == f"arn:aws:bedrock:eu-west-1:123456789012:guardrail/{created['guardrailId']}"
    assert created["version"] == "DRAFT"
    for identifier in (created["guardrailId"], created["guardrailArn"]):
        read = bedrock.get_guardrail(guardrailIdentifier=identifier)
        assert read["status"] == "READY"
        assert read["description"] == "policy 1"
        assert read["topicPolicy"]["topics"] == policies["topicPolicyConfig"]["topicsConfig"]
        assert read["contentPolicy"]["filters"] == policies["contentPolicyConfig"]["filtersConfig"]
        assert read["wordPolicy"]["managedWordLists"] == [{"type": "PROFANITY"}]
        assert read["contextualGroundingPolicy"]["filters"] == [{"type": "GROUNDING", "threshold": 0.75}]
        assert read["sensitiveInformationPolicy"] == {
            "piiEntities": pii["piiEntitiesConfig"],
            "regexes": regex["regexesConfig"],
        }
        assert read["kmsKeyArn"] == "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"


def test_version_keeps_the_policy_it_was_made_from(client: Client) -> None:
    bedrock = client("bedrock")
    guardrail = create(bedrock, **content(("HATE", "HIGH", "HIGH")), description="draft")["guardrailId"]
    first = bedrock.create_guardrail_version(guardrailIdentifier=guardrail, description="policy 1")
    frozen = bedrock.get_guardrail(guardrailIdentifier=guardrail, guardrailVersion="1")
    bedrock.update_guardrail(
        guardrailIdentifier=guardrail, name="companion", **TEXTS, **content(("VIOLENCE", "LOW", "LOW"))
    )
    second = bedrock.create_guardrail_version(guardrailIdentifier=guardrail)

    assert (first["version"], second["version"]) == ("1", "2")
    again = bedrock.get_guardrail(guardrailIdentifier=guardrail, guardrailVersion="1")
    assert {**again, "ResponseMetadata": None} == {**frozen, "ResponseMetadata": None}
    assert again["contentPolicy"]["filters"][0]["type"] == "HATE"
    assert again["description"] == "policy 1"
    latest = bedrock.get_guardrail(guardrailIdentifier=guardrail, guardrailVersion="2")
    assert latest["contentPolicy"]["filters"][0]["type"] == "VIOLENCE"
    assert "description" not in latest


def test_number_of_a_deleted_version_is_not_given_again(client: Client, refused: Refused) -> None:
    bedrock = client("bedrock")
    guardrail = create(bedrock)["guardrailId"]
    bedrock.create_guardrail_version(guardrailIdentifier=guardrail)
    bedrock.delete_guardrail(guardrailIdentifier=guardrail, guardrailVersion="1")
    assert bedrock.create_guardrail_version(guardrailIdentifier=guardrail)["version"] == "2"
    refused("ResourceNotFoundException", bedrock.get_guardrail, guardrailIdentifier=guardrail, guardrailVersion="1")


def test_version_asked_for_twice_with_one_token_is_made_once(client: Client) -> None:
    bedrock = client("bedrock")
    guardrail = create(bedrock)["guardrailId"]
    for _ in range(2):
        answer = bedrock.create_guardrail_version(guardrailIdentifier=guardrail, clientRequestToken="retry")
        assert answer["version"] == "1"


def test_update_replaces_the_whole_draft(client: Client) -> None:
    bedrock = client("bedrock")
    guardrail = create(bedrock, description="old", **WORDS)["guardrailId"]
    bedrock.update_guardrail(guardrailIdentifier=guardrail, name="renamed", **TEXTS, **topics())
    read = bedrock.get_guardrail(guardrailIdentifier=guardrail)
    assert read["name"] == "renamed"
    assert read["updatedAt"] > read["createdAt"]
    assert "wordPolicy" not in read
    assert "description" not in read


def test_deleting_the_guardrail_deletes_its_versions_and_tags(client: Client, refused: Refused) -> None:
    bedrock = client("bedrock")
    created = bedrock.create_guardrail(name="companion", tags=[{"key": "team", "value": "safety"}], **TEXTS, **WORDS)
    guardrail = created["guardrailId"]
    bedrock.create_guardrail_version(guardrailIdentifier=guardrail)
    bedrock.delete_guardrail(guardrailIdentifier=guardrail)
    for version in ({}, {"guardrailVersion": "1"}):
        refused("ResourceNotFoundException", bedrock.get_guardrail, guardrailIdentifier=guardrail, **version)
    refused("ResourceNotFoundException", bedrock.list_tags_for_resource, resourceARN=created["guardrailArn"])
    assert create(bedrock)["guardrailId"] != guardrail


def test_tags_are_added_replaced_and_removed(client: Client) -> None:
    bedrock = client("bedrock")
    created = bedrock.create_guardrail(name="companion", tags=[{"key": "team", "value": "safety"}], **TEXTS, **WORDS)
    arn = created["guardrailArn"]
    bedrock.tag_resource(resourceARN=arn, tags=[{"key": "team", "value": "trust"}, {"key": "tier", "value": "1"}])
    bedrock.untag_resource(resourceARN=arn, tagKeys=["tier"])
    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == [{"key": "team", "value": "trust"}]


def test_lists_come_in_pages_until_no_token_is_left(client: Client, refused: Refused) -> None:
    bedrock = client("bedrock")
    ids = [create(bedrock, name=f"companion-{number}")["guardrailId"] for number in range(5)]
    pages = [page["guardrails"] for page in bedrock.get_paginator("list_guardrails").paginate(maxResults=2)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [row["id"] for page in pages for row in page] == ids
    bedrock.create_guardrail_version(guardrailIdentifier=ids[0])
    versions = bedrock.list_guardrails(guardrailIdentifier=ids[0])["guardrails"]
    assert [row["version"] for row in versions] == ["DRAFT", "1"]
    refused("ValidationException", bedrock.list_guardrails, nextToken="nonsense")


def test_accounts_and_regions_are_apart(client: Client, refused: Refused) -> None:
    guardrail = create(client("bedrock", "eu-west-1"))["guardrailId"]
    for place in (("us-east-1", "123456789012"), ("eu-west-1", "222222222222")):
        elsewhere = client("bedrock", *place)
        refused("ResourceNotFoundException", elsewhere.get_guardrail, guardrailIdentifier=guardrail)
        arn = create(elsewhere)["guardrailArn"]
        assert arn.split(":")[3:5] == list(place)


def test_name_is_taken_for_creation_and_renaming(client: Client, refused: Refused) -> None:
    bedrock = client("bedrock")
    create(bedrock, "first")
    second = create(bedrock, "second")["guardrailId"]
    refused("ConflictException", bedrock.create_guardrail, name="first", **TEXTS, **WORDS)
    refused("ConflictException", bedrock.update_guardrail, guardrailIdentifier=second, name="first", **TEXTS, **WORDS)
    bedrock.update_guardrail(guardrailIdentifier=second, name="second", **TEXTS, **WORDS)


def test_twenty_first_version_is_over_the_quota(client: Client, refused: Refused) -> None:
    bedrock = client("bedrock")
    guardrail = create(bedrock)["guardrailId"]
    for _ in range(20):
        bedrock.create_guardrail_version(guardrailIdentifier=guardrail)
    refused("ServiceQuotaExceededException", bedrock.create_guardrail_version, guardrailIdentifier=guardrail)
    bedrock.delete_guardrail(guardrailIdentifier=guardrail, guardrailVersion="3")
    assert bedrock.create_guardrail_version(guardrailIdentifier=guardrail)["version"] == "21"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "at least one policy"),
        ({"wordPolicyConfig": {}}, "at least one policy"),
        (content(("PROMPT_ATTACK", "HIGH", "HIGH")), "PROMPT ATTACK content filter strength for response must be NONE"),
        (content(("HATE", "HIGH", "HIGH"), ("HATE", "LOW", "LOW")), "type HATE"),
        (content(("GOSSIP", "HIGH", "HIGH")), "contentPolicyConfig.filtersConfig.1.member.type"),
        (content(("HATE", "EXTREME", "HIGH")), "contentPolicyConfig.filtersConfig.1.member.inputStrength"),
        (grounding(1.0), "threshold must be between 0 and 0.99"),
        (topics(definition="x" * 201), "length less than or equal to 200"),
        (topics(name="self/harm"), "regular expression pattern"),
        (topics(examples=["x"] * 6), "length less than or equal to 5"),
        ({"wordPolicyConfig": {"wordsConfig": [{"text": "one two three four"}]}}, "3 words"),
        ({"wordPolicyConfig": {"wordsConfig": [{"text": "x" * 101}]}}, "length less than or equal to 100"),
        ({**WORDS, "name": "a name"}, "'name' failed to satisfy constraint"),
        ({**WORDS, "name": "x" * 51}, "'name' failed to satisfy constraint"),
        ({**WORDS, "blockedInputMessaging": "x" * 501}, "'blockedInputMessaging' failed to satisfy constraint"),
        ({**WORDS, "blockedOutputsMessaging": "x" * 501}, "'blockedOutputsMessaging' failed to satisfy constraint"),
        ({**WORDS, "description": "x" * 201}, "'description' failed to satisfy constraint"),
        ({**WORDS, "kmsKeyId": "not a key"}, "'kmsKeyId' failed to satisfy constraint"),
    ],
)
def test_what_plan_lets_through_is_refused_as_aws_does(
    client: Client, refused: Refused, settings: dict[str, Any], message: str
) -> None:
    bedrock = client("bedrock")
    assert message in refused(
        "ValidationException", bedrock.create_guardrail, **{"name": "companion", **TEXTS, **settings}
    )
    assert bedrock.list_guardrails()["guardrails"] == []
    guardrail = create(bedrock, "good")["guardrailId"]
    refused(
        "ValidationException",
        bedrock.update_guardrail,
        **{"guardrailIdentifier": guardrail, "name": "companion", **TEXTS, **settings},
    )
    assert bedrock.get_guardrail(guardrailIdentifier=guardrail)["name"] == "good"


@pytest.mark.parametrize("edge", [grounding(0.99), grounding(0), topics(definition="x" * 200), topics(examples=[])])
def test_edge_of_each_limit_is_accepted(client: Client, edge: dict[str, Any]) -> None:
    assert create(client("bedrock"), **edge)["version"] == "DRAFT"


def test_entity_may_be_detected_without_an_action(client: Client) -> None:
    """NONE is newer than the oldest botocore's model."""
    entities = [{"type": "EMAIL", "action": "NONE"}]
    bedrock = client("bedrock")
    assert create(bedrock, sensitiveInformationPolicyConfig={"piiEntitiesConfig": entities})["version"] == "DRAFT"
