"""One call out of a plan, on a plan small enough to be read."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from companion_gate.errors import GateError
from companion_gate.terraform.hoist import hoisted


def change(address: str, action: str = "create", **more: Any) -> dict[str, Any]:
    module = address.rsplit(".aws_", 1)[0]
    return {"address": address, "module_address": module, "change": {"actions": [action]}, **more}


def resource(address: str, **more: Any) -> dict[str, Any]:
    return {"address": address, "type": "aws_sqs_queue", **more}


def configuration(name: str) -> dict[str, Any]:
    """The module of a call, with a module in it that names the provider itself."""
    own = {
        "address": "aws_sqs_queue.q",
        "provider_config_key": "aws",
        "expressions": {"name": {"references": ["var.a"]}},
    }
    inner = {"address": "aws_sqs_queue.i", "provider_config_key": f"module.{name}.module.inner:aws"}
    return {
        "outputs": {"arn": {}},
        "resources": [own, {"address": "terraform_data.d", "provider_config_key": f"module.{name}:terraform"}],
        "module_calls": {"inner": {"source": "./inner", "module": {"resources": [inner]}}},
        "variables": {"a": {}, "b": {"default": 7}, "c": {"default": None}},
    }


def check(name: str) -> dict[str, Any]:
    place = {"kind": "var", "module": f"module.{name}", "name": "a", "to_display": f"module.{name}.var.a"}
    instance = {"module": f"module.{name}", "to_display": f"module.{name}.var.a"}
    return {"address": place, "status": "pass", "instances": [{"address": instance, "status": "pass"}]}


def values(name: str) -> dict[str, Any]:
    inner = {"address": f"module.{name}.module.inner[0]", "resources": [resource(f"module.{name}.module.inner[0].q")]}
    own = [resource(f"module.{name}.aws_sqs_queue.q", depends_on=[f"module.{name}.data.aws_region.r"])]
    last = {"address": f"module.{name}.module.last"}
    return {"address": f"module.{name}", "resources": own, "child_modules": [last, inner]}


def plan_of(*names: str) -> dict[str, Any]:
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "timestamp": "2025-01-01T00:00:00Z",
        "applyable": True,
        "complete": True,
        "errored": False,
        "variables": {name: {"value": {"a": f"a of {name}"}} for name in names},
        "planned_values": {
            "outputs": {f"{name}_arn": {"sensitive": True, "value": f"arn of {name}"} for name in names},
            "root_module": {"child_modules": [values(name) for name in names]},
        },
        "resource_changes": [
            each
            for name in names
            for each in (
                change(f"module.{name}.aws_sqs_queue.q", previous_address=f"module.{name}.aws_sqs_queue.old"),
                change(f"module.{name}.module.inner[0].aws_sqs_queue.i"),
            )
        ],
        "resource_drift": [change(f"module.{name}.aws_sqs_queue.q", "update") for name in names],
        "output_changes": {f"{name}_arn": {"actions": ["create"], "after": f"arn of {name}"} for name in names},
        "prior_state": {
            "format_version": "1.0",
            "values": {
                "outputs": {f"{name}_arn": {"value": f"arn of {name}"} for name in names},
                "root_module": {"child_modules": [values(name) for name in names]},
            },
        },
        "checks": [check(name) for name in names],
        "relevant_attributes": [{"resource": f"module.{name}.aws_sqs_queue.q", "attribute": ["arn"]} for name in names],
        "configuration": {
            "provider_config": {
                "aws": {"name": "aws"},
                **{f"module.{n}.module.inner:aws": {"module_address": f"module.{n}.module.inner"} for n in names},
                **{f"module.{n}:terraform": {"name": "terraform", "module_address": f"module.{n}"} for n in names},
            },
            "root_module": {"module_calls": {name: {"module": configuration(name)} for name in names}},
        },
    }


ALONE = {
    "address": {"kind": "var", "name": "a", "to_display": "var.a"},
    "status": "pass",
    "instances": [{"address": {"to_display": "var.a"}, "status": "pass"}],
}
MODULE = {
    "resources": [resource("aws_sqs_queue.q", depends_on=["data.aws_region.r"])],
    "child_modules": [
        {"address": "module.inner[0]", "resources": [resource("module.inner[0].q")]},
        {"address": "module.last"},
    ],
}


def test_a_call_is_shown_as_a_root_of_its_own() -> None:
    found = hoisted(plan_of("one", "two"), "one")
    assert found["planned_values"] == {
        "outputs": {"arn": {"sensitive": True, "value": "arn of one"}},
        "root_module": MODULE,
    }
    assert found["prior_state"]["values"] == {"outputs": {"arn": {"value": "arn of one"}}, "root_module": MODULE}
    assert found["resource_changes"] == [
        {"address": "aws_sqs_queue.q", "previous_address": "aws_sqs_queue.old", "change": {"actions": ["create"]}},
        {
            "address": "module.inner[0].aws_sqs_queue.i",
            "module_address": "module.inner[0]",
            "change": {"actions": ["create"]},
        },
    ]
    assert found["resource_drift"] == [{"address": "aws_sqs_queue.q", "change": {"actions": ["update"]}}]
    assert found["output_changes"] == {"arn": {"actions": ["create"], "after": "arn of one"}}
    assert found["checks"] == [ALONE]
    assert found["relevant_attributes"] == [{"resource": "aws_sqs_queue.q", "attribute": ["arn"]}]
    assert found["variables"] == {"a": {"value": "a of one"}, "b": {"value": 7}, "c": {"value": None}}
    resources = found["configuration"]["root_module"]["resources"]
    assert [each["provider_config_key"] for each in resources] == ["aws", "terraform"]
    inner = found["configuration"]["root_module"]["module_calls"]["inner"]["module"]
    assert inner["resources"][0]["provider_config_key"] == "module.inner:aws"
    assert found["configuration"]["provider_config"] == {
        "aws": {"name": "aws"},
        "module.inner:aws": {"module_address": "module.inner"},
        "terraform": {"name": "terraform"},
    }


@pytest.mark.parametrize(("name", "neighbour"), [("one", "two"), ("c_1", "c_10"), ("c_10", "c_1")])
def test_nothing_of_a_neighbour_is_left_and_the_plan_is_as_it_was(name: str, neighbour: str) -> None:
    plan = plan_of(name, neighbour)
    before = copy.deepcopy(plan)
    # What is known of the neighbour is in its own plan, too, so that this test cannot pass by its own blindness.
    assert f"arn of {neighbour}" in repr(hoisted(plan, neighbour))
    assert f"of {neighbour}'" not in repr(hoisted(plan, name))
    assert "module.c_1" not in repr(hoisted(plan, name))
    assert len(hoisted(plan, name)["resource_changes"]) == 2
    assert plan == before


def test_a_plan_that_changes_nothing_of_the_call_is_not_applyable() -> None:
    plan = plan_of("one", "two")
    plan["resource_changes"] = [change("module.two.aws_sqs_queue.q"), change("module.one.aws_sqs_queue.q", "no-op")]
    plan["output_changes"] = {"two_arn": {"actions": ["create"]}}
    plan["prior_state"]["values"]["outputs"].pop("one_arn")
    plan["prior_state"]["values"]["root_module"]["child_modules"].pop(0)
    del plan["resource_drift"]
    assert hoisted(plan, "one")["applyable"] is False
    assert hoisted(plan, "two")["applyable"] is True
    assert "output_changes" not in hoisted(plan, "one")
    assert "resource_drift" not in hoisted(plan, "one")
    assert "prior_state" not in hoisted(plan, "one")
    assert "prior_state" in hoisted(plan, "two")


def test_a_part_that_is_not_known_is_not_dropped_in_silence() -> None:
    with pytest.raises(GateError, match="deferred_changes"):
        hoisted({**plan_of("one"), "deferred_changes": []}, "one")
