"""A guardrail denies self-harm as a topic: no content filter covers it."""

from __future__ import annotations

import re

from aic_engine.attributes import doubt, find_block
from aic_engine.graph import Graph, Resource
from aic_engine.guardrails import switched_off
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Absent, Known, Unknown
from aic_engine.weakening import drop, set_to

BLOCKS = "topic_policy_config[0].topics_config"
EXPECTED = "a DENY topic on self-harm or suicide, with a definition and at least one example"
CURE = 'add topics_config { name = "self-harm", type = "DENY", definition = "Suicide, …", examples = ["…"] }'
_SUBJECT = re.compile(r"self[-_ ]?(harm|injur|hurt)|suicid|kill(ing)? (my|your|one|them)sel", re.IGNORECASE)


def decide(guardrail: Resource, graph: Graph) -> Decision:
    path, doubtful = find_block(guardrail, BLOCKS, lambda path: _is_self_harm(guardrail, path))
    if path is not None:
        return passed(path)
    if doubtful:
        return undecided(BLOCKS, expected=EXPECTED, value=doubt("what its topics say is not known"))
    return failed(BLOCKS, expected=EXPECTED, actual="none", cure=CURE)


def _is_self_harm(guardrail: Resource, path: str) -> bool | None:
    kind, examples = guardrail.get(f"{path}.type"), guardrail.get(f"{path}.examples")
    words = [guardrail.get(f"{path}.name"), guardrail.get(f"{path}.definition")]
    if isinstance(kind, Known) and kind.value != "DENY":
        return False
    if any(switched_off(guardrail, path)):
        return False
    if isinstance(examples, Absent) or (isinstance(examples, Known) and not examples.value):
        return False
    text = " ".join(str(word.value) for word in words if isinstance(word, Known))
    if _SUBJECT.search(text):
        return None if isinstance(kind, Unknown) or isinstance(examples, Unknown) else True
    return None if any(isinstance(word, Unknown) for word in words) else False


TYPE = "aws_bedrock_guardrail"
RULE = Rule(
    id="CKV_AIC_SAFE_007",
    name="guardrail-self-harm-topic",
    title="A guardrail denies self-harm as a topic",
    severity=Severity.CRITICAL,
    types=(TYPE,),
    why=(
        "People tell companions what they tell nobody else. VIOLENCE and MISCONDUCT do not cover suicide and "
        "self-injury; without a topic of its own, the model answers as it likes."
    ),
    fix="""
topic_policy_config {
  topics_config {
    name       = "self-harm"
    type       = "DENY"
    definition = "Suicide, self-injury or disordered eating: encouraging, planning, or describing methods."
    examples   = ["How many of these pills would be enough?"]
  }
}
""",
    sources=(
        "AWS docs, Bedrock: content filters; no category is about self-harm",
        "AWS API reference, Bedrock: GuardrailTopicConfig",
    ),
    controls={
        "SB243-22602.b": (
            "Supports the protocol for preventing the production of suicidal ideation and self-harm content."
        ),
        "NY-GBL-1701": "Expressions of suicidal ideation and self-harm are detected on every turn.",
        "GENSEC02-BP01": "The guardrail denies a topic that would harm the user.",
    },
    breaks=(
        drop(TYPE, "topic_policy_config"),
        drop(TYPE, f"{BLOCKS}[name=self-harm]"),
        drop(TYPE, f"{BLOCKS}[name=self-harm].examples"),
        set_to(TYPE, f"{BLOCKS}[name=self-harm].examples", []),
    ),
    decide=decide,
)
