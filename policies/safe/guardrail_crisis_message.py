"""What a blocked user reads instead names where help is."""

from __future__ import annotations

import re

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided, worst
from aic_engine.values import GAP, Known, Unknown
from aic_engine.weakening import set_to

EXPECTED = "a message that names a crisis line or emergency number"
CURE = "name who helps, for example: If you are thinking of harming yourself, call or text 988 (US), or 112 (EU)"
_REFERRAL = re.compile(
    r"\b(988|112|999|911|000|111|116[ .-]?123|13[ .-]?11[ .-]?14|0800[ .-]?\d{3}|741741|85258|50808)\b"
    r"|crisis|lifeline|hotline|helpline|samaritans|telefonseelsorge|emergency (number|services)|findahelpline",
    re.IGNORECASE,
)


def decide(guardrail: Resource, graph: Graph) -> Decision:
    return worst(_message(guardrail, path) for path in ("blocked_input_messaging", "blocked_outputs_messaging"))


def _message(guardrail: Resource, path: str) -> Decision:
    value = guardrail.get(path)
    if isinstance(value, Unknown):
        known = (value.text or "").replace(GAP, " ")
        return passed(path) if _REFERRAL.search(known) else undecided(path, expected=EXPECTED, value=value)
    if isinstance(value, Known) and _REFERRAL.search(str(value.value)):
        return passed(path)
    return failed(path, expected=EXPECTED, actual=value, cure=CURE)


TYPE = "aws_bedrock_guardrail"
RULE = Rule(
    id="CKV_AIC_SAFE_008",
    name="guardrail-crisis-message",
    title="The message of a blocked turn says where help is",
    severity=Severity.HIGH,
    types=(TYPE,),
    why=(
        "The user whose turn is blocked may be the one in danger. A bare refusal is the last thing they read; a "
        "referral may be the next step they take."
    ),
    fix="""
blocked_input_messaging   = "I cannot talk about this. If you are in danger, call or text 988 (US) or 112 (EU)."
blocked_outputs_messaging = "I cannot answer that. If you are in danger, call or text 988 (US) or 112 (EU)."
""",
    sources=(
        "988lifeline.org: call or text 988 in the United States",
        (
            "Numbers and words that count are a list of our own, from public crisis-line directories "
            "(assumed complete enough)"
        ),
    ),
    controls={
        "SB243-22602.b": "The notification that refers the user to a crisis service provider is in every blocked turn.",
        "NY-GBL-1701": "The user is referred to crisis services when such expressions are detected.",
    },
    breaks=(
        set_to(TYPE, "blocked_input_messaging", "Sorry, I cannot answer that."),
        set_to(TYPE, "blocked_outputs_messaging", " "),
    ),
    decide=decide,
)
