"""Assertions on a real plan: typed, unknown never compared, sensitive never shown, each failure with its HCL line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from companion_gate.plan import Attribute, Plan, UnknownAtPlan
from tests.companion_gate.plan.conftest import MODULE

TABLE = "module.memory.aws_dynamodb_table.memory"
LAMBDA = "module.memory.aws_lambda_function.turn"
QUEUE = 'module.memory.aws_sqs_queue.turns["chat"]'
PARAMETER = "aws_ssm_parameter.table"


def line_of(text: str) -> int:
    lines = (MODULE / "main.tf").read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, 1) if line.strip() == text)


def test_values_have_their_types(memory_plan: Plan) -> None:
    table = memory_plan[TABLE]
    assert table["name"] == "memory"
    assert table["point_in_time_recovery[0].enabled"].value is False
    assert table["ttl[0].attribute_name"] == "expires_at"
    assert table["attribute"] == [{"name": "user_id", "type": "S"}]
    assert len(table["attribute"]) == 1
    assert memory_plan[QUEUE]["visibility_timeout_seconds"] >= 30
    assert memory_plan[QUEUE]["visibility_timeout_seconds"] < 31
    assert "mem" in table["name"]
    assert table["name"] != memory_plan[QUEUE]["name"]
    assert not table["point_in_time_recovery[0].enabled"]


def test_not_set_is_none(memory_plan: Plan) -> None:
    assert not memory_plan[QUEUE]["kms_master_key_id"].is_set
    assert memory_plan[QUEUE]["kms_master_key_id"].value is None


USES: dict[str, Callable[[Attribute], object]] = {
    "==": lambda attribute: attribute == "x",
    "!=": lambda attribute: attribute != "x",
    "<": lambda attribute: attribute < "x",
    "<=": lambda attribute: attribute <= "x",
    ">": lambda attribute: attribute > "x",
    ">=": lambda attribute: attribute >= "x",
    "in": lambda attribute: "x" in attribute,
    "not in": lambda attribute: "x" not in attribute,
    "bool": bool,
    "not": lambda attribute: not attribute,
    "len": len,
    "iter": list,
    "value": lambda attribute: attribute.value,
    "right of ==": lambda attribute: attribute.resource["name"] == attribute,
}


@pytest.mark.parametrize("use", USES)
def test_unknown_is_never_compared(use: str, memory_plan: Plan) -> None:
    with pytest.raises(UnknownAtPlan, match=r"aws_dynamodb_table.memory.arn: it is known only after apply"):
        USES[use](memory_plan[TABLE]["arn"])


@pytest.mark.parametrize("use", [use for use in USES if use not in ("bool", "not", "len", "right of ==")])
def test_a_value_with_unknown_parts_is_not_compared_either(use: str, memory_plan: Plan) -> None:
    with pytest.raises(UnknownAtPlan, match=r"memory\.replica: a part of it is known only after apply"):
        USES[use](memory_plan[TABLE]["replica"])


def test_length_of_a_list_with_unknown_parts_is_known(memory_plan: Plan) -> None:
    assert len(memory_plan[TABLE]["replica"]) == 1
    assert memory_plan[TABLE]["replica"]
    assert memory_plan[TABLE]["replica[0].region_name"] == "us-east-1"
    assert "unknown (known only after apply)" in repr(memory_plan[TABLE]["replica"])


def test_sensitive_is_never_shown(memory_plan: Plan) -> None:
    for path in ("environment[0].variables.TOKEN", "environment[0].variables", "environment[0]", "environment"):
        attribute = memory_plan[LAMBDA][path]
        assert attribute.is_sensitive
        assert "hunter2" not in repr(attribute)
        assert "hunter2" not in "\n".join(attribute.explain("==", "other"))
    assert memory_plan[LAMBDA]["environment[0].variables.TOKEN"] == "hunter2"
    assert not memory_plan[LAMBDA]["function_name"].is_sensitive
    assert "hunter2" not in repr(memory_plan.run)


def test_nothing_selected_fails(memory_plan: Plan) -> None:
    assert {view.name for view in memory_plan.of_type("aws_sqs_queue")} == {"turns"}
    with pytest.raises(AssertionError, match="no aws_s3_bucket; it has aws_dynamodb_table, aws_lambda_function"):
        memory_plan.of_type("aws_s3_bucket")


def test_missing_address_lists_close_ones(memory_plan: Plan) -> None:
    with pytest.raises(KeyError, match=r"no module.memory.aws_dynamodb_table.memry in the plan; close: .*table.memory"):
        memory_plan["module.memory.aws_dynamodb_table.memry"]
    with pytest.raises(KeyError, match="it has 5 resources"):
        memory_plan["?"]
    assert TABLE in memory_plan
    assert len(memory_plan) == len(list(memory_plan)) == 5


def test_references_through_locals_and_outputs(memory_plan: Plan) -> None:
    assert f"{TABLE}.arn" in memory_plan[PARAMETER]["value"].references
    assert memory_plan[QUEUE]["policy"].references == (f"{TABLE}.arn",)
    assert memory_plan[TABLE]["billing_mode"].references == ()


def test_outputs(memory_plan: Plan) -> None:
    assert memory_plan.output("name") == "companion"
    assert memory_plan.output("memory.name") == "memory"
    assert memory_plan.output("memory.limits[1]") == 20
    assert memory_plan.output("memory.limits") == [10, 20]
    for path in ("memory", "memory.arn"):
        with pytest.raises(UnknownAtPlan, match=f"output {path} is known only after apply"):
            memory_plan.output(path)
    with pytest.raises(KeyError, match="no output nothing"):
        memory_plan.output("nothing")


def test_checks(memory_plan: Plan) -> None:
    by_address = {check.address: check for check in memory_plan.checks}
    assert by_address["module.memory.var.table_name"].status == "pass"
    failed = by_address["check.names"]
    assert (failed.kind, failed.status, failed.messages) == ("check", "fail", ("The table has another name.",))


@pytest.mark.parametrize(
    ("path", "text", "exact"),
    [
        ("point_in_time_recovery[0].enabled", "enabled = false", True),
        ("ttl[0].enabled", "enabled        = true", True),
        ("deletion_protection_enabled", 'resource "aws_dynamodb_table" "memory" {', False),
        ("", 'resource "aws_dynamodb_table" "memory" {', True),
    ],
)
def test_source_line(path: str, text: str, exact: bool, memory_plan: Plan) -> None:
    source = memory_plan[TABLE].source(path)
    assert source is not None
    assert (source.file, source.line, source.text.strip(), source.exact) == (
        MODULE / "main.tf",
        line_of(text),
        text,
        exact,
    )


def test_actions(memory_plan: Plan) -> None:
    assert memory_plan[TABLE].actions == ("create",)
    assert memory_plan[TABLE].replaced_because == ()
    assert repr(memory_plan[TABLE]) == f"<{TABLE} (create)>"


FAILING = """
TABLE, LAMBDA = "aws_dynamodb_table.memory", "aws_lambda_function.turn"
SETTINGS = {"table_name": "memory", "secret": "hunter2"}

def test_restorable(plan):
    assert plan("stack", SETTINGS)[TABLE]["point_in_time_recovery[0].enabled"] == True

def test_secret(plan):
    assert plan("stack", SETTINGS)[LAMBDA]["environment[0].variables.TOKEN"] == "guess"

def test_unknown(plan):
    assert plan("stack", SETTINGS)[TABLE]["arn"] != "x"
"""


def test_a_failing_assertion_names_address_attribute_expected_found_and_source(tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / "main.tf").write_bytes((MODULE / "main.tf").read_bytes())
    provider = 'provider "aws" {\n  region = "eu-central-1"\n}\n'
    (tmp_path / "stack" / "provider.tf").write_text(provider, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(FAILING, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "test_it.py"]
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    restorable, rest = done.stdout.split("test_secret", 1)
    wanted = [
        "aws_dynamodb_table.memory.point_in_time_recovery[0].enabled",
        "  expected: True",
        "  found:    false",
        f"  source:   stack/main.tf:{line_of('enabled = false')}: enabled = false",
    ]
    assert [line for line in wanted if line not in restorable] == []
    assert "found:    (sensitive value)" in rest
    assert "aws_dynamodb_table.memory.arn: it is known only after apply" in rest
    assert "3 failed" in done.stdout
