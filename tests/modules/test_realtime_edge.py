"""The WebSocket API that modules/realtime-edge deploys, and what a change does to the stage that clients are on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from companion_gate.terraform.batch import BatchCase, plan_together
from companion_gate.terraform.plan import PlanRun
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import placed

from .cases.realtime_edge import BASE, ROUTES, function, throttled
from .deployed import Plan, deploy, values
from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals
from .roots import MODULES, initialise, planned, write_root

_V2 = "aws_apigatewayv2"
_SAFE_SETTINGS = {"data_trace_enabled": "false", "detailed_metrics_enabled": "true", "logging_level": '"ERROR"'}
_CERTIFICATE = "arn:aws:acm:eu-central-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"

# The inputs that change, by the name of a module call in one root.
CHANGES: dict[str, Mapping[str, Any]] = {
    "retagged": {"tags": {"team": "edge"}},
    "retargeted": {"routes": {**ROUTES, "send": {**ROUTES["send"], **function("ingest-next")}}},
    "reauthorized": {"authorizer": function("authorizer-next")},
    "rethrottled": {"throttle": throttled(60, 120)},
    "extended": {"routes": {**ROUTES, "erase": function("ingest")}},
    "reduced": {"routes": {key: route for key, route in ROUTES.items() if key != "ping"}},
}
_BEFORE = {"reduced": {"routes": {**ROUTES, "ping": function("ingest")}}}


def _write(root: Path, changes: Mapping[str, Mapping[str, Any]]) -> None:
    calls = {name: ("realtime-edge", {**BASE, **changes.get(name, {})}) for name in CHANGES}
    write_root(root, {**calls, "wired": ("realtime-edge", BASE)})
    _wire(root / "wired.tf.json")


def _wire(file: Path) -> None:
    """Functions that are told of the API, and an API that is told of the functions: as companions are built."""
    call = json.loads(file.read_text())
    edge = call["module"]["wired"]
    edge["authorizer"] = _reference("authorizer")
    edge["routes"] = {
        key: {**route, **_reference("connection" if key in ("$connect", "$disconnect") else "ingest")}
        for key, route in edge["routes"].items()
    }
    call["resource"] = {
        "aws_lambda_function": {name: _handler(name) for name in ("authorizer", "connection", "ingest")}
    }
    call["output"] = {
        name: {"value": f"${{module.wired.{name}}}"} for name in ("api", "grants", "alarms", "capacity_contract")
    }
    file.write_text(json.dumps(call))


def _reference(name: str) -> dict[str, str]:
    return {
        "function_arn": f"${{aws_lambda_function.{name}.arn}}",
        "invoke_arn": f"${{aws_lambda_function.{name}.invoke_arn}}",
    }


def _handler(name: str) -> dict[str, Any]:
    return {
        "function_name": f"companion-test-{name}",
        "role": "arn:aws:iam::111122223333:role/companion-test",
        "package_type": "Image",
        "image_uri": "111122223333.dkr.ecr.eu-central-1.amazonaws.com/handler:1",
        "source_code_hash": "1",
        "architectures": ["arm64"],
        "environment": {"variables": {"CONNECTIONS_ENDPOINT": "${module.wired.api.management_endpoint}"}},
        "description": "${module.wired.grants.post_to_connection[0].resources[0]}",
    }


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("realtime_edge")
    _write(root, _BEFORE)
    initialise(root)
    return root


@pytest.fixture(scope="module")
def deployed(root: Path) -> Plan:
    """Fails where the API and the functions wait for each other."""
    return deploy(root)


@pytest.fixture(scope="module")
def changes(root: Path, deployed: Plan) -> dict[str, dict[str, Any]]:
    """What each change does, by address."""
    _write(root, CHANGES)
    return {change["address"]: change["change"] for change in planned(root)["resource_changes"]}


def _outputs(plan: Plan) -> dict[str, Any]:
    return {name: output["value"] for name, output in plan["planned_values"]["outputs"].items()}


def test_no_input_opens_the_api() -> None:
    assert_literals(
        "realtime-edge",
        f"{_V2}_api",
        "this",
        {"protocol_type": '"WEBSOCKET"', "route_selection_expression": '"$request.body.action"'},
    )
    assert_literals(
        "realtime-edge",
        f"{_V2}_authorizer",
        "connect",
        {"authorizer_type": '"REQUEST"', "identity_sources": '["route.request.header.Sec-WebSocket-Protocol"]'},
    )
    assert_literals(
        "realtime-edge",
        f"{_V2}_route",
        "connect",
        {
            "route_key": '"$connect"',
            "authorization_type": '"CUSTOM"',
            "authorizer_id": "aws_apigatewayv2_authorizer.connect.id",
        },
    )
    assert_literals(
        "realtime-edge",
        f"{_V2}_domain_name",
        "this",
        {"domain_name_configuration.security_policy": '"TLS_1_2"'},
    )


def test_no_input_makes_the_stage_talk_or_deploy_by_itself() -> None:
    expected = {f"default_route_settings.{name}": text for name, text in _SAFE_SETTINGS.items()}
    expected |= {f"dynamic.content.{name}": text for name, text in _SAFE_SETTINGS.items()}
    assert_literals("realtime-edge", f"{_V2}_stage", "live", {"auto_deploy": "false", "name": '"live"', **expected})
    assert_literals("realtime-edge", f"{_V2}_deployment", "this", {"lifecycle.create_before_destroy": "true"})


def test_the_authorizer_stands_before_connect_and_nowhere_else(plans: ExamplePlans) -> None:
    routes = values_of(plans, "realtime_edge", f"{_V2}_route")
    assert {route["route_key"]: route["authorization_type"] for route in routes.values()} == {
        "$connect": "CUSTOM", "$disconnect": "NONE", "$default": "NONE",
        "send": "NONE", "erase": "NONE", "ping": "NONE",
    }  # fmt: skip


def test_no_route_is_without_throttle(plans: ExamplePlans) -> None:
    (stage,) = values_of(plans, "realtime_edge", f"{_V2}_stage").values()
    (default,) = stage["default_route_settings"]
    assert (default["throttling_rate_limit"], default["throttling_burst_limit"]) == (50, 100)
    own = {
        settings["route_key"]: (settings["throttling_rate_limit"], settings["throttling_burst_limit"])
        for settings in stage["route_settings"]
    }
    assert own == {"send": (20, 100)}
    for settings in (default, *stage["route_settings"]):
        assert (settings["data_trace_enabled"], settings["logging_level"]) == (False, "ERROR")


def test_the_access_log_knows_neither_users_nor_words(plans: ExamplePlans) -> None:
    (stage,) = values_of(plans, "realtime_edge", f"{_V2}_stage").values()
    (settings,) = stage["access_log_settings"]
    assert len(settings["format"]) <= 3072  # AWS docs: API Gateway WebSocket quotas, access log template size
    assert sorted(json.loads(settings["format"]).values()) == [
        "$context.authorizer.latency",
        "$context.authorizer.status",
        "$context.connectionId",
        "$context.error.responseType",
        "$context.eventType",
        "$context.integration.status",
        "$context.integrationLatency",
        "$context.requestId",
        "$context.requestTime",
        "$context.routeKey",
        "$context.status",
    ]


def test_integrations_end_when_api_gateway_does(plans: ExamplePlans) -> None:
    integrations = values_of(plans, "realtime_edge", f"{_V2}_integration").values()
    assert len(integrations) == 6
    for integration in integrations:
        assert (integration["integration_type"], integration["integration_method"]) == ("AWS_PROXY", "POST")
        assert integration["timeout_milliseconds"] == 29000
    assert contract(plans, "realtime_edge")["integration_timeout_ms"] == 29000


def test_limits_are_known_before_anything_exists(plans: ExamplePlans) -> None:
    limits = contract(plans, "realtime_edge")
    assert limits["routes"]["send"] == throttled(20, 100)
    assert limits["routes"]["$connect"] == throttled(50, 100)
    assert (limits["rate_per_second"], limits["burst"], limits["new_connections_per_second"]) == (50, 100, 50)
    assert (limits["frame_bytes"], limits["message_bytes"]) == (32768, 131072)
    assert (limits["idle_seconds"], limits["connection_seconds"]) == (600, 7200)


def test_the_domain_serves_the_stage(plans: ExamplePlans) -> None:
    (domain,) = values_of(plans, "realtime_edge", f"{_V2}_domain_name").values()
    (mapping,) = values_of(plans, "realtime_edge", f"{_V2}_api_mapping").values()
    (configuration,) = domain["domain_name_configuration"]
    assert (configuration["endpoint_type"], configuration["security_policy"]) == ("REGIONAL", "TLS_1_2")
    assert configuration["certificate_arn"] == _CERTIFICATE
    assert (mapping["domain_name"], mapping["stage"]) == ("chat.example.com", "live")


def test_the_alarm_rings_before_new_connections_are_refused(plans: ExamplePlans) -> None:
    alarms = {alarm["alarm_name"]: alarm for alarm in _alarms(plans)}
    assert alarms["companion-prod-realtime-connect-rate"]["threshold"] == 0.8 * 50 * 60
    assert alarms["companion-prod-realtime-connect-rate"]["metric_name"] == "ConnectCount"
    assert alarms["companion-prod-realtime-latency"]["threshold"] == 3000


def test_refusals_and_failures_are_watched(plans: ExamplePlans) -> None:
    watched = {alarm["metric_name"] for alarm in _alarms(plans)} | {
        metric["metric_name"]
        for alarm in _alarms(plans)
        for query in alarm["metric_query"]
        for metric in query["metric"]
    }
    # AWS docs: Monitor WebSocket API execution with CloudWatch metrics. All there are.
    assert watched - {None} == {
        "ClientError", "ConnectCount", "ExecutionError", "IntegrationError", "IntegrationLatency", "MessageCount",
    }  # fmt: skip


def _alarms(plans: ExamplePlans) -> list[dict[str, Any]]:
    return list(values_of(plans, "realtime_edge", "aws_cloudwatch_metric_alarm").values())


def test_functions_can_know_the_api_that_calls_them(deployed: Plan) -> None:
    api = _outputs(deployed)["api"]
    functions = [address for address in values(deployed, "aws_lambda_function") if "module" not in address]
    assert len(functions) == 3
    for handler in values(deployed, "aws_lambda_function").values():
        assert handler["environment"][0]["variables"]["CONNECTIONS_ENDPOINT"] == api["management_endpoint"]


def test_the_api_says_where_clients_connect_and_functions_answer(deployed: Plan) -> None:
    api = _outputs(deployed)["api"]
    host = f"{api['id']}.execute-api.eu-central-1.amazonaws.com"
    assert (api["host"], api["stage"], api["domain"]) == (host, "live", None)
    assert (api["endpoint"], api["management_endpoint"]) == (f"wss://{host}/live", f"https://{host}/live")


def test_the_grant_answers_clients_of_this_api_only(deployed: Plan) -> None:
    outputs = _outputs(deployed)
    (statement,) = outputs["grants"]["post_to_connection"]
    assert statement["actions"] == ["execute-api:ManageConnections"]
    assert statement["resources"] == [f"{outputs['api']['execution_arn']}/live/POST/@connections/*"]


def test_each_function_may_be_called_for_its_routes_only(deployed: Plan) -> None:
    api = _outputs(deployed)["api"]
    (authorizer,) = (
        address_values["id"]
        for address, address_values in values(deployed, f"{_V2}_authorizer").items()
        if address.startswith("module.wired.")
    )
    calls = {
        (permission["function_name"].rsplit("-", 1)[1], permission["source_arn"].removeprefix(api["execution_arn"]))
        for address, permission in values(deployed, "aws_lambda_permission").items()
        if address.startswith("module.wired.")
    }
    assert calls == {
        ("authorizer", f"/authorizers/{authorizer}"),
        ("connection", "/live/$connect"),
        ("connection", "/live/$disconnect"),
        ("ingest", "/live/$default"),
        ("ingest", "/live/send"),
    }


def test_the_names_of_alarms_are_those_that_exist(deployed: Plan) -> None:
    made = {
        alarm["alarm_name"]
        for address, alarm in values(deployed, "aws_cloudwatch_metric_alarm").items()
        if address.startswith("module.wired.")
    }
    assert _outputs(deployed)["alarms"] == sorted(made)


def test_the_log_that_api_gateway_would_make_is_ours(deployed: Plan) -> None:
    api = _outputs(deployed)["api"]
    group = values(deployed, "aws_cloudwatch_log_group")["module.wired.aws_cloudwatch_log_group.execution"]
    assert group["name"] == f"/aws/apigateway/{api['id']}/live"


@pytest.mark.parametrize("name", ["retargeted", "reauthorized", "extended", "reduced"])
def test_a_changed_route_or_authorizer_redeploys_the_stage(name: str, changes: dict[str, dict[str, Any]]) -> None:
    deployment = changes[f"module.{name}.{_V2}_deployment.this"]
    assert deployment["actions"] == ["create", "delete"]
    assert deployment["replace_paths"] == [["triggers"]]
    stage = changes[f"module.{name}.{_V2}_stage.live"]
    assert stage["actions"] == ["update"]
    assert stage["after_unknown"]["deployment_id"] is True


@pytest.mark.parametrize("name", ["retagged", "rethrottled"])
def test_a_changed_tag_or_throttle_deploys_nothing(name: str, changes: dict[str, dict[str, Any]]) -> None:
    assert changes[f"module.{name}.{_V2}_deployment.this"]["actions"] == ["no-op"]
    stage = changes[f"module.{name}.{_V2}_stage.live"]
    assert stage["actions"] == ["update"]
    assert stage["after"]["deployment_id"] == stage["before"]["deployment_id"]


@pytest.mark.parametrize("name", CHANGES)
def test_no_change_gives_clients_another_address(name: str, changes: dict[str, dict[str, Any]]) -> None:
    assert changes[f"module.{name}.{_V2}_api.this"]["actions"] in (["no-op"], ["update"])
    assert changes[f"module.{name}.{_V2}_stage.live"]["actions"] == ["update"]


def test_a_route_that_is_gone_may_not_call_its_function(changes: dict[str, dict[str, Any]]) -> None:
    assert changes['module.reduced.aws_lambda_permission.route["ping"]']["actions"] == ["delete"]
    assert changes[f'module.reduced.{_V2}_route.connected["ping"]']["actions"] == ["delete"]


_EDITS = {
    "original": ("", ""),
    "recommented": ("# A ticket in a query string", "# Tickets in a query string"),
    "reindented": ('  route_key          = "$connect"', '  route_key = "$connect"'),
    "weakened": ("route.request.header.Sec-WebSocket-Protocol", "route.request.querystring.ticket"),
    "hastened": ("timeout_milliseconds = 29000", "timeout_milliseconds = 5000"),
}


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory, terraform_session: TerraformSession) -> dict[str, str]:
    """What triggers a deployment, by edit of the module."""
    folder = tmp_path_factory.mktemp("edits")
    cases = []
    for name, (before, after) in _EDITS.items():
        shutil.copytree(MODULES / "realtime-edge", folder / name)
        file = folder / name / "main.tf"
        assert before in file.read_text()
        file.write_text(file.read_text().replace(before, after, 1) if before else file.read_text())
        cases.append(BatchCase(name, partial(placed, folder / name), BASE))
    return {name: _digest(outcome) for name, outcome in plan_together(cases, terraform_session).items()}


def _digest(outcome: object) -> str:
    assert isinstance(outcome, PlanRun), outcome
    (deployment,) = (c for c in outcome.json["resource_changes"] if c["type"] == f"{_V2}_deployment")
    triggers: dict[str, str] = deployment["change"]["after"]["triggers"]
    assert re.fullmatch(r"[0-9a-f]{64}", triggers["definition"])
    return triggers["definition"]


@pytest.mark.parametrize("edit", ["weakened", "hastened"])
def test_a_release_that_changes_a_literal_redeploys(edit: str, digests: dict[str, str]) -> None:
    assert digests[edit] != digests["original"]


@pytest.mark.parametrize("edit", ["recommented", "reindented"])
def test_a_release_that_changes_comments_does_not(edit: str, digests: dict[str, str]) -> None:
    assert digests[edit] == digests["original"]
