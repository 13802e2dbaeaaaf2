"""Each production variant starts with two instances."""

from __future__ import annotations

from aic_engine.attributes import each_block, is_between
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Parameter, Rule, Severity, not_applicable, undecided, worst
from aic_engine.values import Unknown
from aic_engine.weakening import set_to

LEAST = Parameter(
    "endpoint_instances", 2, "instances", "AWS docs, Security Hub controls reference: SageMaker.4", floor=True
)


def decide(config: Resource, graph: Graph) -> Decision:
    variants = each_block(config, "production_variants")
    if isinstance(variants, Unknown):
        return undecided("production_variants", expected="known variants", value=variants)
    decisions = [_variant(config, path, LEAST.of(graph)) for path in variants]
    return worst(decisions) if decisions else not_applicable("it has no production variant")


def _variant(config: Resource, path: str, least: float) -> Decision:
    serverless = config.blocks(f"{path}.serverless_config")
    if serverless != 0 and not isinstance(serverless, Unknown):
        return not_applicable("AWS places the instances of a serverless variant")
    place = f"{path}.initial_instance_count"
    cure = f"set initial_instance_count to {least:g} or more"
    return is_between(config, place, least, 1000, unit="instances", cure=cure, default=1)


RULE = Rule(
    id="CKV_AIC_SCALE_007",
    name="endpoint-two-instances",
    title="A model endpoint has more than one instance",
    severity=Severity.HIGH,
    types=("aws_sagemaker_endpoint_configuration",),
    why="With one instance, its loss or a roll-out is silence, in the middle of somebody's sentence.",
    fix="""
initial_instance_count = 2
""",
    sources=("AWS docs, Security Hub controls reference: SageMaker.4",),
    controls={
        "FSBP-SageMaker.4": "Production variants have an initial instance count above 1.",
        "SOC2-A1.2": "The loss of an instance does not end the service.",
    },
    breaks=(set_to("aws_sagemaker_endpoint_configuration", "production_variants[*].initial_instance_count", 1),),
    parameters=(LEAST,),
    decide=decide,
)
