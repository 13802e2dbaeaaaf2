"""A Bedrock agent answers through a guardrail."""

from __future__ import annotations

from aic_engine.attributes import is_set
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.weakening import drop


def decide(agent: Resource, graph: Graph) -> Decision:
    return is_set(
        agent,
        "guardrail_configuration[0].guardrail_identifier",
        expected="a guardrail",
        cure="add guardrail_configuration { guardrail_identifier = …, guardrail_version = <a number> }",
    )


RULE = Rule(
    id="CKV_AIC_SAFE_013",
    name="agent-has-guardrail",
    title="A Bedrock agent has a guardrail",
    severity=Severity.HIGH,
    types=("aws_bedrockagent_agent",),
    why=(
        "An agent calls the model by itself: without a guardrail of its own, nothing stands between the "
        "model and the user."
    ),
    fix="""
guardrail_configuration {
  guardrail_identifier = aws_bedrock_guardrail.this.guardrail_id
  guardrail_version    = aws_bedrock_guardrail_version.this.version
}
""",
    sources=("AWS provider 5.100, aws_bedrockagent_agent: guardrail_configuration is optional",),
    controls={
        "OWASP-LLM01": "Prompt attacks on the agent meet the guardrail first.",
        "GENSEC02-BP01": "The agent's responses pass a guardrail.",
    },
    breaks=(drop("aws_bedrockagent_agent", "guardrail_configuration"),),
    built_in="CKV_AWS_383 asks the same, without severity, harm or cure",
    decide=decide,
)
