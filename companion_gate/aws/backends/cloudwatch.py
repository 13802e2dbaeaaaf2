"""CloudWatch: composite alarms, and what AWS refuses of any alarm.

Sources: AWS docs "PutCompositeAlarm", "PutMetricAlarm", "DescribeAlarms", "DeleteAlarms" (API reference) and "Common
error types" (ValidationError).
"""

from __future__ import annotations

import re
from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, now

_STATE = re.compile(r"(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*(?:\"([^\"]+)\"|'([^']+)'|([^()\s\"']+))\s*\)")
# Each turns a part of a rule that can be true or false into "T".
_PARTS = tuple(map(re.compile, (r"\bNOT\s+T\b", r"\(\s*T\s*\)", r"\bT\s+(?:AND|OR)\s+T\b", r"\b(?:TRUE|FALSE)\b")))
_SETTINGS = (
    "ActionsSuppressor",
    "ActionsSuppressorExtensionPeriod",
    "ActionsSuppressorWaitPeriod",
    "AlarmActions",
    "AlarmDescription",
    "AlarmName",
    "AlarmRule",
    "InsufficientDataActions",
    "OKActions",
)
_TABLE = "cloudwatch composite alarms"
# AWS docs, "PutMetricAlarm": AlarmActions.
MAX_ACTIONS = 5
# AWS docs, "PutMetricAlarm", Period: high resolution, or a multiple of a minute.
_SHORT_PERIODS = (1, 5, 10, 20, 30)
# AWS docs, "PutMetricAlarm", EvaluationPeriods: seconds that an alarm looks back, with periods of an hour and more.
_MAX_WINDOW, _MAX_LONG_WINDOW, _LONG_PERIOD = 86_400, 7 * 86_400, 3600


@action(CloudWatchResponse, "PutCompositeAlarm")
def put_composite_alarm(call: Call) -> Answer:
    _refuse_actions(call)
    name, alarms = call.params["AlarmName"], call.table(_TABLE)
    for other in _names(call.params["AlarmRule"]):
        if not _exists(call, other) or other == name:
            raise AwsError("ValidationError", f"AlarmRule refers to the alarm {other}, which does not exist.")
    suppressor = call.params.get("ActionsSuppressor")
    if suppressor and not _exists(call, suppressor.rsplit(":alarm:", 1)[-1]):
        raise AwsError("ValidationError", f"The suppressor alarm {suppressor} does not exist.")
    arn = call.arn("cloudwatch", f"alarm:{name}")
    known = alarms.get(name, {"StateValue": "INSUFFICIENT_DATA", "StateUpdatedTimestamp": now(), "StateReason": ""})
    alarms[name] = {
        **kept(known, ["StateValue", "StateUpdatedTimestamp", "StateReason"]),
        "ActionsEnabled": True,
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "OKActions": [],
        **kept(call.params, (*_SETTINGS, "ActionsEnabled")),
        "AlarmArn": arn,
        "AlarmConfigurationUpdatedTimestamp": now(),
    }
    if tags := call.params.get("Tags"):
        call.response.cloudwatch_backend.tagger.tag_resource(arn, tags)
    return None


def _names(rule: str) -> list[str]:
    """The alarms of a rule. Raises AwsError for a rule that is none."""
    shape, found = _STATE.sub(" T ", rule), [next(filter(None, each)) for each in _STATE.findall(rule)]
    before = ""
    while shape != before:
        before = shape
        for part in _PARTS:
            shape = part.sub(" T ", shape)
    if shape.strip() != "T":
        raise AwsError("ValidationError", f"AlarmRule is not a rule: {rule}")
    return found


def _exists(call: Call, name: str) -> bool:
    return name in call.table(_TABLE) or name in call.response.cloudwatch_backend.alarms


@action(CloudWatchResponse, "PutMetricAlarm")
def put_metric_alarm(call: Call) -> Answer:
    _refuse_actions(call)
    period = int(call.params.get("Period") or 60)
    periods = int(call.params.get("EvaluationPeriods") or 1)
    if period not in _SHORT_PERIODS and period % 60:
        raise AwsError("ValidationError", f"Period must be 10, 20, 30 or a multiple of 60, and is {period}.")
    if period * periods > (_MAX_WINDOW if period < _LONG_PERIOD else _MAX_LONG_WINDOW):
        raise AwsError(
            "ValidationError", "Metrics cannot be checked across more than a day (EvaluationPeriods * Period)."
        )
    if int(call.params.get("DatapointsToAlarm") or 1) > periods:
        raise AwsError("ValidationError", "DatapointsToAlarm must not be greater than EvaluationPeriods.")
    return call.upstream()


def _refuse_actions(call: Call) -> None:
    for kind in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        if len(call.params.get(kind, [])) > MAX_ACTIONS:
            raise AwsError("ValidationError", f"{kind} may hold {MAX_ACTIONS} actions.")


@action(CloudWatchResponse, "DescribeAlarms")
def describe_alarms(call: Call) -> Answer:
    """Metric alarms only, unless the request names the types (AWS docs, "DescribeAlarms", AlarmTypes)."""
    types = call.params.get("AlarmTypes") or ["MetricAlarm"]
    answer: dict[str, Any] = {"MetricAlarms": [], "CompositeAlarms": []}
    if "MetricAlarm" in types:
        answer["MetricAlarms"] = call.upstream()["MetricAlarms"]
    if "CompositeAlarm" in types:
        answer["CompositeAlarms"] = [alarm for alarm in call.table(_TABLE).values() if _wanted(call, alarm)]
    return answer


def _wanted(call: Call, alarm: dict[str, Any]) -> bool:
    names, prefix = call.params.get("AlarmNames"), call.params.get("AlarmNamePrefix", "")
    state = call.params.get("StateValue")
    named = not names or alarm["AlarmName"] in names
    return named and alarm["AlarmName"].startswith(prefix) and state in (None, alarm["StateValue"])


@action(CloudWatchResponse, "DeleteAlarms")
def delete_alarms(call: Call) -> Answer:
    names = call.params["AlarmNames"]
    missing = [name for name in names if not _exists(call, name)]
    composite = [name for name in names if name in call.table(_TABLE)]
    if composite and len(names) > 1:
        raise AwsError("ValidationError", "A composite alarm must be deleted by itself.")
    if missing:
        raise AwsError("ResourceNotFound", f"Alarm {missing[0]} does not exist.")
    for name in composite:
        del call.table(_TABLE)[name]
    return None if composite else call.upstream()
