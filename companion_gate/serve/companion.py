"""A companion on this machine, from its applied root to its open sockets."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from companion_gate.aws.target import AwsTarget
from companion_gate.errors import GateError
from companion_gate.serve import protocol, site
from companion_gate.serve.alarms import ringing
from companion_gate.serve.deployed import Deployed, EventSource
from companion_gate.serve.functions.fleet import Fleet
from companion_gate.serve.functions.pool import FunctionPool, Invocation
from companion_gate.serve.gateway.routes import Router
from companion_gate.serve.gateway.server import Gateway, Limits
from companion_gate.serve.gateway.sockets import Sockets
from companion_gate.serve.metrics import Metrics
from companion_gate.serve.protocol import Protocol
from companion_gate.serve.sources.queue import QueueSource
from companion_gate.serve.sources.stream import StreamSource
from companion_gate.serve.standins import script
from companion_gate.serve.standins.answers import StandIn
from companion_gate.serve.standins.bedrock import Bedrock
from companion_gate.serve.standins.connections import Connections
from companion_gate.serve.standins.guardrail import Guardrails
from companion_gate.serve.standins.polly import Polly
from companion_gate.serve.standins.script import Script
from companion_gate.serve.standins.server import StandInServer
from companion_gate.serve.standins.transcribe import Transcribe
from companion_gate.serve.standins.vectors import Vectors
from companion_gate.serve.stored import Stored
from companion_gate.serve.times import ServiceTimes

# How often queues are looked at for CloudWatch's metrics of them, in seconds; AWS does so every minute.
_LOOK_SECONDS = 1.0
# SDKs read these before they ask the emulated AWS (AWS SDKs and Tools Reference: Service-specific endpoints).
_STOOD_IN = {"bedrock-runtime": "BEDROCK_RUNTIME", "polly": "POLLY"}


@dataclass(frozen=True)
class Options:
    """How a companion is served. ``environments`` is how many events of one function this machine answers at once, at
    most: AWS would go on to the deployed limit."""

    port: int = 0
    environments: int = 8
    limits: Limits = field(default_factory=Limits)
    script: Path = script.DEFAULT
    times: ServiceTimes = field(default_factory=ServiceTimes)
    tell: Callable[[Invocation], None] = lambda _: None
    """Hears of each event that was answered."""
    warn: Callable[[str], None] = lambda _: None
    """Hears in a line of each alarm that begins to ring, and of what went wrong outside of the functions."""


class LocalCompanion:
    """Serves a deployed companion until its context ends. Raises GateError where it cannot be served."""

    def __init__(self, deployed: Deployed, aws: AwsTarget, options: Options) -> None:
        self.deployed = deployed
        self.metrics = Metrics()
        self.script: Script = script.read(options.script)
        self._aws = aws
        self._options = options
        self._stack = contextlib.ExitStack()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self.troubles: list[str] = []
        """What went wrong outside of the functions, each once: frames that the protocol does not have, calls that
        nobody stands in for, queues and streams that could not be followed. Never what a user wrote."""

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def client(self, service: str) -> Any:
        """A boto3 client of the AWS that the companion is deployed to."""
        return self._aws.client(service, self.deployed.api.region, self.deployed.api.account)

    def ticket(self, user_id: str, **changes: Any) -> str:
        """What lets a user connect, once."""
        return site.ticket(self._kms, self._variable("authorizer", "TICKET_KEY_ARN"), user_id, **changes)

    def function(self, key: str) -> FunctionPool:
        """The function whose handler's module is called so, such as "worker". Raises GateError where there is none."""
        for name, pool in self.functions.items():
            if self.deployed.functions[name].key == key:
                return pool
        raise GateError(f"the companion has no function {key}")

    def ringing(self) -> list[str]:
        """The alarms that ring now, of those on one metric."""
        return ringing(self.deployed.alarms, self.metrics)

    def _start(self, stack: contextlib.ExitStack) -> None:
        api = self.deployed.api
        self._kms = self.client("kms")
        fleet = stack.enter_context(contextlib.closing(Fleet()))
        code = fleet.code(next(iter(self.deployed.functions.values())).package)
        found = sorted(code.rglob(protocol.NAME))
        self.protocol = Protocol(found[0]) if found else None
        self.sockets = Sockets(self._options.limits.message_bytes, self._hear)
        self.guardrails = Guardrails(self.client("bedrock"), self.script.phrases)
        self.bedrock = Bedrock(self.script, self.guardrails, self._options.times)
        self.polly = Polly(self.script.first_sound_seconds, self._options.times)
        self.transcribe = stack.enter_context(contextlib.closing(Transcribe(self.script.heard)))
        self.vectors = self._vectors()
        standins: dict[str, StandIn] = {
            "bedrock-runtime": self.bedrock,
            "polly": self.polly,
            "connections": Connections(api.stage, self.sockets),
            **({"vectors": self.vectors} if self.vectors else {}),
        }
        self.standins = stack.enter_context(contextlib.closing(StandInServer(standins, self._trouble)))
        self.functions = {name: self._pool(name, fleet) for name in self.deployed.functions}
        self.stored = Stored(self)
        self.router = Router(
            api, lambda name, event: self.functions[name].invoke(event), self.metrics, self._options.times
        )
        pages = site.Site(
            {
                "/ticket": lambda query: {"ticket": self.ticket(query.get("user", "somebody"))},
                "/stored": lambda query: self.stored.of(query.get("user", "somebody")),
                "/companion.json": lambda _: self._told(),
                "/protocol.json": lambda _: self.protocol.schema if self.protocol else {},
            }
        )
        for source in self.deployed.mappings:
            stack.enter_context(contextlib.closing(self._source(source)))
        if self.protocol is None:
            self._trouble(f"the handlers carry no {protocol.NAME}: what they send to clients is not held against it")
        looking = threading.Thread(target=self._look, name="queues' metrics", daemon=True)
        looking.start()
        stack.callback(looking.join)
        stack.callback(self._stopped.set)
        self.gateway = stack.enter_context(
            contextlib.closing(Gateway(self.router, self.sockets, self._options.limits, pages.page, self._options.port))
        )

    def _hear(self, text: str) -> None:
        """Hold a frame against the protocol."""
        for fault in self.protocol.faults_of_server(text) if self.protocol else ():
            self._trouble(f"a function sent what is no frame of the protocol: {fault}")

    def _trouble(self, text: str) -> None:
        with self._lock:
            if text in self.troubles:
                return
            self.troubles.append(text)
        self._options.warn(text)

    def _pool(self, name: str, fleet: Fleet) -> FunctionPool:
        function = self.deployed.functions[name]
        return FunctionPool(
            function, fleet, self._variables(name), self._options.environments, self._least_seconds(), self._answered
        )

    def _least_seconds(self) -> Mapping[str, float]:
        """By service: what a call takes at the least, at its median."""
        named = ("dynamodb", "kms", "sqs", "apigatewaymanagementapi")
        known = self._options.times.quantiles
        return {name: known[name].at(0.5) for name in named if name in known}

    def _variables(self, name: str) -> dict[str, str]:
        """A function's environment: what was deployed, what Lambda adds, and where the services are on this machine."""
        function, api = self.deployed.functions[name], self.deployed.api
        variables = {
            **function.environment,
            "AWS_REGION": api.region,
            "AWS_DEFAULT_REGION": api.region,
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            # The emulated AWS books what is asked under the account that this names.
            "AWS_ACCESS_KEY_ID": api.account,
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_ENDPOINT_URL": self._aws.url,
            # Else botocore would look for the credentials of the machine.
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }
        variables |= {f"AWS_ENDPOINT_URL_{key}": self.standins.url(each) for each, key in _STOOD_IN.items()}
        variables["AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING"] = self.transcribe.url
        if "CONNECTIONS_ENDPOINT" in variables:
            variables["CONNECTIONS_ENDPOINT"] = f"{self.standins.url('connections')}/{api.stage}"
        if variables.get("VECTORS_ENDPOINT"):
            variables["VECTORS_ENDPOINT"] = self.standins.url("vectors")
        if variables.get("ENDPOINT_NAME"):
            raise GateError(f"{name} asks a model on SageMaker, which nothing stands in for: serve one on Bedrock")
        return variables

    def _vectors(self) -> Vectors | None:
        for function in self.deployed.functions.values():
            if function.environment.get("VECTORS_ENDPOINT"):
                serverless = function.environment["VECTORS_DELETE_BY_QUERY"] != "true"
                return Vectors(function.environment["VECTORS_INDEX"], serverless=serverless)
        return None

    def _source(self, source: EventSource) -> QueueSource | StreamSource:
        region, invoke = self.deployed.api.region, self.functions[source.function].invoke
        if source.service == "sqs":
            places = min(source.concurrency, self._options.environments)
            url = self.deployed.queues[source.source_arn]
            times = self._options.times
            return QueueSource(source, url, region, lambda: self.client("sqs"), invoke, places, times, self._trouble)
        return StreamSource(source, region, lambda: self.client("dynamodbstreams"), invoke, self._trouble)

    def _answered(self, done: Invocation) -> None:
        dimensions = {"FunctionName": done.function}
        self.metrics.add("AWS/Lambda", "Invocations", dimensions, 1)
        self.metrics.add("AWS/Lambda", "Duration", dimensions, done.seconds * 1000)
        if done.error is not None:
            self.metrics.add("AWS/Lambda", "Errors", dimensions, 1)
        self.metrics.add_lines(done.lines)
        self._options.tell(done)

    def _look(self) -> None:
        """Measure the queues until the end, and tell of each alarm that begins to ring."""
        sqs, rang = self.client("sqs"), set[str]()
        while not self._stopped.wait(_LOOK_SECONDS):
            for arn, url in self.deployed.queues.items():
                self._measure(sqs, arn.rpartition(":")[2], url)
            rings = set(self.ringing())
            for name in sorted(rings - rang):
                self._options.warn(f"alarm {name} rings")
            rang = rings

    def _measure(self, sqs: Any, name: str, url: str) -> None:
        try:
            told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        except Exception as error:
            self._trouble(f"the queue {name} cannot be measured, so its alarms mean nothing: {type(error).__name__}")
            return
        waiting = float(told["Attributes"]["ApproximateNumberOfMessages"])
        self.metrics.add("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": name}, waiting)

    def _variable(self, key: str, name: str) -> str:
        for function in self.deployed.functions.values():
            if function.key == key and function.environment.get(name):
                return function.environment[name]
        raise GateError(f"the companion's function {key} has no {name}: serve one of modules/companion")

    def _told(self) -> dict[str, Any]:
        """What the page needs to know."""
        voices = next(
            (each.environment["VOICES"] for each in self.deployed.functions.values() if each.environment.get("VOICES")),
            "",
        )
        return {"name": self._variable("worker", "COMPANION"), "stage": self.deployed.api.stage, "voices": voices}
