"""What modules/observability shows, measures and rolls up."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from .cases import observability
from .deployed import changed, deploy
from .examples import ExamplePlans, contract, values_of
from .roots import MODULES, initialise, planned, write_root

_PAGER = ["arn:aws:sns:eu-central-1:111122223333:companion-pager"]
_OBJECTIVES = {
    f"companion-prod-slo-{what}"
    for what in (
        "busy", "failed", "first-token", "guardrail-draft", "guardrail-failing", "guardrail-interventions", "queue-age",
    )
}  # fmt: skip
_PINNED = {
    "GuardrailArn": "arn:aws:bedrock:eu-central-1:111122223333:guardrail/abcdef123456",
    "GuardrailVersion": "3",
}
Named = dict[str, Mapping[str, Any]]


def _named(plans: ExamplePlans, type_: str) -> Named:
    return {alarm["alarm_name"]: alarm for alarm in values_of(plans, "observability", type_).values()}


@pytest.fixture(scope="module")
def composites(plans: ExamplePlans) -> Named:
    return _named(plans, "aws_cloudwatch_composite_alarm")


@pytest.fixture(scope="module")
def objectives(plans: ExamplePlans) -> Named:
    return _named(plans, "aws_cloudwatch_metric_alarm")


@pytest.fixture(scope="module")
def widgets(plans: ExamplePlans) -> list[dict[str, Any]]:
    (dashboard,) = values_of(plans, "observability", "aws_cloudwatch_dashboard").values()
    assert dashboard["dashboard_name"] == "companion-prod"
    found: list[dict[str, Any]] = json.loads(dashboard["dashboard_body"])["widgets"]
    return found


def _children(alarm: Mapping[str, Any]) -> set[str]:
    names = re.findall(r'ALARM\("([^"]+)"\)', alarm["alarm_rule"])
    assert " OR ".join(f'ALARM("{name}")' for name in names) == alarm["alarm_rule"]
    return set(names)


def test_every_part_wakes_somebody_unless_it_is_named(composites: Named) -> None:
    parts = {f"companion-prod-part-{part}" for part in ("edge", "handlers", "memory", "queue")}
    assert _children(composites["companion-prod-critical"]) == parts | _OBJECTIVES
    assert _children(composites["companion-prod-background"]) == {"companion-prod-part-vectors"}


def test_a_part_rolls_up_its_alarms_and_an_empty_one_is_left_out(composites: Named) -> None:
    assert _children(composites["companion-prod-part-queue"]) == {
        "companion-prod-turns-age", "companion-prod-turns-dead-letters",
    }  # fmt: skip
    assert "companion-prod-part-moderation" not in composites
    assert len(composites) == 7


def test_two_alarms_notify_and_can_be_suppressed(composites: Named) -> None:
    heard = {name for name, alarm in composites.items() if alarm["alarm_actions"]}
    assert heard == {"companion-prod-critical", "companion-prod-background"}
    assert {name for name, alarm in composites.items() if alarm["actions_suppressor"]} == heard
    for name in heard:
        assert composites[name]["alarm_actions"] == composites[name]["ok_actions"] == _PAGER
        (suppressor,) = composites[name]["actions_suppressor"]
        assert suppressor == {"alarm": "companion-prod-maintenance", "wait_period": 120, "extension_period": 60}


def test_objectives_notify_by_themselves(objectives: Named) -> None:
    assert set(objectives) == _OBJECTIVES
    for alarm in objectives.values():
        assert alarm["alarm_actions"] == alarm["ok_actions"] == _PAGER
        assert alarm["treat_missing_data"] == "notBreaching"


def test_first_words_are_promised_within_the_honest_budget(objectives: Named) -> None:
    alarm = objectives["companion-prod-slo-first-token"]
    assert (alarm["namespace"], alarm["metric_name"]) == ("Companion", "FirstTokenMs")
    assert (alarm["extended_statistic"], alarm["threshold"]) == ("p95", 1500)
    assert alarm["dimensions"] == {"Deployment": "companion-prod"}


def _queries(alarm: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {query["id"]: query for query in alarm["metric_query"]}


@pytest.mark.parametrize(("kind", "limit"), [("busy", 0.02), ("failed", 0.02)])
def test_a_share_of_turns_is_of_all_turns(kind: str, limit: float, objectives: Named) -> None:
    alarm = objectives[f"companion-prod-slo-{kind}"]
    assert alarm["threshold"] == pytest.approx(limit)
    assert alarm["alarm_description"].startswith("More than 2 % of companion-prod's turns")
    queries = _queries(alarm)
    total = "FILL(answered, 0) + FILL(busy, 0) + FILL(failed, 0)"
    assert queries.pop("ratio")["expression"] == f"IF({total} >= 10, FILL({kind}, 0) / ({total}), 0)"
    metrics = {key: query["metric"][0] for key, query in queries.items()}
    assert {key: (metric["metric_name"], metric["stat"]) for key, metric in metrics.items()} == {
        "answered": ("TurnMs", "SampleCount"),
        "busy": ("Busy", "Sum"),
        "failed": ("Failed", "Sum"),
    }
    assert all(metric["dimensions"] == {"Deployment": "companion-prod"} for metric in metrics.values())


def test_what_is_measured_is_what_the_handlers_publish(objectives: Named, widgets: list[dict[str, Any]]) -> None:
    source = "\n".join(file.read_text() for file in (MODULES / "turn-handler/src").rglob("*.py"))
    watched = {
        metric[1] for widget in widgets[1:] for metric in widget["properties"]["metrics"] if metric[0] == "Companion"
    }
    assert watched == {"Blocked", "Busy", "DeadlineExceeded", "Failed", "FirstTokenMs", "TurnMs"}
    assert objectives["companion-prod-slo-first-token"]["metric_name"] in watched
    assert [name for name in watched if f'"{name}"' not in source] == []
    assert 'NAMESPACE = "Companion"' in source
    assert 'DIMENSION = "Deployment"' in source


def test_the_draft_of_the_guardrail_is_never_called_unnoticed(objectives: Named) -> None:
    alarm = objectives["companion-prod-slo-guardrail-draft"]
    assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/Bedrock/Guardrails", "Invocations")
    assert alarm["dimensions"] == {**_PINNED, "GuardrailVersion": "DRAFT"}
    assert (alarm["threshold"], alarm["evaluation_periods"]) == (0, 1)


def test_the_pinned_version_is_what_is_measured(objectives: Named) -> None:
    failing = _queries(objectives["companion-prod-slo-guardrail-failing"])
    stepping_in = _queries(objectives["companion-prod-slo-guardrail-interventions"])
    failures = {"InvocationClientErrors", "InvocationServerErrors", "InvocationThrottles"}
    metrics = [query["metric"][0] for query in (*failing.values(), *stepping_in.values()) if query["metric"]]
    assert {metric["metric_name"] for metric in metrics} == failures | {"Invocations", "InvocationsIntervened"}
    assert all(metric["dimensions"] == _PINNED for metric in metrics)
    assert failing["failures"]["expression"] == "SUM(METRICS())"


def test_the_dashboard_shows_every_part(widgets: list[dict[str, Any]]) -> None:
    alarms, *rest = widgets
    assert (alarms["type"], alarms["width"]) == ("alarm", 24)
    shown = {
        arn.removeprefix("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:")
        for arn in alarms["properties"]["alarms"]
    }
    assert shown > _OBJECTIVES | {"companion-prod-critical", "companion-prod-background", "companion-prod-part-edge"}
    namespaces = {metric[0] for widget in rest for metric in widget["properties"]["metrics"]}
    assert namespaces == {
        "AWS/ApiGateway", "AWS/Bedrock", "AWS/Bedrock/Guardrails", "AWS/DynamoDB", "AWS/Lambda", "AWS/SQS", "Companion",
    }  # fmt: skip
    assert {widget["properties"]["region"] for widget in rest} == {"eu-central-1"}
    titles = " ".join(widget["properties"]["title"] for widget in rest)
    for part in ("Edge", "Queue", "Worker", "Model", "Memory", "Moderation"):
        assert part in titles


def test_every_alarm_on_the_dashboard_exists(
    widgets: list[dict[str, Any]], composites: Named, objectives: Named
) -> None:
    shown = {arn.rsplit(":", 1)[1] for arn in widgets[0]["properties"]["alarms"]}
    assert shown == set(composites) | set(objectives)


def test_metrics_have_whole_dimensions_and_widgets_do_not_overlap(widgets: list[dict[str, Any]]) -> None:
    for widget in widgets[1:]:
        for *path, options in widget["properties"]["metrics"]:
            assert len(path) % 2 == 0
            assert all(isinstance(part, str) and part for part in path)
            assert set(options) == {"stat", "label"}
    cells = [
        (x, y)
        for widget in widgets
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23


def test_objectives_are_drawn_where_they_are_read(widgets: list[dict[str, Any]]) -> None:
    lines = {
        widget["properties"]["title"]: widget["properties"]["annotations"]["horizontal"]
        for widget in widgets[1:]
        if widget["properties"]["annotations"]["horizontal"]
    }
    assert {title.split(",")[0].split(":")[0]: line[0]["value"] for title, line in lines.items()} == {
        "First words": 1500, "Queue": 10,
    }  # fmt: skip


def test_the_contract_says_what_is_promised(plans: ExamplePlans, objectives: Named) -> None:
    known = contract(plans, "observability")
    assert known["slo"] == {
        "first_token_ms": 1500, "busy_ratio": 0.02, "failed_ratio": 0.02, "intervention_ratio": 0.2,
        "queue_age_seconds": 10,
    }  # fmt: skip
    assert objectives["companion-prod-slo-queue-age"]["threshold"] == known["slo"]["queue_age_seconds"]
    assert known["background_parts"] == ["vectors"]
    assert known["critical_parts"] == ["edge", "handlers", "memory", "queue"]
    assert known["watched_alarms"] == 9


def test_a_part_comes_and_goes_without_touching_the_others(tmp_path: Path) -> None:
    before = {**observability.BASE, "alarms": {"queue": ["age"], "edge": ["latency"]}}
    after = {**before, "alarms": {"queue": ["age"], "edge": ["latency"], "vectors": ["status"]}}
    write_root(tmp_path, {"observability": ("observability", before)})
    initialise(tmp_path)
    deploy(tmp_path)
    write_root(tmp_path, {"observability": ("observability", {**after, "background_parts": ["vectors"]})})
    module = "module.observability."
    assert changed(planned(tmp_path)) == {
        f'{module}aws_cloudwatch_composite_alarm.background["background"]': ["create"],
        f'{module}aws_cloudwatch_composite_alarm.part["vectors"]': ["create"],
        f"{module}aws_cloudwatch_dashboard.this": ["update"],
    }


def test_what_is_created_in_the_same_apply_may_be_unknown(tmp_path: Path) -> None:
    write_root(tmp_path, {"observability": ("observability", observability.BASE)})
    file = tmp_path / "observability.tf.json"
    call = json.loads(file.read_text())
    call["resource"] = {"terraform_data": {"later": {"input": "x", "triggers_replace": "${timestamp()}"}}}
    later = "${terraform_data.later.output}"
    sources = call["module"]["observability"]["sources"]
    sources["api_id"] = sources["model"]["id"] = later
    sources["guardrail"] = {"arn": later, "version": later}
    file.write_text(json.dumps(call))
    initialise(tmp_path)
    created = [change["type"] for change in planned(tmp_path)["resource_changes"]]
    assert created.count("aws_cloudwatch_metric_alarm") == len(_OBJECTIVES)
