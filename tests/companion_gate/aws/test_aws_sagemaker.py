from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

ROLE = "arn:aws:iam::123456789012:role/companion"
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 10,
    "DestinationS3Uri": "s3://bucket/capture",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
DEPLOYMENT = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "WaitIntervalInSeconds": 300,
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
        },
        "TerminationWaitInSeconds": 300,
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}


@pytest.fixture
def sagemaker(client: Client) -> Any:
    """SageMaker with the model `llm`."""
    made = client("sagemaker", "eu-west-1")
    made.create_model(ModelName="llm", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "registry/llm:1"})
    return made


def config(sagemaker: Any, name: str, *, instance_type: str = "ml.g6.xlarge", count: int = 2, **more: Any) -> None:
    variant = {
        "VariantName": "main",
        "ModelName": "llm",
        "InstanceType": instance_type,
        "InitialInstanceCount": count,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **more)


def test_model_reads_back_its_network_settings(sagemaker: Any) -> None:
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
    sagemaker.create_model(
        ModelName="isolated",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": "registry/llm:1", "Environment": {"A": "b"}},
        VpcConfig=vpc,
        EnableNetworkIsolation=True,
        Tags=[{"Key": "team", "Value": "chat"}],
    )
    isolated = sagemaker.describe_model(ModelName="isolated")
    assert isolated["EnableNetworkIsolation"] is True
    assert isolated["VpcConfig"] == vpc
    assert isolated["PrimaryContainer"] == {"Image": "registry/llm:1", "Environment": {"A": "b"}}
    plain = sagemaker.describe_model(ModelName="llm")
    assert plain["EnableNetworkIsolation"] is False
    assert "VpcConfig" not in plain
    assert sagemaker.list_tags(ResourceArn=isolated["ModelArn"])["Tags"] == [{"Key": "team", "Value": "chat"}]


@pytest.mark.parametrize("instance_type", ["ml.g6.xlarge", "ml.g5.12xlarge", "ml.inf2.24xlarge", "ml.p5.48xlarge"])
def test_instance_types_of_today_are_accepted(sagemaker: Any, instance_type: str) -> None:
    config(sagemaker, "now", instance_type=instance_type, DataCaptureConfig=CAPTURE, KmsKeyId="alias/companion")
    read = sagemaker.describe_endpoint_config(EndpointConfigName="now")
    assert read["ProductionVariants"][0]["InstanceType"] == instance_type
    assert read["DataCaptureConfig"] == CAPTURE
    assert read["KmsKeyId"] == "alias/companion"
    assert "AsyncInferenceConfig" not in read


def test_endpoint_shows_deployment_and_capture(sagemaker: Any) -> None:
    config(sagemaker, "one", DataCaptureConfig=CAPTURE)
    sagemaker.create_endpoint(EndpointName="companion", EndpointConfigName="one", DeploymentConfig=DEPLOYMENT)
    read = sagemaker.describe_endpoint(EndpointName="companion")
    assert read["EndpointStatus"] == "InService"
    assert read["LastDeploymentConfig"] == DEPLOYMENT
    assert read["DataCaptureConfig"]["CurrentSamplingPercentage"] == 10
    (variant,) = read["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (2, 2)


def test_update_moves_the_endpoint_to_another_configuration(sagemaker: Any) -> None:
    config(sagemaker, "one", count=2)
    config(sagemaker, "two", count=5, DataCaptureConfig=CAPTURE)
    sagemaker.create_endpoint(EndpointName="companion", EndpointConfigName="one", DeploymentConfig=DEPLOYMENT)
    before = sagemaker.describe_endpoint(EndpointName="companion")
    sagemaker.update_endpoint(EndpointName="companion", EndpointConfigName="two")
    after = sagemaker.describe_endpoint(EndpointName="companion")
    assert after["EndpointConfigName"] == "two"
    assert after["ProductionVariants"][0]["DesiredInstanceCount"] == 5
    assert after["DataCaptureConfig"]["EnableCapture"] is True
    assert after["LastModifiedTime"] > before["LastModifiedTime"]
    assert after["CreationTime"] == before["CreationTime"]


def test_update_keeps_capacity_and_deployment_when_asked_to(sagemaker: Any) -> None:
    config(sagemaker, "one", count=2)
    config(sagemaker, "two", count=5)
    sagemaker.create_endpoint(EndpointName="companion", EndpointConfigName="one", DeploymentConfig=DEPLOYMENT)
    sagemaker.update_endpoint(
        EndpointName="companion", EndpointConfigName="two", RetainAllVariantProperties=True, RetainDeploymentConfig=True
    )
    read = sagemaker.describe_endpoint(EndpointName="companion")
    assert read["ProductionVariants"][0]["DesiredInstanceCount"] == 2
    assert read["LastDeploymentConfig"] == DEPLOYMENT


def test_tag_with_a_new_value_replaces_the_old_one(sagemaker: Any) -> None:
    config(sagemaker, "one")
    arn = sagemaker.create_endpoint(EndpointName="companion", EndpointConfigName="one")["EndpointArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "chat"}])
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "voice"}])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "voice"}]


def test_names_that_do_not_exist_are_refused(sagemaker: Any, refused: Refused) -> None:
    config(sagemaker, "one")
    sagemaker.create_endpoint(EndpointName="companion", EndpointConfigName="one")
    for operation, names in (
        (sagemaker.describe_model, {"ModelName": "none"}),
        (sagemaker.delete_model, {"ModelName": "none"}),
        (sagemaker.describe_endpoint_config, {"EndpointConfigName": "none"}),
        (sagemaker.describe_endpoint, {"EndpointName": "none"}),
        (sagemaker.create_endpoint, {"EndpointName": "other", "EndpointConfigName": "none"}),
        (sagemaker.update_endpoint, {"EndpointName": "none", "EndpointConfigName": "one"}),
        (sagemaker.update_endpoint, {"EndpointName": "companion", "EndpointConfigName": "none"}),
    ):
        assert "Could not find" in refused("ValidationException", operation, **names)
    variant = {"VariantName": "main", "ModelName": "none", "InstanceType": "ml.g6.xlarge", "InitialInstanceCount": 1}
    refused(
        "ValidationException",
        sagemaker.create_endpoint_config,
        EndpointConfigName="two",
        ProductionVariants=[variant],
    )
    variant |= {"ModelName": "llm", "InstanceType": "g6.xlarge"}
    refused(
        "ValidationException",
        sagemaker.create_endpoint_config,
        EndpointConfigName="two",
        ProductionVariants=[variant],
    )


def test_name_is_free_again_after_deletion(sagemaker: Any, refused: Refused) -> None:
    config(sagemaker, "one")
    sagemaker.create_endpoint(EndpointName="companion", EndpointConfigName="one")
    refused("ValidationException", sagemaker.create_endpoint, EndpointName="companion", EndpointConfigName="one")
    sagemaker.delete_endpoint(EndpointName="companion")
    sagemaker.delete_endpoint_config(EndpointConfigName="one")
    sagemaker.delete_model(ModelName="llm")
    refused("ValidationException", sagemaker.describe_endpoint, EndpointName="companion")
    sagemaker.create_model(ModelName="llm", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "registry/llm:2"})
    assert sagemaker.describe_model(ModelName="llm")["PrimaryContainer"] == {"Image": "registry/llm:2"}


def test_accounts_and_regions_are_apart(sagemaker: Any, client: Client, refused: Refused) -> None:
    assert sagemaker.describe_model(ModelName="llm")["ModelArn"].startswith("arn:aws:sagemaker:eu-west-1:123456789012:")
    for place in (("us-east-1", "123456789012"), ("eu-west-1", "222222222222")):
        refused("ValidationException", client("sagemaker", *place).describe_model, ModelName="llm")
