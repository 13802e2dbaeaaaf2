"""The memory table's stream: a memory that expired or was erased takes its vector with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from companion import vectors
from companion.failures import report

FEATURE = "vectors"


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answers a DynamoDB stream (ReportBatchItemFailures), which comes again from the first failure on."""
    for record in event["Records"]:
        if record["eventName"] != "REMOVE":
            continue
        try:
            vectors.delete(record["dynamodb"]["Keys"]["memory_id"]["S"])
        except Exception as error:
            report("vector not deleted", error)
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
