from __future__ import annotations

import datetime
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.auth
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from companion import listen

from . import events
from .conftest import Companion

VOCABULARIES = {
    "de-DE": {"vocabulary": "companion-de-de", "filter": "companion-de-de-filter"},
    "en-US": {"vocabulary": "", "filter": ""},
}


@pytest.fixture(autouse=True)
def _languages(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCABULARIES", json.dumps(VOCABULARIES))
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session-token")


def ask(frame: object, **event: Any) -> int:
    return int(listen.handler(events.message(frame, "listen", **event), None)["statusCode"])


def test_client_gets_an_address_for_its_microphone(companion: Companion) -> None:
    assert ask({"action": "listen", "language": "de-DE"}) == 200
    (frame,) = companion.frames
    assert (frame["type"], frame["data"]["expires_in"], frame["data"]["sample_rate"]) == ("listen", 300, 16000)
    address = urlsplit(frame["data"]["url"])
    assert address.scheme == "wss"
    assert address.netloc == f"transcribestreaming.{events.REGION}.amazonaws.com:8443"
    assert address.path == "/stream-transcription-websocket"
    query = {name: value for name, (value,) in parse_qs(address.query).items()}
    assert query["language-code"] == "de-DE"
    assert query["media-encoding"] == "pcm"
    assert query["sample-rate"] == "16000"
    assert query["vocabulary-name"] == "companion-de-de"
    assert query["vocabulary-filter-name"] == "companion-de-de-filter"
    assert query["vocabulary-filter-method"] == "mask"
    assert query["X-Amz-Expires"] == "300"
    assert query["X-Amz-Security-Token"]
    assert f"/{events.REGION}/transcribe/aws4_request" in query["X-Amz-Credential"]


def test_signature_is_of_this_address_with_its_port(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime.datetime):
        @classmethod
        def utcnow(cls) -> datetime.datetime:
            return cls(2026, 11, 26, 5, 23)

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return cls(2026, 11, 26, 5, 23, tzinfo=tz)

    monkeypatch.setattr(botocore.auth.datetime, "datetime", Clock)
    ask({"action": "listen", "language": "en-US"})
    url = companion.frames[0]["data"]["url"]
    query = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    signer = SigV4QueryAuth(Credentials("FOOBARKEY", "FOOBARSECRET"), "transcribe", events.REGION)
    request = AWSRequest(method="GET", url=url)
    request.context["timestamp"] = query["X-Amz-Date"]
    without = "&".join(part for part in urlsplit(url).query.split("&") if not part.startswith("X-Amz-Signature"))
    request.url = url.split("?")[0] + "?" + without
    request.headers["host"] = f"transcribestreaming.{events.REGION}.amazonaws.com:8443"
    canonical = signer.canonical_request(request)
    assert f"host:transcribestreaming.{events.REGION}.amazonaws.com:8443" in canonical
    assert signer.signature(signer.string_to_sign(request, canonical), request) == query["X-Amz-Signature"]


def test_words_that_nobody_set_up_are_not_asked_for(companion: Companion) -> None:
    ask({"action": "listen", "language": "en-US"})
    assert "vocabulary" not in companion.frames[0]["data"]["url"]


def test_china_has_its_own_addresses(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "_region", lambda: "cn-north-1")
    ask({"action": "listen", "language": "en-US"})
    assert "//transcribestreaming.cn-north-1.amazonaws.com.cn:8443/" in companion.frames[0]["data"]["url"]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"action": "listen", "language": "fr-FR"}, "language must be one of de-DE, en-US"),
        ({"action": "listen"}, "language must be a code such as en-US"),
        ({"action": "listen", "language": "en-US&x=y"}, "language must be a code such as en-US"),
        ({"action": "ping"}, "action must be listen on this route"),
        ("no json", "a frame must be JSON"),
    ],
)
def test_wish_that_is_wrong_is_answered_with_what_to_do(companion: Companion, frame: object, message: str) -> None:
    assert ask(frame) == 200
    assert [(one["type"], one["data"]) for one in companion.frames] == [("error", message)]


def test_only_who_was_let_in_gets_an_address(companion: Companion) -> None:
    assert ask({"action": "listen", "language": "en-US"}, user_id=None) == 401
    assert companion.frames == []


@pytest.mark.parametrize(("fault", "status"), [("gone", 200), ("broken", 500)])
def test_client_that_cannot_be_told(companion: Companion, fault: str, status: int) -> None:
    companion.gone |= {events.CONNECTION} if fault == "gone" else set()
    companion.broken_post = fault == "broken"
    assert ask({"action": "listen", "language": "en-US"}) == status


def test_setting_that_is_wrong_is_an_error(companion: Companion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCABULARIES", '["de-DE"]')
    assert ask({"action": "listen", "language": "en-US"}) == 500
