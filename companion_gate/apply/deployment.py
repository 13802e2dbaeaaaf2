"""One root on an emulated AWS: applied, compared with what is there, destroyed, and how long each step took."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion_gate.apply.waits import shorten_waits
from companion_gate.terraform.configuration import module_blocks, module_closure
from companion_gate.terraform.driver import Terraform
from companion_gate.terraform.safety import safe
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import Workspace, copied

_UNCHANGED = (["no-op"], ["read"])


@dataclass(frozen=True)
class Waited:
    """How long Terraform was busy with one resource, in seconds."""

    address: str
    seconds: float


@dataclass(frozen=True)
class Step:
    """One command: wall seconds, CPU seconds of Terraform and its providers, and the resources in a row that nothing
    could have shortened: each waited for the one before it."""

    name: str
    seconds: float
    cpu_seconds: float
    chain: tuple[Waited, ...] = ()

    @property
    def waited(self) -> float:
        """Seconds that the provider took for the chain; the wall time cannot be less."""
        return sum(each.seconds for each in self.chain)


class Deployment:
    """A copy of a root in a session's private folder; nothing is written beside the user's files.

    `account` (twelve digits) is the account that it is deployed to; None: the emulator's default one.
    """

    def __init__(self, session: TerraformSession, root: Path, account: str | None = None) -> None:
        self.workspace: Workspace = safe(copied(root, session.new_folder()), session.providers)
        shorten_waits(self.workspace.root)
        self.terraform: Terraform = session.terraform(self.workspace, account)
        self.steps: list[Step] = []
        """What was done, in its order."""

    def init(self) -> None:
        """As ``terraform init``. Raises TerraformFailed, as every method here does where Terraform fails."""
        self.terraform.setup()

    def apply(self, variables: Mapping[str, Any] | None = None) -> Step:
        """As ``terraform apply``."""
        with self._timed("apply"):
            self.terraform.apply(tf_vars=variables)
        return self.steps[-1]

    def destroy(self, variables: Mapping[str, Any] | None = None) -> Step:
        """As ``terraform destroy``."""
        before = self._dependencies()
        with self._timed("destroy", before):
            self.terraform.destroy(tf_vars=variables)
        return self.steps[-1]

    def changes(self, variables: Mapping[str, Any] | None = None) -> list[str]:
        """What another plan would change: empty where the applied state holds ("update module.x.aws_y.z (ttl)").

        Names of arguments only, never their values, which may be secret.
        """
        with self._timed("plan"), self.terraform.planned(variables, lock=False) as (text, _):
            plan = json.loads(text)
        resources = [(change["address"], change["change"]) for change in plan.get("resource_changes", [])]
        outputs = [(f"output.{name}", change) for name, change in plan.get("output_changes", {}).items()]
        return [
            f"{'+'.join(change['actions'])} {address} ({', '.join(_differences(change))})"
            for address, change in resources + outputs
            if change["actions"] not in _UNCHANGED
        ]

    def outputs(self) -> dict[str, Any]:
        """The root's outputs as plain values."""
        return dict(self.terraform.output())

    def types(self) -> frozenset[str]:
        """The resource types that the root and its modules could deploy."""
        return frozenset(
            block.type
            for folder in module_closure(self.workspace.root)
            for block in module_blocks(folder)
            if block.kind == "resource"
        )

    def shown(self) -> dict[str, Any]:
        """The state's values as ``terraform show -json`` tells them, with what is sensitive in them."""
        values: dict[str, Any] = json.loads(self.terraform.execute_command("show", "-json").out).get("values", {})
        return values

    def resources(self) -> dict[str, list[dict[str, Any]]]:
        """The managed resources of the state by type: the attributes of each instance."""
        found: dict[str, list[dict[str, Any]]] = {}
        for managed in self._managed():
            found.setdefault(managed["type"], []).extend(each["attributes"] for each in managed["instances"])
        return found

    def _managed(self) -> list[dict[str, Any]]:
        file = self.workspace.root / "terraform.tfstate"
        state = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return [each for each in state.get("resources", []) if each["mode"] == "managed"]

    def _dependencies(self) -> dict[str, set[str]]:
        """Each managed resource of the state, without its index, to those that it depends on."""
        return {
            _config_address(each): {name for instance in each["instances"] for name in instance.get("dependencies", [])}
            for each in self._managed()
        }

    @contextmanager
    def _timed(self, name: str, before: Mapping[str, set[str]] | None = None) -> Iterator[None]:
        began, cpu = time.monotonic(), _children_cpu()
        self.terraform.hooks = []
        yield
        seconds, used = time.monotonic() - began, _children_cpu() - cpu
        # A resource is destroyed after those that depend on it.
        waits_for = self._dependencies() if before is None else _reversed(before)
        self.steps.append(Step(name, seconds, used, tuple(_chain(self.terraform.hooks, waits_for))))


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _differences(change: dict[str, Any]) -> list[str]:
    before, after = change.get("before"), change.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ["value"]
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _config_address(managed: Mapping[str, Any]) -> str:
    module = f"{managed['module']}." if "module" in managed else ""
    return _without_index(f"{module}{managed['type']}.{managed['name']}")


def _without_index(address: str) -> str:
    return "".join(part.partition("]")[2] if number else part for number, part in enumerate(address.split("[")))


def _reversed(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    backwards: dict[str, set[str]] = {name: set() for name in graph}
    for name, others in graph.items():
        for other in others:
            backwards.setdefault(other, set()).add(name)
    return backwards


def _chain(hooks: Iterable[Mapping[str, Any]], waits_for: Mapping[str, set[str]]) -> list[Waited]:
    """The resources that ended last, each with what it had waited for, in the order in which they were done."""
    done: dict[str, tuple[int, Waited]] = {}
    for position, hook in enumerate(each for each in hooks if each.get("type") == "apply_complete"):
        address = hook["hook"]["resource"]["addr"]
        done[_without_index(address)] = (position, Waited(address, float(hook["hook"]["elapsed_seconds"])))
    chain: list[Waited] = []
    candidates = set(done)
    while candidates:
        last = max(candidates, key=lambda name: done[name][0])
        chain.insert(0, done[last][1])
        candidates = waits_for.get(last, set()) & set(done)
    return chain
