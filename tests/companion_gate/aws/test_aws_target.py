from __future__ import annotations

import socket

import pytest
from botocore.exceptions import ClientError

from companion_gate.aws.capabilities import NOT_EXERCISED
from companion_gate.aws.server import EmbeddedAws
from companion_gate.aws.target import aws_target
from companion_gate.errors import GateError


def test_embedded_answers_while_the_context_lasts_and_reports_its_gaps() -> None:
    with aws_target("embedded") as target:
        assert target.client("sts").get_caller_identity()["Account"] == "123456789012"
        with pytest.raises(ClientError, match="not implemented"):
            target.client("bedrock").list_foundation_models()
        assert target.gaps == ["bedrock: list_foundation_models not implemented"]
        port = int(target.url.rsplit(":", 1)[1])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_embedded_takes_the_port_it_is_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with aws_target("embedded", port) as target:
        assert target.url == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:4566", "http://127.8.9.1:4566", "http://localhost:4566/", "https://[::1]:4566"]
)
def test_url_on_loopback_is_taken_as_it_is(url: str) -> None:
    with aws_target(url) as target:
        assert target.url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.5:4566",
        "http://0.0.0.0:4566",
        "http://169.254.169.254",
        "https://sts.amazonaws.com",
        "http://localhost.example.com:4566",
        "http://127.0.0.1@example.com:4566",
        "http://127.0.0.1.example.com",
        "http://[::ffff:10.0.0.5]:4566",
    ],
)
def test_url_off_this_machine_is_refused(url: str) -> None:
    with pytest.raises(GateError, match="not on this machine"), aws_target(url):
        pass


@pytest.mark.parametrize("choice", ["", "embeded", "ftp://127.0.0.1", "127.0.0.1:4566", "http://", "http://[::1"])
def test_neither_a_name_nor_a_url_is_refused(choice: str) -> None:
    with pytest.raises(GateError, match="is not 'embedded', 'localstack' or a URL"), aws_target(choice):
        pass


def test_workers_share_an_aws_outside_of_them_without_sharing_an_account(server: EmbeddedAws) -> None:
    accounts = []
    for worker in ({}, {"PYTEST_XDIST_WORKER": "gw0"}, {"PYTEST_XDIST_WORKER": "gw1"}):
        with aws_target(server.url, environ=worker) as target:
            accounts.append(target.account)
            assert target.client("sts").get_caller_identity()["Account"] == target.account
    assert len(set(accounts)) == 3


@pytest.mark.parametrize(
    "capability",
    ["guardrail judgement of real text", "OpenSearch data plane", "Comprehend classifier training", "IAM enforcement"],
)
def test_what_cannot_be_exercised_is_declared_with_a_reason(capability: str) -> None:
    assert len(NOT_EXERCISED[capability].split()) > 4
