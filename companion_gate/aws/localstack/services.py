"""Which services a LocalStack has, found by asking it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from companion_gate.aws import DEFAULT_ACCOUNT
from companion_gate.errors import GateError

ASKED: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "apigateway": ("get_rest_apis", {}),
        "apigatewayv2": ("get_apis", {}),
        "application-autoscaling": ("describe_scalable_targets", {"ServiceNamespace": "sagemaker"}),
        "bedrock": ("list_guardrails", {}),
        "cloudfront": ("list_distributions", {}),
        "cloudwatch": ("describe_alarms", {}),
        "dynamodb": ("list_tables", {}),
        "iam": ("list_roles", {}),
        "kms": ("list_keys", {}),
        "lambda": ("list_functions", {}),
        "logs": ("describe_log_groups", {}),
        "opensearch": ("list_domain_names", {}),
        "opensearchserverless": ("list_collections", {}),
        "sagemaker": ("list_models", {}),
        "sns": ("list_topics", {}),
        "sqs": ("list_queues", {}),
        "sts": ("get_caller_identity", {}),
        "transcribe": ("list_vocabularies", {}),
    }
)
"""The services that the modules use, by botocore's names, to a call that costs nothing."""

# Measured with 4.14.0 and AWS provider 5.100: the calls are answered, and an apply still cannot end well.
_UNFIT = {
    "opensearch": "a domain is a download here, and its encryption is not read back, so that a second plan changes it",
    "transcribe": "it knows no tags of a vocabulary, which the AWS provider reads",
}
FORGETS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "aws_dynamodb_table": frozenset({"point_in_time_recovery"}),
        "aws_lambda_function": frozenset({"kms_key_arn"}),
    }
)
"""Resource type to arguments that LocalStack 4.14.0 does not read back as they were sent (measured): the days of
point-in-time recovery, and the key of a function's environment."""

LEAVES: Mapping[str, str] = MappingProxyType(
    {"aws_kms_key": "its DynamoDB makes a key of its own beside the one that it is given (measured with 4.14.0)"}
)
"""Resource type to the reason why one stays that nobody asked for."""

UNFIT_TYPES: Mapping[str, str] = MappingProxyType(
    {"aws_sqs_queue_redrive_allow_policy": "its removal never ends (LocalStack issue 7958)"}
)
"""Resource type to the reason why it cannot be exercised, although its service can."""

# LocalStack's answer to what is not in its edition.
_NOT_THERE = 501


def version(url: str) -> str:
    """The version of the LocalStack at a URL. Raises GateError for anything else that answers there, or nothing."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/_localstack/info", timeout=10) as answer:
            return str(json.load(answer)["version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GateError(
            f"no LocalStack answers at {url} ({error}); start it, correct LOCALSTACK_ENDPOINT, or unset it so that the "
            "gate starts one"
        ) from error


def missing(url: str) -> dict[str, str]:
    """The services, and types of others, that a LocalStack cannot exercise, to the reason."""
    # Here, because boto3 takes a moment to import.
    from companion_gate.aws.session import loopback_client

    found: dict[str, str] = {}
    for service, (call, params) in ASKED.items():
        try:
            getattr(loopback_client(url, service, "us-east-1", DEFAULT_ACCOUNT), call)(**params)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _NOT_THERE:
                found[service] = "not in this edition"
            else:
                found[service] = f"{call} fails with {error.response['Error']['Code']}"
            continue
        if service in _UNFIT:
            found[service] = _UNFIT[service]
    return {**found, **UNFIT_TYPES}
