"""Inputs of modules/moderation."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import IDENTITY, IDENTITY_CASES


def _topic(**changes: Any) -> dict[str, Any]:
    return {"definition": "Betting money on games.", "examples": ["Where can I bet?"], **changes}


def _regex(**changes: Any) -> dict[str, Any]:
    return {"description": "Customer number", "pattern": "CU-[0-9]{8}", "action": "ANONYMIZE", **changes}


SUITE = Suite(
    IDENTITY,
    (
        *IDENTITY_CASES,
        Case("input_message_blank", {"blocked_input_message": "  "}, "blocked_input_message must not be blank"),
        Case("output_message_blank", {"blocked_output_message": ""}, "blocked_output_message must not be blank"),
        Case("referral_by_link", {"crisis_referral": "Hilfe: https://findahelpline.com"}),
        Case("referral_blank", {"crisis_referral": " "}, "crisis_referral must name"),
        Case("referral_to_nowhere", {"crisis_referral": "Please seek help."}, "crisis_referral must name"),
        Case("message_longest", {"blocked_input_message": "x" * 480, "crisis_referral": "y" * 15 + " 988"}),
        Case(
            "message_too_long",
            {"blocked_input_message": "x" * 481, "crisis_referral": "y" * 15 + " 988"},
            "must not exceed 500",
        ),
        Case("topics_most", {"denied_topics": {f"topic {n}": _topic() for n in range(29)}}),
        Case("topics_too_many", {"denied_topics": {f"topic {n}": _topic() for n in range(30)}}, "at most 29 topics"),
        Case("topic_name_with_comma", {"denied_topics": {"a, b": _topic()}}, "must be keyed by names"),
        Case("topic_self_harm_replaced", {"denied_topics": {"Self-Harm": _topic()}}, "must be keyed by names"),
        Case("topic_longest", {"denied_topics": {"a": _topic(definition="x" * 200)}}),
        Case("topic_too_long", {"denied_topics": {"a": _topic(definition="x" * 201)}}, "in 1 to 200 characters"),
        Case("topic_undefined", {"denied_topics": {"a": _topic(definition=" ")}}, "in 1 to 200 characters"),
        Case("topic_without_example", {"denied_topics": {"a": _topic(examples=[])}}, "1 to 5 examples"),
        Case("topic_six_examples", {"denied_topics": {"a": _topic(examples=["x"] * 6)}}, "1 to 5 examples"),
        Case("topic_long_example", {"denied_topics": {"a": _topic(examples=["x" * 101])}}, "1 to 5 examples"),
        Case("words", {"blocked_words": ["a phrase", "x" * 100]}),
        Case("words_too_many", {"blocked_words": [f"word{n}" for n in range(10001)]}, "at most 10000 entries"),
        Case("word_blank", {"blocked_words": [" "]}, "entries of 1 to 100 characters"),
        Case("word_too_long", {"blocked_words": ["x" * 101]}, "entries of 1 to 100 characters"),
        Case("grounding_extremes", {"contextual_grounding": {"grounding": 0, "relevance": 0.99}}),
        Case("grounding_of_one", {"contextual_grounding": {"grounding": 1, "relevance": 0.5}}, "from 0 to 0.99"),
        Case("relevance_negative", {"contextual_grounding": {"grounding": 0.5, "relevance": -0.1}}, "from 0 to 0.99"),
        Case("pii_raised_and_added", {"pii_entities": {"EMAIL": "BLOCK", "AGE": "ANONYMIZE"}}),
        Case("pii_only_detected", {"pii_entities": {"EMAIL": "NONE"}}, "to ANONYMIZE or BLOCK"),
        Case("pii_lowered", {"pii_entities": {"PASSWORD": "ANONYMIZE"}}, "must not name payment data or credentials"),
        Case("regex", {"regexes": {"customer": _regex(pattern="^(?:CU|cu)-[0-9]{8}$")}}),
        Case("regexes_too_many", {"regexes": {f"r{n}": _regex() for n in range(11)}}, "at most 10 patterns"),
        Case("regex_name_too_long", {"regexes": {"x" * 101: _regex()}}, "keyed by names of 1 to 100"),
        Case("regex_undescribed", {"regexes": {"a": _regex(description="")}}, "must describe each pattern"),
        Case("regex_look_ahead", {"regexes": {"a": _regex(pattern="a(?=b)")}}, "without look-around"),
        Case("regex_look_behind", {"regexes": {"a": _regex(pattern="(?<!a)b")}}, "without look-around"),
        Case("regex_empty", {"regexes": {"a": _regex(pattern="")}}, "without look-around"),
        Case("regex_action", {"regexes": {"a": _regex(action="NONE")}}, "the action ANONYMIZE or BLOCK"),
        Case("model_wildcard", {"model_arns": ["arn:aws:bedrock:*::foundation-model/*"]}, "without wildcard"),
    ),
)
