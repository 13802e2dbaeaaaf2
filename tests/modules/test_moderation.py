"""The guardrail that the README example of modules/moderation deploys."""

from __future__ import annotations

import re
from collections import Counter

from companion_gate.hcl.documents import read_module

from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals
from .roots import MODULES


def test_the_guardrail_refuses_what_a_companion_must(plans: ExamplePlans) -> None:
    (guardrail,) = values_of(plans, "moderation", "aws_bedrock_guardrail").values()
    filters = {
        f["type"]: (f["input_strength"], f["output_strength"])
        for f in guardrail["content_policy_config"][0]["filters_config"]
    }
    harmful = dict.fromkeys(("SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT"), ("HIGH", "HIGH"))
    assert filters == {**harmful, "PROMPT_ATTACK": ("HIGH", "NONE")}
    topics = {topic["name"]: topic for topic in guardrail["topic_policy_config"][0]["topics_config"]}
    assert set(topics) == {"self-harm", "medical advice"}
    assert topics["self-harm"]["type"] == "DENY"
    assert len(topics["self-harm"]["definition"]) <= 200
    assert all(1 <= len(example) <= 100 for example in topics["self-harm"]["examples"])
    for message in (guardrail["blocked_input_messaging"], guardrail["blocked_outputs_messaging"]):
        assert message.endswith("0800 111 0 111 an, zu jeder Zeit.")
    assert guardrail["word_policy_config"][0]["managed_word_lists_config"] == [{"type": "PROFANITY"}]
    grounding = guardrail["contextual_grounding_policy_config"][0]["filters_config"]
    assert {f["type"]: 0 < f["threshold"] < 1 for f in grounding} == {"GROUNDING": True, "RELEVANCE": True}


def test_no_input_takes_the_key_or_the_word_list_away() -> None:
    assert_literals(
        "moderation",
        "aws_bedrock_guardrail",
        "this",
        {"kms_key_arn": "var.kms_key_arn", "word_policy_config.managed_word_lists_config.type": '"PROFANITY"'},
    )


def test_the_second_line_may_read_a_text_and_nothing_else() -> None:
    (output,) = read_module(MODULES / "moderation").blocks("output", "grants")
    value = output.attribute("value")
    assert value
    (comprehend,) = (member.value for member in value.value.members if member.name == "comprehend")
    granted = {"comprehend:ContainsPiiEntities", "comprehend:DetectPiiEntities", "comprehend:DetectToxicContent"}
    assert set(re.findall(r'"(\w+:[\w*]+)"', comprehend.text)) == granted
    assert set(re.findall(r"comprehend:[\w*]+", value.value.text)) == granted


def test_each_personal_datum_has_one_action(plans: ExamplePlans) -> None:
    (guardrail,) = values_of(plans, "moderation", "aws_bedrock_guardrail").values()
    entities = guardrail["sensitive_information_policy_config"][0]["pii_entities_config"]
    assert set(Counter(entity["type"] for entity in entities).values()) == {1}
    actions = {entity["type"]: entity["action"] for entity in entities}
    assert actions["EMAIL"] == "BLOCK"
    assert actions["PHONE"] == "ANONYMIZE"
    assert actions["CREDIT_DEBIT_CARD_NUMBER"] == "BLOCK"
    assert actions["DRIVER_ID"] == "ANONYMIZE"
    assert len(entities) == contract(plans, "moderation")["pii_entities"]
    assert contract(plans, "moderation")["denied_topics"] == 2


def test_the_guardrail_and_its_version_show_the_same_digest(plans: ExamplePlans) -> None:
    (guardrail,) = values_of(plans, "moderation", "aws_bedrock_guardrail").values()
    (version,) = values_of(plans, "moderation", "aws_bedrock_guardrail_version").values()
    assert re.fullmatch(r"policy sha256:[0-9a-f]{64}", guardrail["description"])
    assert version["description"] == guardrail["description"]


def test_a_version_outlives_the_next_one() -> None:
    assert_literals(
        "moderation",
        "aws_bedrock_guardrail_version",
        "this",
        {"skip_destroy": "true", "lifecycle.create_before_destroy": "true"},
    )


def test_payment_data_is_blocked_by_the_same_list_that_inputs_are_checked_against() -> None:
    source = (MODULES / "moderation/guardrail.tf").read_text()
    literal = set(re.findall(r'type   = "(\w+)"\n\s+action = "BLOCK"', source))
    masked = set(re.findall(r'type   = "(\w+)"\n\s+action = lookup', source))
    locals_ = {local.name: local.value.text for local in read_module(MODULES / "moderation").locals}
    assert set(re.findall(r'"(\w+)"', locals_["pii_always_blocked"])) == literal
    assert set(re.findall(r'"(\w+)"', locals_["pii_masked_at_least"])) == masked
