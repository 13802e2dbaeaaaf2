"""What modules/account-baseline switches on for a whole account and region."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from companion_gate.fixtures import PlanManyCases
from companion_gate.plan.cases import PlanCases

from .cases.account_baseline import SUITE
from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals
from .roots import MODULES

_LABEL = "account_baseline"


def _policy(plans: ExamplePlans, type_: str, name: str, attribute: str) -> Mapping[str, Any]:
    values = values_of(plans, _LABEL, type_)[f"module.{_LABEL}.{type_}.{name}"]
    (statement,) = json.loads(values[attribute])["Statement"]
    return dict(statement)


def test_nothing_that_was_said_is_ever_logged() -> None:
    assert_literals(
        "account-baseline",
        "aws_bedrock_model_invocation_logging_configuration",
        "this",
        {f"logging_config.{kind}_data_delivery_enabled": "false" for kind in ("text", "image", "embedding", "video")},
    )


def test_calls_are_logged_to_the_group_that_expires(plans: ExamplePlans) -> None:
    (group,) = values_of(plans, _LABEL, "aws_cloudwatch_log_group").values()
    (logging,) = values_of(plans, _LABEL, "aws_bedrock_model_invocation_logging_configuration").values()
    config = logging["logging_config"]
    assert config["cloudwatch_config"]["log_group_name"] == group["name"]
    assert not config["s3_config"]
    assert contract(plans, _LABEL) == {"log_retention_days": 30, "model_invocation_logs_texts": False}


def test_bedrock_is_told_the_role_that_only_its_api_requires() -> None:
    assert_literals(
        "account-baseline",
        "aws_bedrock_model_invocation_logging_configuration",
        "this",
        {"logging_config.cloudwatch_config.role_arn": "aws_iam_role.model_invocation_logs.arn"},
    )


def test_bedrock_takes_its_role_for_this_account_and_region_only(plans: ExamplePlans) -> None:
    trust = _policy(plans, "aws_iam_role", "model_invocation_logs", "assume_role_policy")
    assert trust["Principal"] == {"Service": "bedrock.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:bedrock:eu-central-1:111122223333:*"},
    }
    grant = _policy(plans, "aws_iam_role_policy", "model_invocation_logs", "policy")
    assert grant["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    (group,) = values_of(plans, _LABEL, "aws_cloudwatch_log_group").values()
    arn = f"arn:aws:logs:eu-central-1:111122223333:log-group:{group['name']}"
    assert grant["Resource"] == f"{arn}:log-stream:aws/bedrock/modelinvocations"


def test_api_gateway_logs_in_this_account_and_region_only(plans: ExamplePlans) -> None:
    trust = _policy(plans, "aws_iam_role", "api_gateway_logs", "assume_role_policy")
    assert trust["Principal"] == {"Service": "apigateway.amazonaws.com"}
    grant = _policy(plans, "aws_iam_role_policy", "api_gateway_logs", "policy")
    assert grant["Resource"] == "arn:aws:logs:eu-central-1:111122223333:*"
    assert all(action.startswith("logs:") and "*" not in action for action in grant["Action"])


@pytest.fixture(scope="module")
def cases(plan_cases: PlanManyCases) -> PlanCases:
    """The module in two regions of one account, with the longest names."""
    regions = ("eu-central-1", "ap-southeast-1", "us-gov-west-1")
    return plan_cases(
        MODULES / "account-baseline", {name: {**SUITE.base, "name": "a" * 24, "region": name} for name in regions}
    )


def test_two_regions_of_one_account_share_no_role_name(cases: PlanCases) -> None:
    names = [str(role["name"].value) for plan in cases.values() for role in plan.of_type("aws_iam_role")]
    assert len(set(names)) == 6
    assert max(map(len, names)) <= 64


def test_government_regions_are_a_partition_of_their_own(cases: PlanCases) -> None:
    policy = cases["us-gov-west-1"]["aws_iam_role_policy.api_gateway_logs"]["policy"]
    (statement,) = json.loads(policy.value)["Statement"]
    assert statement["Resource"] == "arn:aws-us-gov:logs:us-gov-west-1:111122223333:*"
