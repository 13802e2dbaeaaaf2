"""Plans many cases in one generated root, and gives each case the outcome that planning it alone would give.

Every case is a module call with a tree of its own, so that Terraform's diagnostics name the case by the files they
point to. Its inputs go through a root variable: their types survive, and Terraform checks them when it plans, as it
does with those of a root, so that one case's refusal does not hide another's.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from companion_gate.errors import GateError
from companion_gate.terraform.attribution import Member, is_certain
from companion_gate.terraform.batch_root import CALL, BatchRoot, Head, head_of
from companion_gate.terraform.diagnostics import Diagnostic, TerraformFailed, in_order
from companion_gate.terraform.hoist import hoisted
from companion_gate.terraform.nesting import why_a_root, why_not_these
from companion_gate.terraform.plan import PlanRun, make_plan, root_text
from companion_gate.terraform.safety import safe
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import Workspace

Place: TypeAlias = Callable[[Path], Workspace]
Outcome: TypeAlias = PlanRun | GateError
# Terraform's own work grows faster than the number of resources.
_MOST = 50


@dataclass(frozen=True)
class BatchCase:
    """A folder with inputs. `place` puts it, not isolated, into an empty folder; cases of one folder share it.

    `provider` is the HCL of the provider block that the folder leaves to its caller; none where it is empty.
    """

    name: str
    place: Place
    inputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    provider: str = ""

    def root(self, session: TerraformSession) -> Workspace:
        """The case as a root of its own."""
        workspace = self.place(session.new_folder())
        if self.provider:
            file = workspace.root / "provider.tf"
            while file.is_symlink():
                # It leads to a file of the user's.
                file = file.with_name(f"_{file.name}")
            file.write_text(self.provider, encoding="utf-8")
        return workspace


def plan_together(cases: Sequence[BatchCase], session: TerraformSession) -> dict[str, Outcome]:
    """The plan of each case by its name, or the error that planning it alone would raise.

    Raises GateError itself only for no case at all, and for two cases of one name.
    """
    if not cases:
        raise GateError("there is no case to plan; name at least one")
    if twice := [name for name, count in Counter(case.name for case in cases).items() if count > 1]:
        raise GateError(f"two cases are called {twice[0]}; give each a name of its own")
    outcomes = _Batch(session).outcomes(cases)
    return {case.name: outcomes[case.name] for case in cases}


class _Batch:
    """One call of `plan_together`."""

    def __init__(self, session: TerraformSession) -> None:
        self._session = session
        self._outcomes: dict[str, Outcome] = {}
        # By `place`, because they do not depend on inputs.
        self._tried: dict[Place, Workspace | GateError] = {}
        self._reasons: dict[Place, str] = {}
        self._failed_inits: dict[Place, TerraformFailed] = {}

    def outcomes(self, cases: Iterable[BatchCase]) -> dict[str, Outcome]:
        """The outcome of each case; those that may share a root are planned in one."""
        groups: dict[Head, list[BatchCase]] = defaultdict(list)
        for case in cases:
            workspace = self._try(case)
            if isinstance(workspace, GateError):
                self._outcomes[case.name] = workspace
            elif self._must_be_alone(case, workspace):
                self._alone(case)
            else:
                groups[head_of(workspace, case.provider)].append(case)
        for head, members in groups.items():
            for start in range(0, len(members), _MOST):
                self._together(head, members[start : start + _MOST])
        return self._outcomes

    def _try(self, case: BatchCase) -> Workspace | GateError:
        """The case's folder in a workspace to look at, or why Terraform must not be started on it."""
        if case.place not in self._tried:
            try:
                self._tried[case.place] = safe(case.place(self._session.new_folder()), self._session.providers)
            except GateError as error:
                self._tried[case.place] = error
        return self._tried[case.place]

    def _must_be_alone(self, case: BatchCase, workspace: Workspace) -> bool:
        lane = self._session.fast_lane
        if lane is not None and lane.on_file:
            # A recording answers for the types of exactly those roots that it was made of.
            return True
        if case.place not in self._reasons:
            self._reasons[case.place] = why_a_root(workspace)
        return bool(self._reasons[case.place] or why_not_these(workspace, case.inputs, self._session.env))

    def _alone(self, case: BatchCase) -> None:
        if case.place in self._failed_inits:
            self._outcomes[case.name] = self._failed_inits[case.place]
            return
        try:
            self._outcomes[case.name] = make_plan(case.root(self._session), self._session, case.inputs)
        except GateError as error:
            self._outcomes[case.name] = error
            if isinstance(error, TerraformFailed) and error.command == "init":
                self._failed_inits[case.place] = error

    def _together(self, head: Head, cases: Sequence[BatchCase]) -> None:
        if len(cases) == 1:
            self._alone(cases[0])
            return
        root = BatchRoot(head, self._session)
        self._rounds(root, [(case, root.add(case.place, case.inputs)) for case in cases])

    def _rounds(self, root: BatchRoot, pairs: list[tuple[BatchCase, Member]]) -> None:
        """Plan until what is left is accepted. What no case can be blamed for is narrowed down by halves."""
        while len(pairs) > 1:
            members = [member for _, member in pairs]
            workspace, values = root.calling(members)
            refused: dict[str, list[Diagnostic]] = {}
            try:
                run = make_plan(workspace, self._session, values)
            except TerraformFailed as failed:
                refused = _by_call(failed.diagnostics, members)
                certain = failed.command == "plan" and failed.returncode == 1
            except GateError:
                certain = False
            else:
                warned = _by_call(run.warnings, members)
                # What is of nobody is of the provider block, which all share.
                shared = [each for each in run.warnings if not any(member.caused(each) for member in members)]
                for case, member in pairs:
                    self._accept(case, member, run, len(pairs), warned[member.call] + shared)
                return
            if not refused:
                half = len(pairs) // 2
                self._rounds(root, pairs[:half])
                self._rounds(root, pairs[half:])
                return
            for case, member in pairs:
                if member.call in refused:
                    self._refuse(case, member, refused[member.call], certain)
            pairs = [(case, member) for case, member in pairs if member.call not in refused]
        for case, _ in pairs:
            self._alone(case)

    def _accept(
        self, case: BatchCase, member: Member, run: PlanRun, count: int, warnings: Iterable[Diagnostic]
    ) -> None:
        try:
            plan = hoisted(run.json, member.call)
        except GateError:
            self._alone(case)
            return
        if CALL in json.dumps(plan):
            # A path of the root's has come into a value.
            self._alone(case)
            return
        inside = [key for key in run.folders if key == member.call or key.startswith(f"{member.call}.")]
        folders = {
            key.removeprefix(member.call).removeprefix("."): member.workspace.original(run.folders[key])
            for key in inside
        }
        if folders.get("") == member.workspace.root:
            del folders[""]
        self._outcomes[case.name] = replace(
            run,
            json=plan,
            folders=folders,
            root_text=root_text(member.workspace),
            seconds_init=run.seconds_init / count,
            seconds_plan=run.seconds_plan / count,
            warnings=tuple(self._told(member, warnings)),
        )

    def _refuse(self, case: BatchCase, member: Member, found: Sequence[Diagnostic], certain: bool) -> None:
        if certain and all(map(is_certain, found)):
            self._outcomes[case.name] = TerraformFailed("plan", 1, self._told(member, found))
        else:
            self._alone(case)

    def _told(self, member: Member, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        told = (member.alone(each, self._session.env) for each in found)
        return in_order(dict.fromkeys(told))


def _by_call(diagnostics: Iterable[Diagnostic], members: Iterable[Member]) -> dict[str, list[Diagnostic]]:
    """The diagnostics that are surely of a member, by its call."""
    found: dict[str, list[Diagnostic]] = defaultdict(list)
    for member in members:
        for each in diagnostics:
            if member.caused(each):
                found[member.call].append(each)
    return found
