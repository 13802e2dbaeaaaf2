"""A target-tracking policy names a predefined metric of its service, or one of its own."""

from __future__ import annotations

from aic_engine.attributes import is_one_of
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, not_applicable, passed, undecided
from aic_engine.values import Known, Unknown
from aic_engine.weakening import drop, set_to

METRICS = {
    "sagemaker": (
        "SageMakerVariantInvocationsPerInstance",
        "SageMakerVariantConcurrentRequestsPerModelHighResolution",
        "SageMakerVariantProvisionedConcurrencyUtilization",
        "SageMakerInferenceComponentInvocationsPerCopy",
        "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
    ),
    "dynamodb": ("DynamoDBReadCapacityUtilization", "DynamoDBWriteCapacityUtilization"),
    "lambda": ("LambdaProvisionedConcurrencyUtilization",),
    "ecs": ("ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"),
}
"""AWS docs, Application Auto Scaling API reference: PredefinedMetricSpecification."""

BLOCK = "target_tracking_scaling_policy_configuration"
PATH = f"{BLOCK}[0].predefined_metric_specification[0].predefined_metric_type"


def decide(policy: Resource, graph: Graph) -> Decision:
    tracking = policy.blocks(BLOCK)
    if tracking == 0:
        return not_applicable("it tracks no target")
    namespace, value = policy.get("service_namespace"), policy.get(PATH)
    custom = policy.blocks(f"{BLOCK}[0].customized_metric_specification")
    for path, each in ((BLOCK, tracking), ("service_namespace", namespace), (PATH, value), (BLOCK, custom)):
        if isinstance(each, Unknown):
            return undecided(path, expected="a known metric", value=each)
    if custom:
        return passed(BLOCK, "a metric of its own")
    service = str(namespace.value) if isinstance(namespace, Known) else ""
    if service not in METRICS:
        return not_applicable(f"the metrics of {service} are not known here")
    return is_one_of(policy, PATH, METRICS[service], cure="name a predefined metric of the service")


RULE = Rule(
    id="CKV_AIC_SCALE_006",
    name="scaling-metric-known",
    title="A scaling policy follows a metric that exists",
    severity=Severity.HIGH,
    types=("aws_appautoscaling_policy",),
    why=(
        "Plan and provider take any text. With a metric that does not exist the policy never acts, and looks as if it "
        "did."
    ),
    fix="""
predefined_metric_specification {
  predefined_metric_type = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
}
""",
    sources=(
        "AWS docs, Application Auto Scaling API reference: PredefinedMetricSpecification",
        "Measured with AWS provider 5.100: terraform plan accepts any text",
    ),
    controls={
        "GENREL01-BP01": "Throughput follows a metric that is really published.",
    },
    breaks=(
        set_to("aws_appautoscaling_policy", PATH, "SageMakerVariantCPUUtilization"),
        drop("aws_appautoscaling_policy", PATH.rpartition("[0].")[0]),
    ),
    decide=decide,
)
