from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/companion/variant/main",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
POLICY = {
    "PolicyName": "concurrency",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 4.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantConcurrentRequestsPerModelHighResolution"
        },
    },
}


@pytest.fixture
def scaling(client: Client) -> Any:
    return client("application-autoscaling", "eu-west-1")


@pytest.mark.parametrize(
    "bounds",
    [{"MinCapacity": 5, "MaxCapacity": 2}, {"MinCapacity": -1, "MaxCapacity": 2}, {"MinCapacity": 1}, {}],
)
def test_bounds_that_plan_lets_through_are_refused(scaling: Any, refused: Refused, bounds: dict[str, int]) -> None:
    refused("ValidationException", scaling.register_scalable_target, **TARGET, **bounds)
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []


def test_update_of_one_bound_is_held_against_the_other(scaling: Any, refused: Refused) -> None:
    scaling.register_scalable_target(**TARGET, MinCapacity=2, MaxCapacity=4)
    refused("ValidationException", scaling.register_scalable_target, **TARGET, MinCapacity=5)
    scaling.register_scalable_target(**TARGET, MinCapacity=4)
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (4, 4)
    assert target["RoleARN"].endswith("/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")


def test_table_capacity_may_not_be_zero(scaling: Any, refused: Refused) -> None:
    table = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/memory",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    refused("ValidationException", scaling.register_scalable_target, **table, MinCapacity=0, MaxCapacity=2)


def test_tags_live_as_long_as_the_target(scaling: Any, refused: Refused) -> None:
    arn = scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2, Tags={"team": "chat"})[
        "ScalableTargetARN"
    ]
    scaling.tag_resource(ResourceARN=arn, Tags={"team": "voice", "tier": "1"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["tier"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "voice"}
    refused("TooManyTagsException", scaling.tag_resource, ResourceARN=arn, Tags={f"k{n}": "v" for n in range(50)})
    scaling.deregister_scalable_target(**TARGET)
    refused("ResourceNotFoundException", scaling.list_tags_for_resource, ResourceARN=arn)
    refused("ResourceNotFoundException", scaling.tag_resource, ResourceARN=arn, Tags={"a": "b"})


def test_policy_needs_its_target(scaling: Any, refused: Refused) -> None:
    refused("ObjectNotFoundException", scaling.put_scaling_policy, **TARGET, **POLICY)
    scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2)
    assert ":scalingPolicy:" in scaling.put_scaling_policy(**TARGET, **POLICY)["PolicyARN"]


def test_accounts_and_regions_are_apart(scaling: Any, client: Client, refused: Refused) -> None:
    scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2)
    for place in (("us-east-1", "123456789012"), ("eu-west-1", "222222222222")):
        elsewhere = client("application-autoscaling", *place)
        refused("ObjectNotFoundException", elsewhere.put_scaling_policy, **TARGET, **POLICY)
