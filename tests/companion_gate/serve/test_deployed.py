"""What cannot be served is refused with what to do, and what can is read as it was planned."""

from __future__ import annotations

import copy
import itertools
import time
from pathlib import Path
from typing import Any

import pytest

from companion_gate.errors import GateError
from companion_gate.serve import alarms
from companion_gate.serve.deployed import Throttle, read
from companion_gate.serve.gateway.throttle import TokenBucket
from companion_gate.serve.metrics import Metrics
from companion_gate.serve.surroundings import account_of

FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function:f"
URI = f"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
STATE: dict[str, list[dict[str, Any]]] = {
    "aws_apigatewayv2_api": [
        {
            "id": "abc",
            "protocol_type": "WEBSOCKET",
            "route_selection_expression": "$request.body.action",
            "execution_arn": "arn:aws:execute-api:eu-central-1:111122223333:abc",
        }
    ],
    "aws_apigatewayv2_stage": [
        {
            "name": "live",
            "default_route_settings": [{"throttling_rate_limit": 100, "throttling_burst_limit": 200}],
            "route_settings": [{"route_key": "send", "throttling_rate_limit": 2, "throttling_burst_limit": 4}],
        }
    ],
    "aws_apigatewayv2_integration": [{"id": "i", "integration_uri": URI, "timeout_milliseconds": 29000}],
    "aws_apigatewayv2_authorizer": [
        {"id": "a", "authorizer_uri": URI, "identity_sources": ["route.request.header.Sec-WebSocket-Protocol"]}
    ],
    "aws_apigatewayv2_route": [
        {"route_key": "$connect", "target": "integrations/i", "authorization_type": "CUSTOM", "authorizer_id": "a"},
        {"route_key": "send", "target": "integrations/i", "authorization_type": "NONE", "authorizer_id": ""},
    ],
    "aws_lambda_function": [
        {
            "function_name": "f",
            "arn": FUNCTION,
            "handler": "companion.worker.handler",
            "runtime": "python3.13",
            "timeout": 30,
            "memory_size": 512,
            "reserved_concurrent_executions": -1,
            "filename": "../handlers.zip",
            "environment": [{"variables": {"A": "1"}}],
        }
    ],
    "aws_lambda_event_source_mapping": [
        {
            "event_source_arn": "arn:aws:dynamodb:eu-central-1:111122223333:table/t/stream/1",
            "function_name": FUNCTION,
            "batch_size": 100,
            "scaling_config": [],
            "function_response_types": ["ReportBatchItemFailures"],
            "maximum_retry_attempts": 100,
            "filter_criteria": [{"filter": [{"pattern": '{"eventName":["REMOVE"]}'}]}],
        }
    ],
}


def changed(type_: str, **arguments: Any) -> dict[str, list[dict[str, Any]]]:
    state = copy.deepcopy(STATE)
    state[type_][0] |= arguments
    return state


def test_parts_are_read_as_they_were_planned(tmp_path: Path) -> None:
    deployed = read(STATE, tmp_path / "root")
    api = deployed.api
    assert (api.id, api.stage, api.region, api.account) == ("abc", "live", "eu-central-1", "111122223333")
    assert api.routes["send"].throttle == Throttle(2, 4)
    assert api.routes["$connect"].throttle == Throttle(100, 200)
    assert api.routes["$connect"].authorizer is not None
    assert api.routes["send"].authorizer is None
    function = deployed.functions["f"]
    assert (function.key, function.timeout, function.reserved) == ("worker", 30, None)
    assert function.package == tmp_path / "handlers.zip"
    (mapping,) = deployed.mappings
    assert (mapping.service, mapping.pattern, mapping.retries, mapping.reports_failures) == (
        "dynamodb",
        "REMOVE",
        100,
        True,
    )


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({}, "0 WebSocket APIs with 0 stages are deployed"),
        (changed("aws_lambda_function", runtime="nodejs22.x"), "function f runs on nodejs22.x"),
        (changed("aws_lambda_function", runtime=""), "function f runs on an image"),
        (changed("aws_lambda_function", filename=None), "has its package in S3"),
        (changed("aws_apigatewayv2_integration", integration_uri="https://example.com"), "names no Lambda function"),
        ({**STATE, "aws_lambda_function": []}, "function f is called, and this root does not deploy it"),
        (
            changed("aws_lambda_event_source_mapping", event_source_arn="arn:aws:sqs:eu-central-1:1:q"),
            "the queue arn:aws:sqs:eu-central-1:1:q is read from",
        ),
        (
            changed("aws_lambda_event_source_mapping", event_source_arn="arn:aws:kinesis:eu-central-1:1:stream/s"),
            "nothing reads from arn:aws:kinesis",
        ),
        (
            changed("aws_apigatewayv2_authorizer", identity_sources=["route.request.querystring.t"]),
            "route.request.querystring.t is no header",
        ),
        (
            changed(
                "aws_lambda_event_source_mapping", filter_criteria=[{"filter": [{"pattern": '{"body":{"a":[1]}}'}]}]
            ),
            "is no eventName, and cannot be followed",
        ),
    ],
)
def test_what_cannot_be_served_is_refused(tmp_path: Path, state: Any, says: str) -> None:
    with pytest.raises(GateError, match=says.replace("$", r"\$")):
        read(state, tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "x"', "names no account_id of twelve digits"),
        ('account_id = "111122223333"\n}\nmodule "b" {\n account_id = "444455556666"', "111122223333, 444455556666"),
    ],
)
def test_a_root_that_names_no_single_account_asks_for_it(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    with pytest.raises(GateError, match=f"{says}.*--account"):
        account_of(tmp_path)


def test_an_account_is_not_found_in_an_id(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfvars").write_text(
        'account_id = "111122223333"\narn = "arn:aws:acm:us-east-1:111122223333:certificate/1-123456789012"\n'
    )
    assert account_of(tmp_path) == "111122223333"


@pytest.mark.parametrize(("given", "retries"), [(-1, None), (None, None), (0, 0), (3, 3)])
def test_a_stream_without_a_number_of_retries_is_tried_again_and_again(
    tmp_path: Path, given: int | None, retries: int | None
) -> None:
    deployed = read(changed("aws_lambda_event_source_mapping", maximum_retry_attempts=given), tmp_path)
    assert deployed.mappings[0].retries == retries


def test_a_bucket_lets_through_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(Throttle(rate=20, burst=3))
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    time.sleep(0.12)
    assert list(itertools.takewhile(bool, (bucket.take() for _ in range(5)))) in ([True] * 2, [True] * 3)


def test_a_bucket_that_was_left_alone_holds_its_burst_and_no_more() -> None:
    bucket = TokenBucket(Throttle(rate=50, burst=3))
    time.sleep(0.3)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_a_throttle_that_is_left_out_lets_nothing_through() -> None:
    assert not TokenBucket(Throttle(0, 0)).take()


ALARM = {
    "alarm_name": "a",
    "namespace": "AWS/SQS",
    "metric_name": "M",
    "dimensions": {"QueueName": "q"},
    "statistic": "Maximum",
    "extended_statistic": "",
    "period": 60,
    "evaluation_periods": 1,
    "datapoints_to_alarm": 0,
    "threshold": 2,
    "comparison_operator": "GreaterThanThreshold",
    "treat_missing_data": "notBreaching",
}


@pytest.mark.parametrize(
    ("change", "values", "rings"),
    [
        ({}, [1, 3], True),
        ({}, [2, 2], False),
        ({}, [], False),
        ({"treat_missing_data": "breaching"}, [], True),
        ({"comparison_operator": "GreaterThanOrEqualToThreshold"}, [2], True),
        ({"comparison_operator": "LessThanThreshold"}, [1], True),
        ({"statistic": "Sum"}, [1, 2], True),
        ({"statistic": "Average"}, [1, 3], False),
        ({"statistic": "Minimum"}, [1, 9], False),
        ({"statistic": "SampleCount"}, [0, 0, 0], True),
        ({"statistic": "", "extended_statistic": "p50"}, [1, 1, 9], False),
        ({"statistic": "", "extended_statistic": "p99"}, [1, 1, 9], True),
        ({"evaluation_periods": 5, "datapoints_to_alarm": 3}, [9], False),
        ({"dimensions": {"QueueName": "other"}}, [9], False),
        ({"metric_name": ""}, [9], False),
    ],
)
def test_an_alarm_rings_when_its_data_say_so(change: dict[str, Any], values: list[float], rings: bool) -> None:
    metrics = Metrics()
    for value in values:
        metrics.add("AWS/SQS", "M", {"QueueName": "q"}, value)
    assert alarms.ringing([ALARM | change], metrics) == (["a"] if rings else [])


def test_metrics_are_read_from_the_embedded_format_and_other_lines_are_not_metrics() -> None:
    metrics = Metrics()
    directive = '"CloudWatchMetrics":[{"Namespace":"C","Dimensions":[["D"]],"Metrics":[{"Name":"Busy"}]}]'
    metrics.add_lines(["no json", "{}", '{"_aws":{}}', f'{{"_aws":{{{directive}}},"D":"x","Busy":3}}'])
    assert metrics.total("C", "Busy") == 3
