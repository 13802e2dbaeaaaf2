"""SageMaker real-time inference: today's instance types, everything that was sent read back, and endpoint updates.

Sources: AWS docs "CreateModel", "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint", "DescribeEndpoint" (API
reference) and "Common error types" for the ValidationException of an unknown name.
"""

from __future__ import annotations

import re
from typing import Any

from moto.sagemaker.models import FakeEndpointConfig
from moto.sagemaker.responses import SageMakerResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, now

_INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")


def _validate_instance_type(self: Any, instance_type: str) -> None:
    """Accept any well-formed type: a fixed list (the server's is from 2021) refuses what AWS has added since."""
    if not _INSTANCE_TYPE.fullmatch(instance_type):
        raise AwsError("ValidationException", f"The instance type {instance_type!r} is not valid.")


FakeEndpointConfig.validate_instance_type = _validate_instance_type


def _create(call: Call, kind: str, name: str) -> Answer:
    """Keep what was sent, as the server drops part of it."""
    sent = call.table(f"sagemaker {kind}")
    if call.params[name] in sent:
        raise AwsError("ValidationException", f'Cannot create already existing {kind} "{call.params[name]}".')
    answer = call.upstream()
    sent[call.params[name]] = {key: value for key, value in call.params.items() if key != "Tags"}
    return answer


def _sent(call: Call, kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] | None = call.table(f"sagemaker {kind}").get(name)
    if found is None:
        raise AwsError("ValidationException", f'Could not find {kind} "{call.arn("sagemaker", f"{kind}/{name}")}".')
    return found


def _delete(call: Call, kind: str, name: str) -> Answer:
    _sent(call, kind, call.params[name])
    call.upstream()
    del call.table(f"sagemaker {kind}")[call.params[name]]
    return None


@action(SageMakerResponse, "CreateModel")
def create_model(call: Call) -> Answer:
    return _create(call, "model", "ModelName")


@action(SageMakerResponse, "DescribeModel")
def describe_model(call: Call) -> Answer:
    sent = _sent(call, "model", call.params["ModelName"])
    answer = kept(call.upstream(), ("ModelArn", "CreationTime"))
    return {"EnableNetworkIsolation": False, **sent, **answer}


@action(SageMakerResponse, "DeleteModel")
def delete_model(call: Call) -> Answer:
    return _delete(call, "model", "ModelName")


@action(SageMakerResponse, "CreateEndpointConfig")
def create_endpoint_config(call: Call) -> Answer:
    for variant in call.params["ProductionVariants"]:
        if "ModelName" in variant:
            _sent(call, "model", variant["ModelName"])
    return _create(call, "endpoint-config", "EndpointConfigName")


@action(SageMakerResponse, "DescribeEndpointConfig")
def describe_endpoint_config(call: Call) -> Answer:
    sent = _sent(call, "endpoint-config", call.params["EndpointConfigName"])
    return {**sent, **kept(call.upstream(), ("EndpointConfigArn", "CreationTime"))}


@action(SageMakerResponse, "DeleteEndpointConfig")
def delete_endpoint_config(call: Call) -> Answer:
    return _delete(call, "endpoint-config", "EndpointConfigName")


@action(SageMakerResponse, "CreateEndpoint")
def create_endpoint(call: Call) -> Answer:
    config = _sent(call, "endpoint-config", call.params["EndpointConfigName"])
    answer = _create(call, "endpoint", "EndpointName")
    endpoint = _sent(call, "endpoint", call.params["EndpointName"])
    endpoint |= {"variants": _fleet(config), "updated": now()}
    return answer


@action(SageMakerResponse, "UpdateEndpoint")
def update_endpoint(call: Call) -> Answer:
    """Deploy another configuration; capacity goes back to the configuration's unless the request retains it."""
    endpoint = _sent(call, "endpoint", call.params["EndpointName"])
    config = _sent(call, "endpoint-config", call.params["EndpointConfigName"])
    retained = endpoint["variants"] if call.params.get("RetainAllVariantProperties") else []
    if not call.params.get("RetainDeploymentConfig"):
        endpoint.pop("DeploymentConfig", None)
    endpoint |= kept(call.params, ("EndpointConfigName", "DeploymentConfig"))
    endpoint |= {"variants": _fleet(config, retained), "updated": now()}
    return {"EndpointArn": call.arn("sagemaker", f"endpoint/{call.params['EndpointName']}")}


def _fleet(config: dict[str, Any], retained: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """The variants as DescribeEndpoint shows them once they are in service."""
    before = {variant["VariantName"]: variant for variant in retained or []}
    return [_in_service(variant, before.get(variant["VariantName"], {})) for variant in config["ProductionVariants"]]


def _in_service(variant: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    weight = before.get("DesiredWeight", variant.get("InitialVariantWeight", 1.0))
    count = before.get("DesiredInstanceCount", variant.get("InitialInstanceCount"))
    serverless = variant.get("ServerlessConfig")
    shown = {
        "VariantName": variant["VariantName"],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
        "CurrentServerlessConfig": serverless,
        "DesiredServerlessConfig": serverless,
    }
    return {**kept(shown, shown), **kept(variant, ("ManagedInstanceScaling", "RoutingConfig"))}


@action(SageMakerResponse, "DescribeEndpoint")
def describe_endpoint(call: Call) -> Answer:
    endpoint = _sent(call, "endpoint", call.params["EndpointName"])
    answer = kept(call.upstream(), ("EndpointName", "EndpointArn", "EndpointStatus", "CreationTime"))
    config = call.table("sagemaker endpoint-config").get(endpoint["EndpointConfigName"], {})
    return {
        **answer,
        "EndpointConfigName": endpoint["EndpointConfigName"],
        "LastModifiedTime": endpoint["updated"],
        "ProductionVariants": endpoint["variants"],
        "LastDeploymentConfig": endpoint.get("DeploymentConfig"),
        "AsyncInferenceConfig": config.get("AsyncInferenceConfig"),
        "DataCaptureConfig": _capture_summary(config.get("DataCaptureConfig")),
    }


def _capture_summary(capture: dict[str, Any] | None) -> dict[str, Any] | None:
    if capture is None:
        return None
    enabled = bool(capture.get("EnableCapture"))
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
        "DestinationS3Uri": capture["DestinationS3Uri"],
        "KmsKeyId": capture.get("KmsKeyId", ""),
    }


@action(SageMakerResponse, "DeleteEndpoint")
def delete_endpoint(call: Call) -> Answer:
    return _delete(call, "endpoint", "EndpointName")


@action(SageMakerResponse, "AddTags")
def add_tags(call: Call) -> Answer:
    """A key that is there already gets the new value; the server would keep both."""
    backend = call.response.sagemaker_backend
    backend.delete_tags(call.params["ResourceArn"], [tag["Key"] for tag in call.params["Tags"]])
    return call.upstream()
