"""The plans of a run: what earlier runs kept, and the rest made together."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from companion_gate.cache.inputs import NotKept, PlanInputs, surroundings
from companion_gate.cache.plans import PlanCache
from companion_gate.cache.store import ContentCache
from companion_gate.errors import GateError, room_to_write
from companion_gate.gate.options import Options
from companion_gate.hcl.syntax import shown
from companion_gate.terraform.batch import BatchCase, Outcome, plan_together
from companion_gate.terraform.binary import find_terraform
from companion_gate.terraform.plan import PlanRun, TerraformSession


@dataclass(frozen=True)
class Wanted:
    """A case, and what its plan is made of; `inputs` may raise GateError, which is then the case's own trouble."""

    case: BatchCase
    inputs: Callable[[], PlanInputs]


class Planner:
    """`session` is called when Terraform is needed; without `store` nothing is kept; `tell` hears of long work."""

    def __init__(
        self,
        options: Options,
        store: ContentCache | None,
        session: Callable[[], TerraformSession],
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._options = options
        self._store = store
        self._session = session
        self._tell = tell

    def outcomes(self, wanted: Sequence[Wanted]) -> dict[str, Outcome]:
        """The plan of each case by its name, or the error of planning it.

        Raises GateError for what is wrong with all of them.
        """
        if self._cache is None or self._store is None:
            return self._made(wanted)
        # One process at a time, so that the others find it kept.
        with self._store.alone(" ".join(each.case.name for each in wanted)):
            kept = {each.case.name: run for each in wanted if (run := _kept(self._cache, each)) is not None}
            made = self._made([each for each in wanted if each.case.name not in kept])
            for each in wanted:
                outcome = made.get(each.case.name)
                if isinstance(outcome, PlanRun):
                    self._cache.put(each.inputs(), outcome)
        return {**kept, **made}

    def _made(self, wanted: Sequence[Wanted]) -> dict[str, Outcome]:
        if not wanted:
            return {}
        first, others = wanted[0].case.name.partition("::")[0], len(wanted) - 1
        self._tell(f"planning {shown(Path(first))}" + (f" and {others} more" if others else ""))
        with room_to_write():
            return plan_together([each.case for each in wanted], self._session())

    @cached_property
    def _cache(self) -> PlanCache | None:
        options = self._options
        if self._store is None or options.plan_record or options.plan_replay:
            return None
        try:
            around = surroundings(find_terraform(), os.environ, engine=options.plan_engine, aws=options.aws)
        except NotKept:
            return None
        return PlanCache(self._store, around)


def _kept(cache: PlanCache, wanted: Wanted) -> PlanRun | None:
    try:
        return cache.get(wanted.inputs())
    except GateError:
        return None  # planning says what is wrong
