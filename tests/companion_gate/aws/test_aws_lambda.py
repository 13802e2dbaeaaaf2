from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from companion_gate.aws.server import EmbeddedAws

Client = Callable[..., Any]
Refused = Callable[..., str]

REGION = "eu-west-1"
QUEUE = f"arn:aws:sqs:{REGION}:123456789012:turns"


@pytest.fixture
def functions(client: Client) -> Any:
    return client("lambda", REGION)


@pytest.fixture
def create(client: Client, functions: Any) -> Callable[..., Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("worker.py", "def handler(event, context): ...")

    def make(name: str, **settings: Any) -> Any:
        code = {"ZipFile": package.getvalue()}
        return functions.create_function(
            FunctionName=name, Role=role, Code=code, Runtime="python3.13", Handler="worker.handler", **settings
        )

    return make


@pytest.fixture
def queue(client: Client) -> str:
    return str(client("sqs", REGION).create_queue(QueueName="turns")["QueueUrl"])


def test_settings_are_read_back_and_changed(functions: Any, create: Callable[..., Any]) -> None:
    settings = {
        "DeadLetterConfig": {"TargetArn": QUEUE},
        "KMSKeyArn": f"arn:aws:kms:{REGION}:123456789012:key/11111111-2222-3333-4444-555555555555",
        "TracingConfig": {"Mode": "Active"},
    }
    created = create("worker", **settings)
    read = functions.get_function_configuration(FunctionName="worker")
    for name, value in settings.items():
        assert (created[name], read[name]) == (value, value)
    assert read["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/worker"}
    logging = {"LogFormat": "JSON", "LogGroup": "/companion/worker"}
    functions.update_function_configuration(
        FunctionName="worker",
        LoggingConfig=logging,
        TracingConfig={"Mode": "PassThrough"},
        DeadLetterConfig={"TargetArn": ""},
    )
    read = functions.get_function(FunctionName="worker")["Configuration"]
    assert read["LoggingConfig"] == logging
    assert read["TracingConfig"] == {"Mode": "PassThrough"}
    assert "DeadLetterConfig" not in read
    assert read["KMSKeyArn"] == settings["KMSKeyArn"]
    functions.delete_function(FunctionName="worker")
    assert functions.list_functions()["Functions"] == []


def test_settings_of_a_deleted_function_are_not_another_ones(functions: Any, create: Callable[..., Any]) -> None:
    create("worker", DeadLetterConfig={"TargetArn": QUEUE})
    functions.delete_function(FunctionName="worker")
    assert "DeadLetterConfig" not in create("worker")


def test_message_waits_and_nobody_is_called(
    client: Client, functions: Any, create: Callable[..., Any], queue: str
) -> None:
    create("worker")
    mapping = functions.create_event_source_mapping(
        EventSourceArn=QUEUE,
        FunctionName="worker",
        BatchSize=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": 5},
    )
    assert mapping["State"] == "Enabled"
    sqs = client("sqs", REGION)
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert message["Body"] == "hello"
    read = functions.get_event_source_mapping(UUID=mapping["UUID"])
    assert read["ScalingConfig"] == {"MaximumConcurrency": 5}
    assert read["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": 7})
    (listed,) = functions.list_event_source_mappings(EventSourceArn=QUEUE)["EventSourceMappings"]
    assert listed["ScalingConfig"] == {"MaximumConcurrency": 7}
    functions.delete_event_source_mapping(UUID=mapping["UUID"])
    assert functions.list_event_source_mappings()["EventSourceMappings"] == []


def test_no_function_runs_here(server: EmbeddedAws, create: Callable[..., Any]) -> None:
    create("worker")
    with pytest.raises(ClientError, match="not implemented"):
        server.client("lambda", REGION).invoke(FunctionName="worker")


@pytest.mark.usefixtures("queue")
def test_message_must_stay_hidden_as_long_as_the_function_may_take(
    functions: Any, create: Callable[..., Any], refused: Refused
) -> None:
    create("slow", Timeout=31)
    message = refused(
        "InvalidParameterValueException",
        functions.create_event_source_mapping,
        EventSourceArn=QUEUE,
        FunctionName="slow",
    )
    assert "30 seconds is less than Function timeout: 31 seconds" in message
    create("worker", Timeout=30)
    functions.create_event_source_mapping(EventSourceArn=QUEUE, FunctionName="worker")
    refused(
        "InvalidParameterValueException",
        functions.update_function_configuration,
        FunctionName="worker",
        Timeout=31,
    )
    assert functions.get_function_configuration(FunctionName="worker")["Timeout"] == 30


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("setting", [{"BatchSize": 11}, {"ScalingConfig": {"MaximumConcurrency": 1001}}])
def test_mapping_beyond_the_limits_is_refused(
    functions: Any, create: Callable[..., Any], refused: Refused, setting: dict[str, Any]
) -> None:
    create("worker")
    refused(
        "InvalidParameterValueException",
        functions.create_event_source_mapping,
        EventSourceArn=QUEUE,
        FunctionName="worker",
        **setting,
    )
    assert functions.list_event_source_mappings()["EventSourceMappings"] == []


def test_account_keeps_some_concurrency_for_everybody(
    functions: Any, create: Callable[..., Any], refused: Refused
) -> None:
    for name in ("one", "two"):
        create(name)
    functions.put_function_concurrency(FunctionName="one", ReservedConcurrentExecutions=800)
    message = refused(
        "InvalidParameterValueException",
        functions.put_function_concurrency,
        FunctionName="two",
        ReservedConcurrentExecutions=101,
    )
    assert "below its minimum value of [100]" in message
    functions.put_function_concurrency(FunctionName="two", ReservedConcurrentExecutions=100)


def test_subnet_must_exist(create: Callable[..., Any], refused: Refused) -> None:
    network = {"SubnetIds": ["subnet-none"], "SecurityGroupIds": ["sg-none"]}
    assert "subnet-none" in refused("InvalidParameterValueException", create, name="worker", VpcConfig=network)
