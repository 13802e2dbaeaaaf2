from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

ARN = "arn:aws:transcribe:eu-west-1:123456789012"


@pytest.fixture
def transcribe(client: Client) -> Any:
    return client("transcribe", "eu-west-1")


def test_vocabulary_is_ready_at_once_updated_and_deleted(transcribe: Any, refused: Refused) -> None:
    made = {"VocabularyName": "names", "LanguageCode": "de-DE", "Phrases": ["Robin"]}
    assert transcribe.create_vocabulary(**made)["VocabularyState"] == "READY"
    refused("ConflictException", transcribe.create_vocabulary, **made)
    transcribe.update_vocabulary(**{**made, "LanguageCode": "en-GB"})
    read = transcribe.get_vocabulary(VocabularyName="names")
    assert (read["LanguageCode"], read["VocabularyState"]) == ("en-GB", "READY")
    assert read["DownloadUri"].startswith("https://s3.eu-west-1.amazonaws.com/")
    assert [each["VocabularyName"] for each in transcribe.list_vocabularies()["Vocabularies"]] == ["names"]
    assert transcribe.list_vocabularies(StateEquals="FAILED")["Vocabularies"] == []
    transcribe.delete_vocabulary(VocabularyName="names")
    refused("BadRequestException", transcribe.get_vocabulary, VocabularyName="names")


def test_filter_is_made_updated_and_deleted(transcribe: Any, refused: Refused) -> None:
    made = {"VocabularyFilterName": "rude", "LanguageCode": "de-DE", "Words": ["word"]}
    transcribe.create_vocabulary_filter(**made)
    refused("ConflictException", transcribe.create_vocabulary_filter, **made)
    transcribe.update_vocabulary_filter(VocabularyFilterName="rude", Words=["other"])
    assert transcribe.get_vocabulary_filter(VocabularyFilterName="rude")["LanguageCode"] == "de-DE"
    listed = transcribe.list_vocabulary_filters(NameContains="ru")["VocabularyFilters"]
    assert [each["VocabularyFilterName"] for each in listed] == ["rude"]
    transcribe.delete_vocabulary_filter(VocabularyFilterName="rude")
    refused("BadRequestException", transcribe.delete_vocabulary_filter, VocabularyFilterName="rude")


def test_filter_has_words_or_a_file(transcribe: Any, refused: Refused) -> None:
    where = {"VocabularyFilterName": "rude", "LanguageCode": "de-DE"}
    refused("BadRequestException", transcribe.create_vocabulary_filter, **where)
    both = {"Words": ["word"], "VocabularyFilterFileUri": "s3://companion/rude.txt"}
    refused("BadRequestException", transcribe.create_vocabulary_filter, **where, **both)


@pytest.mark.parametrize("kind", ["vocabulary", "vocabulary-filter"])
def test_tags_are_kept_until_the_resource_is_deleted(transcribe: Any, refused: Refused, kind: str) -> None:
    arn = f"{ARN}:{kind}/companion"
    tags = [{"Key": "team", "Value": "voice"}]
    if kind == "vocabulary":
        transcribe.create_vocabulary(VocabularyName="companion", LanguageCode="de-DE", Phrases=["Robin"], Tags=tags)
    else:
        transcribe.create_vocabulary_filter(
            VocabularyFilterName="companion", LanguageCode="de-DE", Words=["word"], Tags=tags
        )
    assert transcribe.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    transcribe.tag_resource(ResourceArn=arn, Tags=[{"Key": "data", "Value": "none"}])
    transcribe.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert transcribe.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "data", "Value": "none"}]
    if kind == "vocabulary":
        transcribe.delete_vocabulary(VocabularyName="companion")
    else:
        transcribe.delete_vocabulary_filter(VocabularyFilterName="companion")
    refused("NotFoundException", transcribe.list_tags_for_resource, ResourceArn=arn)


@pytest.mark.parametrize(
    ("code", "phrases"),
    [
        ("BadRequestException", ["two words"]),
        ("BadRequestException", ["R2"]),
        ("LimitExceededException", ["a" * 250] * 210),
    ],
)
def test_phrases_that_aws_does_not_take_are_refused(
    transcribe: Any, refused: Refused, code: str, phrases: list[str]
) -> None:
    refused(code, transcribe.create_vocabulary, VocabularyName="names", LanguageCode="de-DE", Phrases=phrases)
