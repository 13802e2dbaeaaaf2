"""The page beside the API, and what a product's own server would do for it: tickets for users who are signed in."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from companion_gate.serve.gateway.server import Page

_FOLDER = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
_FILES = {"/": "index.html"}


def ticket(kms: Any, key_arn: str, user_id: str, *, ticket_id: str = "", issued_at: float | None = None) -> str:
    """A ticket as docs/protocol.md describes it; ``kms`` is a boto3 client."""
    content = {
        "v": 1,
        "user_id": user_id,
        "ticket_id": ticket_id or secrets.token_urlsafe(16),
        "issued_at": time.time() if issued_at is None else issued_at,
    }
    payload = _base64url(json.dumps(content).encode())
    mac = kms.generate_mac(KeyId=key_arn, MacAlgorithm="HMAC_SHA_256", Message=payload.encode())["Mac"]
    return f"{payload}.{_base64url(mac)}"


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Site:
    """Answers plain requests: files of the page, and JSON by path. A path is asked with its query's last values."""

    def __init__(self, answers: Mapping[str, Callable[[Mapping[str, str]], Any]]) -> None:
        self._answers = answers

    def page(self, target: str) -> Page | None:
        """What lies at a path; None where nothing does."""
        url = urlsplit(target)
        if url.path in self._answers:
            query = {name: values[-1] for name, values in parse_qs(url.query).items()}
            return Page("application/json", json.dumps(self._answers[url.path](query)).encode())
        name = _FILES.get(url.path, url.path.lstrip("/"))
        file = _FOLDER / name
        if "/" in name or file.suffix not in _TYPES or not file.is_file():
            return None
        return Page(_TYPES[file.suffix], file.read_bytes())
