"""The guardrail: its pinned version, what an intervention means, and checks of single texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from companion import clients, settings
from companion.failures import HandlerError


@dataclass(frozen=True)
class Verdict:
    """The text that may go on, masked where the policy says so; or, where it may not, the message for the user."""

    text: str
    blocked: bool


def version() -> str:
    """The numbered version. Raises HandlerError for DRAFT, which anyone can edit while it serves."""
    value = settings.text("GUARDRAIL_VERSION")
    if not re.fullmatch(r"[1-9][0-9]{0,7}", value):
        raise HandlerError("GUARDRAIL_VERSION must be the number of a published version")
    return value


def check(source: str, text: str) -> Verdict:
    """Check a text; ``source`` is "INPUT" (the user's) or "OUTPUT" (the model's)."""
    answer = clients.bedrock().apply_guardrail(
        guardrailIdentifier=settings.text("GUARDRAIL_ID"),
        guardrailVersion=version(),
        source=source,
        content=[{"text": {"text": text}}],
    )
    if answer["action"] == "NONE":
        return Verdict(text, blocked=False)
    said = "".join(output["text"] for output in answer.get("outputs", ()))
    if said and only_masked(answer.get("assessments", [])):
        return Verdict(said, blocked=False)
    return Verdict(with_referral(said), blocked=True)


def only_masked(assessments: Any) -> bool:
    """Whether an intervention only masked personal data. Bedrock reports masking and blocking alike, except here."""
    actions = set(_actions(assessments))
    return "ANONYMIZED" in actions and "BLOCKED" not in actions


def blocked(assessments: Any) -> bool:
    """Whether something was refused."""
    return "BLOCKED" in _actions(assessments)


def with_referral(message: str) -> str:
    """A refusal that says where help is, whatever the guardrail's message became on its way."""
    referral = settings.text("CRISIS_REFERRAL")
    return message if referral in message else f"{message} {referral}".strip()


def _actions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "action" and isinstance(part, str):
                yield part
            else:
                yield from _actions(part)
    elif isinstance(value, list):
        for part in value:
            yield from _actions(part)
