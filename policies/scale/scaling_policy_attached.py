"""Every scalable target has a policy that moves it."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Known, Unknown, Value
from aic_engine.weakening import delete, set_to

EXPECTED = "an aws_appautoscaling_policy with this target's resource_id"
CURE = "add an aws_appautoscaling_policy with resource_id = <this target>.resource_id"


def decide(target: Resource, graph: Graph) -> Decision:
    doubts: list[str] = []
    for policy in graph.beside(target, "aws_appautoscaling_policy"):
        same = {path: _is_same(policy, target, path, graph) for path in IDENTITY}
        if False in same.values():
            continue
        if policy.exists is False:
            continue
        if unread := [path for path, answer in same.items() if answer is None]:
            doubts.append(f"{policy.address}.{unread[0]} cannot be compared")
        elif policy.exists is True:
            return passed("", f"moved by {policy.address}")
        else:
            doubts.append(f"{policy.address} may have no instance")
    if doubts:
        return undecided("", expected=EXPECTED, value=Unknown("; ".join(doubts)))
    return failed("", expected=EXPECTED, actual="none", cure=CURE)


IDENTITY = ("resource_id", "scalable_dimension", "service_namespace")
"""What a policy must share with its target (AWS docs, Application Auto Scaling API Reference: PutScalingPolicy)."""


def _is_same(policy: Resource, target: Resource, path: str, graph: Graph) -> bool | None:
    theirs, own = policy.get(path), target.get(path)
    if not isinstance(theirs, Unknown):
        return _are_equal(theirs, own)
    sources = graph.sources(policy, path)
    if sources is None:
        return None
    found = [source.resource for source in sources if source.takes(path)]
    if len(found) != 1 or len(sources) != 1:
        return None
    if found[0] is target:
        return True if policy.repetition == target.repetition else None
    return _are_equal(found[0].get(path), own)


def _are_equal(one: Value, other: Value) -> bool | None:
    return one == other if isinstance(one, Known) and isinstance(other, Known) else None


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
    controls={"GENREL01-BP01": "Something moves each target between its bounds."},
    breaks=(
        delete("aws_appautoscaling_policy"),
        set_to("aws_appautoscaling_policy", "resource_id", "endpoint/another/variant/AllTraffic"),
    ),
    decide=decide,
)
