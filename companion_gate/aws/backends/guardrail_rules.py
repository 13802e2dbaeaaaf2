"""Rules of a guardrail that its API model cannot state and that ``terraform plan`` does not know.

Sources: AWS docs "GuardrailContentFilterConfig", "GuardrailContextualGroundingFilterConfig" and "CreateGuardrail";
terraform-provider-awscc issue 1905 (PROMPT_ATTACK is refused unless the response strength is NONE).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from companion_gate.aws.registration import AwsError, duplicates

# AWS docs, "Contextual grounding check": a threshold of 1 would block every answer.
MAX_GROUNDING_THRESHOLD = 0.99
# AWS docs, "Remove specific words and phrases": up to three words in a phrase.
MAX_WORDS_IN_PHRASE = 3

# Where two entries of a list must not say the same thing. Filters: one strength per type (documented). Names and
# entities: assumed, as two actions for one entity contradict each other.
_UNIQUE = (
    ("contentPolicyConfig", "filtersConfig", "type"),
    ("contextualGroundingPolicyConfig", "filtersConfig", "type"),
    ("topicPolicyConfig", "topicsConfig", "name"),
    ("sensitiveInformationPolicyConfig", "piiEntitiesConfig", "type"),
    ("sensitiveInformationPolicyConfig", "regexesConfig", "name"),
)
_LISTS = (
    *((policy, entries) for policy, entries, _ in _UNIQUE),
    ("wordPolicyConfig", "wordsConfig"),
    ("wordPolicyConfig", "managedWordListsConfig"),
)


def refuse_invalid_policies(params: Mapping[str, Any]) -> None:
    """Raise AWS's ValidationException for the first rule that the request breaks."""
    for message in _violations(params):
        raise AwsError("ValidationException", message)


def _violations(params: Mapping[str, Any]) -> Iterator[str]:
    if not any(_entries(params, policy, entries) for policy, entries in _LISTS):
        yield "A guardrail must have at least one policy."
    for policy, entries, key in _UNIQUE:
        for value in duplicates(entry[key] for entry in _entries(params, policy, entries)):
            yield f"{policy}.{entries} has more than one entry with {key} {value}."
    for content_filter in _entries(params, "contentPolicyConfig", "filtersConfig"):
        if content_filter["type"] == "PROMPT_ATTACK" and content_filter["outputStrength"] != "NONE":
            yield "PROMPT ATTACK content filter strength for response must be NONE."
    for check in _entries(params, "contextualGroundingPolicyConfig", "filtersConfig"):
        if not 0 <= check["threshold"] <= MAX_GROUNDING_THRESHOLD:
            yield f"The {check['type']} threshold must be between 0 and {MAX_GROUNDING_THRESHOLD}."
    for word in _entries(params, "wordPolicyConfig", "wordsConfig"):
        if len(word["text"].split()) > MAX_WORDS_IN_PHRASE:
            yield f"A phrase of the word policy may have {MAX_WORDS_IN_PHRASE} words: {word['text']!r}."


def _entries(params: Mapping[str, Any], policy: str, entries: str) -> list[dict[str, Any]]:
    return list((params.get(policy) or {}).get(entries) or [])
