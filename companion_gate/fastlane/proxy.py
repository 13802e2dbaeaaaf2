"""What stands between one plan and the provider processes: an endpoint of its own, and the answers it gives."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any, Protocol

from companion_gate.errors import GateError
from companion_gate.fastlane.eligibility import Needs
from companion_gate.fastlane.locate import ADDRESS
from companion_gate.fastlane.pool import ProviderPool
from companion_gate.fastlane.provider import CallFailed, Provider, ProviderDied, load_grpc
from companion_gate.fastlane.wire import configure_digest, slim_schema

SCHEMA = frozenset({"GetSchema", "GetProviderSchema"})
CONFIGURE = frozenset({"Configure", "ConfigureProvider"})
STOP = frozenset({"Stop", "StopProvider"})
# Answered from the request and the process's environment alone, whatever configuration the process was given.
_PURE = SCHEMA | {"GetMetadata", "GetResourceIdentitySchemas", "PrepareProviderConfig", "ValidateProviderConfig"}
# Everything else that Terraform asks while it plans; all are unary in both protocols.
_FORWARDED = frozenset(
    {
        "CallFunction",
        "CloseEphemeralResource",
        "GetFunctions",
        "ImportResourceState",
        "MoveResourceState",
        "OpenEphemeralResource",
        "PlanResourceChange",
        "ReadDataSource",
        "ReadResource",
        "RenewEphemeralResource",
        "UpgradeResourceIdentity",
        "UpgradeResourceState",
        "ValidateDataResourceConfig",
        "ValidateDataSourceConfig",
        "ValidateEphemeralResourceConfig",
        "ValidateResourceConfig",
        "ValidateResourceTypeConfig",
    }
)
# gRPC health checking protocol: HealthCheckResponse with status SERVING.
_SERVING = b"\x08\x01"
_EMPTY = {"/plugin.GRPCController/Shutdown": b"", "/grpc.health.v1.Health/Check": _SERVING}
# go-plugin reads the provider's output and offers it connections through these; neither is used while planning.
_STREAMS = {"/plugin.GRPCStdio/StreamStdio": False, "/plugin.GRPCBroker/StartStream": True}
# Terraform asks for ten resources at once (Terraform docs: "Command: plan", -parallelism).
_THREADS = 16


class Refused(GateError):  # noqa: N818  # a decision, not a fault
    """A call that the lane does not answer; the plan must be made by plain Terraform."""


class Calls(Protocol):
    """Who answers the provider calls of one plan."""

    protocol: int

    def answer(self, method: str, request: bytes) -> bytes:
        """The provider's answer. Raises CallFailed for its own refusal, GateError for everything else."""

    def close(self) -> None:
        """Give back what was borrowed."""


class Memory:
    """Answers that hold for every plan with one provider program; threads may share it."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, bytes] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, ask: Callable[[], bytes]) -> bytes:
        """The answer under the key, asked for once; another thread's question waits for it."""
        with self._lock:
            if key not in self._answers:
                self._answers[key] = ask()
            return self._answers[key]


class LiveCalls:
    """Answers of provider processes for one plan, which has one provider configuration."""

    def __init__(self, pool: ProviderPool, memory: Memory, needs: Needs) -> None:
        self._pool, self._memory, self._needs = pool, memory, needs
        self._lock = threading.Lock()
        # Before Configure any process answers, and from then on the one with that configuration.
        self._provider = pool.any()
        self._digest: str | None = None
        self.protocol = self._provider.protocol

    def answer(self, method: str, request: bytes) -> bytes:
        """See Calls."""
        if method in STOP:
            # Passed on, it would stop the plans of others, too; Terraform itself ends this one.
            return b""
        with self._lock:
            provider, planning = self._provider, self._digest is not None
        try:
            return self._ask(provider, method, request)
        except ProviderDied:
            # A process that ended since the last plan is replaced; one that ended during this plan spoils it.
            if planning or not self._replace(provider, method):
                raise
            with self._lock:
                provider = self._provider
            return self._ask(provider, method, request)

    def close(self) -> None:
        """See Calls."""
        self._pool.release(self._provider)

    def _ask(self, provider: Provider, method: str, request: bytes) -> bytes:
        if method in CONFIGURE:
            return self._for_configuration(configure_digest(request)).configure(method, request)
        if method in _PURE:
            answer = self._memory.get((method, request), lambda: provider.call(method, request))
            if method not in SCHEMA:
                return answer
            types, functions = self._needs.types, self._needs.functions
            return self._memory.get((method, types, functions), lambda: slim_schema(answer, types, functions))
        if method in _FORWARDED:
            return provider.call(method, request)
        raise Refused(f"Terraform asks the provider for {method}, which the fast lane does not know")

    def _replace(self, died: Provider, method: str) -> bool:
        """Borrow another process; False when what was asked of the one that died cannot be asked again."""
        with self._lock:
            if self._digest is not None and method not in CONFIGURE:
                return False
            # Another thread may have been quicker.
            if self._provider is died or not self._provider.alive:
                self._pool.release(self._provider)
                self._provider = self._pool.configured(self._digest) if self._digest else self._pool.any()
            return True

    def _for_configuration(self, digest: str) -> Provider:
        with self._lock:
            if self._digest is None:
                before, self._provider = self._provider, self._pool.configured(digest)
                self._pool.release(before)
                self._digest = digest
            if self._digest != digest:
                raise Refused("the plan configures hashicorp/aws in two ways")
            return self._provider


class Endpoint:
    """A Unix socket for the Terraform commands of one plan; `trouble` says why that plan must not be used.

    Calls are answered in threads until `close`. `socket` is a new file with a path of at most 103 bytes.
    """

    def __init__(self, calls: Calls, socket: Path) -> None:
        self._grpc = load_grpc()
        self._calls = calls
        self._service = f"/tfplugin{calls.protocol}.Provider/"
        self._trouble: list[str] = []
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._server = self._grpc.server(
            futures.ThreadPoolExecutor(_THREADS, thread_name_prefix="fastlane"),
            handlers=[_handler(self._grpc, self._serve)],
            options=options,
        )
        if not self._server.add_insecure_port(f"unix:{socket}"):
            raise GateError(f"{socket} cannot be listened on; set TMPDIR to a folder with a short path")
        self._server.start()
        attach = {
            "Protocol": "grpc",
            "ProtocolVersion": calls.protocol,
            "Pid": os.getpid(),
            # So Terraform leaves the process alone that it was attached to (go-plugin: ReattachConfig.Test).
            "Test": True,
            "Addr": {"Network": "unix", "String": str(socket)},
        }
        self.environment = {"TF_REATTACH_PROVIDERS": json.dumps({ADDRESS: attach})}

    @property
    def trouble(self) -> str | None:
        """The first thing that went wrong between Terraform and the provider, or None."""
        return self._trouble[0] if self._trouble else None

    def close(self) -> None:
        """Stop answering and give the processes back."""
        self._server.stop(grace=None).wait()
        self._calls.close()

    def _serve(self, path: str) -> Any:
        """grpc's handler for a method path; None makes it answer that there is none."""
        if path in _EMPTY:
            return self._grpc.unary_unary_rpc_method_handler(lambda _request, _context: _EMPTY[path])
        if path in _STREAMS:
            if _STREAMS[path]:
                return self._grpc.stream_stream_rpc_method_handler(_nothing)
            return self._grpc.unary_stream_rpc_method_handler(_nothing)
        if not path.startswith(self._service):
            self._trouble.append(f"Terraform asks the provider for {path}, which the fast lane does not know")
            return None
        method = path.removeprefix(self._service)
        return self._grpc.unary_unary_rpc_method_handler(
            lambda request, context: self._answer(method, request, context)
        )

    def _answer(self, method: str, request: bytes, context: Any) -> bytes:
        try:
            return self._calls.answer(method, request)
        except CallFailed as failed:
            code, details = failed.code, failed.details
        except GateError as error:
            self._trouble.append(str(error))
            # Of this status Terraform shows the text (of UNAVAILABLE it does not).
            code, details = self._grpc.StatusCode.ABORTED, str(error)
        context.abort(code, details)
        raise AssertionError("abort raises")


def _nothing(_request: Any, _context: Any) -> Iterator[bytes]:
    yield from ()


def _handler(grpc: Any, serve: Callable[[str], Any]) -> Any:
    class Handler(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc is untyped, and loaded only where wanted
        def service(self, handler_call_details: Any) -> Any:
            return serve(handler_call_details.method)

    return Handler()
