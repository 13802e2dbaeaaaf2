"""A guardrail that goes by words: the policies are those that were deployed, the judgement is a list of phrases.

Bedrock's guardrails judge by meaning; this stands in for where they stand, what they answer and which version is asked.
What each policy finds: `phrases` of the script by topic and by content filter, a topic's own examples, configured words
and expressions, and of personal data what has a plain form (addresses of mail and of IP, phone and card numbers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from companion_gate.serve.standins.answers import AwsRefusalError

_PII = {
    "CREDIT_DEBIT_CARD_NUMBER": r"\b(?:\d[ -]?){15}\d\b",
    "EMAIL": r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w",
    "IP_ADDRESS": r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
    "PHONE": r"(?<![\w@])\+?\d[\d /-]{7,}\d\b",
}


@dataclass(frozen=True)
class Judgement:
    """What a guardrail makes of a text; ``assessment`` as its trace tells it, {} where it found nothing."""

    text: str
    blocked: bool
    assessment: Mapping[str, Any]


class Guardrails:
    """The deployed guardrails; ``bedrock`` is a boto3 client of the AWS that they were deployed to."""

    def __init__(self, bedrock: Any, phrases: Mapping[str, Sequence[str]]) -> None:
        self._bedrock = bedrock
        self._phrases = {name.casefold(): [each.casefold() for each in texts] for name, texts in phrases.items()}
        self._read: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        """Identifier and version of each check, in their order."""

    def judge(self, identifier: str, version: str, source: str, text: str) -> Judgement:
        """A text of the user (``source`` "INPUT") or of the model ("OUTPUT"). Raises AwsRefusalError."""
        policy = self._policy(identifier, version)
        self.asked.append((identifier, version))
        found = list(self._found(policy, source, text))
        if any(each["action"] == "BLOCKED" for _, _, each, _ in found):
            message = policy["blockedInputMessaging" if source == "INPUT" else "blockedOutputsMessaging"]
            return Judgement(message, True, _assessment(found))
        # A mask of the model's answer; what the user wrote reaches the model masked as well.
        for _, _, _, mask in found:
            text = re.sub(mask[0], mask[1], text)
        return Judgement(text, False, _assessment(found))

    def _policy(self, identifier: str, version: str) -> Mapping[str, Any]:
        key = identifier, version
        # A published version never changes.
        if key not in self._read:
            try:
                policy = self._bedrock.get_guardrail(guardrailIdentifier=identifier, guardrailVersion=version)
            except ClientError as error:
                raise AwsRefusalError("ValidationException", f"The guardrail is not usable: {error}", 400) from error
            if version == "DRAFT":
                return dict(policy)
            self._read[key] = policy
        return self._read[key]

    def _found(
        self, policy: Mapping[str, Any], source: str, text: str
    ) -> Iterator[tuple[str, str, dict[str, Any], tuple[str, str]]]:
        """Policy, list, entry of the trace, and what to put where, for everything that a text holds."""
        plain = text.casefold()
        nothing = ("(?!)", "")
        for topic in policy.get("topicPolicy", {}).get("topics", ()):
            told = [example.casefold() for example in topic.get("examples", ())]
            if any(each in plain for each in [*told, *self._phrases.get(topic["name"].casefold(), ())]):
                yield "topicPolicy", "topics", {"name": topic["name"], "type": "DENY", "action": "BLOCKED"}, nothing
        for each in policy.get("contentPolicy", {}).get("filters", ()):
            strength = each["inputStrength" if source == "INPUT" else "outputStrength"]
            if strength != "NONE" and any(phrase in plain for phrase in self._phrases.get(each["type"].casefold(), ())):
                entry = {"type": each["type"], "confidence": "HIGH", "action": "BLOCKED"}
                yield "contentPolicy", "filters", entry, nothing
        for each in policy.get("wordPolicy", {}).get("words", ()):
            if re.search(rf"\b{re.escape(each['text'].casefold())}\b", plain):
                yield "wordPolicy", "customWords", {"match": each["text"], "action": "BLOCKED"}, nothing
        personal = policy.get("sensitiveInformationPolicy", {})
        for each in personal.get("piiEntities", ()):
            yield from _matches("piiEntities", each, each["type"], _PII.get(each["type"], "(?!)"), text)
        for each in personal.get("regexes", ()):
            yield from _matches("regexes", each, each["name"], each["pattern"], text)


def _matches(
    kind: str, entity: Mapping[str, Any], name: str, pattern: str, text: str
) -> Iterator[tuple[str, str, dict[str, Any], tuple[str, str]]]:
    action = "BLOCKED" if entity["action"] == "BLOCK" else "ANONYMIZED"
    for match in re.finditer(pattern, text):
        entry = {"match": match[0], "type" if kind == "piiEntities" else "name": name, "action": action}
        yield "sensitiveInformationPolicy", kind, entry, (pattern, f"{{{name}}}")


def _assessment(found: Sequence[tuple[str, str, dict[str, Any], tuple[str, str]]]) -> dict[str, Any]:
    assessment: dict[str, Any] = {}
    for policy, kind, entry, _ in found:
        assessment.setdefault(policy, {}).setdefault(kind, []).append(entry)
    return assessment
