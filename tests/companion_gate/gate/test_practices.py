"""Each of the five practices, taken out of a real module: red on HCL and on the plan, with place, finding and cure."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from companion_gate.hcl.rewrite import remove_block, set_attribute
from tests.companion_gate.gate.running import GateResult, run_gate, write_tree

TABLE = "aws_dynamodb_table"
DOMAIN = ("resource", "aws_opensearch_domain", "this")
TARGET = ("resource", "aws_appautoscaling_target", "this")
VERSION = "aws_bedrock_guardrail_version"

CEILING = """
resource "aws_appautoscaling_target" "this" {
  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/companion/variant/AllTraffic"
  min_capacity       = 2
  max_capacity       = 500
}
"""


def change(file: Path, rewrite: Callable[[str], str]) -> None:
    before = file.read_text(encoding="utf-8")
    after = rewrite(before)
    assert after != before
    file.write_text(after, encoding="utf-8")


def break_modules(modules: Path) -> None:
    memory = modules / "memory-hot" / "main.tf"
    change(memory, lambda text: set_attribute(text, ("resource", TABLE, "memory"), "ttl[0].enabled", "false"))
    change(memory, lambda text: remove_block(text, ("resource", TABLE, "state"), "point_in_time_recovery"))
    domain = modules / "memory-vectors" / "domain" / "main.tf"
    change(domain, lambda text: set_attribute(text, DOMAIN, "domain_endpoint_options[0].enforce_https", "false"))
    policy = '"Policy-Min-TLS-1-0-2019-07"'
    change(domain, lambda text: set_attribute(text, DOMAIN, "domain_endpoint_options[0].tls_security_policy", policy))
    scaling = modules / "inference-endpoint" / "scaling.tf"
    change(scaling, lambda text: set_attribute(text, TARGET, "min_capacity", "1"))
    moderation = modules / "moderation"
    change(moderation / "main.tf", lambda text: remove_block(text, ("resource", VERSION, "this")))
    change(moderation / "outputs.tf", lambda text: text.replace(f"{VERSION}.this.version", '"DRAFT"'))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> GateResult:
    folder = tmp_path_factory.mktemp("practices")
    shutil.copytree(repository / "modules", folder / "modules")
    # It composes the broken ones, and would be red for each of them once more.
    shutil.rmtree(folder / "modules" / "companion")
    break_modules(folder / "modules")
    write_tree(folder, {"modules/ceiling/main.tf": CEILING})
    # A plan takes seconds: none of the serverless example, which has no domain, and none where the HCL says it all.
    asked = "(memory-ttl or memory-pitr or version-pinned or vectors-https or vectors-tls or scaling-bounds)"
    result = run_gate(folder, "--stack", "modules", "-k", f"{asked} and not vectors-2 and not (ceiling and plan)")
    assert result.code == 1, result.output
    assert "GATE FAILED" in result.output
    return result


@pytest.mark.parametrize(
    ("items", "address", "words"),
    [
        (
            ["moderation::hcl::guardrail-version-pinned", "moderation::plan[moderation]::guardrail-version-pinned"],
            "aws_bedrock_guardrail.this",
            [
                "CKV_AIC_SAFE_001 guardrail-version-pinned (CRITICAL)",
                "expected: an aws_bedrock_guardrail_version of this guardrail",
                "found:    none",
                "fix:      add an aws_bedrock_guardrail_version with guardrail_arn = ",
                'source:   modules/moderation/guardrail.tf:3: resource "aws_bedrock_guardrail" "this" {',
            ],
        ),
        (
            ["memory-hot::hcl::memory-ttl-enabled", "memory-hot::plan[memory-hot]::memory-ttl-enabled"],
            "aws_dynamodb_table.memory.ttl[0].enabled",
            [
                "CKV_AIC_MEM_001 memory-ttl-enabled (HIGH)",
                "expected: true",
                "found:    false",
                "fix:      add ttl {",
                "source:   modules/memory-hot/main.tf:27: enabled        = false",
            ],
        ),
        (
            ["memory-hot::hcl::memory-pitr-enabled", "memory-hot::plan[memory-hot]::memory-pitr-enabled"],
            "aws_dynamodb_table.state.point_in_time_recovery[0].enabled",
            [
                "CKV_AIC_MEM_002 memory-pitr-enabled (HIGH)",
                "expected: true",
                "found:    not set",
                "fix:      set point_in_time_recovery.enabled = true",
                'source:   modules/memory-hot/main.tf:105: resource "aws_dynamodb_table" "state" {',
            ],
        ),
        (
            ["memory-vectors::hcl::vectors-https-only", "memory-vectors::plan[memory-vectors-1]::vectors-https-only"],
            "aws_opensearch_domain.this.domain_endpoint_options[0].enforce_https",
            [
                "CKV_AIC_VEC_001 vectors-https-only (CRITICAL)",
                "expected: true",
                "found:    false",
                "fix:      set domain_endpoint_options { enforce_https = true }",
                "source:   modules/memory-vectors/domain/main.tf:41: enforce_https       = false",
            ],
        ),
        (
            ["memory-vectors::hcl::vectors-tls-floor", "memory-vectors::plan[memory-vectors-1]::vectors-tls-floor"],
            "aws_opensearch_domain.this.domain_endpoint_options[0].tls_security_policy",
            [
                "CKV_AIC_VEC_002 vectors-tls-floor (HIGH)",
                "expected: a policy with at least TLS 1.2",
                'found:    "Policy-Min-TLS-1-0-2019-07"',
                "fix:      set domain_endpoint_options { tls_security_policy = ",
                'domain/main.tf:42: tls_security_policy = "Policy-Min-TLS-1-0-2019-07"',
            ],
        ),
        (
            ["inference-endpoint::plan[inference-endpoint]::scaling-bounds"],
            "aws_appautoscaling_target.this.min_capacity",
            [
                "CKV_AIC_SCALE_001 scaling-bounds (HIGH)",
                "expected: >= 2",
                "found:    1",
                "fix:      set min_capacity to 2 or more",
                "source:   modules/inference-endpoint/scaling.tf:5: min_capacity       = 1",
            ],
        ),
        (
            ["ceiling::hcl::scaling-bounds"],
            "aws_appautoscaling_target.this.max_capacity",
            [
                "expected: <= 100",
                "found:    500",
                "fix:      set max_capacity to what the account's quota and the budget bear",
                "source:   modules/ceiling/main.tf:7: max_capacity       = 500",
            ],
        ),
    ],
    ids=["version", "ttl", "pitr", "https", "tls", "floor", "ceiling"],
)
def test_practice_taken_out_is_red(result: GateResult, items: list[str], address: str, words: list[str]) -> None:
    for item in items:
        assert result.verdicts[f"modules/{item}"] == "FAILED"
        reason = result.reason(f"modules/{item}")
        assert any(line.endswith(address) for line in reason.splitlines())
        for word in words:
            assert word in reason


def test_bound_that_hcl_cannot_tell_is_left_to_the_plan(result: GateResult) -> None:
    assert result.verdicts["modules/inference-endpoint::hcl::scaling-bounds"] == "LEFT TO THE PLAN"


def test_nothing_else_is_red(result: GateResult) -> None:
    assert len(result.failed) == 12
    assert result.verdicts["modules/moderation::hcl::memory-ttl-enabled"] == "NOT APPLICABLE"
