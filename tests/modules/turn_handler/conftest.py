"""A companion in the test's process: its tables and queues in moto, its clients' sockets, and its model."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator
from moto import mock_aws
from moto.apigatewaymanagementapi.models import ApiGatewayManagementApiBackend
from moto.core.exceptions import JsonRESTError

from . import events, fakes

SOURCE = Path(__file__).resolve().parents[3] / "modules" / "turn-handler" / "src"
sys.path.insert(0, str(SOURCE))

from companion import clients, opensearch  # noqa: E402

_SCHEMA = json.loads((SOURCE / "companion" / "protocol-1.schema.json").read_text(encoding="utf-8"))
_OF_SERVER = Draft202012Validator({**_SCHEMA, "$ref": "#/$defs/server"})
# Making a client takes botocore longer than a test takes.
_REAL_CLIENTS: dict[str, Any] = {}
_ACCOUNTS = itertools.count(400_000_000_000)
ENVIRONMENT = {
    "AWS_REGION": events.REGION,
    "AWS_DEFAULT_REGION": events.REGION,
    "COMPANION": "companion-test",
    "MEMORY_TABLE": "companion-test-memory",
    "CONNECTIONS_TABLE": "companion-test-connections",
    "STATE_TABLE": "companion-test-state",
    "RETENTION_DAYS": "90",
    "DEADLINE_SECONDS": "4",
    "TURNS_PER_MINUTE": "3",
    "CONNECTIONS_ENDPOINT": f"https://abcdef1234.execute-api.{events.REGION}.amazonaws.com/live",
    "GUARDRAIL_ID": "gr1a2b3c4d5e",
    "GUARDRAIL_VERSION": "7",
    "MODEL_ID": f"arn:aws:bedrock:{events.REGION}:111122223333:application-inference-profile/abc",
    "MAX_TOKENS": "300",
    "PERSONA": "You are a friend.",
    "DISCLOSURE": "I am an AI, not a person.",
    "CRISIS_REFERRAL": fakes.REFERRAL,
}
VECTORS = {
    "EMBEDDING_MODEL_ID": "amazon.titan-embed-text-v2:0",
    "VECTORS_INDEX": "memories",
    "VECTORS_DIMENSION": "4",
}


class _GoneError(JsonRESTError):
    code = 410

    def __init__(self) -> None:
        super().__init__("GoneException", "")


@dataclass
class Companion:
    """The AWS of one test, and what its clients were sent."""

    dynamodb: Any
    sqs: Any
    kms: Any
    queues: dict[str, str]
    frames: list[dict[str, Any]] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    gone_after: int | None = None
    broken_post: bool = False

    def post(self, connection_id: str, data: bytes) -> None:
        connection_id = unquote(connection_id)
        if connection_id in self.gone or (self.gone_after is not None and len(self.frames) >= self.gone_after):
            raise _GoneError
        if self.broken_post:
            raise JsonRESTError("ForbiddenException", "")
        assert len(data) <= 32 * 1024, "a frame of more than 32 KB"
        self.connections.append(connection_id)
        self.frames.append(json.loads(data))
        _OF_SERVER.validate(self.frames[-1])

    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.frames]

    def text(self) -> str:
        return "".join(frame["data"] for frame in self.frames if frame["type"] == "text")

    def items(self, table: str, user_id: str | None = events.USER) -> list[dict[str, Any]]:
        """Items of a table, of one user or of all."""
        items = self.dynamodb.scan(TableName=ENVIRONMENT[f"{table.upper()}_TABLE"])["Items"]
        return [item for item in items if user_id is None or item["user_id"]["S"] == user_id]

    def state(self, prefix: str) -> list[dict[str, Any]]:
        return [item for item in self.items("state") if item["state_key"]["S"].startswith(prefix)]

    def put(self, table: str, **attributes: Any) -> None:
        item = {
            name: {"S": value} if isinstance(value, str) else {"N": str(value)} for name, value in attributes.items()
        }
        self.dynamodb.put_item(TableName=ENVIRONMENT[f"{table.upper()}_TABLE"], Item=item)

    def queued(self, queue: str) -> list[dict[str, Any]]:
        """Messages of a queue, with their attributes."""
        answer = self.sqs.receive_message(
            QueueUrl=self.queues[queue], MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        )
        return list(answer.get("Messages", ()))


@pytest.fixture
def companion(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Companion]:
    """A deployment for text, on Bedrock. Whatever a test does, no log may show who the user is or what they wrote."""
    # An account of its own, so that neither test disturbs another, nor this one the embedded AWS of the process.
    monkeypatch.setenv("MOTO_ACCOUNT_ID", str(next(_ACCOUNTS)))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clients, "_MADE", _REAL_CLIENTS.copy())
    opensearch._session.cache_clear()
    opensearch._http.cache_clear()
    aws = mock_aws()
    aws.start(reset=False)
    try:
        made = _companion(monkeypatch)
        monkeypatch.setattr(
            ApiGatewayManagementApiBackend,
            "post_to_connection",
            lambda _, data, connection_id: made.post(connection_id, data),
        )
        yield made
    finally:
        aws.stop(remove_data=False)
    for secret in (events.USER, events.TEXT, "sad", "secret"):
        assert secret not in caplog.text


def _companion(monkeypatch: pytest.MonkeyPatch) -> Companion:
    dynamodb, sqs, kms = clients.dynamodb(), clients.sqs(), clients.kms()
    clients.connections()
    _REAL_CLIENTS.update(clients._MADE)
    for kind, keys in (("memory", ("user_id", "memory_id")), ("state", ("user_id", "state_key"))):
        dynamodb.create_table(
            TableName=ENVIRONMENT[f"{kind.upper()}_TABLE"],
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[
                {"AttributeName": key, "KeyType": type_} for key, type_ in zip(keys, ("HASH", "RANGE"), strict=True)
            ],
        )
    dynamodb.create_table(
        TableName=ENVIRONMENT["CONNECTIONS_TABLE"],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("connection_id", "user_id")],
        KeySchema=[{"AttributeName": "connection_id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_user",
                "KeySchema": [{"AttributeName": "user_id", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    fifo = {"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
    queues = {
        "turns": sqs.create_queue(QueueName="turns.fifo", Attributes=fifo)["QueueUrl"],
        "erasures": sqs.create_queue(QueueName="erasures")["QueueUrl"],
    }
    monkeypatch.setenv("TURN_QUEUE_URL", queues["turns"])
    monkeypatch.setenv("ERASURE_QUEUE_URL", queues["erasures"])
    return Companion(dynamodb, sqs, kms, queues)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, companion: Companion) -> Callable[..., fakes.FakeClient]:
    """Puts a client in the place of a service's own."""

    def put(service: str, **answers: Callable[[dict[str, Any]], Any]) -> fakes.FakeClient:
        client = fakes.FakeClient(service, **answers)
        monkeypatch.setitem(clients._MADE, service, client)
        return client

    return put


@pytest.fixture
def bedrock(fake: Callable[..., fakes.FakeClient]) -> Callable[..., fakes.FakeClient]:
    """Makes Bedrock stream these events as the answer to each turn, the last of them again and again."""

    def answering(*turns: list[Any]) -> fakes.FakeClient:
        left = list(turns)

        def stream(_: dict[str, Any]) -> dict[str, Any]:
            return {"stream": fakes.Stream(left.pop(0) if len(left) > 1 else left[0])}

        return fake("bedrock-runtime", converse_stream=stream, invoke_model=fakes.embeddings)

    return answering


@pytest.fixture
def metrics(capsys: pytest.CaptureFixture[str]) -> Callable[[], dict[str, list[float]]]:
    """Gives the metrics that were written, by name; nothing else may have been, and nothing about a user."""

    def read() -> dict[str, list[float]]:
        values: dict[str, list[float]] = {}
        for line in capsys.readouterr().out.splitlines():
            content = json.loads(line)
            (directive,) = content.pop("_aws")["CloudWatchMetrics"]
            assert directive["Namespace"] == "Companion"
            assert directive["Dimensions"] == [["Deployment"]]
            assert content.pop("Deployment") == "companion-test"
            assert {metric["Name"] for metric in directive["Metrics"]} == set(content)
            for name, value in content.items():
                values.setdefault(name, []).append(value)
        return values

    return read


@pytest.fixture(params=["domain", "serverless"])
def store(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, companion: Companion
) -> Iterator[fakes.VectorStore]:
    """A vector store of each engine, wired to the companion."""
    yield from _store(request.param, monkeypatch)


def _store(engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[fakes.VectorStore]:
    made = fakes.VectorStore(serverless=engine == "serverless")
    is_domain = engine == "domain"
    settings = {
        "VECTORS_ENDPOINT": made.endpoint,
        "VECTORS_SERVICE": "es" if is_domain else "aoss",
        "VECTORS_NORMALISE": "false" if is_domain else "true",
        "VECTORS_DELETE_BY_QUERY": "true" if is_domain else "false",
    }
    for name, value in (VECTORS | settings).items():
        monkeypatch.setenv(name, value)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch, companion: Companion) -> Iterator[fakes.VectorStore]:
    """A vector store that is a domain."""
    yield from _store("domain", monkeypatch)


@pytest.fixture
def serverless(monkeypatch: pytest.MonkeyPatch, companion: Companion) -> Iterator[fakes.VectorStore]:
    """A vector store that is a serverless collection."""
    yield from _store("serverless", monkeypatch)
