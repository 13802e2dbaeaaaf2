from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

REGION = "eu-west-1"
LOGGED = {"LoggingLevel": "ERROR", "ThrottlingRateLimit": 20.0, "ThrottlingBurstLimit": 10}


@pytest.fixture
def gateway(client: Client) -> Any:
    return client("apigatewayv2", REGION)


@pytest.fixture
def api(gateway: Any) -> str:
    """A WebSocket API with one route."""
    made = gateway.create_api(Name="companion", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.a")
    api = str(made["ApiId"])
    integration = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri="arn:function")
    gateway.create_route(ApiId=api, RouteKey="$connect", Target=f"integrations/{integration['IntegrationId']}")
    return api


@pytest.fixture
def deployment(gateway: Any, api: str) -> str:
    return str(gateway.create_deployment(ApiId=api, Description="routes")["DeploymentId"])


def let_log(client: Client, service: str = "apigateway") -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return str(client("iam").create_role(RoleName="logs", AssumeRolePolicyDocument=document)["Role"]["Arn"])


def test_websocket_api_is_connected_to_by_its_own_scheme(gateway: Any, api: str) -> None:
    read = gateway.get_api(ApiId=api)
    assert read["ApiEndpoint"] == f"wss://{api}.execute-api.{REGION}.amazonaws.com"
    assert [each["ApiId"] for each in gateway.get_apis()["Items"]] == [api]
    http = gateway.create_api(Name="http", ProtocolType="HTTP")
    assert http["ApiEndpoint"].startswith("https://")


def test_stage_serves_a_deployment_and_keeps_its_settings(gateway: Any, api: str, deployment: str) -> None:
    created = gateway.create_stage(
        ApiId=api,
        StageName="live",
        DeploymentId=deployment,
        DefaultRouteSettings={"ThrottlingRateLimit": 20.0, "ThrottlingBurstLimit": 10},
        RouteSettings={"say": {"ThrottlingRateLimit": 5.0}},
        Tags={"team": "voice"},
    )
    assert gateway.get_stage(ApiId=api, StageName="live")["DefaultRouteSettings"] == {
        "DataTraceEnabled": False,
        "DetailedMetricsEnabled": False,
        "LoggingLevel": "OFF",
        "ThrottlingRateLimit": 20.0,
        "ThrottlingBurstLimit": 10,
    }
    assert created["DeploymentId"] == deployment
    gateway.update_stage(ApiId=api, StageName="live", DefaultRouteSettings={"ThrottlingRateLimit": 30.0})
    gateway.delete_route_settings(ApiId=api, StageName="live", RouteKey="say")
    gateway.tag_resource(ResourceArn=f"arn:aws:apigateway:{REGION}::/apis/{api}/stages/live", Tags={"data": "none"})
    (stage,) = gateway.get_stages(ApiId=api)["Items"]
    settings = stage["DefaultRouteSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (30.0, 10)
    assert stage["RouteSettings"] == {}
    assert stage["Tags"] == {"team": "voice", "data": "none"}
    gateway.untag_resource(ResourceArn=f"arn:aws:apigateway:{REGION}::/apis/{api}/stages/live", TagKeys=["team"])
    assert gateway.get_stage(ApiId=api, StageName="live")["Tags"] == {"data": "none"}


def test_deployment_in_use_stays(gateway: Any, api: str, deployment: str, refused: Refused) -> None:
    gateway.create_stage(ApiId=api, StageName="live", DeploymentId=deployment)
    where = {"ApiId": api, "DeploymentId": deployment}
    assert "Active stages" in refused("BadRequestException", gateway.delete_deployment, **where)
    newer = gateway.create_deployment(ApiId=api, StageName="live")["DeploymentId"]
    assert gateway.get_stage(ApiId=api, StageName="live")["DeploymentId"] == newer
    gateway.delete_deployment(**where)
    refused("NotFoundException", gateway.get_deployment, **where)
    assert [each["DeploymentId"] for each in gateway.get_deployments(ApiId=api)["Items"]] == [newer]


def test_api_without_a_route_is_not_deployed(gateway: Any, refused: Refused) -> None:
    empty = gateway.create_api(Name="empty", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.a")
    assert "At least one route" in refused("BadRequestException", gateway.create_deployment, ApiId=empty["ApiId"])


@pytest.mark.parametrize(
    "route",
    [
        {"RouteKey": "say", "Target": "integrations/none"},
        {"RouteKey": "$connect", "AuthorizerId": "none", "AuthorizationType": "CUSTOM"},
    ],
)
def test_route_that_leads_nowhere_is_refused(gateway: Any, api: str, refused: Refused, route: dict[str, str]) -> None:
    refused("BadRequestException", gateway.create_route, ApiId=api, **route)


def test_only_connect_takes_an_authorizer(gateway: Any, api: str, refused: Refused) -> None:
    authorizer = gateway.create_authorizer(
        ApiId=api, Name="a", AuthorizerType="REQUEST", AuthorizerUri="arn:f", IdentitySource=["route.request.header.X"]
    )["AuthorizerId"]
    refused("BadRequestException", gateway.create_route, ApiId=api, RouteKey="say", AuthorizerId=authorizer)


def test_one_route_for_a_key_and_one_stage_for_a_name(gateway: Any, api: str, refused: Refused) -> None:
    refused("ConflictException", gateway.create_route, ApiId=api, RouteKey="$connect")
    gateway.create_stage(ApiId=api, StageName="live")
    refused("ConflictException", gateway.create_stage, ApiId=api, StageName="live")
    refused("NotFoundException", gateway.create_deployment, ApiId=api, StageName="none")


def test_integration_behind_a_route_stays(gateway: Any, api: str, refused: Refused) -> None:
    (integration,) = gateway.get_integrations(ApiId=api)["Items"]
    where = {"ApiId": api, "IntegrationId": integration["IntegrationId"]}
    refused("ConflictException", gateway.delete_integration, **where)
    (route,) = gateway.get_routes(ApiId=api)["Items"]
    gateway.delete_route(ApiId=api, RouteId=route["RouteId"])
    gateway.delete_integration(**where)


def test_stage_logs_only_where_the_account_has_a_role_for_it(
    client: Client, gateway: Any, api: str, refused: Refused
) -> None:
    stage = {"ApiId": api, "StageName": "live", "DefaultRouteSettings": LOGGED}
    assert "CloudWatch Logs role ARN" in refused("BadRequestException", gateway.create_stage, **stage)
    account = client("apigateway", REGION)
    patch = {"op": "replace", "path": "/cloudwatchRoleArn", "value": let_log(client)}
    account.update_account(patchOperations=[patch])
    assert account.get_account()["cloudwatchRoleArn"] == patch["value"]
    assert gateway.create_stage(**stage)["DefaultRouteSettings"]["LoggingLevel"] == "ERROR"


@pytest.mark.parametrize("role", ["none", "lambda"])
def test_role_that_api_gateway_cannot_assume_is_refused(client: Client, refused: Refused, role: str) -> None:
    arn = "arn:aws:iam::123456789012:role/none" if role == "none" else let_log(client, role)
    patch = {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}
    refused("BadRequestException", client("apigateway", REGION).update_account, patchOperations=[patch])


def test_domain_leads_to_a_stage(gateway: Any, api: str, refused: Refused) -> None:
    domain = {
        "DomainName": "companion.example.com",
        "DomainNameConfigurations": [
            {"CertificateArn": "arn:certificate", "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
        ],
    }
    gateway.create_domain_name(**domain)
    refused("ConflictException", gateway.create_domain_name, **domain)
    (configuration,) = gateway.get_domain_name(DomainName="companion.example.com")["DomainNameConfigurations"]
    assert configuration["DomainNameStatus"] == "AVAILABLE"
    assert configuration["ApiGatewayDomainName"].endswith(f".execute-api.{REGION}.amazonaws.com")
    mapping = {"ApiId": api, "DomainName": "companion.example.com", "Stage": "live"}
    refused("NotFoundException", gateway.create_api_mapping, **mapping)
    gateway.create_stage(ApiId=api, StageName="live")
    made = gateway.create_api_mapping(**mapping)
    refused("ConflictException", gateway.delete_stage, ApiId=api, StageName="live")
    refused("ConflictException", gateway.delete_api, ApiId=api)
    gateway.delete_api_mapping(DomainName="companion.example.com", ApiMappingId=made["ApiMappingId"])
    gateway.delete_stage(ApiId=api, StageName="live")
    gateway.delete_domain_name(DomainName="companion.example.com")
    assert gateway.get_domain_names()["Items"] == []


def test_deleted_api_takes_its_stages_along(gateway: Any, api: str, deployment: str, refused: Refused) -> None:
    gateway.create_stage(ApiId=api, StageName="live", DeploymentId=deployment)
    gateway.delete_api(ApiId=api)
    refused("NotFoundException", gateway.get_api, ApiId=api)
    refused("NotFoundException", gateway.get_stage, ApiId=api, StageName="live")
