"""A started server, and clients that hold every answer against botocore's model of the operation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from companion_gate.aws.constraints import violations
from companion_gate.aws.server import EmbeddedAws

# AWS docs, "Common error types": any operation may answer so, and the models of these services do not repeat it.
COMMON_ERRORS = {
    # Deleting what is in use is answered so, as users report; the models of these operations name neither.
    "apigatewayv2": {"BadRequestException", "ConflictException"},
    "cloudwatch": {"ValidationError"},
    "dynamodb": {"ValidationException"},
    "sagemaker": {"ValidationException"},
}

Client = Callable[..., Any]


def check_answer(parsed: dict[str, Any], model: Any, **_: Any) -> None:
    """Fail unless botocore's model of the operation documents this answer."""
    where = f"{model.service_model.service_name} {model.name}"
    if "Error" in parsed:
        documented = {shape.error_code for shape in model.error_shapes} | {shape.name for shape in model.error_shapes}
        documented |= COMMON_ERRORS.get(model.service_model.service_name, set())
        assert parsed["Error"]["Code"] in documented, f"{where} does not document {parsed['Error']}"
        return
    answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
    # AWS itself answers 0, which the model forbids.
    table = answer.get("Table") or answer.get("TableDescription") or {}
    answer |= {name: {**table, "ProvisionedThroughput": {}} for name in ("Table", "TableDescription") if name in answer}
    if model.output_shape is None:
        assert not answer, f"{where} answers nothing, got {answer}"
        return
    report = ParamValidator().validate(answer, model.output_shape)
    assert not report.has_errors(), f"{where}: {report.generate_report()}"
    assert not list(violations(model.output_shape, answer)), f"{where}: {answer}"


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as running:
        yield running


@pytest.fixture
def client(server: EmbeddedAws) -> Iterator[Client]:
    """Clients of an empty AWS whose answers are all checked: ``client(service, region, account)``."""

    def make(*arguments: str, **named: str) -> Any:
        made = server.client(*arguments, **named)
        # EC2 is moto's alone.
        if arguments[0] != "ec2":
            made.meta.events.register("after-call.*.*", check_answer)
        return made

    server.reset()
    yield make
    server.reset()


@pytest.fixture
def refused() -> Callable[..., str]:
    """Call an operation that must fail with one code; gives AWS's message."""

    def call(code: str, operation: Callable[..., Any], **params: Any) -> str:
        with pytest.raises(ClientError) as caught:
            operation(**params)
        error = caught.value.response["Error"]
        assert error["Code"] == code, error
        return str(error["Message"])

    return call


@pytest.fixture
def threads_that_take_turns_often() -> Iterator[None]:
    """What happens between two threads of the server once in a thousand requests happens within a test."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)
