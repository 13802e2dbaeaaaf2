"""Payment data and credentials are blocked, contact data at least masked."""

from __future__ import annotations

from aic_engine.attributes import doubt, equals, find_block, is_one_of
from aic_engine.graph import Graph, Resource
from aic_engine.guardrails import switched_off
from aic_engine.rule import Decision, Rule, Severity, failed, undecided, worst
from aic_engine.weakening import drop, set_to

BLOCKED = ("CREDIT_DEBIT_CARD_NUMBER", "CREDIT_DEBIT_CARD_CVV", "PASSWORD", "PIN", "AWS_SECRET_KEY")
MASKED = ("EMAIL", "PHONE", "ADDRESS")
"""Entities of AWS API reference, Bedrock: GuardrailPiiEntityConfig; which of them are the floor is our choice."""

BLOCKS = "sensitive_information_policy_config[0].pii_entities_config"


def decide(guardrail: Resource, graph: Graph) -> Decision:
    wanted = [(kind, ("BLOCK",)) for kind in BLOCKED] + [(kind, ("ANONYMIZE", "BLOCK")) for kind in MASKED]
    return worst(_entity(guardrail, kind, actions) for kind, actions in wanted)


def _entity(guardrail: Resource, kind: str, actions: tuple[str, ...]) -> Decision:
    expected = f"{kind} with action {' or '.join(actions)}"
    path, doubtful = find_block(guardrail, BLOCKS, lambda path: equals(guardrail, f"{path}.type", kind))
    if path is None:
        if doubtful:
            return undecided(BLOCKS, expected=expected, value=doubt("the types of its entities are not known"))
        cure = f'add pii_entities_config {{ type = "{kind}", action = "{actions[0]}" }}'
        return failed(BLOCKS, expected=expected, actual="none", cure=cure)
    action = is_one_of(guardrail, f"{path}.action", actions, cure=f"set action to {actions[0]}")
    return worst([action, *switched_off(guardrail, path)])


TYPE = "aws_bedrock_guardrail"
RULE = Rule(
    id="CKV_AIC_SAFE_009",
    name="guardrail-pii-floor",
    title="A guardrail blocks payment data and credentials, and masks contact data",
    severity=Severity.HIGH,
    types=(TYPE,),
    why=(
        "What a user types in trust is stored as memory and recalled months later; card numbers and "
        "passwords must not be."
    ),
    fix="""
sensitive_information_policy_config {
  pii_entities_config {
    type   = "CREDIT_DEBIT_CARD_NUMBER" # likewise _CVV, PASSWORD, PIN, AWS_SECRET_KEY
    action = "BLOCK"
  }
  pii_entities_config {
    type   = "EMAIL" # likewise PHONE, ADDRESS
    action = "ANONYMIZE"
  }
}
""",
    sources=("AWS API reference, Bedrock: GuardrailPiiEntityConfig",),
    controls={
        "OWASP-LLM02": "Sensitive information is stopped or masked in both directions.",
        "GDPR-5.1.c": "Contact and payment data that a conversation does not need are not kept with it.",
    },
    breaks=(
        drop(TYPE, "sensitive_information_policy_config"),
        drop(TYPE, f"{BLOCKS}[type=CREDIT_DEBIT_CARD_NUMBER]"),
        drop(TYPE, f"{BLOCKS}[type=EMAIL]"),
        set_to(TYPE, f"{BLOCKS}[type=PASSWORD].action", "ANONYMIZE"),
        set_to(TYPE, f"{BLOCKS}[type=PHONE].action", "NONE"),
    ),
    decide=decide,
)
