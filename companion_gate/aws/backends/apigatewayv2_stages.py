"""API Gateway v2: deployments, and the stages that serve one.

Sources: AWS docs "CreateDeployment", "DeleteDeployment", "CreateStage", "UpdateStage" (API Gateway v2 API reference)
and "Set up CloudWatch logging for REST APIs in API Gateway" (developer guide: the role of the account).
"""

from __future__ import annotations

from typing import Any

from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.apigatewayv2.urls import url_paths

from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, now, random_id, route

_SETTINGS = (
    "AccessLogSettings",
    "AutoDeploy",
    "ClientCertificateId",
    "DefaultRouteSettings",
    "DeploymentId",
    "Description",
    "RouteSettings",
    "StageName",
    "StageVariables",
    "Tags",
)
# AWS docs, "RouteSettings": what a WebSocket stage has that was told nothing.
_DEFAULT_ROUTE = {"DataTraceEnabled": False, "DetailedMetricsEnabled": False, "LoggingLevel": "OFF"}

route(
    url_paths,
    ApiGatewayV2Response,
    "/v2/apis/(?P<api_id>[^/]+)/deployments$",
    "/v2/apis/(?P<api_id>[^/]+)/deployments/(?P<deployment_id>[^/]+)$",
    "/v2/apis/(?P<api_id>[^/]+)/stages/(?P<stage_name>[^/]+)/routesettings/(?P<route_key>[^/]+)$",
    "/v2/tags/(?P<resource_arn>.+/stages/[^/]+)$",
)


def forget(call: Call, api: str) -> None:
    """Delete the stages and deployments of an API."""
    for table in ("apigatewayv2 stages", "apigatewayv2 deployments"):
        rows = call.table(table)
        for key in [key for key in rows if key[0] == api]:
            del rows[key]


def find(call: Call, api: str, name: str) -> dict[str, Any]:
    """A stage. Raises NotFoundException as AWS does."""
    found: dict[str, Any] | None = call.table("apigatewayv2 stages").get((api, name))
    if found is None:
        raise AwsError("NotFoundException", f"Invalid stage identifier specified {name}")
    return found


@action(ApiGatewayV2Response, "CreateDeployment")
def create_deployment(call: Call) -> Answer:
    api = call.response.apigatewayv2_backend.get_api(call.params["ApiId"])
    if not api.get_routes():
        raise AwsError("BadRequestException", "At least one route is required before deploying the Api.")
    stage = call.params.get("StageName")
    served = find(call, api.api_id, stage) if stage else None
    deployment_id = random_id(6)
    row = {
        "DeploymentId": deployment_id,
        "DeploymentStatus": "DEPLOYED",
        "CreatedDate": now(),
        "AutoDeployed": False,
        **kept(call.params, ["Description"]),
    }
    call.table("apigatewayv2 deployments")[api.api_id, deployment_id] = row
    if served is not None:
        served["DeploymentId"] = deployment_id
    return row


@action(ApiGatewayV2Response, "GetDeployment")
def get_deployment(call: Call) -> Answer:
    return _deployment(call, call.params["DeploymentId"])


@action(ApiGatewayV2Response, "GetDeployments")
def get_deployments(call: Call) -> Answer:
    rows = call.table("apigatewayv2 deployments")
    return {"Items": [row for (api, _), row in rows.items() if api == call.params["ApiId"]]}


@action(ApiGatewayV2Response, "UpdateDeployment")
def update_deployment(call: Call) -> Answer:
    row = _deployment(call, call.params["DeploymentId"])
    row |= kept(call.params, ["Description"])
    return row


@action(ApiGatewayV2Response, "DeleteDeployment")
def delete_deployment(call: Call) -> Answer:
    api, deployment_id = call.params["ApiId"], call.params["DeploymentId"]
    _deployment(call, deployment_id)
    stages = call.table("apigatewayv2 stages").items()
    if any(key[0] == api and stage.get("DeploymentId") == deployment_id for key, stage in stages):
        raise AwsError("BadRequestException", "Active stages pointing to this deployment must be moved or deleted")
    del call.table("apigatewayv2 deployments")[api, deployment_id]
    return None


def _deployment(call: Call, deployment_id: str) -> dict[str, Any]:
    row: dict[str, Any] | None = call.table("apigatewayv2 deployments").get((call.params["ApiId"], deployment_id))
    if row is None:
        raise AwsError("NotFoundException", f"Invalid deployment identifier specified {deployment_id}")
    return row


@action(ApiGatewayV2Response, "CreateStage")
def create_stage(call: Call) -> Answer:
    api, name = call.response.apigatewayv2_backend.get_api(call.params["ApiId"]), call.params["StageName"]
    stages = call.table("apigatewayv2 stages")
    if (api.api_id, name) in stages:
        raise AwsError("ConflictException", "Stage already exists")
    _check(call)
    created = now()
    defaults = _DEFAULT_ROUTE if api.protocol_type == "WEBSOCKET" else {"DetailedMetricsEnabled": False}
    given = kept(call.params, _SETTINGS)
    stages[api.api_id, name] = {
        "RouteSettings": {},
        "StageVariables": {},
        "Tags": {},
        **given,
        "DefaultRouteSettings": {**defaults, **given.get("DefaultRouteSettings", {})},
        "CreatedDate": created,
        "LastUpdatedDate": created,
    }
    return stages[api.api_id, name]  # type: ignore[no-any-return]


@action(ApiGatewayV2Response, "UpdateStage")
def update_stage(call: Call) -> Answer:
    stage = find(call, call.params["ApiId"], call.params["StageName"])
    _check(call)
    given = kept(call.params, _SETTINGS)
    given["DefaultRouteSettings"] = {**stage["DefaultRouteSettings"], **given.get("DefaultRouteSettings", {})}
    given["RouteSettings"] = {**stage["RouteSettings"], **given.get("RouteSettings", {})}
    # AWS docs, "UpdateStage": an empty value of a stage variable removes it.
    variables = {**stage["StageVariables"], **given.get("StageVariables", {})}
    given["StageVariables"] = {name: value for name, value in variables.items() if value}
    stage |= {**given, "LastUpdatedDate": now()}
    return stage


@action(ApiGatewayV2Response, "GetStage")
def get_stage(call: Call) -> Answer:
    return find(call, call.params["ApiId"], call.params["StageName"])


@action(ApiGatewayV2Response, "GetStages")
def get_stages(call: Call) -> Answer:
    rows = call.table("apigatewayv2 stages").items()
    return {"Items": [row for (api, _), row in rows if api == call.params["ApiId"]]}


@action(ApiGatewayV2Response, "DeleteStage")
def delete_stage(call: Call) -> Answer:
    api, name = call.params["ApiId"], call.params["StageName"]
    find(call, api, name)
    mappings = call.response.apigatewayv2_backend.api_mappings.values()
    if any((mapping.api_id, mapping.stage) == (api, name) for mapping in mappings):
        raise AwsError("ConflictException", f"Stage {name} is mapped to a domain name; delete the mapping first.")
    del call.table("apigatewayv2 stages")[api, name]
    return None


@action(ApiGatewayV2Response, "DeleteRouteSettings")
def delete_route_settings(call: Call) -> Answer:
    stage = find(call, call.params["ApiId"], call.params["StageName"])
    if stage["RouteSettings"].pop(call.params["RouteKey"], None) is None:
        raise AwsError("NotFoundException", f"Unable to find RouteKey {call.params['RouteKey']} in the stage")
    return None


@action(ApiGatewayV2Response, "TagResource")
def tag_resource(call: Call) -> Answer:
    stage = _tagged_stage(call)
    if stage is None:
        return call.upstream()
    stage["Tags"] = {**stage["Tags"], **call.params["Tags"]}
    return None


@action(ApiGatewayV2Response, "UntagResource")
def untag_resource(call: Call) -> Answer:
    stage = _tagged_stage(call)
    if stage is None:
        return call.upstream()
    stage["Tags"] = {name: value for name, value in stage["Tags"].items() if name not in call.params["TagKeys"]}
    return None


def _tagged_stage(call: Call) -> dict[str, Any] | None:
    parts = call.params["ResourceArn"].split("/")
    return find(call, parts[2], parts[4]) if parts[3:4] == ["stages"] else None


def _check(call: Call) -> None:
    """Refuse a deployment that is none, and logs that nobody may write."""
    if deployment := call.params.get("DeploymentId"):
        _deployment(call, deployment)
    settings = [call.params.get("DefaultRouteSettings", {}), *call.params.get("RouteSettings", {}).values()]
    logs = any(each.get("LoggingLevel", "OFF") != "OFF" for each in settings)
    if logs and not call.backend("apigateway").account.cloudwatch_role_arn:
        raise AwsError(
            "BadRequestException", "CloudWatch Logs role ARN must be set in account settings to enable logging"
        )
