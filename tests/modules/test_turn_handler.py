"""The functions that modules/turn-handler deploys, what each may do and knows, and what a change does to them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from .cases import turn_handler
from .deployed import changed, deploy, values
from .examples import ExamplePlans, contract, values_of
from .literals import assert_literals
from .roots import MODULES, initialise, planned, write_root

_SUITE = turn_handler
_LOGS = "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/companion-prod"
_EC2 = "arn:aws:ec2:eu-central-1:111122223333"
_ALL = {"authorizer", "connection", "erase", "forget", "ingest", "listen", "worker"}
_IN_NETWORK = {"erase", "forget", "worker"}
_VECTORS = {"VECTORS_ENDPOINT", "VECTORS_INDEX", "VECTORS_SERVICE", "VECTORS_DELETE_BY_QUERY"}
_TABLES = {"MEMORY_TABLE", "CONNECTIONS_TABLE", "STATE_TABLE"}
_WORKER = _TABLES | {
    "COMPANION", "CONNECTIONS_ENDPOINT", "CRISIS_REFERRAL", "DEADLINE_SECONDS", "DISCLOSURE", "GUARDRAIL_ID",
    "GUARDRAIL_VERSION", "MAX_TOKENS", "MODEL_ID", "PERSONA", "RETENTION_DAYS",
}  # fmt: skip
ENVIRONMENTS = {
    "authorizer": {"STATE_TABLE", "TICKET_KEY_ARN"},
    "connection": {"CONNECTIONS_TABLE"},
    "ingest": {
        "COMPANION", "CONNECTIONS_ENDPOINT", "ERASURE_QUEUE_URL", "STATE_TABLE", "TURN_QUEUE_URL", "TURNS_PER_MINUTE",
    },
    "worker": _WORKER | _VECTORS | {"EMBEDDING_MODEL_ID", "VECTORS_DIMENSION", "VECTORS_NORMALISE", "VOICES"},
    "erase": _TABLES | _VECTORS | {"CONNECTIONS_ENDPOINT"},
    "forget": _VECTORS,
    "listen": {"CONNECTIONS_ENDPOINT", "VOCABULARIES"},
}  # fmt: skip
_NEW_GUARDRAIL = {**_SUITE.SETTINGS, "guardrail": {"id": "abcdef123456", "version": "2"}}
# Module call, and its inputs before and after a change.
CHANGES: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "kept": ({**_SUITE.BASE, "name": "kept"}, {}),
    "coded": ({**_SUITE.BASE, "name": "coded"}, {}),
    "recalls": ({**_SUITE.BASE, **_SUITE.with_vectors(), "name": "recalls"}, {"settings": _SUITE.with_vectors(
        signing_service="aoss", delete_by_query=False)["settings"]}),
    "own_model": (
        {**_SUITE.BASE, "name": "own-model", "settings": {
            **_SUITE.SETTINGS, "model": {"engine": "sagemaker", "id": "companion-test"}}},
        {"settings": _NEW_GUARDRAIL, "worker": {"timeout_seconds": 60, "memory_mb": 2048, "reserved_concurrency": 50}},
    ),
}  # fmt: skip
Plan = dict[str, Any]


def _by_key(resources: Mapping[str, Mapping[str, Any]], call: str = "turn_handler") -> dict[str, Mapping[str, Any]]:
    """Planned values by function."""
    pattern = re.compile(rf'module\.{call}\.[a-z_.]+\["(\w+)"\]')
    return {match[1]: resource for address, resource in resources.items() if (match := pattern.fullmatch(address))}


def _environment(function: Mapping[str, Any]) -> dict[str, str]:
    (environment,) = function["environment"]
    variables: dict[str, str] = environment["variables"]
    return variables


@pytest.fixture(scope="module")
def functions(plans: ExamplePlans) -> dict[str, Mapping[str, Any]]:
    return _by_key(values_of(plans, "turn_handler", "aws_lambda_function"))


@pytest.fixture(scope="module")
def statements(plans: ExamplePlans) -> dict[str, dict[str, dict[str, Any]]]:
    """The statements of each role, by their sid."""
    policies = _by_key(values_of(plans, "turn_handler", "aws_iam_role_policy"))
    documents = {key: json.loads(policy["policy"])["Statement"] for key, policy in policies.items()}
    return {key: {statement["Sid"]: statement for statement in document} for key, document in documents.items()}


def test_no_input_weakens_a_function() -> None:
    assert_literals(
        "turn-handler",
        "aws_lambda_function",
        "this",
        {
            "runtime": '"python3.13"',
            "architectures": '["arm64"]',
            "tracing_config.mode": '"Active"',
            "kms_key_arn": "var.kms_key_arn",
            "filename": "local.package",
            "source_code_hash": "filebase64sha256(local.package)",
            "depends_on": "[aws_cloudwatch_log_group.this, aws_iam_role_policy.this]",
        },
    )


def test_each_function_knows_what_it_needs_and_nothing_else(functions: dict[str, Mapping[str, Any]]) -> None:
    assert {key: set(_environment(function)) for key, function in functions.items()} == ENVIRONMENTS


def test_terraform_sets_what_the_code_reads(functions: dict[str, Mapping[str, Any]]) -> None:
    source = "\n".join(file.read_text() for file in (MODULES / "turn-handler/src").rglob("*.py"))
    read = set(re.findall(r"settings\.\w+\(\s*[\"']([A-Z_]+)[\"']", source))
    assert read == {name for function in functions.values() for name in _environment(function)} | {"ENDPOINT_NAME"}


def test_values_reach_the_functions_that_read_them(functions: dict[str, Mapping[str, Any]]) -> None:
    worker = _environment(functions["worker"])
    assert worker["GUARDRAIL_VERSION"] == "3"
    assert worker["MODEL_ID"].endswith("application-inference-profile/abcdef123456")
    assert worker["MAX_TOKENS"] == "300"
    assert worker["DISCLOSURE"] == "Ich bin eine KI und kein Mensch."
    assert (worker["VECTORS_NORMALISE"], worker["VECTORS_DELETE_BY_QUERY"]) == ("false", "true")
    assert json.loads(worker["VOICES"]) == {"de-DE": {"voice_id": "Vicki", "engine": "neural"}}
    vocabularies = json.loads(_environment(functions["listen"])["VOCABULARIES"])
    assert vocabularies == {"de-DE": {"vocabulary": "companion-prod-de-DE", "filter": ""}}
    tables = [worker[name] for name in ("MEMORY_TABLE", "CONNECTIONS_TABLE", "STATE_TABLE")]
    assert tables == ["companion-prod-memory", "companion-prod-connections", "companion-prod-state"]
    assert _environment(functions["ingest"])["TURNS_PER_MINUTE"] == "20"


def test_each_function_runs_its_own_code_under_its_own_name(
    functions: dict[str, Mapping[str, Any]], plans: ExamplePlans
) -> None:
    groups = _by_key(values_of(plans, "turn_handler", "aws_cloudwatch_log_group"))
    roles = _by_key(values_of(plans, "turn_handler", "aws_iam_role"))
    assert set(functions) == set(groups) == set(roles) == _ALL
    for key, function in functions.items():
        assert function["handler"] == f"companion.{key}.handler"
        assert (MODULES / "turn-handler/src/companion" / f"{key}.py").is_file()
        assert function["function_name"] == roles[key]["name"] == f"companion-prod-{key}"
        assert groups[key]["name"] == f"/aws/lambda/companion-prod-{key}"
        assert groups[key]["retention_in_days"] == 30
        assert groups[key]["kms_key_id"] == function["kms_key_arn"]


def test_only_what_reaches_the_vectors_is_in_the_network(functions: dict[str, Mapping[str, Any]]) -> None:
    assert {key for key, function in functions.items() if function["vpc_config"]} == _IN_NETWORK
    assert functions["worker"]["vpc_config"][0]["security_group_ids"] == ["sg-0123456789abcdef0"]


def test_roles_are_for_lambda_in_this_account(plans: ExamplePlans) -> None:
    for role in values_of(plans, "turn_handler", "aws_iam_role").values():
        (trust,) = json.loads(role["assume_role_policy"])["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_roles_hold_their_grants_and_what_lambda_needs(statements: dict[str, dict[str, dict[str, Any]]]) -> None:
    granted = {
        "authorizer": {"VerifyTicket"}, "connection": {"KeepConnections"}, "ingest": {"SendTurn"},
        "worker": {"InvokeGuarded", "NeverUnguarded"}, "erase": {"EraseUser"}, "forget": {"DeleteVectors"},
        "listen": {"Listen"},
    }  # fmt: skip
    network = {"AttachToNetwork", "KeepNetworkInterfaces", "SeeNetwork", "LeaveNetworkToLambda"}
    assert {key: set(document) for key, document in statements.items()} == {
        key: sids | {"WriteLogs", "Trace"} | (network if key in _IN_NETWORK else set()) for key, sids in granted.items()
    }


def test_a_grant_is_passed_on_word_for_word(statements: dict[str, dict[str, dict[str, Any]]]) -> None:
    pinned = ["arn:aws:bedrock:eu-central-1:111122223333:guardrail/abcdef123456:3"]
    assert statements["worker"]["InvokeGuarded"] == {
        "Sid": "InvokeGuarded",
        "Effect": "Allow",
        "Action": ["bedrock:InvokeModelWithResponseStream"],
        "Resource": ["arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abcdef123456"],
        "Condition": {"StringEquals": {"bedrock:GuardrailIdentifier": pinned}},
    }
    assert statements["worker"]["NeverUnguarded"] == {
        "Sid": "NeverUnguarded",
        "Effect": "Deny",
        "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
        "NotResource": ["arn:aws:bedrock:eu-central-1::foundation-model/amazon.titan-embed-text-v2:0"],
        "Condition": {"StringNotEquals": {"bedrock:GuardrailIdentifier": pinned}},
    }
    assert "Condition" not in statements["connection"]["KeepConnections"]


def test_a_function_writes_to_its_own_logs_only(statements: dict[str, dict[str, dict[str, Any]]]) -> None:
    for key, document in statements.items():
        assert document["WriteLogs"]["Resource"] == f"{_LOGS}-{key}:*"
        assert document["WriteLogs"]["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
        assert document["Trace"]["Action"] == ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]


def test_the_right_to_the_network_is_lambdas_and_ends_at_the_subnets(
    statements: dict[str, dict[str, dict[str, Any]]],
) -> None:
    worker = statements["worker"]
    assert worker["AttachToNetwork"]["Resource"] == [
        f"{_EC2}:network-interface/*",
        f"{_EC2}:subnet/subnet-0123456789abcdef0",
        f"{_EC2}:subnet/subnet-0123456789abcdef1",
        f"{_EC2}:security-group/sg-0123456789abcdef0",
    ]
    assert worker["KeepNetworkInterfaces"]["Resource"] == f"{_EC2}:network-interface/*"
    lambdas = {*worker["AttachToNetwork"]["Action"], *worker["KeepNetworkInterfaces"]["Action"]}
    denied = worker["LeaveNetworkToLambda"]
    assert set(denied["Action"]) == lambdas | set(worker["SeeNetwork"]["Action"])
    assert (denied["Effect"], denied["Resource"]) == ("Deny", "*")
    own = {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-central-1:111122223333:function:companion-prod-worker"}
    assert denied["Condition"] == {"ArnEquals": own}


def test_errors_of_every_function_are_heard(functions: dict[str, Mapping[str, Any]], plans: ExamplePlans) -> None:
    alarms = values_of(plans, "turn_handler", "aws_cloudwatch_metric_alarm").values()
    names = {function["function_name"] for function in functions.values()}
    watched: dict[str, set[str]] = {}
    for alarm in alarms:
        watched.setdefault(alarm["metric_name"], set()).add(alarm["dimensions"]["FunctionName"])
        assert alarm["alarm_actions"] == ["arn:aws:sns:eu-central-1:111122223333:companion-alarms"]
    waiting = {f"companion-prod-{key}" for key in ("authorizer", "ingest", "worker")}
    assert watched == {"Errors": names, "Throttles": waiting, "Duration": {"companion-prod-worker"}}
    assert len({alarm["alarm_name"] for alarm in alarms}) == len(alarms)


def test_a_failed_erasure_is_reported_at_once(plans: ExamplePlans) -> None:
    alarms = {alarm["alarm_name"]: alarm for alarm in values_of(
        plans, "turn_handler", "aws_cloudwatch_metric_alarm").values()}  # fmt: skip
    for key in ("erase", "forget"):
        alarm = alarms[f"companion-prod-{key}-errors"]
        assert (alarm["evaluation_periods"], alarm["threshold"]) == (1, 0)
    assert alarms["companion-prod-worker-near-timeout"]["threshold"] == pytest.approx(24000)


def test_the_contract_says_what_the_functions_have(
    functions: dict[str, Mapping[str, Any]], plans: ExamplePlans
) -> None:
    known = contract(plans, "turn_handler")
    assert known["functions"] == sorted(_ALL)
    assert known["function_names"] == {key: function["function_name"] for key, function in functions.items()}
    assert known["timeouts_seconds"] == {key: function["timeout"] for key, function in functions.items()}
    assert known["memory_mb"] == {key: function["memory_size"] for key, function in functions.items()}
    assert known["in_network"] == sorted(_IN_NETWORK)
    assert {function["reserved_concurrent_executions"] for function in functions.values()} == {-1}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("turn_handler")
    write_root(root, {call: ("turn-handler", before) for call, (before, _) in CHANGES.items()})
    initialise(root)
    return root


@pytest.fixture(scope="module")
def running(root: Path) -> Plan:
    """The functions as they run before the change."""
    return deploy(root)


@pytest.fixture(scope="module")
def changes(root: Path, running: Plan) -> Plan:
    """The plan after the changes, over functions of which one call's run another handlers.zip."""
    file = root / "terraform.tfstate"
    state = json.loads(file.read_text())
    for resource in state["resources"]:
        if resource["type"] == "aws_lambda_function" and resource["module"] == "module.coded":
            for instance in resource["instances"]:
                instance["attributes"]["source_code_hash"] = "b2xk"
    file.write_text(json.dumps(state))
    write_root(root, {call: ("turn-handler", {**before, **after}) for call, (before, after) in CHANGES.items()})
    assert running["terraform_version"]
    return planned(root)


def _touched(plan: Plan, call: str) -> dict[str, list[str]]:
    prefix = f"module.{call}."
    return {
        address.removeprefix(prefix): actions
        for address, actions in changed(plan).items()
        if address.startswith(prefix)
    }


def test_a_feature_that_is_off_leaves_nothing_behind(running: Plan) -> None:
    functions = _by_key(values(running, "aws_lambda_function"), "kept")
    assert set(functions) == _ALL - {"forget", "listen"}
    assert set(_environment(functions["worker"])) == _WORKER
    assert set(_environment(functions["erase"])) == _TABLES | {"CONNECTIONS_ENDPOINT"}
    assert not any(function["vpc_config"] for function in functions.values())


def test_one_engine_answers(running: Plan) -> None:
    worker = _environment(_by_key(values(running, "aws_lambda_function"), "own_model")["worker"])
    assert set(worker) == _WORKER - {"MODEL_ID"} | {"ENDPOINT_NAME"}
    assert worker["ENDPOINT_NAME"] == "companion-test"


def test_new_code_is_rolled_out_to_every_function_in_place(changes: Plan) -> None:
    functions = {f'aws_lambda_function.this["{key}"]': ["update"] for key in _ALL - {"forget", "listen"}}
    package = base64.b64encode(hashlib.sha256((MODULES / "turn-handler/handlers.zip").read_bytes()).digest()).decode()
    assert _touched(changes, "coded") == functions
    for change in changes["resource_changes"]:
        if change["address"] in {f"module.coded.{address}" for address in functions}:
            assert change["change"]["before"]["source_code_hash"] == "b2xk"
            assert change["change"]["after"]["source_code_hash"] == package


def test_the_same_code_is_not(changes: Plan) -> None:
    assert _touched(changes, "kept") == {}


def test_a_new_guardrail_or_model_reaches_the_worker_alone(changes: Plan) -> None:
    worker = 'aws_lambda_function.this["worker"]'
    assert _touched(changes, "own_model") == {
        worker: ["update"],
        "aws_cloudwatch_metric_alarm.worker_near_timeout": ["update"],
    }
    after = _by_key(values(changes, "aws_lambda_function"), "own_model")["worker"]
    assert _environment(after)["GUARDRAIL_VERSION"] == "2"
    assert set(_environment(after)) == _WORKER
    assert (after["timeout"], after["memory_size"], after["reserved_concurrent_executions"]) == (60, 2048, 50)


def test_another_store_reaches_all_that_use_it(changes: Plan) -> None:
    assert _touched(changes, "recalls") == {
        f'aws_lambda_function.this["{key}"]': ["update"] for key in ("erase", "forget", "worker")
    }


def test_what_is_created_in_the_same_apply_may_be_unknown(tmp_path: Path) -> None:
    """No rule refuses, and no function comes or goes, for a value that AWS gives later."""
    inputs = {**_SUITE.BASE, **_SUITE.with_vectors()}
    inputs["settings"] = {**inputs["settings"], "voice": _SUITE.VOICE}
    inputs["features"] = ["vectors", "voice"]
    inputs["grants"] = {**inputs["grants"], "listen": [_SUITE.statement("Read")]}
    write_root(tmp_path, {"turn_handler": ("turn-handler", inputs)})
    later = "${terraform_data.later.output}"
    file = tmp_path / "turn_handler.tf.json"
    call = json.loads(file.read_text())
    call["resource"] = {"terraform_data": {"later": {"input": "x", "triggers_replace": "${timestamp()}"}}}
    module = call["module"]["turn_handler"]
    settings = module["settings"]
    settings["queue"]["url"] = settings["erasure_queue"]["url"] = settings["connections_endpoint"] = later
    settings["guardrail"] = {"id": later, "version": later}
    settings["model"]["id"] = settings["vectors"]["endpoint"] = settings["ticket_key_arn"] = later
    settings["memory"]["tables"]["state"]["name"] = later
    settings["voice"]["vocabularies"]["de-DE"] = {"vocabulary": later, "filter": later}
    module["network"] = {"subnet_ids": [later, f"{later}b"], "security_group_ids": [later]}
    module["kms_key_arn"] = later
    for statements in module["grants"].values():
        statements[0]["resources"] = [later]
    file.write_text(json.dumps(call))
    initialise(tmp_path)
    functions = _by_key(values(planned(tmp_path), "aws_lambda_function"))
    assert set(functions) == _ALL
    assert {key for key, function in functions.items() if function["vpc_config"]} == _IN_NETWORK
