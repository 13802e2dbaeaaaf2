"""An endpoint scales out sooner than it scales in."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Known, Unknown, as_number
from aic_engine.weakening import set_to

DEFAULT = 300.0
"""Seconds (AWS docs, Application Auto Scaling API reference: TargetTrackingScalingPolicyConfiguration)."""

BLOCK = "target_tracking_scaling_policy_configuration[0]"


def decide(policy: Resource, graph: Graph) -> Decision:
    namespace = policy.get("service_namespace")
    if isinstance(namespace, Unknown):
        return undecided("service_namespace", expected="a known service", value=namespace)
    if namespace != Known("sagemaker") or policy.blocks(BLOCK.removesuffix("[0]")) == 0:
        return not_applicable("it tracks no target of an endpoint")
    times: list[float] = []
    for direction in ("out", "in"):
        path = f"{BLOCK}.scale_{direction}_cooldown"
        value = policy.get(path)
        if isinstance(value, Unknown):
            return undecided(path, expected="a known number of seconds", value=value)
        number = as_number(value)
        times.append(DEFAULT if number is None else number)
    out, into = times
    path = f"{BLOCK}.scale_out_cooldown"
    if not 0 <= out <= DEFAULT:
        cure = "set scale_out_cooldown to 60"
        return failed(path, expected=f"0 to {DEFAULT:g} s", actual=f"{out:g} s", cure=cure)
    if into < max(out, DEFAULT):
        cure = "set scale_in_cooldown to 300 or more"
        place = f"{BLOCK}.scale_in_cooldown"
        return failed(place, expected=f">= {max(out, DEFAULT):g} s", actual=f"{into:g} s", cure=cure)
    return passed(path, f"out {out:g} s, in {into:g} s")


RULE = Rule(
    id="CKV_AIC_SCALE_004",
    name="cooldown-order",
    title="Capacity comes fast and leaves slowly",
    severity=Severity.MEDIUM,
    types=("aws_appautoscaling_policy",),
    why=(
        "An instance takes minutes to load a model. Scaling in too soon throws it away just before the evening's "
        "second wave."
    ),
    fix="""
scale_out_cooldown = 60
scale_in_cooldown  = 300
""",
    sources=(
        "AWS docs, Application Auto Scaling user guide: target tracking, cooldown periods",
        "That 300 s is the least for scaling in is assumed, from the service's default",
    ),
    controls={
        "GENREL01-BP01": "Throughput follows the load without flapping.",
    },
    breaks=(
        set_to(
            "aws_appautoscaling_policy",
            "target_tracking_scaling_policy_configuration[0].scale_out_cooldown",
            900,
            only=r"\.(this|endpoint)$",
        ),
        set_to(
            "aws_appautoscaling_policy",
            "target_tracking_scaling_policy_configuration[0].scale_in_cooldown",
            0,
            only=r"\.(this|endpoint)$",
        ),
    ),
    decide=decide,
)
