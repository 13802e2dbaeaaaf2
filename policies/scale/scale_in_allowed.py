"""A scaling policy may scale in."""

from __future__ import annotations

from aic_engine.attributes import is_not_true
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity
from aic_engine.weakening import set_to


def decide(policy: Resource, graph: Graph) -> Decision:
    path = "target_tracking_scaling_policy_configuration[0].disable_scale_in"
    return is_not_true(policy, path, cure="set disable_scale_in = false")


RULE = Rule(
    id="CKV_AIC_SCALE_005",
    name="scale-in-allowed",
    title="Capacity that nobody needs is given back",
    severity=Severity.MEDIUM,
    types=("aws_appautoscaling_policy",),
    why="A policy that only grows keeps the largest evening of the year on the bill until somebody looks.",
    fix="""
disable_scale_in = false
""",
    sources=("AWS docs, Application Auto Scaling API reference: DisableScaleIn",),
    controls={
        "GENSUS01-BP01": "Unused capacity is released.",
        "OWASP-LLM10": "A spike costs what the spike costs.",
    },
    breaks=(
        set_to("aws_appautoscaling_policy", "target_tracking_scaling_policy_configuration[0].disable_scale_in", True),
    ),
    decide=decide,
)
