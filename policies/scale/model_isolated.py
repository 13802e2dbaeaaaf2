"""A model runs without network."""

from __future__ import annotations

from aic_engine.attributes import is_true
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.weakening import drop, set_to


def decide(model: Resource, graph: Graph) -> Decision:
    return is_true(model, "enable_network_isolation", cure="set enable_network_isolation = true")


RULE = Rule(
    id="CKV_AIC_SCALE_009",
    name="model-isolated",
    title="A model container has no way out",
    severity=Severity.MEDIUM,
    types=("aws_sagemaker_model",),
    why="The container sees every word. With a network, so does whoever wrote one of its dependencies.",
    fix="""
enable_network_isolation = true
""",
    sources=("AWS docs, Security Hub controls reference: SageMaker.5",),
    controls={
        "FSBP-SageMaker.5": "Network isolation is on.",
        "OWASP-LLM03": "A poisoned dependency cannot send conversations away.",
    },
    breaks=(
        set_to("aws_sagemaker_model", "enable_network_isolation", False),
        drop("aws_sagemaker_model", "enable_network_isolation"),
    ),
    built_in="CKV_AWS_370 asks the same",
    decide=decide,
)
