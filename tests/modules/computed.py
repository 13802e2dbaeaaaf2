"""What only AWS knows of a resource after its creation, in the form that AWS documents, by Terraform type."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .replay import Computed

REGION, ACCOUNT = "eu-central-1", "111122223333"
_Values = Mapping[str, Any]


def _arn(service: str, rest: str, *, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def _id(values: _Values, *names: str, length: int = 12) -> str:
    """An id that is the same in every round, and another for every resource."""
    text = "/".join(str(values.get(name)) for name in names)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def _guardrail(values: _Values) -> dict[str, Any]:
    guardrail = _id(values, "name")
    return {
        "guardrail_id": guardrail,
        "guardrail_arn": _arn("bedrock", f"guardrail/{guardrail}"),
        "version": "DRAFT",
        "status": "READY",
        "created_at": "2026-01-01T00:00:00Z",
    }


def _generated(values: _Values, service: str, kind: str) -> dict[str, Any]:
    """Of a resource that is named by prefix."""
    name = values.get("name") or f"{values['name_prefix']}20260101000000000000000001"
    return {"id": name, "name": name, "arn": _arn(service, f"{kind}/{name}")}


def _function(values: _Values) -> dict[str, Any]:
    arn = _arn("lambda", f"function:{values['function_name']}")
    invoke = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}"
    return {
        "id": values["function_name"],
        "arn": arn,
        "invoke_arn": f"{invoke}/invocations",
        "qualified_arn": f"{arn}:$LATEST",
        "qualified_invoke_arn": f"{invoke}:$LATEST/invocations",
        "version": "$LATEST",
        "last_modified": "2026-01-01T00:00:00.000+0000",
        "code_sha256": values["source_code_hash"],
        "source_code_size": 1,
        "signing_job_arn": "",
        "signing_profile_version_arn": "",
    }


def _queue(values: _Values) -> dict[str, Any]:
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{values['name']}"
    return {"id": url, "url": url, "arn": _arn("sqs", values["name"])}


def _of_queue(values: _Values) -> dict[str, Any]:
    return {"id": values.get("queue_url", "")}


def _api(values: _Values) -> dict[str, Any]:
    api = _id(values, "name", length=10)
    return {
        "id": api,
        "arn": f"arn:aws:apigateway:{REGION}::/apis/{api}",
        "api_endpoint": f"wss://{api}.execute-api.{REGION}.amazonaws.com",
        "execution_arn": _arn("execute-api", api),
    }


def _key(values: _Values) -> dict[str, Any]:
    digits = _id(values, "description", length=32)
    key = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return {"id": key, "key_id": key, "arn": _arn("kms", f"key/{key}")}


def _table(values: _Values) -> dict[str, Any]:
    arn = _arn("dynamodb", f"table/{values['name']}")
    streams = (
        {"stream_arn": f"{arn}/stream/2026-01-01T00:00:00.000"} if values["stream_enabled"] else {"stream_arn": ""}
    )
    return {"id": values["name"], "arn": arn, "read_capacity": 0, "write_capacity": 0, **streams}


def _domain(values: _Values) -> dict[str, Any]:
    name = values["domain_name"]
    return {
        "id": _arn("es", f"domain/{name}"),
        "arn": _arn("es", f"domain/{name}"),
        "domain_id": f"{ACCOUNT}/{name}",
        "endpoint": f"vpc-{name}.{REGION}.es.amazonaws.com",
        "advanced_options": {
            "override_main_response_version": "false",
            "rest.action.multi.allow_explicit_index": "true",
        },
    }


def _collection(values: _Values) -> dict[str, Any]:
    collection = _id(values, "name", length=20)
    return {
        "id": collection,
        "arn": _arn("aoss", f"collection/{collection}"),
        "collection_endpoint": f"https://{collection}.{REGION}.aoss.amazonaws.com",
        "dashboard_endpoint": f"https://{collection}.{REGION}.aoss.amazonaws.com/_dashboards",
        "kms_key_arn": _arn("kms", "key/00000000"),
    }


def _distribution(values: _Values) -> dict[str, Any]:
    distribution = _id(values, "comment", length=13).upper()
    return {
        "id": distribution,
        "arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{distribution}",
        "domain_name": f"{distribution.lower()}.cloudfront.net",
        "hosted_zone_id": "Z2FDTNDATAQYW2",
        "status": "Deployed",
        "etag": "E1",
        "caller_reference": "terraform-1",
        "in_progress_validation_batches": 0,
        "last_modified_time": "2026-01-01 00:00:00 +0000 UTC",
        "trusted_key_groups": [],
        "trusted_signers": [],
    }


COMPUTED: Computed = {
    "aws_apigatewayv2_api": _api,
    "aws_apigatewayv2_api_mapping": lambda values: {"id": _id(values, "domain_name", "stage", length=6)},
    "aws_apigatewayv2_authorizer": lambda values: {"id": _id(values, "name", length=6)},
    "aws_apigatewayv2_deployment": lambda values: {"id": _id(values, "triggers", length=6), "auto_deployed": False},
    "aws_apigatewayv2_domain_name": lambda values: {
        "id": values["domain_name"],
        "arn": f"arn:aws:apigateway:{REGION}::/domainnames/{values['domain_name']}",
    },
    "aws_apigatewayv2_integration": lambda values: {
        "id": _id(values, "integration_uri", "description", length=7),
        "integration_response_selection_expression": "${integration.response.statuscode}",
    },
    "aws_apigatewayv2_route": lambda values: {"id": _id(values, "route_key", length=7)},
    "aws_apigatewayv2_stage": lambda values: {
        "id": values["name"],
        "arn": f"arn:aws:apigateway:{REGION}::/apis/{values.get('api_id')}/stages/{values['name']}",
        "execution_arn": _arn("execute-api", f"{values.get('api_id')}/{values['name']}"),
        "invoke_url": f"wss://{values.get('api_id')}.execute-api.{REGION}.amazonaws.com/{values['name']}",
    },
    "aws_appautoscaling_policy": lambda values: {
        "id": values["name"],
        "arn": _arn("autoscaling", f"scalingPolicy:1:policyName/{values['name']}"),
        "alarm_arns": [],
    },
    "aws_appautoscaling_target": lambda values: {
        "id": values["resource_id"],
        "arn": _arn("application-autoscaling", "scalable-target/1"),
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/AWSServiceRoleForApplicationAutoScaling",
    },
    "aws_bedrock_guardrail": _guardrail,
    "aws_bedrock_guardrail_version": lambda _: {"version": "1"},
    "aws_bedrock_inference_profile": lambda values: {
        "id": _id(values, "name"),
        "arn": _arn("bedrock", f"application-inference-profile/{_id(values, 'name')}"),
        "status": "ACTIVE",
        "type": "APPLICATION",
        "models": [],
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    },
    "aws_cloudfront_cache_policy": lambda values: {"id": _id(values, "name", length=32), "etag": "E1"},
    "aws_cloudfront_distribution": _distribution,
    "aws_cloudfront_origin_request_policy": lambda values: {"id": _id(values, "name", length=32), "etag": "E1"},
    "aws_cloudwatch_composite_alarm": lambda values: {
        "id": values["alarm_name"],
        "arn": _arn("cloudwatch", f"alarm:{values['alarm_name']}"),
    },
    "aws_cloudwatch_dashboard": lambda values: {
        "id": values["dashboard_name"],
        "dashboard_arn": f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{values['dashboard_name']}",
    },
    "aws_cloudwatch_log_group": lambda values: {
        "id": values["name"],
        "arn": _arn("logs", f"log-group:{values['name']}"),
        "log_group_class": "STANDARD",
    },
    "aws_cloudwatch_log_resource_policy": lambda values: {"id": values["policy_name"]},
    "aws_cloudwatch_metric_alarm": lambda values: {
        "id": values["alarm_name"],
        "arn": _arn("cloudwatch", f"alarm:{values['alarm_name']}"),
        "evaluate_low_sample_count_percentiles": values.get("evaluate_low_sample_count_percentiles") or "",
    },
    "aws_dynamodb_table": _table,
    "aws_iam_role": lambda values: {
        "id": values["name"],
        "arn": f"arn:aws:iam::{ACCOUNT}:role/{values['name']}",
        "unique_id": f"AROA{_id(values, 'name').upper()}",
        "create_date": "2026-01-01T00:00:00Z",
        "managed_policy_arns": [],
    },
    "aws_iam_role_policy": lambda values: {"id": f"{values.get('role')}:{values['name']}"},
    "aws_kms_alias": lambda values: {"id": values["name"], "arn": _arn("kms", values["name"])},
    "aws_kms_key": _key,
    "aws_lambda_event_source_mapping": lambda values: {
        "id": _id(values, "function_name", "event_source_arn", length=32),
        "uuid": _id(values, "function_name", "event_source_arn", length=32),
        "arn": _arn("lambda", f"event-source-mapping:{_id(values, 'function_name', 'event_source_arn', length=32)}"),
        "function_arn": values.get("function_name"),
        "state": "Enabled",
        "last_modified": "2026-01-01T00:00:00Z",
        "last_processing_result": "OK",
    },
    "aws_lambda_function": _function,
    "aws_lambda_permission": lambda values: {"id": values["statement_id"]},
    "aws_opensearch_domain": _domain,
    "aws_opensearch_domain_policy": lambda values: {"id": f"esd-policy-{values['domain_name']}"},
    "aws_opensearchserverless_access_policy": lambda values: {"id": values["name"], "policy_version": "1"},
    "aws_opensearchserverless_collection": _collection,
    "aws_opensearchserverless_security_policy": lambda values: {"id": values["name"], "policy_version": "1"},
    "aws_opensearchserverless_vpc_endpoint": lambda values: {"id": f"vpce-{_id(values, 'name', length=17)}"},
    "aws_sagemaker_endpoint": lambda values: {
        "id": values["name"],
        "arn": _arn("sagemaker", f"endpoint/{values['name']}"),
    },
    "aws_sagemaker_endpoint_configuration": lambda values: _generated(values, "sagemaker", "endpoint-config"),
    "aws_sagemaker_model": lambda values: _generated(values, "sagemaker", "model"),
    "aws_sns_topic": lambda values: {"id": _arn("sns", values["name"]), "arn": _arn("sns", values["name"])},
    "aws_sqs_queue": _queue,
    "aws_sqs_queue_policy": _of_queue,
    "aws_sqs_queue_redrive_allow_policy": _of_queue,
    "aws_sqs_queue_redrive_policy": _of_queue,
    "aws_transcribe_vocabulary": lambda values: {
        "id": values["vocabulary_name"],
        "arn": _arn("transcribe", f"vocabulary/{values['vocabulary_name']}"),
        "download_uri": "",
    },
    "aws_transcribe_vocabulary_filter": lambda values: {
        "id": values["vocabulary_filter_name"],
        "arn": _arn("transcribe", f"vocabulary-filter/{values['vocabulary_filter_name']}"),
        "download_uri": "",
    },
}
