"""Metrics in CloudWatch's embedded format: lines of the log, no call (AWS docs: CloudWatch, embedded metric format)."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping

from companion import settings

NAMESPACE = "Companion"
DIMENSION = "Deployment"


def emit(values: Mapping[str, float]) -> None:
    """Write values by metric name: milliseconds where the name ends in Ms, else counts. No user is in them."""
    metrics = [{"Name": name, "Unit": "Milliseconds" if name.endswith("Ms") else "Count"} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        DIMENSION: settings.text("COMPANION"),
        **values,
    }
    sys.stdout.write(json.dumps(line) + "\n")
