"""Lambda: settings that moto forgets, permissions and event source mappings that AWS refuses; nothing is ever invoked.

Sources: AWS docs "CreateFunction", "UpdateFunctionConfiguration", "AddPermission", "CreateEventSourceMapping" and
"EventSourceMappingConfiguration" (API reference), "Lambda quotas", "Using Lambda with Amazon SQS" (visibility timeout,
batch sizes, FIFO) and "Defined runtime environment variables" (developer guide).
"""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Iterable
from typing import Any

from moto.awslambda.responses import LambdaResponse
from moto.moto_api._internal import mock_random

from companion_gate.aws.constraints import violations
from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, service_model

# "Lambda quotas": the environment of a function, measured as one JSON text.
ENVIRONMENT_BYTES = 4096
# "Lambda quotas": seconds that a function may run.
LONGEST_TIMEOUT = 900
# "Defined runtime environment variables": those that a function's own may not replace.
RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)
# AWS adds runtimes all the time; a fixed list would refuse those that it has added since.
_RUNTIME = re.compile(r"(python3|nodejs|java|dotnet|ruby|go1|provided)[a-z0-9.]*")
_NAME = re.compile(r"(?:.*function:|\d{12}:)?(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?")
# What moto drops, or forgets to change.
_SETTINGS = (
    "DeadLetterConfig",
    "EphemeralStorage",
    "FileSystemConfigs",
    "KMSKeyArn",
    "LoggingConfig",
    "SnapStart",
    "TracingConfig",
    "VpcConfig",
)


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)


def _upstream(call: Call) -> dict[str, Any]:
    """moto's own answer, without the status that it may come with."""
    if call.original is None:
        raise NotImplementedError("the server has no answer of its own")
    answer = call.original(call.response)
    return dict(json.loads((answer[-1] if isinstance(answer, tuple) else answer) or "{}"))


def _refuse_invalid(call: Call, operation: str) -> None:
    shape = service_model("lambda").operation_model(operation).input_shape
    params = {name: value for name, value in call.params.items() if name != "Runtime"}
    found = list(violations(shape, params))
    if found:
        noun = "error" if len(found) == 1 else "errors"
        raise _invalid(f"{len(found)} validation {noun} detected: {'; '.join(found)}")


def _page(call: Call, name: str, rows: Iterable[dict[str, Any]], limit: int) -> Answer:
    everything, marker = list(rows), call.params.get("Marker", "0")
    if not marker.isdecimal() or (marker != "0" and int(marker) >= len(everything)):
        raise _invalid("Invalid Marker")
    end = int(marker) + int(call.params.get("MaxItems") or limit)
    return {name: everything[int(marker) : end], "NextMarker": str(end) if end < len(everything) else None}


# Functions


def _function(call: Call) -> Any:
    """The function that the request names. Raises ResourceNotFoundException if there is none."""
    return call.response.backend.get_function(call.params["FunctionName"], call.params.get("Qualifier"))


def _settings(call: Call) -> dict[tuple[str, str], dict[str, Any]]:
    """By a function's name and version; a version keeps those that it was published with."""
    return call.table("lambda settings")


def _keep(call: Call, config: dict[str, Any]) -> None:
    """Keep what the request sets, and mark a new revision of the function."""
    key = (config["FunctionName"], "$LATEST")
    sent = kept(call.params, _SETTINGS)
    if "VpcConfig" in sent:
        sent["VpcConfig"] = _placed(call, sent["VpcConfig"])
    modified = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())}.000+0000"
    revision = {"RevisionId": str(mock_random.uuid4()), "LastModified": modified}
    _settings(call)[key] = {**_settings(call).get(key, {}), **sent, **revision}
    _freeze(call, config)


def _freeze(call: Call, config: dict[str, Any]) -> None:
    latest = _settings(call).get((config["FunctionName"], "$LATEST"), {})
    _settings(call).setdefault((config["FunctionName"], config["Version"]), latest)


def _shown(call: Call, config: dict[str, Any]) -> dict[str, Any]:
    """A configuration with everything that AWS answers."""
    settings = dict(_settings(call).get((config["FunctionName"], config["Version"]), {}))
    if not settings.get("DeadLetterConfig", {}).get("TargetArn"):
        settings.pop("DeadLetterConfig", None)
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{config['FunctionName']}"}
    logging |= settings.get("LoggingConfig", {})
    if logging["LogFormat"] == "JSON":
        logging = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **logging}
    snap_start = {"ApplyOn": "None", **settings.get("SnapStart", {}), "OptimizationStatus": "Off"}
    shown = {**config, **settings, "LoggingConfig": logging, "SnapStart": snap_start, "LastUpdateStatus": "Successful"}
    return {name: value for name, value in shown.items() if value is not None and (name != "KMSKeyArn" or value)}


def _placed(call: Call, vpc: dict[str, Any]) -> dict[str, Any]:
    """Where the subnets are, which the request does not say."""
    subnets, groups = vpc.get("SubnetIds", []), vpc.get("SecurityGroupIds", [])
    found = {key: subnet for zone in call.backend("ec2").subnets.values() for key, subnet in zone.items()}
    vpcs = [found[subnet].vpc_id for subnet in subnets]
    return {
        "SubnetIds": subnets,
        "SecurityGroupIds": groups,
        "VpcId": vpcs[0] if vpcs else "",
        "Ipv6AllowedForDualStack": vpc.get("Ipv6AllowedForDualStack", False),
    }


def _refuse_function(call: Call) -> None:
    params = call.params
    runtime, timeout = params.get("Runtime"), params.get("Timeout", 1)
    if runtime is not None and not _RUNTIME.fullmatch(runtime):
        raise _invalid(f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set")
    if timeout > LONGEST_TIMEOUT:
        raise _invalid(
            f"1 validation error detected: Value '{timeout}' at 'timeout' failed to satisfy constraint: "
            f"Member must have value less than or equal to {LONGEST_TIMEOUT}"
        )
    _refuse_environment(params.get("Environment", {}).get("Variables", {}))
    _refuse_network(call, params.get("VpcConfig", {}))


def _refuse_environment(variables: dict[str, str]) -> None:
    because = "Lambda was unable to configure your environment variables because the environment variables you have"
    reserved = sorted(RESERVED_VARIABLES & variables.keys())
    if reserved:
        raise _invalid(
            f"{because} provided contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    text = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > ENVIRONMENT_BYTES:
        raise _invalid(f"{because} provided exceeded the 4KB limit. String measured: {text}")


def _refuse_network(call: Call, vpc: dict[str, Any]) -> None:
    subnets, groups = vpc.get("SubnetIds", []), vpc.get("SecurityGroupIds", [])
    if bool(subnets) != bool(groups):
        raise _invalid("VpcConfig must name subnets and security groups, or neither.")
    ec2 = call.backend("ec2")
    for subnet in subnets:
        if not any(subnet in zone for zone in ec2.subnets.values()):
            raise _invalid(
                "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. "
                f"EC2 Error Message: The subnet ID '{subnet}' does not exist"
            )
    for group in groups:
        if ec2.get_security_group_from_id(group) is None:
            raise _invalid(
                "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. "
                f"EC2 Error Message: The security group '{group}' does not exist"
            )


def _refuse_package(package: bytes | None) -> None:
    if package is not None and not zipfile.is_zipfile(io.BytesIO(package)):
        raise _invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")


def _refuse_revision(call: Call) -> None:
    wanted = call.params.get("RevisionId")
    row = _settings(call).get((_function(call).function_name, "$LATEST"), {})
    if wanted and wanted != row.get("RevisionId"):
        raise AwsError(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to "
            "retrieve the latest Revision Id",
        )


@action(LambdaResponse, "CreateFunction")
def create_function(call: Call) -> Answer:
    _refuse_invalid(call, "CreateFunction")
    _refuse_function(call)
    _refuse_package(call.params["Code"].get("ZipFile"))
    config = _upstream(call)
    _keep(call, config)
    return _shown(call, config)


@action(LambdaResponse, "GetFunction")
def get_function(call: Call) -> Answer:
    answer = _upstream(call)
    answer["Configuration"] = _shown(call, answer["Configuration"])
    # moto leaves out the 0 that switches a function off.
    if (reserved := _function(call).reserved_concurrency) is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return answer


@action(LambdaResponse, "GetFunctionConfiguration")
def get_function_configuration(call: Call) -> Answer:
    return _shown(call, _upstream(call))


@action(LambdaResponse, "ListFunctions")
def list_functions(call: Call) -> Answer:
    return _page(call, "Functions", [_shown(call, each) for each in _upstream(call)["Functions"]], 50)


@action(LambdaResponse, "ListVersionsByFunction")
def list_versions_by_function(call: Call) -> Answer:
    _function(call)
    return _page(call, "Versions", [_shown(call, each) for each in _upstream(call)["Versions"]], 50)


@action(LambdaResponse, "UpdateFunctionConfiguration")
def update_function_configuration(call: Call) -> Answer:
    _function(call)
    _refuse_invalid(call, "UpdateFunctionConfiguration")
    _refuse_function(call)
    _refuse_revision(call)
    changes = dict(call.params)
    if "Environment" in changes:
        changes["Environment"] = {"Variables": {}, **changes["Environment"]}
    backend = call.response.backend
    config = backend.update_function_configuration(changes.pop("FunctionName"), None, body=changes)
    _keep(call, config)
    return _shown(call, config)


@action(LambdaResponse, "UpdateFunctionCode")
def update_function_code(call: Call) -> Answer:
    function = _function(call)
    _refuse_invalid(call, "UpdateFunctionCode")
    _refuse_package(call.params.get("ZipFile"))
    _refuse_revision(call)
    if call.params.get("DryRun"):
        return _shown(call, function.get_configuration())
    function.architectures = call.params.get("Architectures", function.architectures)
    config = _upstream(call)
    _keep(call, config)
    return _shown(call, config)


@action(LambdaResponse, "PublishVersion")
def publish_version(call: Call) -> Answer:
    _function(call)
    _refuse_revision(call)
    config = _upstream(call)
    _freeze(call, config)
    return _shown(call, config)


@action(LambdaResponse, "DeleteFunction")
def delete_function(call: Call) -> Answer:
    _function(call)
    named = _NAME.fullmatch(call.params["FunctionName"])
    name, qualifier = named.group("name", "qualifier") if named else (call.params["FunctionName"], None)
    qualifier = call.params.get("Qualifier", qualifier)
    if qualifier == "$LATEST":
        raise _invalid("$LATEST version cannot be deleted without deleting the function.")
    call.response.backend.delete_function(name, qualifier)
    for key in [key for key in _settings(call) if key[0] == name and qualifier in (None, key[1])]:
        del _settings(call)[key]
    return None


@action(LambdaResponse, "GetFunctionConcurrency")
def get_function_concurrency(call: Call) -> Answer:
    return {"ReservedConcurrentExecutions": _function(call).reserved_concurrency}


# Permissions


@action(LambdaResponse, "AddPermission")
def add_permission(call: Call) -> Answer:
    _refuse_invalid(call, "AddPermission")
    statement = call.params["StatementId"]
    if any(each.get("Sid") == statement for each in _function(call).policy.statements):
        raise AwsError(
            "ResourceConflictException",
            f"The statement id ({statement}) provided already exists. Please provide a new statement id, or remove "
            "the existing statement.",
        )
    return _upstream(call)


# Event source mappings


_OF_STREAMS = {
    "ParallelizationFactor": 1,
    "MaximumRecordAgeInSeconds": -1,
    "BisectBatchOnFunctionError": False,
    "MaximumRetryAttempts": -1,
    "TumblingWindowInSeconds": 0,
}
_OF_ALL = {"MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []}


def _source(arn: str) -> str:
    return arn.split(":")[2]


def _mapping(call: Call) -> Any:
    found = call.response.backend.get_event_source_mapping(call.params["UUID"])
    if found is None:
        raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.")
    return found


def _shown_mapping(mapping: Any) -> dict[str, Any]:
    config = mapping.get_configuration()
    # An empty one takes the setting back.
    config = {name: value for name, value in config.items() if value or name not in ("ScalingConfig", "FilterCriteria")}
    if _source(mapping.event_source_arn) == "sqs":
        return {**_OF_ALL, **config, "StateTransitionReason": "USER_INITIATED"}
    streamed = {"LastProcessingResult": "No records processed", "StateTransitionReason": "User action"}
    return {**_OF_ALL, **_OF_STREAMS, "DestinationConfig": {"OnFailure": {}}, **config, **streamed}


def _refuse_mapping(call: Call, arn: str, function: Any, settings: dict[str, Any]) -> None:
    for each in settings.get("FilterCriteria", {}).get("Filters", ()):
        _refuse_pattern(each.get("Pattern", ""))
    if _source(arn) == "sqs":
        _refuse_queue(call, arn, function, settings)
        return
    if settings.get("ScalingConfig"):
        raise _invalid("ScalingConfig is supported for Amazon SQS event source mappings only.")
    if not settings.get("StartingPosition"):
        raise _invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null."
        )


def _refuse_pattern(pattern: str) -> None:
    try:
        understood = isinstance(json.loads(pattern), dict)
    except ValueError:
        understood = False
    if not understood:
        raise _invalid("Invalid filter pattern definition.")


def _refuse_queue(call: Call, arn: str, function: Any, settings: dict[str, Any]) -> None:
    queue = next((each for each in call.backend("sqs").queues.values() if each.queue_arn == arn), None)
    if queue is None:
        raise _invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        )
    for name in ("StartingPosition", "DestinationConfig", *_OF_STREAMS):
        if settings.get(name):
            raise _invalid(f"{name} is not supported for Amazon SQS event source mappings.")
    visible, timeout = int(queue.visibility_timeout), function.timeout
    if visible < timeout:
        raise _invalid(
            f"Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds"
        )
    size, window = settings.get("BatchSize") or 10, settings.get("MaximumBatchingWindowInSeconds") or 0
    fifo = arn.endswith(".fifo")
    if fifo and window:
        raise _invalid("Batching window is not supported for FIFO queues.")
    if size > 10 and fifo:
        raise _invalid("Maximum batch size for FIFO queues is 10.")
    if size > 10 and not window:
        raise _invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )


@action(LambdaResponse, "CreateEventSourceMapping")
def create_event_source_mapping(call: Call) -> Answer:
    _refuse_invalid(call, "CreateEventSourceMapping")
    function, arn = _function(call), call.params.get("EventSourceArn", "")
    _refuse_mapping(call, arn, function, call.params)
    for other in call.response.backend.list_event_source_mappings(arn, None):
        if other.function_arn == function.function_arn:
            raise AwsError(
                "ResourceConflictException",
                f'The event source arn (" {arn} ") and function (" {function.function_name} ") provided mapping '
                f"already exists. Please update or delete the existing mapping with UUID {other.uuid}",
            )
    mapping = call.response.backend.create_event_source_mapping(dict(call.params))
    mapping.function_name = function.function_name
    _let_rest(call)
    return _shown_mapping(mapping)


def _let_rest(call: Call) -> None:
    """Keep moto from running the function in a container on each message or record; here nothing polls a source."""
    queues, tables = call.backend("sqs").queues.values(), call.backend("dynamodb").tables.values()
    for source in (*queues, *tables, *call.backend("kinesis").streams.values()):
        source.lambda_event_source_mappings.clear()


@action(LambdaResponse, "GetEventSourceMapping")
def get_event_source_mapping(call: Call) -> Answer:
    return _shown_mapping(_mapping(call))


@action(LambdaResponse, "ListEventSourceMappings")
def list_event_source_mappings(call: Call) -> Answer:
    wanted = call.params.get("FunctionName")
    named = _NAME.fullmatch(wanted) if wanted else None
    name = named.group("name") if named else wanted
    found = call.response.backend.list_event_source_mappings(call.params.get("EventSourceArn"), name)
    return _page(call, "EventSourceMappings", [_shown_mapping(mapping) for mapping in found], 100)


@action(LambdaResponse, "UpdateEventSourceMapping")
def update_event_source_mapping(call: Call) -> Answer:
    mapping = _mapping(call)
    _refuse_invalid(call, "UpdateEventSourceMapping")
    changes = {name: value for name, value in call.params.items() if name != "UUID"}
    backend = call.response.backend
    function = backend.get_function(changes.get("FunctionName", mapping.function_arn))
    _refuse_mapping(call, mapping.event_source_arn, function, {**mapping.get_configuration(), **changes})
    backend.update_event_source_mapping(mapping.uuid, changes)
    mapping.function_name = function.function_name
    return _shown_mapping(mapping)


@action(LambdaResponse, "DeleteEventSourceMapping")
def delete_event_source_mapping(call: Call) -> Answer:
    mapping = _mapping(call)
    call.response.backend.delete_event_source_mapping(mapping.uuid)
    return {**_shown_mapping(mapping), "State": "Deleting"}
