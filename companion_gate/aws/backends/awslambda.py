"""Lambda: settings that moto forgets, mappings that call nobody, and what AWS refuses of both.

Sources: AWS docs "CreateFunction", "UpdateFunctionConfiguration", "PutFunctionConcurrency",
"CreateEventSourceMapping" (API reference), "Lambda quotas" and "Creating and configuring an Amazon SQS event source
mapping" (developer guide).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.awslambda.responses import LambdaResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action, kept

# moto keeps these of no function, or does not change them with an update.
_SETTINGS = ("DeadLetterConfig", "FileSystemConfigs", "KMSKeyArn", "LoggingConfig", "TracingConfig")
# AWS docs, "Lambda quotas": concurrent executions of an account, and those that stay unreserved.
ACCOUNT_CONCURRENCY = 1000
UNRESERVED_CONCURRENCY = 100
_TABLE = "lambda settings"


@action(LambdaResponse, "CreateFunction")
def create_function(call: Call) -> Answer:
    _refuse_unknown_network(call)
    answer = call.upstream()
    call.table(_TABLE)[answer["FunctionName"]] = kept(call.params, _SETTINGS)
    return _configuration(call, answer)


@action(LambdaResponse, "UpdateFunctionConfiguration")
def update_function_configuration(call: Call) -> Answer:
    _refuse_unknown_network(call)
    name = _function(call).function_name
    _refuse_longer_than_visible(call, name)
    answer = call.upstream()
    settings = {**call.table(_TABLE).get(name, {}), **kept(call.params, _SETTINGS)}
    if not settings.get("DeadLetterConfig", {}).get("TargetArn"):
        settings.pop("DeadLetterConfig", None)
    call.table(_TABLE)[name] = settings
    return _configuration(call, answer)


@action(LambdaResponse, "UpdateFunctionCode")
def update_function_code(call: Call) -> Answer:
    return _configuration(call, call.upstream())


@action(LambdaResponse, "GetFunctionConfiguration")
def get_function_configuration(call: Call) -> Answer:
    return _configuration(call, call.upstream())


@action(LambdaResponse, "GetFunction")
def get_function(call: Call) -> Answer:
    answer = call.upstream()
    return {**answer, "Configuration": _configuration(call, answer["Configuration"])}


@action(LambdaResponse, "DeleteFunction")
def delete_function(call: Call) -> Answer:
    name = _function(call).function_name
    answer = call.upstream()
    if not call.params.get("Qualifier"):
        call.table(_TABLE).pop(name, None)
    return answer


@action(LambdaResponse, "PutFunctionConcurrency")
def put_function_concurrency(call: Call) -> Answer:
    function = _function(call)
    others = (each for each in call.response.backend.list_functions() if each.function_name != function.function_name)
    reserved = sum(int(each.reserved_concurrency or 0) for each in others)
    if ACCOUNT_CONCURRENCY - reserved - call.params["ReservedConcurrentExecutions"] < UNRESERVED_CONCURRENCY:
        raise AwsError(
            "InvalidParameterValueException",
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{UNRESERVED_CONCURRENCY}].",
        )
    return call.upstream()


@action(LambdaResponse, "Invoke")
def invoke(call: Call) -> Answer:
    _function(call)
    raise NotImplementedError("no function runs in the embedded AWS")


@action(LambdaResponse, "CreateEventSourceMapping")
def create_event_source_mapping(call: Call) -> Answer:
    _refuse_odd_batch(call)
    timeout = _function(call).timeout
    queue = _queue_of(call, call.params["EventSourceArn"])
    if queue is not None and queue.visibility_timeout < timeout:
        raise _too_short(queue.visibility_timeout, timeout)
    answer = call.upstream()
    # moto would run the function in a container for each message.
    for source in (queue, _table_of(call, call.params["EventSourceArn"])):
        if source is not None:
            source.lambda_event_source_mappings.clear()
    return _mapping(answer)


@action(LambdaResponse, "UpdateEventSourceMapping")
def update_event_source_mapping(call: Call) -> Answer:
    return _mapping(call.upstream())


@action(LambdaResponse, "GetEventSourceMapping")
def get_event_source_mapping(call: Call) -> Answer:
    uuid = call.params["UUID"]
    if call.response.backend.get_event_source_mapping(uuid) is None:
        raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.")
    return _mapping(call.upstream())


@action(LambdaResponse, "ListEventSourceMappings")
def list_event_source_mappings(call: Call) -> Answer:
    return {"EventSourceMappings": [_mapping(each) for each in call.upstream()["EventSourceMappings"]]}


def _configuration(call: Call, answer: Mapping[str, Any]) -> dict[str, Any]:
    name = answer["FunctionName"]
    # AWS docs, "LoggingConfig": what a function has that was told nothing.
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    settings = call.table(_TABLE).get(name, {})
    whole = {**answer, **settings, "LoggingConfig": {**logging, **settings.get("LoggingConfig", {})}}
    return {key: value for key, value in whole.items() if value is not None}


def _mapping(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if value is not None}


def _function(call: Call) -> Any:
    name = call.params["FunctionName"].rsplit(":function:", 1)[-1].split(":")[0]
    return call.response.backend.get_function(name)


def _queue_of(call: Call, arn: str) -> Any:
    if arn.split(":")[2] != "sqs":
        return None
    found = [queue for queue in call.backend("sqs").queues.values() if queue.queue_arn == arn]
    return found[0] if found else None


def _table_of(call: Call, arn: str) -> Any:
    if arn.split(":")[2] != "dynamodb":
        return None
    return call.backend("dynamodb").tables.get(arn.split("/")[1])


def _refuse_longer_than_visible(call: Call, name: str) -> None:
    timeout = call.params.get("Timeout", 0)
    for mapping in call.response.backend.list_event_source_mappings(None, None):
        queue = _queue_of(call, mapping.event_source_arn)
        if mapping.function_arn.endswith(f":{name}") and queue is not None and queue.visibility_timeout < timeout:
            raise _too_short(queue.visibility_timeout, timeout)


def _too_short(visibility: int, timeout: int) -> AwsError:
    return AwsError(
        "InvalidParameterValueException",
        f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds",
    )


def _refuse_odd_batch(call: Call) -> None:
    """AWS docs, "Creating and configuring an Amazon SQS event source mapping"."""
    source = call.params["EventSourceArn"]
    size = call.params.get("BatchSize", 0)
    if source.split(":")[2] != "sqs":
        return
    if source.endswith(".fifo") and size > 10:
        raise AwsError("InvalidParameterValueException", "Batch size for a FIFO queue must be at most 10.")
    if size > 10 and not call.params.get("MaximumBatchingWindowInSeconds"):
        raise AwsError(
            "InvalidParameterValueException",
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        )
    most = call.params.get("ScalingConfig", {}).get("MaximumConcurrency")
    if most is not None and not 2 <= most <= 1000:
        raise AwsError("InvalidParameterValueException", "MaximumConcurrency must be 2 to 1000.")


def _refuse_unknown_network(call: Call) -> None:
    network = call.params.get("VpcConfig") or {}
    ec2 = call.backend("ec2")
    subnets = {subnet.id for zone in ec2.subnets.values() for subnet in zone.values()}
    if unknown := sorted(set(network.get("SubnetIds") or []) - subnets):
        raise AwsError("InvalidParameterValueException", f"The subnet ID '{unknown[0]}' does not exist (Service: Ec2)")
