"""What a plan in JSON says, and documents that must not be taken for a complete plan."""

from __future__ import annotations

from typing import Any

import pytest

from aic_engine.graph import Graph
from aic_engine.plan_graph import PlanError, plan_graph
from aic_engine.rule import Rule, Verdict
from aic_engine.values import ABSENT, Known, Unknown
from tests.policies.engine.worlds import block, change, only, plan, planned, verdicts

G, V = "aws_bedrock_guardrail", "aws_bedrock_guardrail_version"
ARN = {"guardrail_arn": True}


def test_known_unknown_computed_and_not_set() -> None:
    graph = planned(
        [change("aws_a.b", {"set": 1, "null": None}, unknown={"written": True, "computed": True})],
        block("aws_a.b", written=["aws_x.y.z", "aws_x.y"]),
    )
    resource = only(graph, "aws_a")
    assert resource.get("set") == Known(1)
    assert resource.get("null") == resource.get("missing") == ABSENT
    assert isinstance(resource.get("written"), Unknown)
    assert resource.get("computed") == ABSENT


def test_whole_block_unknown() -> None:
    graph = planned(
        [change("aws_a.b", unknown={"one": True})],
        block("aws_a.b", one=[{"c": {"references": ["aws_x.y.z", "aws_x.y"]}}]),
    )
    resource = only(graph, "aws_a")
    assert isinstance(resource.get("one[0].c"), Unknown)
    assert isinstance(resource.blocks("one"), Unknown)


def test_dynamic_blocks_have_values_but_no_expressions() -> None:
    resource = only(planned([change("aws_a.b", {"one": [{"c": 1}, {"c": 2}]})], block("aws_a.b")), "aws_a")
    assert (resource.blocks("one"), resource.get("one[1].c")) == (2, Known(2))
    assert resource.expression("one[0].c") is None


def test_unknown_block_of_a_dynamic_is_not_taken_for_none() -> None:
    resource = only(planned([change("aws_a.b", {"c": 1}, unknown={"replica": True})], block("aws_a.b")), "aws_a")
    assert isinstance(resource.blocks("replica"), Unknown)


def test_container_with_unknown_parts_keeps_them() -> None:
    graph = planned(
        [change("aws_a.b", {"map": {"a": 1}}, unknown={"map": {"b": True}})], block("aws_a.b", map=["aws_x.y.z"])
    )
    value = only(graph, "aws_a").get("map")
    assert isinstance(value, Known)
    assert value.value["a"] == 1
    assert isinstance(value.value["b"], Unknown)


def test_keys_of_modules_and_resources() -> None:
    graph = planned(
        [change('module.m["a.b"].aws_a.b', {"c": 1}), change("module.m[0].module.n.aws_a.b", index=1)],
        module_calls={"m": {"module": {"module_calls": {"n": {"module": {}}}}}},
    )
    assert {each.address for each in graph.resources} == {'module.m["a.b"].aws_a.b', "module.m[0].module.n.aws_a.b[1]"}


@pytest.mark.parametrize(
    "gone",
    [
        {"change": {"actions": ["delete"], "before": {}, "after": None, "after_unknown": {}}},
        {"deposed": "0123abcd"},
        {"mode": "data"},
    ],
)
def test_what_is_deleted_deposed_or_read_does_not_count(gone: dict[str, Any]) -> None:
    assert planned([change("aws_a.b", {"c": 1}, **gone)], block("aws_a.b")).resources == ()


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({}, "no Terraform plan"),
        ({"values": {"root_module": {}}}, "no Terraform plan"),
        ({"planned_values": {}}, "no Terraform plan"),
        (plan([], {}, errored=True), "stopped with an error"),
        (plan([], {}, complete=False), "leaves resources out"),
        (
            {"configuration": {}, "planned_values": {"root_module": {"resources": [{"address": "aws_a.b"}]}}},
            "no Terraform plan",
        ),
        (
            {
                "configuration": {},
                "planned_values": {"root_module": {"child_modules": [{"address": "module.m", "resources": [{}]}]}},
            },
            "no Terraform plan",
        ),
    ],
)
def test_what_is_no_complete_plan_is_refused(document: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PlanError, match=complaint):
        plan_graph(document)


def test_plan_of_nothing_is_a_plan() -> None:
    assert plan_graph({"configuration": {"root_module": {}}, "planned_values": {"root_module": {}}}).resources == ()


def guardrails(*changes: dict[str, Any], arn: list[str], **root: Any) -> Graph:
    """Guardrails and one version block whose ``guardrail_arn`` refers to ``arn``."""
    return planned(list(changes), block(f"{G}.g"), block(f"{G}.h"), block(f"{V}.v", guardrail_arn=arn), **root)


def instances(resource: str, **marks: Any) -> list[dict[str, Any]]:
    return [
        change(f'{resource}["{key}"]', index=key, **marks)
        | dict(zip(("type", "name"), resource.split("."), strict=True))
        for key in "ab"
    ]


def test_version_of_another_guardrail_does_not_pin(rules: tuple[Rule, ...]) -> None:
    changes = change(f"{G}.g", unknown=ARN), change(f"{G}.h", unknown=ARN), change(f"{V}.v", unknown=ARN)
    graph = guardrails(*changes, arn=[f"{G}.h.guardrail_arn", f"{G}.h"])
    assert verdicts(rules, "CKV_AIC_SAFE_001", graph) == {f"{G}.g": Verdict.FAIL, f"{G}.h": Verdict.PASS}


def test_version_that_may_be_of_either_guardrail_is_unknown(rules: tuple[Rule, ...]) -> None:
    changes = change(f"{G}.g", unknown=ARN), change(f"{G}.h", unknown=ARN), change(f"{V}.v", unknown=ARN)
    graph = guardrails(*changes, arn=[f"{G}.h.guardrail_arn", f"{G}.h", f"{G}.g.guardrail_arn", f"{G}.g", "var.x"])
    assert set(verdicts(rules, "CKV_AIC_SAFE_001", graph).values()) == {Verdict.UNKNOWN}


def test_known_arn_counts_and_not_what_its_expression_mentions(rules: tuple[Rule, ...]) -> None:
    changes = change(f"{G}.g", {"guardrail_arn": "a"}), change(f"{V}.v", {"guardrail_arn": "b"})
    graph = guardrails(*changes, arn=[f"{G}.g.guardrail_arn", f"{G}.g", "var.x"])
    assert verdicts(rules, "CKV_AIC_SAFE_001", graph) == {f"{G}.g": Verdict.FAIL}
    changes = change(f"{G}.g", {"guardrail_arn": "a"}), change(f"{V}.v", {"guardrail_arn": "a"})
    assert verdicts(rules, "CKV_AIC_SAFE_001", guardrails(*changes, arn=["var.x"])) == {f"{G}.g": Verdict.PASS}


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ([f"{G}.g", "each.key"], Verdict.PASS),
        ([f"{G}.g", "each.value"], Verdict.UNKNOWN),
        ([f"{G}.g", "each.key", "each.value"], Verdict.UNKNOWN),
        ([f"{G}.g", "local.which"], Verdict.UNKNOWN),
        ([f"{G}.g"], Verdict.UNKNOWN),
        ([f'{G}.g["b"].guardrail_arn', f'{G}.g["b"]', f"{G}.g"], Verdict.FAIL),
    ],
)
def test_instances_pin_their_own_guardrail_only_by_key(
    arn: list[str], expected: Verdict, rules: tuple[Rule, ...]
) -> None:
    graph = guardrails(*instances(f"{G}.g", unknown=ARN), *instances(f"{V}.v", unknown=ARN), arn=arn)
    assert verdicts(rules, "CKV_AIC_SAFE_001", graph)[f'{G}.g["a"]'] is expected


def test_chained_for_each_pins_by_key(rules: tuple[Rule, ...]) -> None:
    changes = [*instances(f"{G}.g", unknown=ARN), *instances(f"{V}.v", unknown=ARN)]
    version = block(
        f"{V}.v", guardrail_arn=["each.value.guardrail_arn", "each.value"], for_each={"references": [f"{G}.g"]}
    )
    graph = planned(changes, block(f"{G}.g"), version)
    assert set(verdicts(rules, "CKV_AIC_SAFE_001", graph).values()) == {Verdict.PASS}


def test_version_of_one_instance_does_not_pin_the_other(rules: tuple[Rule, ...]) -> None:
    changes = [*instances(f"{G}.g", unknown=ARN), *instances(f"{V}.v", unknown=ARN)[:1]]
    found = verdicts(rules, "CKV_AIC_SAFE_001", guardrails(*changes, arn=[f"{G}.g", "each.key"]))
    assert found == {f'{G}.g["a"]': Verdict.PASS, f'{G}.g["b"]': Verdict.FAIL}


def test_https_fails_where_the_service_decides_and_not_the_block(rules: tuple[Rule, ...]) -> None:
    domain = change("aws_opensearch_domain.d", unknown={"domain_endpoint_options": True})
    graph = planned([domain], block("aws_opensearch_domain.d"))
    assert verdicts(rules, "CKV_AIC_VEC_001", graph) == {"aws_opensearch_domain.d": Verdict.FAIL}


def test_deleted_version_does_not_pin(rules: tuple[Rule, ...]) -> None:
    deleted = change(f"{V}.v") | {"change": {"actions": ["delete"], "after": None, "after_unknown": {}}}
    graph = guardrails(change(f"{G}.g", unknown=ARN), deleted, arn=[f"{G}.g.guardrail_arn", f"{G}.g"])
    assert verdicts(rules, "CKV_AIC_SAFE_001", graph) == {f"{G}.g": Verdict.FAIL}


NESTED = {
    "outer": {
        "expressions": {"guardrail": {"references": [f"{G}.g"]}},
        "module": {
            "module_calls": {
                "inner": {
                    "expressions": {"arn": {"references": ["local.arn"]}},
                    "module": {
                        "resources": [block(f"{V}.v", guardrail_arn=["var.arn"])],
                        "variables": {"arn": {}},
                    },
                }
            }
        },
    }
}


@pytest.mark.parametrize(
    ("locals_", "expected"),
    [
        ({"arn": ("var.guardrail.guardrail_arn", "var.guardrail")}, Verdict.PASS),
        ({"arn": ("var.guardrail.name", "var.guardrail")}, Verdict.UNKNOWN),
        ({}, Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ],
)
def test_reference_through_two_modules_and_a_local(
    locals_: dict[str, tuple[str, ...]] | None, expected: Verdict, rules: tuple[Rule, ...]
) -> None:
    address = f"module.outer.module.inner.{V}.v"
    changes = [change(f"{G}.g", unknown=ARN), change(address, unknown=ARN)]
    document = plan(changes, {"resources": [block(f"{G}.g")], "module_calls": NESTED})
    graph = plan_graph(document, lambda module: locals_ if module == "module.outer" else {})
    assert verdicts(rules, "CKV_AIC_SAFE_001", graph) == {f"{G}.g": expected}


def test_reference_through_an_output_of_a_keyed_module(rules: tuple[Rule, ...]) -> None:
    module = {
        "resources": [block(f"{G}.g")],
        "outputs": {"arn": {"expression": {"references": [f"{G}.g.guardrail_arn", f"{G}.g"]}}},
    }
    changes = [change(f'module.m["{key}"].{G}.g', unknown=ARN) for key in "ab"] + [change(f"{V}.v", unknown=ARN)]
    version = block(f"{V}.v", guardrail_arn=['module.m["a"].arn', 'module.m["a"]', "module.m"])
    graph = planned(changes, version, module_calls={"m": {"module": module}})
    assert verdicts(rules, "CKV_AIC_SAFE_001", graph) == {
        f'module.m["a"].{G}.g': Verdict.PASS,
        f'module.m["b"].{G}.g': Verdict.FAIL,
    }


def test_locals_that_refer_to_each_other_end() -> None:
    graph = plan_graph(
        plan([change("aws_a.b", unknown={"c": True})], {"resources": [block("aws_a.b", c=["local.x"])]}),
        lambda _: {"x": ("local.y.z",), "y": ("local.x.z",)},
    )
    assert graph.references(only(graph, "aws_a"), "c").found == ()
