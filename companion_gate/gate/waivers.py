"""Waivers: findings that somebody answers for, until a day that is named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from aic_engine.rule import Finding, Rule
from companion_gate.drift.settings import names
from companion_gate.errors import GateError
from companion_gate.gate.options import WAIVERS

LONGEST = timedelta(days=90)
"""From today to the last day of a waiver: what is needed for longer is a decision about the policy, not a waiver."""

SOON = timedelta(days=14)

DRIFT = "drift:"
"""How the policy of a waiver begins that answers for a weaker setting: ``drift:memory-retention``."""

FIELDS = ("policy", "stack", "address", "owner", "reason", "ticket", "expires")
_KEYS = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True)
class Waiver:
    """One policy, on one resource of one stack, until the end of ``expires``."""

    policy: str
    stack: Path
    address: str
    owner: str
    reason: str
    ticket: str
    expires: date
    number: int
    """Its place in the file, from 1."""

    def __str__(self) -> str:
        return f"{self.policy} on {self.address} until {self.expires} ({self.owner}, {self.ticket}): {self.reason}"

    def covers(self, rule: Rule, finding: Finding) -> bool:
        """HCL knows a block without the keys of its instances, a plan knows each instance."""
        own = self.address if _KEYS.search(finding.address) else _KEYS.sub("", self.address)
        return self.policy in (rule.name, rule.id) and finding.address == own

    def covers_skip(self, rule_id: str, resource: str, rules: Iterable[Rule]) -> bool:
        """Whether it answers for a comment in the sources that switches a policy off."""
        names = {name for rule in rules if rule.id == rule_id for name in (rule.id, rule.name)}
        return self.policy in names and _KEYS.sub("", self.address) == _KEYS.sub("", resource)


@dataclass(frozen=True)
class Waivers:
    """The waivers of a run, and the day on which it is made."""

    all: tuple[Waiver, ...]
    today: date

    def of(self, stack: Path) -> tuple[Waiver, ...]:
        return tuple(waiver for waiver in self.all if waiver.stack == stack)

    def covering(self, stack: Path, rule: Rule, finding: Finding) -> Waiver | None:
        """The waiver that covers a finding today; one that has expired covers nothing."""
        found = (each for each in self.of(stack) if each.covers(rule, finding) and each.expires >= self.today)
        return next(found, None)

    def covers_skip(self, stack: Path, rule_id: str, resource: str, rules: Sequence[Rule]) -> bool:
        """Whether a comment in the sources that switches a policy off has a waiver today."""
        return any(each.covers_skip(rule_id, resource, rules) and each.expires >= self.today for each in self.of(stack))

    def faults(self, waiver: Waiver, used: bool) -> list[str]:
        """Why a waiver must not stay as it is."""
        if waiver.expires < self.today:
            return [
                f"waiver {waiver.number} expired on {waiver.expires}: {waiver}; mend what it covers, or decide again"
            ]
        # What a change weakened is told from it alone: no single state of a stack shows that the waiver is used.
        if not used and not waiver.policy.startswith(DRIFT):
            return [f"waiver {waiver.number} covers nothing any more: {waiver}; take it out of {WAIVERS}"]
        return []

    def ends_soon(self, waiver: Waiver) -> bool:
        return self.today <= waiver.expires <= self.today + SOON


def read_waivers(file: Path, root: Path, rules: Sequence[Rule], today: date) -> Waivers:
    """The waivers of a file, none where it is not there. Raises GateError for anything in it that is not a waiver."""
    if not file.is_file():
        return Waivers((), today)
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GateError(f"{file.name} cannot be read as TOML: {error}; correct it") from error
    if unknown := sorted(set(data) - {"waiver"}):
        raise GateError(f"{file.name} holds {unknown[0]!r}; it takes [[waiver]] tables only")
    entries = data.get("waiver", [])
    if not isinstance(entries, list):
        raise GateError(f"{file.name}: write each waiver as a [[waiver]] table, with two brackets")
    known = {name for rule in rules for name in (rule.id, rule.name)}
    known |= {f"{DRIFT}{name}" for name in (*(rule.name for rule in rules), *names())}
    waivers = [_waiver(entry, number, file, root, known, today) for number, entry in enumerate(entries, 1)]
    seen: dict[tuple[str, Path, str], int] = {}
    for waiver in waivers:
        key = (waiver.policy, waiver.stack, waiver.address)
        if key in seen:
            raise GateError(f"{file.name}: waivers {seen[key]} and {waiver.number} are the same; keep one")
        seen[key] = waiver.number
    return Waivers(tuple(waivers), today)


def _waiver(entry: Mapping[str, Any], number: int, file: Path, root: Path, policies: set[str], today: date) -> Waiver:
    where = f"{file.name}: waiver {number}"
    for name in FIELDS:
        if name not in entry:
            raise GateError(f"{where} has no {name}; a waiver says {', '.join(FIELDS)}")
    if unknown := sorted(set(entry) - set(FIELDS)):
        raise GateError(f"{where} has {unknown[0]!r}, which means nothing; a waiver says {', '.join(FIELDS)}")
    expires = entry["expires"]
    if type(expires) is not date:
        raise GateError(f"{where}: expires must be a day without quotes, such as 2026-01-31, not {expires!r}")
    for name in FIELDS[:-1]:
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise GateError(f"{where}: {name} must be a text that says something")
    is_drift = entry["policy"].startswith(DRIFT)
    if (":".join(entry["policy"].split(":")[:2]) if is_drift else entry["policy"]) not in policies:
        raise GateError(f"{where}: there is no policy {entry['policy']!r}; name one by its id or its name")
    if "*" in entry["address"]:
        raise GateError(f"{where}: address must be one exact address; a pattern would cover what nobody has seen")
    if expires > today + LONGEST:
        raise GateError(
            f"{where}: expires {expires}, more than {LONGEST.days} days from {today}; choose an earlier day"
        )
    stack = (root / entry["stack"]).resolve()
    if not stack.is_dir():
        raise GateError(f"{where}: stack {entry['stack']!r} is no folder below {root.name}; correct it, or take it out")
    if not any(stack.glob("*.tf")):
        raise GateError(
            f"{where}: stack {entry['stack']!r} holds no .tf file, so the waiver covers nothing; take it out"
        )
    texts = {name: entry[name] for name in FIELDS if name not in ("stack", "expires")}
    return Waiver(**texts, stack=stack, expires=expires, number=number)
