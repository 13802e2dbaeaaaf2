"""CloudWatch Logs: keys and classes of log groups, tags that end with their group, and what AWS refuses.

Sources: AWS docs "CreateLogGroup", "AssociateKmsKey", "PutRetentionPolicy", "DescribeLogGroups", "TagResource",
"PutResourcePolicy" (API reference) and "Encrypt log data in CloudWatch Logs using AWS KMS" (user guide).
"""

from __future__ import annotations

import json
from typing import Any

from moto.logs.responses import LogsResponse

from companion_gate.aws.constraints import violations
from companion_gate.aws.registration import Answer, AwsError, Call, action, service_model

# AWS docs, "PutRetentionPolicy": the possible values of retentionInDays.
_RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
# AWS docs, "CreateLogGroup", tags: up to 50.
_MAX_TAGS = 50
_DEFAULT_CLASS = "STANDARD"


@action(LogsResponse, "CreateLogGroup")
def create_log_group(call: Call) -> Answer:
    _refuse_invalid(call, "CreateLogGroup")
    _refuse_unusable_key(call, call.params.get("kmsKeyId"))
    answer = call.upstream()
    _classes(call)[call.params["logGroupName"]] = call.params.get("logGroupClass", _DEFAULT_CLASS)
    return answer


@action(LogsResponse, "DeleteLogGroup")
def delete_log_group(call: Call) -> Answer:
    """A group of the same name is a new one, without the tags of the old."""
    backend, name = call.response.logs_backend, call.params["logGroupName"]
    arns = [group.arn for group in backend.groups.values() if group.name == name]
    answer = call.upstream()
    _classes(call).pop(name, None)
    for arn in arns:
        backend.tagger.delete_all_tags_for_resource(arn)
    return answer


@action(LogsResponse, "DescribeLogGroups")
def describe_log_groups(call: Call) -> Answer:
    answer = call.upstream()
    classes = _classes(call)
    groups = [
        {"logGroupClass": classes.get(group["logGroupName"], _DEFAULT_CLASS), **group} for group in answer["logGroups"]
    ]
    return {**answer, "logGroups": groups}


def _classes(call: Call) -> dict[str, str]:
    return call.table("logs classes")


@action(LogsResponse, "AssociateKmsKey")
def associate_kms_key(call: Call) -> Answer:
    _refuse_invalid(call, "AssociateKmsKey")
    group = _group(call)
    _refuse_unusable_key(call, call.params["kmsKeyId"])
    group.kms_key_id = call.params["kmsKeyId"]
    return None


@action(LogsResponse, "DisassociateKmsKey")
def disassociate_kms_key(call: Call) -> Answer:
    _group(call).kms_key_id = None
    return None


def _group(call: Call) -> Any:
    """The group that a request names, by its name or its ARN."""
    name = call.params.get("logGroupName")
    arn = (call.params.get("resourceIdentifier") or call.params.get("resourceArn") or "").removesuffix(":*")
    for group in call.response.logs_backend.groups.values():
        if name == group.name or arn == group.arn:
            return group
    raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")


def _refuse_unusable_key(call: Call, arn: str | None) -> None:
    """A key of another account or region is not looked up."""
    if arn is None or not arn.startswith(call.arn("kms", "key/")):
        return
    key = call.backend("kms").keys.get(arn.rsplit("/", 1)[-1])
    if key is None or key.key_state != "Enabled" or key.key_spec != "SYMMETRIC_DEFAULT":
        raise AwsError(
            "InvalidParameterException",
            f"The specified KMS key does not exist, is not enabled or is not symmetric: {arn}",
        )


@action(LogsResponse, "PutRetentionPolicy")
def put_retention_policy(call: Call) -> Answer:
    days = call.params["retentionInDays"]
    if days not in _RETENTION_DAYS:
        allowed = ", ".join(str(each) for each in sorted(_RETENTION_DAYS))
        raise AwsError(
            "InvalidParameterException",
            f"Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must be one of {allowed}",
        )
    return call.upstream()


@action(LogsResponse, "PutResourcePolicy")
def put_resource_policy(call: Call) -> Answer:
    _refuse_invalid(call, "PutResourcePolicy")
    try:
        document = json.loads(call.params["policyDocument"])
    except json.JSONDecodeError as error:
        raise AwsError("InvalidParameterException", f"The policy document is not valid JSON: {error}") from error
    if not isinstance(document, dict) or not document.get("Statement"):
        raise AwsError("InvalidParameterException", "The policy document has no Statement.")
    return call.upstream()


@action(LogsResponse, "TagResource")
def tag_resource(call: Call) -> Answer:
    group = _group(call)
    tags = call.response.logs_backend.list_tags_for_resource(group.arn)
    if len({**tags, **call.params["tags"]}) > _MAX_TAGS:
        raise AwsError("TooManyTagsException", f"A log group may have {_MAX_TAGS} tags.")
    call.response.logs_backend.tag_resource(group.arn, call.params["tags"])
    return None


@action(LogsResponse, "UntagResource")
def untag_resource(call: Call) -> Answer:
    call.response.logs_backend.untag_resource(_group(call).arn, call.params["tagKeys"])
    return None


@action(LogsResponse, "ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    return {"tags": call.response.logs_backend.list_tags_for_resource(_group(call).arn)}


def _refuse_invalid(call: Call, operation: str) -> None:
    """Hold a request against AWS's model of the operation; this service has its own name for the error."""
    for sentence in violations(service_model("logs").operation_model(operation).input_shape, call.params):
        raise AwsError("InvalidParameterException", f"1 validation error detected: {sentence}")
