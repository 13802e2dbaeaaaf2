"""Who may call which model, and what another model does to the one that runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest

from .cases.inference_bedrock import BASE, GUARDRAIL
from .examples import EXAMPLES, ExamplePlans, contract, values_of
from .literals import assert_literals
from .replay import Computed, write_state
from .roots import MODULES, initialise, planned, write_root

Statement = Mapping[str, Any]

_PROFILES = "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile"
_SYSTEM_PROFILE = "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0"
_EMBEDDING = "arn:aws:bedrock:eu-central-1::foundation-model/amazon.titan-embed-text-v2:0"
_REGIONS = ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3")
_PINNED = f"{GUARDRAIL}:3"
_OTHERS = (
    f"{GUARDRAIL}:2",
    f"{GUARDRAIL}:30",
    f"{GUARDRAIL}:DRAFT",
    GUARDRAIL,
    GUARDRAIL.replace("abcdef", "fedcba") + ":3",
    None,
)
_INVOKE = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
# What a careless policy of the role's own would allow.
_EVERYTHING = {
    "sid": "Everything",
    "effect": "Allow",
    "actions": ["bedrock:*"],
    "resources": ["*"],
    "conditions": {},
}

COMPUTED: Computed = {
    "aws_bedrock_inference_profile": lambda values: {
        "arn": f"{_PROFILES}/{values['name'][-8:]}",
        "id": values["name"][-8:],
        "status": "ACTIVE",
        "type": "APPLICATION",
    },
}
_OTHER_MODEL = {"chat": {**BASE["models"]["chat"], "model_id": "amazon.nova-pro-v1:0"}}
_CALLS: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "kept": (BASE, {"tags": {"team": "models"}}),
    "remodelled": (BASE, {"models": _OTHER_MODEL}),
    "without_embedding": ({**BASE, "embedding_model_id": None}, {}),
    "without_models": ({**BASE, "models": {}}, {}),
}
# Terraform knows the guardrail of a first deployment only after it exists.
_UNKNOWN_GUARDRAIL = f"""
resource "terraform_data" "guardrail" {{
  input = "{GUARDRAIL}"
}}
"""
_OUTPUT = '\noutput "{0}" {{\n  value = module.{0}.grants\n}}\n'


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The plan of a change over a state in which the README example and further calls are deployed."""
    root = tmp_path_factory.mktemp("replay")
    calls = {name: ("inference-bedrock", before) for name, (before, _) in _CALLS.items()}
    arn = "${terraform_data.guardrail.output}"
    write_root(root, calls)
    unknown = {**BASE, "source": "./modules/inference-bedrock", "guardrail": {"arn": arn, "versioned_arn": f"{arn}:3"}}
    (root / "unknown.tf.json").write_text(json.dumps({"module": {"unknown": unknown}}))
    (root / "example.tf").write_text(EXAMPLES["inference_bedrock"] + _OUTPUT.format("inference_bedrock"))
    (root / "outputs.tf").write_text(
        _UNKNOWN_GUARDRAIL + "".join(map(_OUTPUT.format, ("without_embedding", "without_models")))
    )
    initialise(root)
    write_state(planned(root), COMPUTED, root)
    write_root(root, {name: ("inference-bedrock", {**before, **after}) for name, (before, after) in _CALLS.items()})
    return planned(root)


@pytest.fixture(scope="module")
def changes(replayed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {change["address"]: change["change"] for change in replayed["resource_changes"]}


@pytest.fixture(scope="module")
def grants(replayed: dict[str, Any]) -> dict[str, list[Statement]]:
    """The README example's grants, with the profile's real ARN in them."""
    outputs = replayed["planned_values"]["outputs"]
    value: dict[str, list[Statement]] = outputs["inference_bedrock"]["value"]
    return value


@pytest.fixture(scope="module")
def profile(grants: dict[str, list[Statement]]) -> str:
    (arn,) = {arn for arn in grants["invoke"][0]["resources"] if arn.startswith(_PROFILES)}
    return str(arn)


def _model(region: str, model_id: str = "amazon.nova-lite-v1:0") -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{model_id}"


def _named(patterns: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _applies(statement: Statement, action: str, resource: str, guardrail: str | None) -> bool:
    if not _named(statement["actions"], action):
        return False
    # A statement has resources, or holds for all but its not_resources.
    if statement["resources"]:
        if not _named(statement["resources"], resource):
            return False
    elif _named(statement["not_resources"], resource):
        return False
    for operator, keys in statement["conditions"].items():
        ((key, values),) = keys.items()
        assert key == "bedrock:GuardrailIdentifier"
        holds = {"StringEquals": guardrail in values, "StringNotEquals": guardrail not in values}[operator]
        if not holds:
            return False
    return True


def _allowed(statements: Iterable[Statement], action: str, resources: Iterable[str], guardrail: str | None) -> bool:
    """As IAM decides: a call needs every resource behind it, any denial wins, and what nothing allows is denied."""
    for resource in resources:
        effects = {item["effect"] for item in statements if _applies(item, action, resource, guardrail)}
        if effects != {"Allow"}:
            return False
    return True


@pytest.mark.parametrize("action", _INVOKE)
@pytest.mark.parametrize("region", _REGIONS)
def test_a_guarded_call_is_allowed_wherever_bedrock_routes_it(
    action: str, region: str, grants: dict[str, list[Statement]], profile: str
) -> None:
    call = [profile, _SYSTEM_PROFILE, _model(region)]
    assert _allowed(grants["invoke"], action, call, _PINNED)


@pytest.mark.parametrize("action", _INVOKE)
@pytest.mark.parametrize("guardrail", _OTHERS)
def test_no_other_guardrail_will_do(
    action: str, guardrail: str | None, grants: dict[str, list[Statement]], profile: str
) -> None:
    role = [*grants["invoke"], *grants["embed"], _EVERYTHING]
    for resource in (profile, _SYSTEM_PROFILE, _model("eu-central-1"), _model("eu-central-1", "amazon.nova-pro-v1:0")):
        assert not _allowed(role, action, [resource], guardrail)


def test_the_allowance_alone_is_for_guarded_calls(grants: dict[str, list[Statement]], profile: str) -> None:
    allow = [item for item in grants["invoke"] if item["effect"] == "Allow"]
    assert _allowed(allow, _INVOKE[0], [profile], _PINNED)
    assert not any(_allowed(allow, _INVOKE[0], [profile], guardrail) for guardrail in _OTHERS)


@pytest.mark.parametrize(
    "resource",
    [
        _model("eu-central-1", "amazon.nova-pro-v1:0"),
        _model("us-east-1"),
        _model("eu-west-2"),
        f"{_PROFILES}/another12345",
        _SYSTEM_PROFILE.replace("nova-lite", "nova-pro"),
        _SYSTEM_PROFILE.replace("/eu.", "/global."),
    ],
)
def test_no_other_model_is_allowed(resource: str, grants: dict[str, list[Statement]]) -> None:
    assert not _allowed([*grants["invoke"], *grants["embed"]], _INVOKE[0], [resource], _PINNED)


def test_a_memory_is_embedded_without_a_guardrail(grants: dict[str, list[Statement]]) -> None:
    role = [*grants["invoke"], *grants["embed"]]
    assert _allowed(role, "bedrock:InvokeModel", [_EMBEDDING], None)
    assert not _allowed(grants["invoke"], "bedrock:InvokeModel", [_EMBEDDING], None)
    assert not _allowed(role, "bedrock:InvokeModelWithResponseStream", [_EMBEDDING], None)
    assert not _allowed(role, "bedrock:InvokeModel", [_EMBEDDING.replace("central-1", "west-1")], None)


def test_without_an_embedding_model_nothing_is_called_unguarded(replayed: dict[str, Any]) -> None:
    grants = replayed["planned_values"]["outputs"]["without_embedding"]["value"]
    assert grants["embed"] == []
    assert not _allowed([*grants["invoke"], _EVERYTHING], "bedrock:InvokeModel", [_EMBEDDING], None)
    deny = grants["invoke"][1]
    assert (deny["resources"], deny["not_resources"]) == (["*"], [])


def test_without_models_every_call_but_embedding_is_denied(replayed: dict[str, Any]) -> None:
    grants = replayed["planned_values"]["outputs"]["without_models"]["value"]
    assert [item["effect"] for item in grants["invoke"]] == ["Deny"]
    role = [*grants["invoke"], *grants["embed"], _EVERYTHING]
    assert not _allowed(role, _INVOKE[0], [_model("eu-central-1")], None)
    assert _allowed(role, _INVOKE[0], [_EMBEDDING], None)


def test_grants_name_no_wildcard(grants: dict[str, list[Statement]]) -> None:
    allowed = [item for items in grants.values() for item in items if item["effect"] == "Allow"]
    assert allowed
    assert not any("*" in text for item in allowed for text in (*item["actions"], *item["resources"]))
    deny = grants["invoke"][1]
    assert (deny["resources"], deny["not_resources"]) == ([], [_EMBEDDING])


def test_one_role_can_hold_the_statements_of_moderation_too() -> None:
    sids = {
        folder: set(re.findall(r'sid\s+= "(\w+)"', (MODULES / folder / "outputs.tf").read_text()))
        for folder in ("inference-bedrock", "moderation")
    }
    assert len(sids["inference-bedrock"]) == 3
    assert sids["moderation"]
    assert sids["inference-bedrock"].isdisjoint(sids["moderation"])


def test_another_model_gets_a_profile_of_its_own_before_the_old_one_goes(changes: dict[str, dict[str, Any]]) -> None:
    change = changes['module.remodelled.aws_bedrock_inference_profile.this["chat"]']
    assert change["actions"] == ["create", "delete"]
    assert change["before"]["name"] != change["after"]["name"]
    assert change["after"]["model_source"][0]["copy_from"].endswith(":inference-profile/eu.amazon.nova-pro-v1:0")


def test_tags_leave_the_profile_in_place(changes: dict[str, dict[str, Any]]) -> None:
    change = changes['module.kept.aws_bedrock_inference_profile.this["chat"]']
    assert change["actions"] == ["update"]
    assert change["after"]["tags"] == {"team": "models"}


def test_a_guardrail_that_does_not_exist_yet_can_be_planned(changes: dict[str, dict[str, Any]]) -> None:
    assert 'module.unknown.aws_bedrock_inference_profile.this["chat"]' in changes


def test_alarms_watch_the_profile_that_is_called(changes: dict[str, dict[str, Any]], profile: str) -> None:
    alarms = [
        change["after"]
        for address, change in changes.items()
        if address.startswith("module.inference_bedrock.aws_cloudwatch_metric_alarm")
    ]
    assert {alarm["metric_name"] for alarm in alarms} == {
        "InvocationLatency", "InvocationServerErrors", "InvocationThrottles",
    }  # fmt: skip
    assert {alarm["namespace"] for alarm in alarms} == {"AWS/Bedrock"}
    assert [alarm["dimensions"] for alarm in alarms] == [{"ModelId": profile.split("/")[1]}] * 3


def test_the_example_stays_in_europe(plans: ExamplePlans) -> None:
    (created,) = values_of(plans, "inference_bedrock", "aws_bedrock_inference_profile").values()
    assert created["model_source"] == [{"copy_from": _SYSTEM_PROFILE}]
    assert contract(plans, "inference_bedrock") == {
        "models": {"chat": {"model_id": "amazon.nova-lite-v1:0", "geography": "eu", "regions": list(_REGIONS)}},
        "embedding_model_id": "amazon.titan-embed-text-v2:0",
        "latency_alarm_ms": 15000,
    }


def test_a_profile_is_replaced_only_by_one_that_exists() -> None:
    assert_literals(
        "inference-bedrock", "aws_bedrock_inference_profile", "this", {"lifecycle.create_before_destroy": "true"}
    )
