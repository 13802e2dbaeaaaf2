from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

METRIC = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateAgeOfOldestMessage",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 10,
    "ComparisonOperator": "GreaterThanThreshold",
}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"


@pytest.fixture
def cloudwatch(client: Client) -> Any:
    made = client("cloudwatch", "eu-west-1")
    for name in ("late", "deploying"):
        made.put_metric_alarm(AlarmName=name, **METRIC)
    return made


def composite(cloudwatch: Any, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"], **asked)["CompositeAlarms"]
    return found


def test_composite_alarm_is_read_back_with_its_suppressor_and_tags(cloudwatch: Any) -> None:
    settings = {
        "AlarmRule": 'ALARM("late")',
        "AlarmActions": [TOPIC],
        "ActionsSuppressor": "deploying",
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 120,
    }
    cloudwatch.put_composite_alarm(AlarmName="critical", Tags=[{"Key": "team", "Value": "ops"}], **settings)
    (alarm,) = composite(cloudwatch)
    assert {name: alarm[name] for name in settings} == settings
    assert alarm["ActionsEnabled"] is True
    assert alarm["AlarmArn"] == "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:critical"
    tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "ops"}]
    cloudwatch.put_composite_alarm(AlarmName="critical", AlarmRule='OK("late")')
    (alarm,) = composite(cloudwatch, AlarmNames=["critical"])
    assert (alarm["AlarmRule"], alarm["AlarmActions"]) == ('OK("late")', [])
    assert composite(cloudwatch, AlarmNames=["other"]) == []


def test_alarms_are_metric_alarms_unless_others_are_asked_for(cloudwatch: Any) -> None:
    cloudwatch.put_composite_alarm(AlarmName="critical", AlarmRule="ALARM(late)")
    described = cloudwatch.describe_alarms()
    assert {alarm["AlarmName"] for alarm in described["MetricAlarms"]} == {"late", "deploying"}
    assert described["CompositeAlarms"] == []
    cloudwatch.delete_alarms(AlarmNames=["critical"])
    assert composite(cloudwatch) == []


@pytest.mark.parametrize("rule", ['ALARM("late") OR', "ALARM(late) ALARM(late)", "late", "(ALARM(late)", "NOT"])
def test_what_is_no_rule_is_refused(cloudwatch: Any, refused: Refused, rule: str) -> None:
    refused("ValidationError", cloudwatch.put_composite_alarm, AlarmName="critical", AlarmRule=rule)


@pytest.mark.parametrize("rule", ["NOT ALARM(late) AND (OK('late') OR FALSE)", 'INSUFFICIENT_DATA("late")', "TRUE"])
def test_rule_is_taken(cloudwatch: Any, rule: str) -> None:
    cloudwatch.put_composite_alarm(AlarmName="critical", AlarmRule=rule)
    assert [alarm["AlarmRule"] for alarm in composite(cloudwatch)] == [rule]


@pytest.mark.parametrize("setting", [{"AlarmRule": "ALARM(none)"}, {"AlarmRule": "TRUE", "ActionsSuppressor": "none"}])
def test_alarm_of_an_alarm_that_does_not_exist_is_refused(
    cloudwatch: Any, refused: Refused, setting: dict[str, str]
) -> None:
    assert "none" in refused("ValidationError", cloudwatch.put_composite_alarm, AlarmName="critical", **setting)


@pytest.mark.parametrize(
    "setting",
    [
        {"Period": 45},
        {"Period": 600, "EvaluationPeriods": 145},
        {"DatapointsToAlarm": 2},
        {"AlarmActions": [TOPIC] * 6},
    ],
)
def test_metric_alarm_beyond_the_limits_is_refused(cloudwatch: Any, refused: Refused, setting: dict[str, Any]) -> None:
    refused("ValidationError", cloudwatch.put_metric_alarm, AlarmName="odd", **{**METRIC, **setting})


def test_composite_alarm_is_deleted_by_itself(cloudwatch: Any, refused: Refused) -> None:
    cloudwatch.put_composite_alarm(AlarmName="critical", AlarmRule="TRUE")
    refused("ValidationError", cloudwatch.delete_alarms, AlarmNames=["critical", "late"])
    refused("ResourceNotFound", cloudwatch.delete_alarms, AlarmNames=["none"])
    assert len(composite(cloudwatch)) == 1
