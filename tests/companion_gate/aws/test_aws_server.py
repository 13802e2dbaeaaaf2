from __future__ import annotations

import logging
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from companion_gate.aws.server import EmbeddedAws
from companion_gate.errors import GateError


def test_port_taken_says_which_and_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(GateError, match=rf"port {port} of 127\.0\.0\.1.*in use.*stop what listens there.*port 0"):
            EmbeddedAws(port).start()


def test_stop_frees_the_port_and_ends_the_thread() -> None:
    before = set(threading.enumerate())
    server = EmbeddedAws().start()
    port = server.port
    server.client("sts").get_caller_identity()
    server.stop()
    assert not [thread for thread in threading.enumerate() if thread not in before and "embedded-aws" in thread.name]
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    with EmbeddedAws(port) as again:
        assert again.port == port


def test_stopping_twice_and_before_a_start_does_nothing() -> None:
    server = EmbeddedAws()
    server.stop()
    server.start()
    server.stop()
    server.stop()
    with pytest.raises(GateError, match="not running"):
        assert server.url


def test_listens_on_loopback_only(server: EmbeddedAws) -> None:
    listeners = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    mine = [fields[1] for fields in listeners if fields[1].endswith(f":{server.port:04X}") and fields[3] == "0A"]
    assert mine == [f"0100007F:{server.port:04X}"]
    assert server.url == f"http://127.0.0.1:{server.port}"


def test_client_ignores_everything_aws_in_the_environment(
    server: EmbeddedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = mars-1\nendpoint_url = http://192.0.2.1:1\n[broken\n")
    for name, value in {
        "AWS_PROFILE": "does-not-exist",
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(config),
        "AWS_ENDPOINT_URL": "http://192.0.2.1:1",
        "AWS_ENDPOINT_URL_STS": "http://192.0.2.1:1",
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_REGION": "eu-central-1",
        "HTTP_PROXY": "http://192.0.2.1:3128",
        "http_proxy": "http://192.0.2.1:3128",
    }.items():
        monkeypatch.setenv(name, value)
    sts = server.client("sts", "eu-west-1")
    sent: list[Any] = []
    sts.meta.events.register("before-send.*.*", lambda request, **_: sent.append(request))
    assert sts.get_caller_identity()["Account"] == "123456789012"
    (request,) = sent
    assert request.url.startswith(server.url)
    authorization = str(request.headers["Authorization"])
    assert "Credential=123456789012/" in authorization
    assert "/eu-west-1/" in authorization
    assert "X-Amz-Security-Token" not in request.headers


def test_starts_under_a_profile_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "does-not-exist")
    with EmbeddedAws() as server:
        assert server.client("bedrock").list_guardrails()["guardrails"] == []


@pytest.mark.parametrize(
    ("service", "operation", "gap"),
    [
        ("bedrock", "list_foundation_models", "bedrock: list_foundation_models not implemented"),
        ("ec2", "describe_fpga_images", "ec2: describe_fpga_images not implemented"),
        ("cloudwatch", "list_metric_streams", "monitoring: list_metric_streams not implemented"),
        ("translate", "list_languages", "translate: ListLanguages not implemented"),
    ],
)
def test_gap_is_a_final_answer_and_is_listed(service: str, operation: str, gap: str) -> None:
    with EmbeddedAws() as server:
        for _ in range(2):
            with pytest.raises(ClientError) as caught:
                getattr(server.client(service), operation)()
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
            assert gap in caught.value.response["Error"]["Message"]
        assert server.gaps == [gap]


def test_error_that_aws_documents_is_no_gap(server: EmbeddedAws) -> None:
    before = list(server.gaps)
    with pytest.raises(ClientError) as caught:
        server.client("dynamodb").describe_table(TableName="none")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert server.gaps == before


def test_requests_leave_no_line_each(
    server: EmbeddedAws, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    sts = server.client("sts")
    with caplog.at_level(logging.INFO, "werkzeug"):
        sts.get_caller_identity()
    assert [record for record in caplog.records if record.name == "werkzeug"] == []
    assert capfd.readouterr() == ("", "")


def test_reset_empties_every_account_and_region(server: EmbeddedAws) -> None:
    places = [("eu-west-1", "123456789012"), ("us-east-1", "222222222222")]
    for region, account in places:
        server.client("sqs", region, account).create_queue(QueueName="turns")
        server.client("bedrock", region, account).create_guardrail(
            name="companion",
            blockedInputMessaging="no",
            blockedOutputsMessaging="no",
            wordPolicyConfig={"wordsConfig": [{"text": "word"}]},
        )
        assert len(server.client("bedrock", region, account).list_guardrails()["guardrails"]) == 1
    server.reset()
    for region, account in places:
        assert server.client("bedrock", region, account).list_guardrails()["guardrails"] == []
        assert "QueueUrls" not in server.client("sqs", region, account).list_queues()
