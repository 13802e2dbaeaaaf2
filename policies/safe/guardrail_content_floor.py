"""Every harmful-content filter of a guardrail is on, in both directions, at full strength."""

from __future__ import annotations

from aic_engine.attributes import doubt, equals, find_block, is_one_of
from aic_engine.graph import Graph, Resource
from aic_engine.guardrails import switched_off
from aic_engine.rule import Decision, Rule, Severity, failed, undecided, worst
from aic_engine.weakening import drop, set_to

FILTERS = ("SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT")
"""The harmful categories (AWS API reference: GuardrailContentFilterConfig); PROMPT_ATTACK is a policy of its own."""

BLOCKS = "content_policy_config[0].filters_config"


def decide(guardrail: Resource, graph: Graph) -> Decision:
    return worst(decision for kind in FILTERS for decision in _filter(guardrail, kind))


def _filter(guardrail: Resource, kind: str) -> list[Decision]:
    expected = f"a {kind} filter with input_strength and output_strength HIGH"
    path, doubtful = find_block(guardrail, BLOCKS, lambda path: equals(guardrail, f"{path}.type", kind))
    if path is None:
        if doubtful:
            return [undecided(BLOCKS, expected=expected, value=doubt("the types of its filters are not known"))]
        return [failed(BLOCKS, expected=expected, actual="none", cure=f'add filters_config {{ type = "{kind}", … }}')]
    found = list(switched_off(guardrail, path))
    for direction in ("input", "output"):
        strength = f"{path}.{direction}_strength"
        found.append(is_one_of(guardrail, strength, ("HIGH",), cure=f"set {direction}_strength of {kind} to HIGH"))
    return found


TYPE = "aws_bedrock_guardrail"
RULE = Rule(
    id="CKV_AIC_SAFE_005",
    name="guardrail-content-floor",
    title="A guardrail filters every harmful category at full strength",
    severity=Severity.CRITICAL,
    types=(TYPE,),
    why=(
        "A companion talks for hours with people who are lonely, in crisis, or children. A category that is missing or "
        "set lower is what one of them will be answered with."
    ),
    fix="""
content_policy_config {
  filters_config {
    type            = "SEXUAL" # likewise VIOLENCE, HATE, INSULTS, MISCONDUCT
    input_strength  = "HIGH"
    output_strength = "HIGH"
  }
}
""",
    sources=("AWS API reference, Bedrock: GuardrailContentFilterConfig",),
    controls={
        "GENSEC02-BP01": "The guardrail blocks harmful responses in each category that the service knows.",
        "OWASP-LLM05": "Harmful model output is stopped before it reaches the user.",
        "SB243-22602.b": "Sexual and violent content is kept from a user the operator may not know to be a minor.",
    },
    breaks=(
        drop(TYPE, "content_policy_config"),
        drop(TYPE, f"{BLOCKS}[type=SEXUAL]"),
        drop(TYPE, f"{BLOCKS}[type=MISCONDUCT]"),
        set_to(TYPE, f"{BLOCKS}[type=SEXUAL].output_strength", "LOW"),
        set_to(TYPE, f"{BLOCKS}[type=VIOLENCE].input_strength", "MEDIUM"),
        set_to(TYPE, f"{BLOCKS}[type=HATE].output_strength", "NONE"),
        set_to(TYPE, f"{BLOCKS}[type=INSULTS].type", "PROMPT_ATTACK"),
    ),
    decide=decide,
)
