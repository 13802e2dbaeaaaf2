"""Every scalable target has a policy that moves it."""

from __future__ import annotations

from aic_engine.graph import Graph, Resolution, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Known, Unknown

EXPECTED = "an aws_appautoscaling_policy with this target's resource_id"
CURE = "add an aws_appautoscaling_policy with resource_id = <this target>.resource_id"


def decide(target: Resource, graph: Graph) -> Decision:
    own = target.get("resource_id")
    dimension = target.get("scalable_dimension")
    doubts: list[str] = []
    for policy in graph.beside(target, "aws_appautoscaling_policy"):
        other = policy.get("resource_id")
        refers = graph.references(policy, "resource_id")
        others = policy.get("scalable_dimension")
        if isinstance(dimension, Known) and isinstance(others, Known) and dimension != others:
            continue
        if refers.to(target) or (isinstance(own, Known) and own == other):
            if policy.exists is True:
                return passed("", f"moved by {policy.address}")
            doubts.append(f"{policy.address} may have no instance")
        elif not (isinstance(own, Known) and isinstance(other, Known)) and not _is_for_another(refers):
            doubts.append(f"{policy.address}.resource_id cannot be compared")
    if doubts:
        return undecided("", expected=EXPECTED, value=Unknown("; ".join(doubts)))
    return failed("", expected=EXPECTED, actual="none", cure=CURE)


def _is_for_another(refers: Resolution) -> bool:
    return any(found.resource.type == "aws_appautoscaling_target" for found in refers.found)


RULE = Rule(
    id="CKV_AIC_SCALE_002",
    name="scaling-policy-attached",
    title="Every scalable target has a scaling policy",
    severity=Severity.HIGH,
    types=("aws_appautoscaling_target",),
    why="A target without a policy never scales: the bounds look right and the fleet stays at its floor in a spike.",
    fix="""
resource "aws_appautoscaling_policy" "this" {
  name               = "turns"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = 4
    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    }
  }
}
""",
    sources=("AWS docs, Application Auto Scaling User Guide: Target tracking scaling policies",),
    decide=decide,
)
