"""Provider calls of plans on file, so that the same plans can be made where no provider can be had.

A recording holds requests as SHA-256 only, but answers as the provider gave them: planned attributes with the values
of variables, sensitive ones included, and what the provider itself asked AWS while it planned (OpenSearch domains ask
for versions and instance types). Record with test values against an emulated AWS. Reads of data sources and resources,
and applies, are never recorded. A recording is data: nothing in it is executed.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

from companion_gate.errors import GateError
from companion_gate.fastlane.eligibility import Needs
from companion_gate.fastlane.provider import PROTOCOLS
from companion_gate.fastlane.proxy import CONFIGURE, SCHEMA, STOP, Calls
from companion_gate.fastlane.wire import configure_digest

FORMAT = 1
RECORD_COMMAND = "pytest --plan-record"
# Everything that only depends on the configuration, so that its answer is the same tomorrow.
_RECORDED = (
    SCHEMA
    | CONFIGURE
    | {
        "CallFunction",
        "GetFunctions",
        "GetMetadata",
        "GetResourceIdentitySchemas",
        "PlanResourceChange",
        "PrepareProviderConfig",
        "ValidateDataResourceConfig",
        "ValidateDataSourceConfig",
        "ValidateEphemeralResourceConfig",
        "ValidateProviderConfig",
        "ValidateResourceConfig",
        "ValidateResourceTypeConfig",
    }
)
_TEXTS = ("terraform", "provider", "provider_sha256")


@dataclass
class Recording:
    """Answers by key, and what they hold for: versions, the SHA-256 (hex) of the provider's file, its protocol."""

    terraform: str
    provider: str
    provider_sha256: str
    protocol: int
    answers: dict[str, bytes] = field(default_factory=dict, repr=False)

    def save(self, path: Path) -> None:
        """Write the file in one go; only this user can read it. GateError when it cannot be written."""
        answers = {key: base64.b64encode(answer).decode() for key, answer in sorted(self.answers.items())}
        facts = {name: getattr(self, name) for name in (*_TEXTS, "protocol")}
        text = json.dumps({"format": FORMAT, **facts, "answers": answers})
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            unfinished.touch(mode=0o600)
            # A fixed time makes equal recordings equal files.
            unfinished.write_bytes(gzip.compress(text.encode(), mtime=0))
            unfinished.replace(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise GateError(f"{path}: the recording cannot be written: {error.strerror or error}") from error

    @classmethod
    def load(cls, path: Path) -> Recording:
        """Read a file. GateError for one that is missing, damaged or of another format."""
        try:
            data = json.loads(gzip.decompress(path.read_bytes()))
            if data["format"] != FORMAT:
                raise GateError(stale(path, f"has format {data['format']}, and {FORMAT} is needed"))
            answers = {str(key): base64.b64decode(text, validate=True) for key, text in data["answers"].items()}
            texts = [str(data[name]) for name in _TEXTS]
            protocol = data["protocol"]
        except OSError as error:
            raise GateError(stale(path, f"cannot be read: {error.strerror or error}")) from None
        except (EOFError, ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            raise GateError(stale(path, "is damaged")) from None
        if protocol not in PROTOCOLS:
            raise GateError(stale(path, f"is of protocol {protocol}"))
        return cls(texts[0], texts[1], texts[2], protocol, answers)


class RecordingCalls:
    """Passes the calls of one plan on, and puts what may be recorded into a recording; threads may share that."""

    def __init__(self, calls: Calls, needs: Needs, recording: Recording) -> None:
        self._calls, self._keys, self._recording = calls, _Keys(needs), recording
        self.protocol = calls.protocol

    def answer(self, method: str, request: bytes) -> bytes:
        """See Calls."""
        key = self._keys.key(method, request)
        answer = self._calls.answer(method, request)
        if method in _RECORDED:
            self._recording.answers[key] = answer
        return answer

    def close(self) -> None:
        """See Calls."""
        self._calls.close()


class ReplayedCalls:
    """Answers the calls of one plan from a recording, with no provider."""

    def __init__(self, needs: Needs, recording: Recording, path: Path) -> None:
        self._keys, self._recording, self._path = _Keys(needs), recording, path
        self.protocol = recording.protocol

    def answer(self, method: str, request: bytes) -> bytes:
        """See Calls."""
        if method in STOP:
            return b""
        found = self._recording.answers.get(self._keys.key(method, request))
        if found is None:
            why = "has no answer to" if method in _RECORDED else "cannot hold"
            raise GateError(stale(self._path, f"{why} a {method} of this plan"))
        return found

    def close(self) -> None:
        """See Calls."""


class _Keys:
    """Keys of one plan's calls: configuration, method and request; of a schema, the types asked for."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._digest = ""
        self._lock = threading.Lock()

    def key(self, method: str, request: bytes) -> str:
        with self._lock:
            if method in CONFIGURE:
                digest = configure_digest(request)
                if self._digest not in ("", digest):
                    raise GateError("the plan configures hashicorp/aws in two ways")
                self._digest = digest
            configuration = "" if method in SCHEMA else self._digest
        names = [sorted(self._needs.types), sorted(self._needs.functions)] if method in SCHEMA else []
        body = hashlib.sha256(request).hexdigest()
        return hashlib.sha256(json.dumps([configuration, method, names, body]).encode()).hexdigest()


def stale(path: Path, why: str) -> str:
    """The sentence for a recording that does not fit."""
    return f"recording {path} {why}; record it again with `{RECORD_COMMAND} {path}`"


def file_sha256(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
