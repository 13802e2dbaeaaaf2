"""The gate for verbs that ask it something else than the merge gate's questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from companion_gate import POLICIES_FOLDER
from companion_gate.cache.store import user_cache_folder
from companion_gate.gate.options import WAIVERS, Options
from companion_gate.gate.run import GateRun, load_policies
from companion_gate.gate.stack import find_stacks


@contextmanager
def gate_run(folders: Sequence[Path], profile: str) -> Iterator[GateRun]:
    """A run on the embedded AWS, without pytest. Raises GateError for folders and profiles that are none."""
    stacks = find_stacks(folder.absolute() for folder in folders)
    options = Options(
        stacks,
        POLICIES_FOLDER,
        aws="embedded",
        aws_port=0,
        plan_engine="fast",
        profile=profile,
        waivers=Path.cwd() / WAIVERS,
        root=Path.cwd(),
        cache=user_cache_folder(),
    )
    run = GateRun(options, load_policies(POLICIES_FOLDER), date.today())
    try:
        yield run
    finally:
        run.close()
