"""AWS clients, made at first use and kept: each waits for seconds, never for botocore's minute."""

from __future__ import annotations

import threading
from typing import Any

import boto3
from botocore.config import Config

from companion import settings

_LOCK = threading.Lock()
_MADE: dict[str, Any] = {}


def dynamodb() -> Any:
    """Tables."""
    return _client("dynamodb", read=1, attempts=2)


def sqs() -> Any:
    """Queues."""
    return _client("sqs", read=2, attempts=2)


def kms() -> Any:
    """The key of the tickets."""
    return _client("kms", read=1, attempts=2)


def connections() -> Any:
    """The sockets of the clients."""
    return _client("apigatewaymanagementapi", read=3, attempts=2, endpoint=settings.text("CONNECTIONS_ENDPOINT"))


def bedrock() -> Any:
    """Models of Bedrock, and guardrails."""
    return _client("bedrock-runtime", read=10, attempts=2)


def sagemaker() -> Any:
    """The deployment's own model."""
    return _client("sagemaker-runtime", read=10, attempts=2)


def polly() -> Any:
    """Speech."""
    return _client("polly", read=5, attempts=2)


def _client(service: str, *, read: int, attempts: int, endpoint: str | None = None) -> Any:
    """The client of a service; ``read`` is in seconds, ``attempts`` counts the first one.

    Making one is not thread-safe (boto3 docs: Session reference, "Multithreading or multiprocessing with sessions").
    """
    with _LOCK:
        if service not in _MADE:
            config = Config(
                connect_timeout=1,
                read_timeout=read,
                retries={"mode": "standard", "total_max_attempts": attempts},
                tcp_keepalive=True,
            )
            _MADE[service] = boto3.client(service, endpoint_url=endpoint, config=config)
        return _MADE[service]
