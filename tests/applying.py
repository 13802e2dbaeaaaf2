"""A root that tests apply to the AWS of the run, and what its account held before."""

from __future__ import annotations

import contextlib
import functools
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion_gate.apply.deployment import Deployment, Step
from companion_gate.aws.inventory import inventory
from companion_gate.aws.target import AwsTarget
from companion_gate.errors import GateError
from companion_gate.gate.run import GateRun

REGION = "eu-central-1"
Client = Callable[[str], Any]
Record = Callable[[str, object], None]


@dataclass
class Applied:
    """A deployed root; `before` is what its account held before it."""

    name: str
    deployment: Deployment
    variables: Mapping[str, Any]
    aws: AwsTarget
    client: Client
    before: frozenset[str]
    began_cpu: float
    destroyed: bool = False

    @functools.cached_property
    def outputs(self) -> dict[str, Any]:
        return self.deployment.outputs()

    @functools.cached_property
    def types(self) -> frozenset[str]:
        """The resource types that were deployed."""
        return frozenset(type_ for type_, instances in self.deployment.resources().items() if instances)

    def held(self) -> frozenset[str]:
        """What the account holds beyond what it held before."""
        return inventory(self.client, self.deployment.types()) - self.before

    def changes(self) -> list[str]:
        return self.deployment.changes(self.variables)

    def destroy(self, record: Record) -> frozenset[str]:
        """What is left; with `record`, everything that a report about the root's life needs is kept with the test."""
        record("types", " ".join(sorted(self.types)))
        record("aws", self.aws.name)
        record("limits", "\n".join(self.aws.limits))
        self.destroyed = True
        self.deployment.destroy(self.variables)
        left = frozenset(each for each in self.held() if each.split(" ")[0] not in self.aws.leaves)
        record("left", len(left))
        record("steps", [_told(step) for step in self.deployment.steps])
        record("emulator", self._emulator())
        return left

    def _emulator(self) -> str:
        if self.aws.embedded is None:
            return self.aws.name
        calls = sum(self.aws.embedded.calls.count.values())
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cpu = time.process_time() - self.began_cpu
        again = sum(self.aws.embedded.calls.repeated.values())
        process = f"{cpu:.1f} CPU s and at most {memory:.0f} MiB in the tests' process"
        return f"{calls} calls ({again} answered twice), {process}"


def _told(step: Step) -> dict[str, object]:
    chain = " > ".join(f"{each.address.split('module.')[-1]} {each.seconds:.0f} s" for each in step.chain)
    return {
        "name": step.name,
        "seconds": step.seconds,
        "cpu": step.cpu_seconds,
        "waited": step.waited,
        "chain": chain,
    }


@contextlib.contextmanager
def applied_root(
    run: GateRun,
    root: Path,
    account: str,
    surround: Callable[[Client], Mapping[str, Any]] = lambda client: {},
    prepare: Callable[[Path], None] = lambda root: None,
) -> Iterator[Applied]:
    """A root, applied; destroyed when the context ends, if no test did it.

    `surround` makes what the root expects to find, and gives the variables that name it; `prepare` may change the copy
    that is applied.
    """
    began = time.process_time()
    client = functools.partial(_client, run.aws, account)
    variables = surround(client)
    deployment = Deployment(run.session, root, account)
    prepare(deployment.workspace.root)
    deployment.init()
    before = inventory(client, deployment.types())
    made = Applied(root.name, deployment, variables, run.aws, client, before, began)
    try:
        deployment.apply(variables)
    except GateError:
        # Why the apply failed is what matters.
        with contextlib.suppress(GateError):
            deployment.destroy(variables)
        raise
    try:
        yield made
    finally:
        if not made.destroyed:
            deployment.destroy(variables)


def _client(aws: AwsTarget, account: str, service: str) -> Any:
    return aws.client(service, REGION, account)
