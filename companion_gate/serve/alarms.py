"""The deployed alarms, over what was measured here. Those that calculate with several metrics are not evaluated.

Source: AWS docs "Using Amazon CloudWatch alarms", "Evaluating an alarm" (user guide). A period here ends now instead
of at the full minute, so that an alarm is seen as soon as its data are.
"""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Mapping, Sequence
from typing import Any

from companion_gate.serve.metrics import Metrics

_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def ringing(alarms: Sequence[Mapping[str, Any]], metrics: Metrics) -> list[str]:
    """The names of the alarms that are in ALARM now."""
    now = time.time()
    return sorted(each["alarm_name"] for each in alarms if is_evaluated(each) and _rings(each, metrics, now))


def is_evaluated(alarm: Mapping[str, Any]) -> bool:
    """Whether an alarm is on one metric with fixed dimensions."""
    return bool(alarm["metric_name"]) and alarm["comparison_operator"] in _COMPARISONS


def _rings(alarm: Mapping[str, Any], metrics: Metrics, now: float) -> bool:
    needed = int(alarm["datapoints_to_alarm"] or alarm["evaluation_periods"])
    period = float(alarm["period"])
    breaching = 0
    for number in range(int(alarm["evaluation_periods"])):
        values = metrics.values(
            alarm["namespace"],
            alarm["metric_name"],
            alarm["dimensions"] or {},
            now - (number + 1) * period,
            now - number * period,
        )
        if not values:
            breaching += alarm["treat_missing_data"] == "breaching"
        elif _COMPARISONS[alarm["comparison_operator"]](_statistic(alarm, values), float(alarm["threshold"])):
            breaching += 1
    return breaching >= needed


def _statistic(alarm: Mapping[str, Any], values: Sequence[float]) -> float:
    if alarm["extended_statistic"]:
        share = float(alarm["extended_statistic"].removeprefix("p")) / 100
        return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
    match alarm["statistic"]:
        case "Average":
            return sum(values) / len(values)
        case "Maximum":
            return max(values)
        case "Minimum":
            return min(values)
        case "SampleCount":
            return float(len(values))
        case _:
            return sum(values)
