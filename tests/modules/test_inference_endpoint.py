"""The endpoint that the README example of modules/inference-endpoint deploys."""

from __future__ import annotations

import json

import pytest

from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals
from .roots import MODULES

_LABEL = "inference_endpoint"


def test_the_fleet_starts_at_the_floor_that_it_scales_from(plans: ExamplePlans) -> None:
    (configuration,) = values_of(plans, _LABEL, "aws_sagemaker_endpoint_configuration").values()
    (target,) = values_of(plans, _LABEL, "aws_appautoscaling_target").values()
    (policy,) = values_of(plans, _LABEL, "aws_appautoscaling_policy").values()
    variant = configuration["production_variants"][0]
    assert variant["initial_instance_count"] == target["min_capacity"] == 2
    assert target["max_capacity"] == 10
    assert target["resource_id"] == f"endpoint/companion-prod/variant/{variant['variant_name']}"
    assert policy["resource_id"] == target["resource_id"]


def test_the_role_reads_one_image_and_one_artifact(plans: ExamplePlans) -> None:
    source = (MODULES / "inference-endpoint/role.tf").read_text()
    assert "AmazonSageMakerFullAccess" not in source
    (role,) = values_of(plans, _LABEL, "aws_iam_role").values()
    assert json.loads(role["assume_role_policy"])["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"}
    }


def test_no_input_opens_the_network_of_the_model_or_stops_a_roll_out() -> None:
    assert_literals("inference-endpoint", "aws_sagemaker_model", "this", {"enable_network_isolation": "true"})
    assert_literals(
        "inference-endpoint",
        "aws_sagemaker_endpoint_configuration",
        "this",
        {"name_prefix": '"${var.name}-"', "lifecycle.create_before_destroy": "true"},
    )


def test_somebody_hears_that_the_fleet_cannot_grow() -> None:
    assert_literals(
        "inference-endpoint",
        "aws_cloudwatch_metric_alarm",
        "at_max_capacity",
        {
            "threshold": "var.scaling.max",
            "comparison_operator": '"GreaterThanOrEqualToThreshold"',
            "statistic": '"SampleCount"',
        },
    )


def test_a_roll_out_is_stopped_by_alarms_that_somebody_hears(plans: ExamplePlans) -> None:
    (endpoint,) = values_of(plans, _LABEL, "aws_sagemaker_endpoint").values()
    (rollback,) = endpoint["deployment_config"][0]["auto_rollback_configuration"]
    stopping = {alarm["alarm_name"] for alarm in rollback["alarms"]}
    assert stopping == {"companion-prod-endpoint-latency", "companion-prod-endpoint-server-errors"}
    alarms = values_of(plans, _LABEL, "aws_cloudwatch_metric_alarm").values()
    assert stopping <= {alarm["alarm_name"] for alarm in alarms if alarm["alarm_actions"]}


def test_what_the_fleet_can_carry_is_known_before_anything_exists(plans: ExamplePlans) -> None:
    assert contract(plans, _LABEL)["max_concurrent_requests"] == 40
    assert contract(plans, _LABEL)["max_requests_per_second"] == pytest.approx(13.33, abs=0.01)
