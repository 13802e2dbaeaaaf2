from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

MODEL = "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-micro-v1:0"
EU_PROFILE = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.amazon.nova-micro-v1:0"


@pytest.fixture
def bedrock(client: Client) -> Any:
    return client("bedrock", "eu-central-1")


def create(bedrock: Any, source: str, name: str = "chat", **settings: Any) -> str:
    made = bedrock.create_inference_profile(inferenceProfileName=name, modelSource={"copyFrom": source}, **settings)
    assert made["status"] == "ACTIVE"
    return str(made["inferenceProfileArn"])


def test_profile_of_a_model_calls_that_model(bedrock: Any) -> None:
    arn = create(bedrock, MODEL, description="Model chat", tags=[{"key": "team", "value": "chat"}])
    read = bedrock.get_inference_profile(inferenceProfileIdentifier=arn)
    assert read["models"] == [{"modelArn": MODEL}]
    assert (read["type"], read["status"], read["description"]) == ("APPLICATION", "ACTIVE", "Model chat")
    assert bedrock.get_inference_profile(inferenceProfileIdentifier=read["inferenceProfileId"])["models"]
    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == [{"key": "team", "value": "chat"}]
    listed = bedrock.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"]
    assert [each["inferenceProfileArn"] for each in listed] == [arn]


def test_profile_of_a_geography_calls_its_regions(bedrock: Any) -> None:
    read = bedrock.get_inference_profile(inferenceProfileIdentifier=create(bedrock, EU_PROFILE))
    regions = {each["modelArn"].split(":")[3] for each in read["models"]}
    assert "eu-central-1" in regions
    assert all(region.startswith("eu-") for region in regions)
    own = bedrock.get_inference_profile(inferenceProfileIdentifier="eu.amazon.nova-micro-v1:0")
    assert (own["type"], own["models"]) == ("SYSTEM_DEFINED", read["models"])


def test_deleted_profile_is_gone(bedrock: Any, refused: Refused) -> None:
    arn = create(bedrock, MODEL)
    bedrock.delete_inference_profile(inferenceProfileIdentifier=arn)
    for operation in (bedrock.get_inference_profile, bedrock.delete_inference_profile):
        refused("ResourceNotFoundException", operation, inferenceProfileIdentifier=arn)
    assert bedrock.list_inference_profiles()["inferenceProfileSummaries"] == []


def test_name_is_taken(bedrock: Any, refused: Refused) -> None:
    create(bedrock, MODEL)
    source = {"copyFrom": MODEL}
    refused("ConflictException", bedrock.create_inference_profile, inferenceProfileName="chat", modelSource=source)


@pytest.mark.parametrize(
    ("code", "source"),
    [
        ("ValidationException", MODEL.replace("eu-central-1", "us-east-1")),
        ("ValidationException", EU_PROFILE.replace("123456789012", "222222222222")),
        ("ResourceNotFoundException", EU_PROFILE.replace("eu.amazon", "us.amazon")),
        ("ResourceNotFoundException", EU_PROFILE.replace("eu.amazon", "mars.amazon")),
    ],
)
def test_source_of_another_place_is_refused(bedrock: Any, refused: Refused, code: str, source: str) -> None:
    refused(code, bedrock.create_inference_profile, inferenceProfileName="chat", modelSource={"copyFrom": source})
