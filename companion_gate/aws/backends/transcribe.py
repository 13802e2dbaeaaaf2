"""Transcribe: vocabularies and vocabulary filters that are ready at once, and their tags.

Sources: AWS docs "CreateVocabulary", "UpdateVocabulary", "CreateVocabularyFilter", "ListTagsForResource" (API
reference) and "Custom vocabularies" (developer guide).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from moto.transcribe.responses import TranscribeResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, now, pages

# AWS docs, "Transcribe guidelines and quotas": size of a vocabulary, in bytes.
MAX_VOCABULARY_BYTES = 50 * 1024
# AWS docs, "Custom vocabularies": a phrase in a list has no spaces and no digits; its parts are joined by hyphens.
_NOT_IN_PHRASES = re.compile(r"[\s\d]")


@action(TranscribeResponse, "CreateVocabulary")
def create_vocabulary(call: Call) -> Answer:
    _refuse_phrases(call.params.get("Phrases"))
    # moto knows of it, too, because its jobs look for it.
    call.upstream()
    name = call.params["VocabularyName"]
    row = {"VocabularyName": name, "LanguageCode": call.params["LanguageCode"], "VocabularyState": "READY"}
    _vocabularies(call)[name] = {**row, "LastModifiedTime": now()}
    _tag(call, _arn(call, "vocabulary", name), call.params.get("Tags", []))
    return _vocabularies(call)[name]


@action(TranscribeResponse, "UpdateVocabulary")
def update_vocabulary(call: Call) -> Answer:
    _refuse_phrases(call.params.get("Phrases"))
    row = _vocabulary(call)
    row |= {"LanguageCode": call.params["LanguageCode"], "LastModifiedTime": now()}
    return row


@action(TranscribeResponse, "GetVocabulary")
def get_vocabulary(call: Call) -> Answer:
    row = _vocabulary(call)
    return {**row, "DownloadUri": _download(call, row["VocabularyName"])}


@action(TranscribeResponse, "ListVocabularies")
def list_vocabularies(call: Call) -> Answer:
    asked = call.params.get("StateEquals")
    rows = [row for row in _vocabularies(call).values() if asked in (None, row["VocabularyState"])]
    page, token = _page(call, rows, "VocabularyName")
    return {"Vocabularies": page, "NextToken": token}


@action(TranscribeResponse, "DeleteVocabulary")
def delete_vocabulary(call: Call) -> Answer:
    name = _vocabulary(call)["VocabularyName"]
    call.upstream()
    del _vocabularies(call)[name]
    _tags(call).pop(_arn(call, "vocabulary", name), None)
    return None


@action(TranscribeResponse, "CreateVocabularyFilter", validate=True)
def create_vocabulary_filter(call: Call) -> Answer:
    name = call.params["VocabularyFilterName"]
    if name in _filters(call):
        raise AwsError("ConflictException", "The requested vocabulary filter name already exists.")
    if ("Words" in call.params) == ("VocabularyFilterFileUri" in call.params):
        raise AwsError("BadRequestException", "Either Words or VocabularyFilterFileUri must be provided.")
    _filters(call)[name] = {**kept(call.params, ["VocabularyFilterName", "LanguageCode"]), "LastModifiedTime": now()}
    _tag(call, _arn(call, "vocabulary-filter", name), call.params.get("Tags", []))
    return _filters(call)[name]


@action(TranscribeResponse, "UpdateVocabularyFilter", validate=True)
def update_vocabulary_filter(call: Call) -> Answer:
    row = _filter(call)
    row["LastModifiedTime"] = now()
    return row


@action(TranscribeResponse, "GetVocabularyFilter")
def get_vocabulary_filter(call: Call) -> Answer:
    row = _filter(call)
    return {**row, "DownloadUri": _download(call, row["VocabularyFilterName"])}


@action(TranscribeResponse, "ListVocabularyFilters")
def list_vocabulary_filters(call: Call) -> Answer:
    page, token = _page(call, _filters(call).values(), "VocabularyFilterName")
    return {"VocabularyFilters": page, "NextToken": token}


@action(TranscribeResponse, "DeleteVocabularyFilter")
def delete_vocabulary_filter(call: Call) -> Answer:
    name = _filter(call)["VocabularyFilterName"]
    del _filters(call)[name]
    _tags(call).pop(_arn(call, "vocabulary-filter", name), None)
    return None


@action(TranscribeResponse, "ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    arn = call.params["ResourceArn"]
    tags = _tagged(call, arn)
    return {"ResourceArn": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


@action(TranscribeResponse, "TagResource")
def tag_resource(call: Call) -> Answer:
    _tagged(call, call.params["ResourceArn"])
    _tag(call, call.params["ResourceArn"], call.params["Tags"])
    return None


@action(TranscribeResponse, "UntagResource")
def untag_resource(call: Call) -> Answer:
    tags = _tagged(call, call.params["ResourceArn"])
    for key in call.params["TagKeys"]:
        tags.pop(key, None)
    return None


def _vocabularies(call: Call) -> dict[str, dict[str, Any]]:
    return call.table("transcribe vocabularies")


def _filters(call: Call) -> dict[str, dict[str, Any]]:
    return call.table("transcribe vocabulary filters")


def _tags(call: Call) -> dict[str, dict[str, str]]:
    return call.table("transcribe tags")


def _vocabulary(call: Call) -> dict[str, Any]:
    return _existing(_vocabularies(call), call.params["VocabularyName"], "vocabulary")


def _filter(call: Call) -> dict[str, Any]:
    return _existing(_filters(call), call.params["VocabularyFilterName"], "vocabulary filter")


def _existing(rows: Mapping[str, dict[str, Any]], name: str, noun: str) -> dict[str, Any]:
    if name not in rows:
        # Not NotFoundException, which is documented as well: moto's answer, which AWS provider 5.100 waits for.
        raise AwsError("BadRequestException", f"The requested {noun} couldn't be found. Check the {noun} name.")
    return rows[name]


def _tagged(call: Call, arn: str) -> dict[str, str]:
    kind, _, name = arn.rsplit(":", 1)[-1].partition("/")
    rows: Mapping[str, Any] = {"vocabulary": _vocabularies(call), "vocabulary-filter": _filters(call)}.get(kind, {})
    if name not in rows:
        raise AwsError("NotFoundException", f"The resource {arn} couldn't be found.")
    return _tags(call).setdefault(arn, {})


def _tag(call: Call, arn: str, tags: Iterable[Mapping[str, str]]) -> None:
    _tags(call).setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in tags})


def _arn(call: Call, kind: str, name: str) -> str:
    return call.arn("transcribe", f"{kind}/{name}")


def _download(call: Call, name: str) -> str:
    return f"https://s3.{call.region}.amazonaws.com/aws-transcribe-{call.region}/{call.account}/{name}"


def _page(call: Call, rows: Iterable[dict[str, Any]], key: str) -> tuple[list[dict[str, Any]], str | None]:
    wanted = call.params.get("NameContains", "")
    paging = {"nextToken": call.params.get("NextToken", "0"), "maxResults": call.params.get("MaxResults")}
    return pages([row for row in rows if wanted in row[key]], paging, limit=100)


def _refuse_phrases(phrases: list[str] | None) -> None:
    for phrase in phrases or []:
        if _NOT_IN_PHRASES.search(phrase):
            raise AwsError("BadRequestException", f"The phrase {phrase!r} has a space or a digit in it.")
    if sum(len(phrase.encode()) + 1 for phrase in phrases or []) > MAX_VOCABULARY_BYTES:
        raise AwsError("LimitExceededException", "A vocabulary may have 50 KB.")
