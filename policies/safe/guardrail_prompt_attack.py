"""A guardrail recognises attempts to talk it out of its rules."""

from __future__ import annotations

from aic_engine.attributes import doubt, equals, find_block, is_one_of
from aic_engine.graph import Graph, Resource
from aic_engine.guardrails import switched_off
from aic_engine.rule import Decision, Rule, Severity, failed, undecided, worst
from aic_engine.weakening import drop, set_to

BLOCKS = "content_policy_config[0].filters_config"
EXPECTED = "a PROMPT_ATTACK filter with input_strength HIGH"


def decide(guardrail: Resource, graph: Graph) -> Decision:
    path, doubtful = find_block(guardrail, BLOCKS, lambda path: equals(guardrail, f"{path}.type", "PROMPT_ATTACK"))
    if path is not None:
        strength = is_one_of(guardrail, f"{path}.input_strength", ("HIGH",), cure="set input_strength to HIGH")
        # An output filter of this category must be off: an attack comes from the user.
        off = [each for each in switched_off(guardrail, path) if "input" in each.path]
        return worst([strength, *off])
    if doubtful:
        return undecided(BLOCKS, expected=EXPECTED, value=doubt("the types of its filters are not known"))
    return failed(BLOCKS, expected=EXPECTED, actual="none", cure='add filters_config { type = "PROMPT_ATTACK", … }')


TYPE = "aws_bedrock_guardrail"
RULE = Rule(
    id="CKV_AIC_SAFE_006",
    name="guardrail-prompt-attack",
    title="A guardrail filters prompt attacks",
    severity=Severity.HIGH,
    types=(TYPE,),
    why=(
        "Jailbreak texts against companions circulate publicly; without this filter the persona's rules "
        "are one paste away."
    ),
    fix="""
content_policy_config {
  filters_config {
    type            = "PROMPT_ATTACK"
    input_strength  = "HIGH"
    output_strength = "NONE"
  }
}
""",
    sources=(
        "AWS API reference, Bedrock: GuardrailContentFilterConfig; output_strength must be NONE for PROMPT_ATTACK",
    ),
    controls={
        "OWASP-LLM01": "Inputs that try to override the instructions are recognised and blocked.",
        "GENSEC04-BP02": "User input is checked before it reaches the model.",
    },
    breaks=(
        drop(TYPE, f"{BLOCKS}[type=PROMPT_ATTACK]"),
        set_to(TYPE, f"{BLOCKS}[type=PROMPT_ATTACK].input_strength", "LOW"),
        set_to(TYPE, f"{BLOCKS}[type=PROMPT_ATTACK].input_strength", "NONE"),
    ),
    decide=decide,
)
