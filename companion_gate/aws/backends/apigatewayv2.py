"""WebSocket APIs: deployments, stages that change, custom domains in service, and definitions that AWS refuses.

Sources: AWS docs "Amazon API Gateway Version 2 API reference" (Deployments, Stages, DomainNames, ApiMappings, Routes),
"Quotas for configuring and running a WebSocket API", "Control access to WebSocket APIs with Lambda REQUEST authorizers"
and "Set up CloudWatch logging for WebSocket APIs"; "Amazon API Gateway endpoints and quotas" (general reference).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from botocore.parsers import create_parser
from moto.apigateway.urls import url_paths as rest_url_paths
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.apigatewayv2.urls import url_paths

from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, now, random_id, service_model

_ADDED_PATHS = (
    r"{0}/v2/apis/(?P<api_id>[^/]+)/deployments$",
    r"{0}/v2/apis/(?P<api_id>[^/]+)/deployments/(?P<deployment_id>[^/]+)$",
    r"{0}/v2/apis/(?P<api_id>[^/]+)/stages/(?P<stage_name>[^/]+)/accesslogsettings$",
    r"{0}/v2/apis/(?P<api_id>[^/]+)/stages/(?P<stage_name>[^/]+)/routesettings/(?P<route_key>.+)$",
    r"{0}/v2/tags/(?P<resource_arn>.+)$",
)
# moto serves both versions of API Gateway under the name of the first, whose table copied the second's.
for _paths in (url_paths, rest_url_paths):
    _paths.update(dict.fromkeys(_ADDED_PATHS, ApiGatewayV2Response.dispatch))

# Integration timeouts in milliseconds ("Quotas for configuring and running a WebSocket API", and of an HTTP API).
_LONGEST = {"WEBSOCKET": 29000, "HTTP": 30000}
SHORTEST_TIMEOUT = 50
# "Amazon API Gateway endpoints and quotas": hosted zone of regional endpoints.
HOSTED_ZONES = {
    "us-east-1": "Z1UJRXOUMOOFQ8",
    "us-east-2": "ZOJJZC49E0EPZ",
    "us-west-1": "Z2MUQ32089INYE",
    "us-west-2": "Z2OJLYMUO9EFXC",
    "ap-northeast-1": "Z1YSHQZHG15GKL",
    "ap-south-1": "Z3VO1THU9YC4UR",
    "ap-southeast-1": "ZL327KTPIQFUL",
    "ap-southeast-2": "Z2RPCDW04V8134",
    "ca-central-1": "Z19DQILCV0OWEC",
    "eu-central-1": "Z1U9ULNL0V5AJ3",
    "eu-north-1": "Z3UWIKFBOOGXPP",
    "eu-west-1": "ZLY8HYME6SFDD",
    "eu-west-2": "ZJ5UAJN8Y3Z2Q",
    "eu-west-3": "Z3KY65QIEKYHQQ",
    "sa-east-1": "ZCMLWB8V5SYIT",
}
_FUNCTION_URI = re.compile(r"arn:[^:]+:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/arn:.+/invocations")
_STAGE_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}|\$default")
_DEFAULT_SETTINGS = {
    "WEBSOCKET": {"DataTraceEnabled": False, "DetailedMetricsEnabled": False, "LoggingLevel": "OFF"},
    "HTTP": {"DetailedMetricsEnabled": False},
}
_PARSER = create_parser("rest-json")


def _parsed(operation: str, text: str) -> dict[str, Any]:
    """An answer as it goes over the wire, in the API's own names, which differ in their first letter."""
    shape = service_model("apigatewayv2").operation_model(operation).output_shape
    parsed = _PARSER.parse({"status_code": 200, "headers": {}, "body": text.encode()}, shape)
    return {name: value for name, value in parsed.items() if name != "ResponseMetadata"}


def _upstream(call: Call, operation: str) -> dict[str, Any]:
    if call.original is None:
        raise NotImplementedError("the server has no answer of its own")
    return _parsed(operation, call.original(call.response)[-1] or "{}")


def _bad(message: str) -> AwsError:
    return AwsError("BadRequestException", message)


def _missing(message: str) -> AwsError:
    return AwsError("NotFoundException", message)


def _page(call: Call, rows: Iterable[dict[str, Any]]) -> Answer:
    """The page that MaxResults (a string here) and NextToken ask for."""
    everything, token, size = list(rows), call.params.get("NextToken", "0"), call.params.get("MaxResults", "100")
    if not (token.isdecimal() and size.isdecimal() and int(size) > 0 and (token == "0" or int(token) < len(everything))):
        raise _bad("Invalid pagination parameters specified")
    end = int(token) + int(size)
    return {"Items": everything[int(token) : end], "NextToken": str(end) if end < len(everything) else None}


def _backend(call: Call) -> Any:
    return call.response.apigatewayv2_backend


def _api(call: Call) -> Any:
    """The API that the request names. Raises NotFoundException if there is none."""
    return _backend(call).get_api(call.params["ApiId"])


# APIs


@action(ApiGatewayV2Response, "CreateApi")
def create_api(call: Call) -> Answer:
    if call.params["ProtocolType"] == "WEBSOCKET" and not call.params.get("RouteSelectionExpression"):
        raise _bad("RouteSelectionExpression is required for WEBSOCKET protocol APIs")
    created = _upstream(call, "CreateApi")
    api = _backend(call).get_api(created["ApiId"])
    if api.protocol_type == "WEBSOCKET":
        api.api_endpoint = api.api_endpoint.replace("https://", "wss://")
    return _shown_api(call, {**created, "ApiEndpoint": api.api_endpoint})


@action(ApiGatewayV2Response, "GetApi")
def get_api(call: Call) -> Answer:
    return _shown_api(call, _upstream(call, "GetApi"))


@action(ApiGatewayV2Response, "GetApis")
def get_apis(call: Call) -> Answer:
    return _page(call, [_shown_api(call, api) for api in _upstream(call, "GetApis")["Items"]])


@action(ApiGatewayV2Response, "UpdateApi")
def update_api(call: Call) -> Answer:
    return _shown_api(call, _upstream(call, "UpdateApi"))


def _shown_api(call: Call, api: dict[str, Any]) -> dict[str, Any]:
    """With the type of addresses, which only newer models of the API know."""
    types = call.table("apigatewayv2 address types")
    if "IpAddressType" in call.params:
        types[api["ApiId"]] = call.params["IpAddressType"]
    return {**api, "IpAddressType": types.get(api["ApiId"], "ipv4")}


@action(ApiGatewayV2Response, "DeleteApi")
def delete_api(call: Call) -> Answer:
    api = _api(call)
    _backend(call).delete_api(api.api_id)
    _forget_tags(call, api.arn)
    call.table("apigatewayv2 address types").pop(api.api_id, None)
    for rows in (_stages(call), _deployments(call)):
        for key in [key for key in rows if key[0] == api.api_id]:
            del rows[key]
    return None


# Authorizers


@action(ApiGatewayV2Response, "CreateAuthorizer")
def create_authorizer(call: Call) -> Answer:
    _refuse_authorizer(_api(call), call.params)
    return _upstream(call, "CreateAuthorizer")


@action(ApiGatewayV2Response, "GetAuthorizers")
def get_authorizers(call: Call) -> Answer:
    rows = [authorizer.to_json() for authorizer in _api(call).authorizers.values()]
    return _page(call, _parsed("GetAuthorizers", json.dumps({"items": rows}))["Items"])


@action(ApiGatewayV2Response, "UpdateAuthorizer")
def update_authorizer(call: Call) -> Answer:
    current = _api(call).get_authorizer(call.params["AuthorizerId"]).to_json()
    _refuse_authorizer(_api(call), {**_parsed("GetAuthorizer", json.dumps(current)), **call.params})
    return _upstream(call, "UpdateAuthorizer")


@action(ApiGatewayV2Response, "DeleteAuthorizer")
def delete_authorizer(call: Call) -> Answer:
    _api(call).get_authorizer(call.params["AuthorizerId"])
    _api(call).delete_authorizer(call.params["AuthorizerId"])
    return None


def _refuse_authorizer(api: Any, authorizer: dict[str, Any]) -> None:
    uri = authorizer.get("AuthorizerUri") or ""
    if authorizer["AuthorizerType"] == "REQUEST" and not _FUNCTION_URI.fullmatch(uri):
        raise _bad(
            f"Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway ARN that represents a "
            "Lambda function invocation."
        )
    if api.protocol_type != "WEBSOCKET":
        return
    if authorizer["AuthorizerType"] != "REQUEST":
        raise _bad("Only REQUEST authorizers are supported for WEBSOCKET protocol APIs")
    for setting in ("AuthorizerPayloadFormatVersion", "AuthorizerResultTtlInSeconds", "EnableSimpleResponses"):
        if authorizer.get(setting):
            raise _bad(f"{setting} is not supported for WEBSOCKET protocol APIs")
    for source in authorizer.get("IdentitySource", ()):
        if not source.startswith(("route.request.", "context.", "stageVariables.")):
            raise _bad(f"Invalid identity source expression specified: {source}")


# Integrations


@action(ApiGatewayV2Response, "CreateIntegration")
def create_integration(call: Call) -> Answer:
    api = _api(call)
    _refuse_integration(api, call.params)
    created = api.get_integration(_upstream(call, "CreateIntegration")["IntegrationId"])
    created.connection_type = created.connection_type or "INTERNET"
    if "TimeoutInMillis" not in call.params:
        created.timeout_in_millis = _LONGEST[api.protocol_type]
    return _parsed("GetIntegration", json.dumps(created.to_json()))


@action(ApiGatewayV2Response, "GetIntegrations")
def get_integrations(call: Call) -> Answer:
    return _page(call, _upstream(call, "GetIntegrations")["Items"])


@action(ApiGatewayV2Response, "UpdateIntegration")
def update_integration(call: Call) -> Answer:
    current = _api(call).get_integration(call.params["IntegrationId"]).to_json()
    _refuse_integration(_api(call), {**_parsed("GetIntegration", json.dumps(current)), **call.params})
    return _upstream(call, "UpdateIntegration")


@action(ApiGatewayV2Response, "DeleteIntegration")
def delete_integration(call: Call) -> Answer:
    _api(call).get_integration(call.params["IntegrationId"])
    _api(call).delete_integration(call.params["IntegrationId"])
    return None


def _refuse_integration(api: Any, integration: dict[str, Any]) -> None:
    longest = _LONGEST[api.protocol_type]
    timeout = integration.get("TimeoutInMillis", longest)
    if not SHORTEST_TIMEOUT <= timeout <= longest:
        raise _bad(f"Timeout should be between {SHORTEST_TIMEOUT} ms and {longest} ms")
    kind = integration["IntegrationType"]
    if kind == "MOCK" or integration.get("IntegrationSubtype"):
        return
    if not integration.get("IntegrationUri"):
        raise _bad(f"IntegrationUri is required for {kind} integrations")


# Routes


@action(ApiGatewayV2Response, "CreateRoute")
def create_route(call: Call) -> Answer:
    _refuse_route(_api(call), call.params)
    return _upstream(call, "CreateRoute")


@action(ApiGatewayV2Response, "GetRoutes")
def get_routes(call: Call) -> Answer:
    return _page(call, _upstream(call, "GetRoutes")["Items"])


@action(ApiGatewayV2Response, "UpdateRoute")
def update_route(call: Call) -> Answer:
    current = _api(call).get_route(call.params["RouteId"]).to_json()
    _refuse_route(_api(call), {**_parsed("GetRoute", json.dumps(current)), **call.params})
    return _upstream(call, "UpdateRoute")


@action(ApiGatewayV2Response, "DeleteRoute")
def delete_route(call: Call) -> Answer:
    _api(call).get_route(call.params["RouteId"])
    _api(call).delete_route(call.params["RouteId"])
    return None


def _refuse_route(api: Any, route: dict[str, Any]) -> None:
    key = route["RouteKey"]
    if any(other.route_key == key and other.route_id != route.get("RouteId") for other in api.routes.values()):
        raise AwsError("ConflictException", f"Route with key {key} already exists for this API")
    authorization = route.get("AuthorizationType", "NONE")
    if api.protocol_type == "WEBSOCKET" and authorization != "NONE" and key != "$connect":
        raise _bad("Currently, authorization is restricted to the $connect route only")
    if authorization == "CUSTOM" and route.get("AuthorizerId") not in api.authorizers:
        raise _bad(f"Invalid authorizer ID specified: {route.get('AuthorizerId')}")
    kind, _, integration = (route.get("Target") or "").partition("/")
    if kind and (kind != "integrations" or integration not in api.integrations):
        raise _missing(f"Unable to find Integration with ID {integration or kind}")


# Deployments


def _deployments(call: Call) -> dict[tuple[str, str], dict[str, Any]]:
    return call.table("apigatewayv2 deployments")


def _deployment(call: Call, identifier: str) -> dict[str, Any]:
    found = _deployments(call).get((_api(call).api_id, identifier))
    if found is None:
        raise _missing(f"Invalid Deployment identifier specified {identifier}")
    return found


def _deploy(call: Call, description: str | None, automatic: bool) -> dict[str, Any]:
    """A deployment of what the API is now, which is live at once."""
    api = _api(call)
    if not api.routes:
        raise _bad("At least one route is required before deploying the Api.")
    deployment = {
        "DeploymentId": random_id(6),
        "DeploymentStatus": "DEPLOYED",
        "AutoDeployed": automatic,
        "CreatedDate": now(),
        "Description": description,
    }
    _deployments(call)[api.api_id, deployment["DeploymentId"]] = deployment
    return deployment


@action(ApiGatewayV2Response, "CreateDeployment")
def create_deployment(call: Call) -> Answer:
    stage = _stage(call) if "StageName" in call.params else None
    deployment = _deploy(call, call.params.get("Description"), automatic=False)
    if stage is not None:
        stage |= {"DeploymentId": deployment["DeploymentId"], "LastUpdatedDate": now()}
    return deployment


@action(ApiGatewayV2Response, "GetDeployment")
def get_deployment(call: Call) -> Answer:
    return _deployment(call, call.params["DeploymentId"])


@action(ApiGatewayV2Response, "GetDeployments")
def get_deployments(call: Call) -> Answer:
    api = _api(call).api_id
    return _page(call, [row for key, row in _deployments(call).items() if key[0] == api])


@action(ApiGatewayV2Response, "UpdateDeployment")
def update_deployment(call: Call) -> Answer:
    deployment = _deployment(call, call.params["DeploymentId"])
    deployment |= kept(call.params, ["Description"])
    return deployment


@action(ApiGatewayV2Response, "DeleteDeployment")
def delete_deployment(call: Call) -> Answer:
    _deployment(call, call.params["DeploymentId"])
    del _deployments(call)[call.params["ApiId"], call.params["DeploymentId"]]
    return None


# Stages


_STAGE_MEMBERS = ("AccessLogSettings", "AutoDeploy", "ClientCertificateId", "DeploymentId", "Description")


def _stages(call: Call) -> dict[tuple[str, str], dict[str, Any]]:
    return call.table("apigatewayv2 stages")


def _stage(call: Call) -> dict[str, Any]:
    found = _stages(call).get((_api(call).api_id, call.params["StageName"]))
    if found is None:
        raise _missing("Invalid stage identifier specified")
    return found


def _shown_stage(call: Call, stage: dict[str, Any]) -> dict[str, Any]:
    return {**stage, "Tags": _backend(call).get_tags(_stage_arn(call, stage["StageName"]))}


def _stage_arn(call: Call, name: str) -> str:
    return f"{_api(call).arn}/stages/{name}"


@action(ApiGatewayV2Response, "CreateStage")
def create_stage(call: Call) -> Answer:
    api, name = _api(call), call.params["StageName"]
    if not _STAGE_NAME.fullmatch(name) or (name == "$default" and api.protocol_type != "HTTP"):
        raise _bad("Stage name only allows a-zA-Z0-9_-")
    if (api.api_id, name) in _stages(call):
        raise AwsError("ConflictException", "Stage already exists")
    created = now()
    blank = {"StageName": name, "RouteSettings": {}, "StageVariables": {}, "CreatedDate": created}
    stage = _changed(call, {**blank, "DefaultRouteSettings": _DEFAULT_SETTINGS[api.protocol_type]})
    _stages(call)[api.api_id, name] = stage
    _backend(call).tag_resource(_stage_arn(call, name), call.params.get("Tags"))
    return _shown_stage(call, stage)


def _changed(call: Call, stage: dict[str, Any]) -> dict[str, Any]:
    """A stage with what the request sets: single route settings and variables are added to those it has."""
    api, sent = _api(call), call.params
    stage = {**stage, **kept(sent, _STAGE_MEMBERS), "LastUpdatedDate": now()}
    if "DefaultRouteSettings" in sent:
        stage["DefaultRouteSettings"] = {**_DEFAULT_SETTINGS[api.protocol_type], **sent["DefaultRouteSettings"]}
    stage["RouteSettings"] = {**stage["RouteSettings"], **sent.get("RouteSettings", {})}
    variables = {**stage["StageVariables"], **sent.get("StageVariables", {})}
    stage["StageVariables"] = {name: value for name, value in variables.items() if value}
    _refuse_stage(call, api, stage)
    if sent.get("AutoDeploy"):
        description = "Automatic deployment triggered by changes to the Api configuration"
        if api.routes:
            stage["DeploymentId"] = _deploy(call, description, automatic=True)["DeploymentId"]
    return stage


def _refuse_stage(call: Call, api: Any, stage: dict[str, Any]) -> None:
    if "DeploymentId" in call.params:
        _deployment(call, call.params["DeploymentId"])
    routes = {route.route_key for route in api.routes.values()}
    for key in call.params.get("RouteSettings", {}):
        if key not in routes:
            raise _missing(f"Unable to find Route by key {key} within the provided RouteSettings")
    settings = (stage["DefaultRouteSettings"], *stage["RouteSettings"].values())
    logged = any(each.get("LoggingLevel", "OFF") != "OFF" for each in settings)
    if api.protocol_type == "HTTP":
        if logged:
            raise _bad("Execution logs are not supported on protocolType HTTP")
        return
    if (logged or "AccessLogSettings" in stage) and not call.backend("apigateway").account.cloudwatch_role_arn:
        raise _bad("CloudWatch Logs role ARN must be set in account settings to enable logging")


@action(ApiGatewayV2Response, "GetStage")
def get_stage(call: Call) -> Answer:
    return _shown_stage(call, _stage(call))


@action(ApiGatewayV2Response, "GetStages")
def get_stages(call: Call) -> Answer:
    api = _api(call).api_id
    return _page(call, [_shown_stage(call, row) for key, row in _stages(call).items() if key[0] == api])


@action(ApiGatewayV2Response, "UpdateStage")
def update_stage(call: Call) -> Answer:
    stage = _changed(call, _stage(call))
    _stages(call)[call.params["ApiId"], stage["StageName"]] = stage
    return _shown_stage(call, stage)


@action(ApiGatewayV2Response, "DeleteAccessLogSettings")
def delete_access_log_settings(call: Call) -> Answer:
    _stage(call).pop("AccessLogSettings", None)
    return None


@action(ApiGatewayV2Response, "DeleteRouteSettings")
def delete_route_settings(call: Call) -> Answer:
    stage, key = _stage(call), call.params["RouteKey"]
    if key not in stage["RouteSettings"]:
        raise _missing(f"Unable to find Route by key {key} within the RouteSettings")
    stage["RouteSettings"] = {name: each for name, each in stage["RouteSettings"].items() if name != key}
    return None


@action(ApiGatewayV2Response, "DeleteStage")
def delete_stage(call: Call) -> Answer:
    name = _stage(call)["StageName"]
    del _stages(call)[call.params["ApiId"], name]
    _forget_tags(call, _stage_arn(call, name))
    return None


# Custom domains


def _domains(call: Call) -> dict[str, dict[str, Any]]:
    return call.table("apigatewayv2 domain names")


def _domain(call: Call) -> dict[str, Any]:
    found = _domains(call).get(call.params["DomainName"])
    if found is None:
        raise _missing("The domain name resource specified in the request was not found.")
    return found


def _domain_arn(call: Call, name: str) -> str:
    return f"arn:{call.partition}:apigateway:{call.region}::/domainnames/{name}"


def _shown_domain(call: Call, domain: dict[str, Any]) -> dict[str, Any]:
    arn = _domain_arn(call, domain["DomainName"])
    return {**domain, "DomainNameArn": arn, "RoutingMode": "API_MAPPING_ONLY", "Tags": _backend(call).get_tags(arn)}


def _in_service(call: Call, configuration: dict[str, Any], target: str) -> dict[str, Any]:
    certificate = configuration.get("CertificateArn")
    if certificate not in call.backend("acm")._certificates:
        raise _bad("The provided certificate does not exist.")
    return {
        "EndpointType": "REGIONAL",
        "SecurityPolicy": "TLS_1_2",
        "IpAddressType": "ipv4",
        **configuration,
        "ApiGatewayDomainName": target,
        "CertificateUploadDate": now(),
        "DomainNameStatus": "AVAILABLE",
        "HostedZoneId": HOSTED_ZONES.get(call.region, "Z1UJRXOUMOOFQ8"),
    }


@action(ApiGatewayV2Response, "CreateDomainName")
def create_domain_name(call: Call) -> Answer:
    name = call.params["DomainName"]
    if name in _domains(call):
        raise AwsError("ConflictException", "The domain name you provided already exists.")
    target = f"d-{random_id(10)}.execute-api.{call.region}.amazonaws.com"
    configurations = [_in_service(call, each, target) for each in call.params.get("DomainNameConfigurations", ())]
    if not configurations:
        raise _bad("At least one domain name configuration must be provided")
    _domains(call)[name] = {
        "DomainName": name,
        "ApiMappingSelectionExpression": "$request.basepath",
        "DomainNameConfigurations": configurations,
        **kept(call.params, ["MutualTlsAuthentication"]),
    }
    _backend(call).tag_resource(_domain_arn(call, name), call.params.get("Tags"))
    return _shown_domain(call, _domain(call))


@action(ApiGatewayV2Response, "GetDomainName")
def get_domain_name(call: Call) -> Answer:
    return _shown_domain(call, _domain(call))


@action(ApiGatewayV2Response, "GetDomainNames")
def get_domain_names(call: Call) -> Answer:
    return _page(call, [_shown_domain(call, domain) for domain in _domains(call).values()])


@action(ApiGatewayV2Response, "UpdateDomainName")
def update_domain_name(call: Call) -> Answer:
    domain = _domain(call)
    target = domain["DomainNameConfigurations"][0]["ApiGatewayDomainName"]
    changed = kept(call.params, ["MutualTlsAuthentication"])
    if configurations := call.params.get("DomainNameConfigurations"):
        changed["DomainNameConfigurations"] = [_in_service(call, each, target) for each in configurations]
    domain |= changed
    return _shown_domain(call, domain)


@action(ApiGatewayV2Response, "DeleteDomainName")
def delete_domain_name(call: Call) -> Answer:
    name = _domain(call)["DomainName"]
    del _domains(call)[name]
    _forget_tags(call, _domain_arn(call, name))
    for key in [key for key in _mappings(call) if key[0] == name]:
        del _mappings(call)[key]
    return None


def _mappings(call: Call) -> dict[tuple[str, str], dict[str, Any]]:
    return call.table("apigatewayv2 api mappings")


def _mapping(call: Call) -> dict[str, Any]:
    found = _mappings(call).get((_domain(call)["DomainName"], call.params["ApiMappingId"]))
    if found is None:
        raise _missing("The api mapping resource specified in the request was not found.")
    return found


def _refuse_mapping(call: Call, mapping: dict[str, Any]) -> None:
    _backend(call).get_api(mapping["ApiId"])
    if (mapping["ApiId"], mapping["Stage"]) not in _stages(call):
        raise _bad("Invalid stage identifier specified")
    key = mapping["ApiMappingKey"]
    if key.startswith("/") or key.endswith("/") or "//" in key:
        raise _bad("API mapping key should not start or end with a '/' or have consecutive '/'s.")
    for (domain, identifier), other in _mappings(call).items():
        same = domain == call.params["DomainName"] and other["ApiMappingKey"] == key
        if same and identifier != mapping["ApiMappingId"]:
            raise AwsError("ConflictException", "ApiMapping key already exists for this domain name")


@action(ApiGatewayV2Response, "CreateApiMapping")
def create_api_mapping(call: Call) -> Answer:
    domain = _domain(call)["DomainName"]
    mapping = {"ApiMappingId": random_id(6), "ApiMappingKey": "", **kept(call.params, ("ApiId", "Stage"))}
    mapping |= kept(call.params, ["ApiMappingKey"])
    _refuse_mapping(call, mapping)
    _mappings(call)[domain, mapping["ApiMappingId"]] = mapping
    return mapping


@action(ApiGatewayV2Response, "GetApiMapping")
def get_api_mapping(call: Call) -> Answer:
    return _mapping(call)


@action(ApiGatewayV2Response, "GetApiMappings")
def get_api_mappings(call: Call) -> Answer:
    domain = _domain(call)["DomainName"]
    return _page(call, [row for key, row in _mappings(call).items() if key[0] == domain])


@action(ApiGatewayV2Response, "UpdateApiMapping")
def update_api_mapping(call: Call) -> Answer:
    current = _mapping(call)
    changed = {**current, **kept(call.params, ("ApiId", "ApiMappingKey", "Stage"))}
    _refuse_mapping(call, changed)
    current |= changed
    return current


@action(ApiGatewayV2Response, "DeleteApiMapping")
def delete_api_mapping(call: Call) -> Answer:
    mapping = _mapping(call)
    del _mappings(call)[call.params["DomainName"], mapping["ApiMappingId"]]
    return None


# Tags


def _tagged(call: Call) -> str:
    """The ARN that the request names. Raises NotFoundException if nothing has it."""
    arn = str(call.params["ResourceArn"])
    backend = _backend(call)
    known = {api.arn for api in backend.apis.values()} | {link.arn for link in backend.vpc_links.values()}
    known |= {f"{backend.apis[api].arn}/stages/{name}" for api, name in _stages(call)}
    known |= {_domain_arn(call, name) for name in _domains(call)}
    if arn not in known:
        raise _missing("Invalid resource identifier specified")
    return arn


def _forget_tags(call: Call, arn: str) -> None:
    _backend(call).tagger.delete_all_tags_for_resource(arn)


@action(ApiGatewayV2Response, "GetTags")
def get_tags(call: Call) -> Answer:
    return {"Tags": _backend(call).get_tags(_tagged(call))}


@action(ApiGatewayV2Response, "TagResource")
def tag_resource(call: Call) -> Answer:
    _backend(call).tag_resource(_tagged(call), call.params.get("Tags"))
    return None


@action(ApiGatewayV2Response, "UntagResource")
def untag_resource(call: Call) -> Answer:
    _backend(call).untag_resource(_tagged(call), call.params["TagKeys"])
    return None
