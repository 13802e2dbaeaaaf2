"""An endpoint's roll-out is watched by alarms that roll it back."""

from __future__ import annotations

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Unknown
from aic_engine.weakening import drop

PATH = "deployment_config[0].auto_rollback_configuration[0].alarms"


def decide(endpoint: Resource, graph: Graph) -> Decision:
    count = endpoint.blocks(PATH)
    expected = "deployment_config with auto_rollback_configuration and at least one alarm"
    if isinstance(count, Unknown):
        return undecided(PATH, expected=expected, value=count)
    if count == 0:
        cure = "name alarms on errors and latency in auto_rollback_configuration"
        return failed(PATH, expected=expected, actual="none", cure=cure)
    return passed(PATH, f"{count} alarms")


RULE = Rule(
    id="CKV_AIC_SCALE_011",
    name="endpoint-rolls-back",
    title="A bad model is rolled back by alarms",
    severity=Severity.MEDIUM,
    types=("aws_sagemaker_endpoint",),
    why=(
        "A model that answers with errors, or after ten seconds, is noticed by users first where no alarm stops its "
        "roll-out."
    ),
    fix="""
deployment_config {
  blue_green_update_policy {
    traffic_routing_configuration {
      type                     = "ALL_AT_ONCE"
      wait_interval_in_seconds = 300
    }
  }
  auto_rollback_configuration {
    alarms {
      alarm_name = aws_cloudwatch_metric_alarm.errors.alarm_name
    }
  }
}
""",
    sources=("AWS docs, SageMaker developer guide: auto-rollback configuration and monitoring",),
    controls={
        "SOC2-CC8.1": "A change that harms is undone.",
        "GENREL01-BP01": "Throughput survives a bad model.",
    },
    breaks=(
        drop("aws_sagemaker_endpoint", "deployment_config"),
        drop("aws_sagemaker_endpoint", "deployment_config[0].auto_rollback_configuration"),
    ),
    decide=decide,
)
