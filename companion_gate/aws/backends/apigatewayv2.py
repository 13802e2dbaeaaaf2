"""API Gateway v2: WebSocket APIs, their routes, domains and mappings; deployments and stages stand beside this file.

Sources: AWS docs "CreateApi", "CreateRoute", "CreateDomainName", "CreateApiMapping" (API Gateway v2 API reference).
"""

from __future__ import annotations

from typing import Any

from moto.apigatewayv2.responses import ApiGatewayV2Response

from companion_gate.aws.backends import apigatewayv2_stages as stages
from companion_gate.aws.registration import Answer, AwsError, Call, action, random_id

# Made up: the hosted zone of the domains differs by Region (AWS docs: "Amazon API Gateway endpoints and quotas").
_ZONE = "Z1U9ULNL0V5AJ3"


@action(ApiGatewayV2Response, "CreateApi")
def create_api(call: Call) -> Answer:
    return _api(call.upstream())


@action(ApiGatewayV2Response, "GetApi")
def get_api(call: Call) -> Answer:
    return _api(call.upstream())


@action(ApiGatewayV2Response, "UpdateApi")
def update_api(call: Call) -> Answer:
    return _api(call.upstream())


@action(ApiGatewayV2Response, "GetApis")
def get_apis(call: Call) -> Answer:
    return {"Items": [_api(each) for each in call.upstream()["Items"]]}


@action(ApiGatewayV2Response, "DeleteApi")
def delete_api(call: Call) -> Answer:
    api = call.params["ApiId"]
    call.response.apigatewayv2_backend.get_api(api)
    mappings = call.response.apigatewayv2_backend.api_mappings.values()
    if any(mapping.api_id == api for mapping in mappings):
        raise AwsError("ConflictException", f"API {api} is mapped to a domain name; delete the mapping first.")
    answer = call.upstream()
    stages.forget(call, api)
    return answer


def _api(answer: dict[str, Any]) -> dict[str, Any]:
    if answer["ProtocolType"] == "WEBSOCKET":
        answer["ApiEndpoint"] = answer["ApiEndpoint"].replace("https://", "wss://")
    return {name: value for name, value in answer.items() if value is not None}


@action(ApiGatewayV2Response, "CreateRoute")
def create_route(call: Call) -> Answer:
    _check_route(call)
    key, api = call.params["RouteKey"], call.response.apigatewayv2_backend.get_api(call.params["ApiId"])
    if any(each.route_key == key for each in api.get_routes()):
        raise AwsError("ConflictException", f"Route with key {key} already exists for this API")
    return call.upstream()


@action(ApiGatewayV2Response, "UpdateRoute")
def update_route(call: Call) -> Answer:
    _check_route(call)
    return call.upstream()


def _check_route(call: Call) -> None:
    api = call.response.apigatewayv2_backend.get_api(call.params["ApiId"])
    target = call.params.get("Target")
    if target and target.removeprefix("integrations/") not in api.integrations:
        raise AwsError("BadRequestException", f"Invalid target {target}: the integration does not exist")
    authorizer = call.params.get("AuthorizerId")
    if authorizer and authorizer not in api.authorizers:
        raise AwsError("BadRequestException", f"Invalid authorizer ID specified: {authorizer}")
    # AWS docs, "Lambda REQUEST authorizers for WebSocket APIs": on $connect only.
    if authorizer and api.protocol_type == "WEBSOCKET" and call.params.get("RouteKey", "$connect") != "$connect":
        raise AwsError("BadRequestException", "Currently, authorization is restricted to the $connect route only")


@action(ApiGatewayV2Response, "DeleteIntegration")
def delete_integration(call: Call) -> Answer:
    api = call.response.apigatewayv2_backend.get_api(call.params["ApiId"])
    target = f"integrations/{call.params['IntegrationId']}"
    used = [route.route_key for route in api.get_routes() if route.target == target]
    if used:
        raise AwsError("ConflictException", f"Cannot delete the integration: it is referenced by route {used[0]}")
    return call.upstream()


@action(ApiGatewayV2Response, "CreateDomainName")
def create_domain_name(call: Call) -> Answer:
    if call.params["DomainName"] in call.response.apigatewayv2_backend.domain_names:
        raise AwsError("ConflictException", "The domain name you provided already exists.")
    call.upstream()
    domain = call.response.apigatewayv2_backend.domain_names[call.params["DomainName"]]
    for configuration in domain.domain_name_configurations:
        configuration |= {
            "domainNameStatus": "AVAILABLE",
            "apiGatewayDomainName": f"d-{random_id(10)}.execute-api.{call.region}.amazonaws.com",
            "hostedZoneId": _ZONE,
        }
    return get_domain_name(call)


@action(ApiGatewayV2Response, "GetDomainName")
def get_domain_name(call: Call) -> Answer:
    domain = call.response.apigatewayv2_backend.get_domain_name(call.params["DomainName"])
    return _domain(domain)


@action(ApiGatewayV2Response, "GetDomainNames")
def get_domain_names(call: Call) -> Answer:
    return {"Items": [_domain(each) for each in call.response.apigatewayv2_backend.domain_names.values()]}


def _domain(domain: Any) -> dict[str, Any]:
    return {
        "ApiMappingSelectionExpression": domain.api_mapping_selection_expression,
        "DomainName": domain.domain_name,
        "DomainNameConfigurations": [
            {name[0].upper() + name[1:]: value for name, value in configuration.items()}
            for configuration in domain.domain_name_configurations
        ],
        "Tags": domain.tags or {},
    }


@action(ApiGatewayV2Response, "CreateApiMapping")
def create_api_mapping(call: Call) -> Answer:
    call.response.apigatewayv2_backend.get_api(call.params["ApiId"])
    stages.find(call, call.params["ApiId"], call.params["Stage"])
    return call.upstream()
