"""Every scalable target has a floor that survives the loss of one instance and a ceiling that bounds the bill."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Known, Unknown, as_number, show
from aic_engine.weakening import set_to

SMALLEST_ENDPOINT = 2
"""Instances of a SageMaker real-time variant: AWS Security Hub control SageMaker.4 asks for more than one."""

LARGEST_ENDPOINT = 100
"""Instances of a SageMaker real-time variant: assumed, far above the default quotas for accelerated instances."""


def decide(target: Resource, graph: Graph) -> Decision:
    namespace = target.get("service_namespace")
    if isinstance(namespace, Unknown):
        return undecided("service_namespace", expected="a known service", value=namespace)
    is_endpoint = isinstance(namespace, Known) and namespace.value == "sagemaker"
    floor = SMALLEST_ENDPOINT if is_endpoint else 1
    bounds: dict[str, float] = {}
    for path in ("min_capacity", "max_capacity"):
        value = target.get(path)
        if isinstance(value, Unknown):
            return undecided(path, expected="a known bound", value=value)
        number = as_number(value)
        if number is None:
            return failed(path, expected="a number", actual=value, cure=f"set {path}")
        bounds[path] = number
    smallest, largest = bounds["min_capacity"], bounds["max_capacity"]
    if smallest < floor:
        return failed(
            "min_capacity", expected=f">= {floor}", actual=f"{smallest:g}", cure=f"set min_capacity to {floor} or more"
        )
    if largest <= smallest:
        return failed(
            "max_capacity",
            expected=f"> min_capacity ({smallest:g})",
            actual=f"{largest:g}",
            cure="set max_capacity above min_capacity; AWS refuses a smaller one, and an equal one cannot scale",
        )
    if is_endpoint and largest > LARGEST_ENDPOINT:
        return failed(
            "max_capacity",
            expected=f"<= {LARGEST_ENDPOINT}",
            actual=f"{largest:g}",
            cure="set max_capacity to what the account's quota and the budget bear",
        )
    return passed("min_capacity", f"{smallest:g} to {largest:g} ({show(namespace)})")


RULE = Rule(
    id="CKV_AIC_SCALE_001",
    name="scaling-bounds",
    title="Autoscaling is bounded below and above",
    severity=Severity.HIGH,
    types=("aws_appautoscaling_target",),
    why="Too low a floor: one lost instance silences every companion. No ceiling: nothing bounds a viral day's bill.",
    fix="""
resource "aws_appautoscaling_target" "this" {
  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.this.name}/variant/AllTraffic"
  min_capacity       = 2
  max_capacity       = 8
}
""",
    sources=(
        "AWS docs, Security Hub controls reference: SageMaker.4",
        "AWS docs, Application Auto Scaling API Reference: RegisterScalableTarget",
        "Measured with AWS provider 5.100: terraform plan accepts min_capacity above max_capacity",
    ),
    controls={
        "GENREL01-BP01": "Throughput scales between a floor and a ceiling.",
        "OWASP-LLM10": "What a spike can cost is bounded.",
    },
    breaks=(
        set_to("aws_appautoscaling_target", "min_capacity", 0),
        set_to("aws_appautoscaling_target", "min_capacity", 1, only=r"\.(this|endpoint)$"),
        set_to("aws_appautoscaling_target", "max_capacity", 100000, only=r"\.(this|endpoint)$"),
        set_to("aws_appautoscaling_target", "max_capacity", 1),
    ),
    decide=decide,
)
