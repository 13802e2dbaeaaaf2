"""What the functions may ask of AWS, as calls.py reads it from the code."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from policy_sentry.querying.actions import get_action_data

from . import calls
from .actions import ACTIONS, IMPLIED, SIGNED, TRANSACTION
from .calls import UnknownCallError, environment, iam_actions, implied_actions, requests, shape

TEXT = {
    "authorizer": {"dynamodb:ConditionCheckItem", "dynamodb:PutItem", "kms:VerifyMac"},
    "connection": {"dynamodb:DeleteItem", "dynamodb:PutItem"},
    "erase": {"dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:Query", "execute-api:ManageConnections"},
    "ingest": {"dynamodb:UpdateItem", "execute-api:ManageConnections", "sqs:SendMessage"},
    "worker": {
        "bedrock:ApplyGuardrail",
        "bedrock:InvokeModelWithResponseStream",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "execute-api:ManageConnections",
    },
}
Change = Callable[[str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """A copy of the package with something added to one of its modules."""

    def copy(module: str, addition: str) -> Path:
        target = tmp_path / "companion"
        shutil.copytree(calls.SOURCE, target)
        with (target / f"{module}.py").open("a", encoding="utf-8") as file:
            file.write(addition)
        return target

    return copy


def in_handler(statement: str) -> str:
    """A module's new handler, which does this alone."""
    return f"\n\ndef handler(event: object, _context: object) -> object:\n    {statement}\n"


def test_text_companion_asks_for_the_least() -> None:
    assert iam_actions(shape("bedrock")) == TEXT


def test_own_model_is_asked_instead_of_bedrocks_and_checked_all_the_same() -> None:
    worker = iam_actions(shape("sagemaker"))["worker"]
    removed = {"bedrock:InvokeModelWithResponseStream"}
    assert worker == TEXT["worker"] - removed | {"sagemaker:InvokeEndpointWithResponseStream"}


@pytest.mark.parametrize(
    ("vectors", "worker", "erase", "forget"),
    [
        ("domain", {"es:ESHttpDelete", "es:ESHttpPost", "es:ESHttpPut"}, {"es:ESHttpPost"}, {"es:ESHttpDelete"}),
        ("serverless", {"aoss:APIAccessAll"}, {"aoss:APIAccessAll"}, {"aoss:APIAccessAll"}),
    ],
)
def test_vectors_add_what_they_need(vectors: str, worker: set[str], erase: set[str], forget: set[str]) -> None:
    actions = iam_actions(shape("bedrock", vectors=vectors))
    assert actions["worker"] - TEXT["worker"] == worker | {"bedrock:InvokeModel", "dynamodb:BatchGetItem"}
    assert actions["erase"] - TEXT["erase"] == erase
    assert actions["forget"] == forget
    assert {name: actions[name] for name in ("authorizer", "connection", "ingest")}.items() <= TEXT.items()


def test_voice_adds_what_it_needs() -> None:
    actions = iam_actions(shape("bedrock", voice=True))
    assert actions["worker"] - TEXT["worker"] == {"polly:SynthesizeSpeech"}
    assert actions["listen"] == {"transcribe:StartStreamTranscriptionWebSocket", "execute-api:ManageConnections"}


def test_requests_to_a_domain_are_those_of_its_grants() -> None:
    found = requests(shape("bedrock", vectors="domain"))
    sent = {
        name: {(request.operation, request.path) for request in of if request.service == "opensearch"}
        for name, of in found.items()
    }
    assert sent["worker"] == {("POST", "_search"), ("PUT", "_doc/*"), ("DELETE", "_doc/*")}
    assert sent["erase"] == {("POST", "_delete_by_query"), ("POST", "_count")}
    assert sent["forget"] == {("DELETE", "_doc/*")}


def test_nothing_scans_a_table_or_reads_a_whole_one() -> None:
    everything = {request for found in requests().values() for request in found}
    assert not any(request.operation == "Scan" for request in everything)


def test_variables_are_those_of_the_shape() -> None:
    text, voice = environment(shape("bedrock")), environment(shape("sagemaker", voice=True))
    assert text["authorizer"] == {"STATE_TABLE", "TICKET_KEY_ARN"}
    assert "MODEL_ID" in text["worker"]
    assert not {"ENDPOINT_NAME", "VOICES", "VECTORS_ENDPOINT"} & text["worker"]
    assert voice["worker"] - text["worker"] == {"ENDPOINT_NAME", "VOICES"}
    assert voice["listen"] == {"CONNECTIONS_ENDPOINT", "VOCABULARIES"}


def test_encrypted_stores_ask_for_the_key() -> None:
    implied = implied_actions(shape("bedrock"))
    assert implied["ingest"] == {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}
    assert implied["connection"] == {"kms:Decrypt", "kms:DescribeKey"}


def test_every_action_exists() -> None:
    named = {action for actions in ACTIONS.values() for action in actions or ()}
    named |= {action for group in (SIGNED, IMPLIED) for actions in group.values() for action in actions}
    named |= set(TRANSACTION.values()) | {action for actions in iam_actions().values() for action in actions}
    for action in sorted(named):
        service, _, name = action.partition(":")
        assert get_action_data(service, name), f"{action} is no IAM action"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("return clients.dynamodb().scan(TableName='x')", "clients.dynamodb().scan is not in ACTIONS"),
        ("return clients.dynamodb().no_such_call()", "clients.dynamodb().no_such_call is not in ACTIONS"),
        ("return clients.s3().get_object()", "clients.s3().get_object is not in ACTIONS"),
        ("client = clients.dynamodb()\n    return client.scan()", "clients is used in another way than a call"),
        ("return clients._MADE['dynamodb'].scan()", "clients is used in another way than a call"),
        ("return getattr(clients, 'dynamodb')()", "clients is used in another way than a call"),
        ("make = clients.dynamodb\n    return make().scan()", "clients is used in another way than a call"),
        ("from companion.clients import dynamodb\n    return dynamodb().scan()", "imports companion.clients"),
        ("import companion.clients", "imports companion.clients"),
        ("import boto3\n    return boto3.client('s3').list_buckets()", "imports boto3, which only"),
        ("import urllib.request", "imports urllib.request"),
        ("import socket", "imports socket"),
        ("from socket import AF_INET, TCP_NODELAY", "imports socket"),
        ("from companion.clients import _MADE", "imports companion.clients"),
        ("from http import client", "imports http"),
        ("import botocore\n    return botocore.session.get_session().create_client('s3')", "a client of its own"),
        ("from botocore.httpsession import URLLib3Session", "imports botocore.httpsession, which only"),
    ],
)
def test_call_that_is_not_known_is_no_call_that_is_ignored(changed: Change, statement: str, message: str) -> None:
    source = changed("connection", in_handler(statement))
    with pytest.raises(UnknownCallError) as raised:
        iam_actions(source=source)
    assert message in str(raised.value)
    assert str(raised.value).startswith("connection")


@pytest.mark.parametrize(
    ("module", "addition", "message"),
    [
        ("vectors", "\n\ndef f(method: str) -> None:\n    opensearch.send(method, '_search')\n", "not written there"),
        ("vectors", "\n\ndef f(path: str) -> None:\n    opensearch.send('GET', path)\n", "not written there"),
        ("vectors", "\n\nf = opensearch.send\n", "opensearch is used in another way than a call"),
        ("vectors", "\n\nf = vars(opensearch)\n", "opensearch is used in another way than a call"),
        ("vectors", "\n\nfrom companion.opensearch import send\nf = send\n", "send is used in another way than a call"),
        ("turn", "\n\ndef f(name: str) -> None:\n    settings.text(name)\n", "whose name is not written there"),
        ("clients", "\n\ndef s3() -> Any:\n    return boto3.client('s3')\n", "does not return _client"),
        ("listen", "\n\ndef f() -> None:\n    SigV4QueryAuth(None, 's3', '')\n", "a signed address of 's3'"),
        ("metrics", '\nFEATURE = "extra"\n', "unknown features"),
        ("connection", "\nclients.dynamodb().put_item()\n", "a request when the module is imported"),
    ],
)
def test_way_out_that_cannot_be_followed_is_an_error(changed: Change, module: str, addition: str, message: str) -> None:
    with pytest.raises(UnknownCallError) as raised:
        iam_actions(source=changed(module, addition))
    assert message in str(raised.value)


def test_call_counts_for_the_functions_that_reach_it(changed: Change) -> None:
    source = changed("push", "\n\ndef post(a: str, b: bytes) -> None:\n    clients.kms().verify_mac()\n")
    actions = iam_actions(shape("bedrock"), source)
    assert {name for name, found in actions.items() if "kms:VerifyMac" in found} == {
        "authorizer",
        "erase",
        "ingest",
        "worker",
    }


def test_guardrail_that_is_taken_off_a_call_shows(changed: Change) -> None:
    source = changed(
        "model_bedrock", "\n\ndef answer(p: Any) -> Any:\n    return clients.bedrock().converse_stream()\n"
    )
    assert "bedrock:ApplyGuardrail" not in iam_actions(shape("bedrock"), source)["worker"]
