"""What the command line and the ini file ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

WAIVERS = "companion-waivers.toml"
"""The file of waivers, in pytest's root folder."""

OPTIONS: pytest.StashKey[Options] = pytest.StashKey()


@dataclass(frozen=True)
class Options:
    """What the command line and the ini file ask for; ``stacks`` are absolute folders."""

    stacks: tuple[Path, ...]
    policies: Path
    aws: str
    aws_port: int
    plan_engine: str
    """``fast``: with a provider that keeps running, where that is sure to plan the same; ``stock``: plain Terraform."""
    items: tuple[str, ...] = ()
    """Ids of items, where only they were asked for."""
    asked_for: bool = True
    """False where the ini file alone names the stacks."""
    plan_record: Path | None = None
    """File for a recording of the provider's answers, so that the same plans can be made without a provider."""
    plan_replay: Path | None = None
    """Recording that answers in the provider's place; what it does not hold fails."""
    cache: Path | None = None
    """Folder of what earlier runs found; None: nothing is kept, and nothing kept is believed."""
    profile: str = "baseline"
    """Which policies are asked."""
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Numbers of policies that the team has tightened."""
    waivers: Path | None = None
    """File of waivers; it may be missing."""
    root: Path = Path()
    """pytest's root folder, to which a waiver's stack is relative."""
    record_resources: bool = False
    """Whether fixtures of pytest-terraform write what they applied beside the sources, for ``--tf-replay``."""
    reports: tuple[Path, ...] = ()
    """Files to write the report to, each in the format of its suffix."""
    shard: str = ""
    """``2/4``: only the second quarter of the stacks is judged; empty: all of them."""
    durations: tuple[Path, ...] = ()
    """JSON reports of earlier runs, by whose seconds shards are balanced."""
    providers: tuple[str, ...] = ()
    """Providers that Terraform may run beside hashicorp/aws, by their sources."""
