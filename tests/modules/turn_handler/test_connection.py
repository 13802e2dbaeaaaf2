from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from companion import connection

from . import events, fakes
from .conftest import Companion


def test_connection_is_kept_for_longer_than_api_gateway_lets_it_live(companion: Companion) -> None:
    answer = connection.handler(events.connect(), None)
    assert answer == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "companion.v1"}}
    (item,) = companion.items("connections")
    assert item["connection_id"] == {"S": events.CONNECTION}
    assert 7790 <= int(item["expires_at"]["N"]) - time.time() <= 7800


def test_connection_that_closed_is_no_longer_kept(companion: Companion) -> None:
    connection.handler(events.connect(), None)
    assert connection.handler(events.connect("$disconnect"), None) == {"statusCode": 200}
    assert companion.items("connections") == []


def test_closing_what_is_not_kept_is_no_error(companion: Companion) -> None:
    assert connection.handler(events.connect("$disconnect"), None) == {"statusCode": 200}


def test_nobody_connects_without_the_authorizer(companion: Companion) -> None:
    assert connection.handler(events.connect(user_id=None), None) == {"statusCode": 401}
    assert companion.items("connections", None) == []


def test_connection_that_cannot_be_kept_is_refused(fake: Callable[..., fakes.FakeClient]) -> None:
    def fail(_: dict[str, Any]) -> None:
        raise fakes.aws_error("ProvisionedThroughputExceededException", "PutItem")

    fake("dynamodb", put_item=fail)
    with pytest.raises(Exception, match=r"^connection: PutItem: ProvisionedThroughputExceededException$"):
        connection.handler(events.connect(), None)
