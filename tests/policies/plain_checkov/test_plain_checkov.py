"""``checkov -d … --external-checks-dir policies`` where Checkov alone is installed: right, offline, never silent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from aic_engine.plan_graph import plan_graph
from aic_engine.rule import Rule, Verdict
from tests.policies.plain_checkov.conftest import REPOSITORY, TERRAFORM, Answer, Scan, copied_policies

ARTICLE = REPOSITORY / "tests" / "policies" / "article"
PLAN = REPOSITORY / "tests" / "policies" / "plan" / "plan.json"
DEFAULT: tuple[str, ...] = ()
"""No --framework: Checkov runs all of them, in child processes."""

SAFE = """resource "aws_dynamodb_table" "memory" {
  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }
  point_in_time_recovery {
    enabled = true
  }
}
"""
UNDECIDED = SAFE.replace("enabled = true\n  }\n}", 'enabled = var.on\n  }\n}\nvariable "on" {}')


def edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    def apply(policies: Path) -> None:
        text = (policies / name).read_text(encoding="utf-8")
        assert old in text
        (policies / name).write_text(text.replace(old, new), encoding="utf-8")

    return apply


TTL = "memory/memory_ttl_enabled.py"
DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "broken rule file": (edit(TTL, "RULE = Rule(", "RULE = Rule(("), " does not import"),
    "duplicate id": (edit(TTL, "CKV_AIC_MEM_001", "CKV_AIC_MEM_002"), "CKV_AIC_MEM_002 is used twice"),
    "rule that raises": (
        edit(TTL, "    enabled = require(", "    raise KeyError('x')\n    enabled = require("),
        "raised",
    ),
    "rule without an answer": (edit(TTL, "return worst([enabled, named])", "return None"), "instead of a Decision"),
}


@pytest.fixture(scope="session")
def safe_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("safe")
    (folder / "main.tf").write_text(SAFE, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def undecided_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undecided")
    (folder / "main.tf").write_text(UNDECIDED, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def answers(
    scan: Scan, safe_root: Path, undecided_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Future[Answer]]:
    """All Checkov runs of this file, started at once."""
    unreadable = tmp_path_factory.mktemp("unreadable")
    (unreadable / "main.tf").write_text(SAFE, encoding="utf-8")
    (unreadable / "broken.tf").write_text("resource {", encoding="utf-8")
    damaged = {}
    for name, (damage, _) in DAMAGE.items():
        damaged[name] = copied_policies(tmp_path_factory.mktemp("damaged") / "policies")
        damage(damaged[name])
    started = {
        "modules": scan("-d", "modules"),
        "article": scan("-d", str(ARTICLE), *TERRAFORM, "-o", "json", COMPANION_GATE_PROFILE="seed"),
        "plan": scan("-f", str(PLAN), "--framework", "terraform_plan", "--skip-download", "-o", "json"),
        "safe": scan("-d", str(safe_root), *TERRAFORM, COMPANION_GATE_PROFILE="seed"),
        "undecided": scan("-d", str(undecided_root), *TERRAFORM, COMPANION_GATE_PROFILE="seed"),
        "undecided fails": scan(
            "-d", str(undecided_root), *TERRAFORM, COMPANION_GATE_PROFILE="seed", COMPANION_GATE_UNKNOWN="fail"
        ),
        "every policy": scan("-d", str(safe_root), *TERRAFORM),
        "no such profile": scan("-d", str(safe_root), *TERRAFORM, COMPANION_GATE_PROFILE="hard"),
        "loosened": scan("-d", str(safe_root), *TERRAFORM, COMPANION_GATE_PARAMETERS='{"log_retention_days": 900}'),
        "unreadable": scan("-d", str(unreadable), *TERRAFORM),
        "unreadable, default": scan("-d", str(unreadable), "--skip-download"),
    }
    for name, policies in damaged.items():
        started[name] = scan("-d", str(safe_root), *TERRAFORM, policies=policies)
    for name in ("duplicate id", "rule that raises"):
        started[f"{name}, default"] = scan("-d", str(safe_root), "--skip-download", policies=damaged[name])
    return started


def results(answer: Answer) -> dict[tuple[str, str], tuple[str, Any]]:
    """(id, resource) -> (verdict, severity) of a JSON report."""
    report = json.loads(answer.out)["results"]
    return {
        (check["check_id"], check["resource"]): (verdict, check["severity"])
        for verdict in ("passed", "failed")
        for check in report[f"{verdict}_checks"]
    }


def test_our_modules_pass_with_the_command_of_the_readme(answers: dict[str, Future[Answer]]) -> None:
    answer = answers["modules"].result()
    counts = re.findall(r"Passed checks: (\d+), Failed checks: (\d+), Skipped checks: (\d+)", answer.out)
    assert [(failed, skipped) for _, failed, skipped in counts] == [("0", "0")] * len(counts)
    assert sum(int(passed) for passed, _, _ in counts) > 0
    assert answer.code == 0


def test_without_a_profile_every_policy_is_asked(answers: dict[str, Future[Answer]]) -> None:
    answer = answers["every policy"].result()
    assert answer.code == 1
    assert "CKV_AIC_MEM_005" in answer.out


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        ("no such profile", "there is no profile 'hard'; choose one of seed"),
        ("loosened", "parameter log_retention_days = 900 would loosen log-retention-bounded"),
    ],
)
def test_settings_that_mean_nothing_fail_and_say_why(
    run: str, sentence: str, answers: dict[str, Future[Answer]]
) -> None:
    answer = answers[run].result()
    assert answer.code == 1
    assert sentence in answer.err


def test_the_article_fails_where_it_breaks_its_own_advice(answers: dict[str, Future[Answer]]) -> None:
    answer = answers["article"].result()
    found = results(answer)
    assert {key for key, (verdict, _) in found.items() if verdict == "failed"} == {
        ("CKV_AIC_SAFE_001", "aws_bedrock_guardrail.safety"),
        ("CKV_AIC_VEC_003", "aws_opensearch_domain.recollections"),
    }
    assert {id_ for (id_, _), (verdict, _) in found.items() if verdict == "passed"} == {
        "CKV_AIC_MEM_001",
        "CKV_AIC_MEM_002",
        "CKV_AIC_SCALE_001",
        "CKV_AIC_SCALE_002",
        "CKV_AIC_VEC_001",
        "CKV_AIC_VEC_002",
    }
    assert answer.code == 1


def test_severity_holds_offline(answers: dict[str, Future[Answer]], rules: tuple[Rule, ...]) -> None:
    severities = {rule.id: rule.severity.value for rule in rules}
    found = results(answers["article"].result())
    assert {id_: severity for (id_, _), (_, severity) in found.items()} == {id_: severities[id_] for id_, _ in found}


def test_plan_through_checkov_gives_the_verdicts_of_our_own_front_end(
    answers: dict[str, Future[Answer]], rules: tuple[Rule, ...]
) -> None:
    graph = plan_graph(json.loads(PLAN.read_text(encoding="utf-8")))
    ours = {(each.rule_id, each.address): each.verdict for rule in rules for each in rule.evaluate(graph)}
    told = {Verdict.PASS: "passed", Verdict.FAIL: "failed"}
    expected = {key: told[verdict] for key, verdict in ours.items() if verdict in told}
    assert {key: verdict for key, (verdict, _) in results(answers["plan"].result()).items()} == expected
    assert set(expected.values()) == {"passed", "failed"}


def test_a_safe_root_passes(answers: dict[str, Future[Answer]]) -> None:
    answer = answers["safe"].result()
    assert (answer.code, "Passed checks: 2, Failed checks: 0" in answer.out) == (0, True)


def test_unknown_is_a_warning_with_its_place(answers: dict[str, Future[Answer]], undecided_root: Path) -> None:
    answer = answers["undecided"].result()
    assert answer.code == 0
    (line,) = [line for line in answer.err.splitlines() if "not decided" in line]
    assert "CKV_AIC_MEM_002 aws_dynamodb_table.memory.point_in_time_recovery[0].enabled: cannot be decided" in line
    assert f"({undecided_root / 'main.tf'}:1)" in line


def test_unknown_fails_where_that_is_asked(answers: dict[str, Future[Answer]]) -> None:
    answer = answers["undecided fails"].result()
    assert (answer.code, "Passed checks: 1, Failed checks: 1" in answer.out) == (1, True)


@pytest.mark.parametrize("run", ["unreadable", "unreadable, default"])
def test_hcl_that_cannot_be_parsed_fails(run: str, answers: dict[str, Future[Answer]]) -> None:
    assert answers[run].result().code != 0


@pytest.mark.parametrize("run", [*DAMAGE, "duplicate id, default", "rule that raises, default"])
def test_policies_that_are_not_whole_fail_and_say_why(run: str, answers: dict[str, Future[Answer]]) -> None:
    answer = answers[run].result()
    assert answer.code == 1
    assert DAMAGE[run.removesuffix(", default")][1] in answer.out + answer.err
