"""``listen``: a signed address at which the client streams its microphone to Transcribe, without passing by here."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from companion import frames, push, settings
from companion.failures import report

FEATURE = "voice"
# For opening the stream, which may then last 4 hours (AWS docs: Transcribe, quotas).
EXPIRES_SECONDS = 300
_SAMPLE_RATE = "16000"


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answers the route listen. On a 500, API Gateway tells the client of an error itself."""
    request = event["requestContext"]
    if not request.get("authorizer", {}).get("user_id"):
        return {"statusCode": 401}
    try:
        push.post(request["connectionId"], _reply(event))
    except push.GoneError:
        return {"statusCode": 200}
    except Exception as error:
        report("listen", error)
        return {"statusCode": 500}
    return {"statusCode": 200}


def _reply(event: Mapping[str, Any]) -> bytes:
    try:
        frame = frames.parse(event.get("body"), binary=bool(event.get("isBase64Encoded")))
    except frames.FrameError as bad:
        return frames.frame("error", str(bad), turn_id=bad.turn_id)
    if not isinstance(frame, frames.Listen):
        return frames.frame("error", "action must be listen on this route")
    vocabularies = settings.by_language("VOCABULARIES")
    if frame.language not in vocabularies:
        return frames.frame("error", f"language must be one of {', '.join(sorted(vocabularies))}")
    url = _signed(_address(frame.language, vocabularies[frame.language]))
    return frames.frame("listen", {"url": url, "expires_in": EXPIRES_SECONDS, "sample_rate": int(_SAMPLE_RATE)})


def _address(language: str, words: Mapping[str, str]) -> str:
    """The address of a stream (AWS docs: Transcribe, Setting up a WebSocket stream)."""
    query = {
        "language-code": language,
        "media-encoding": "pcm",
        "sample-rate": _SAMPLE_RATE,
        # What was said is final sooner, for a little accuracy.
        "enable-partial-results-stabilization": "true",
        "partial-results-stability": "high",
    }
    if words.get("vocabulary"):
        query["vocabulary-name"] = words["vocabulary"]
    if words.get("filter"):
        query["vocabulary-filter-name"] = words["filter"]
        query["vocabulary-filter-method"] = "mask"
    return f"{_endpoint()}/stream-transcription-websocket?{urlencode(query)}"


def _endpoint() -> str:
    """Transcribe's, or another one that is set as for every SDK (AWS SDKs and Tools Reference: Service-specific
    endpoints); botocore does not know this service."""
    if other := os.environ.get("AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING"):
        return re.sub("^http", "ws", other)
    region = _region()
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"wss://transcribestreaming.{region}.{suffix}:8443"


def _signed(address: str) -> str:
    request = AWSRequest(method="GET", url=address)
    credentials = botocore.session.get_session().get_credentials()
    SigV4QueryAuth(credentials.get_frozen_credentials(), "transcribe", _region(), expires=EXPIRES_SECONDS).add_auth(
        request
    )
    return str(request.url)


def _region() -> str:
    return str(botocore.session.get_session().get_config_variable("region"))
