"""Which policies are asked, and with which numbers: profiles with frozen membership, parameters that only tighten."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aic_engine.rule import Parameter, Rule, RuleError

FILE = Path(__file__).with_name("profiles.toml")
EVERYTHING = "strict"


@dataclass(frozen=True)
class Profile:
    """A named set of policies; ``says`` is for whom, in one sentence."""

    name: str
    says: str
    policies: frozenset[str]


def profiles() -> dict[str, Profile]:
    """All profiles by name, as ``profiles.toml`` holds them."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: Profile(name, each["says"], frozenset(each["policies"])) for name, each in data.items()}


def select(rules: Iterable[Rule], name: str) -> tuple[Rule, ...]:
    """The policies that a profile asks, and those that no profile knows. Raises RuleError for an unknown profile."""
    known = profiles()
    if name not in known:
        raise RuleError(f"there is no profile {name!r}; choose one of {', '.join(known)}")
    named = frozenset().union(*(profile.policies for profile in known.values()))
    return tuple(rule for rule in rules if rule.id in known[name].policies or rule.id not in named)


def checked_limits(rules: Iterable[Rule], wanted: Mapping[str, object]) -> dict[str, float]:
    """The numbers that a team set for parameters of policies.

    Raises RuleError, with the cure, for a name that no policy has, for what is no number, and for a number that would
    loosen a policy.
    """
    known: dict[str, tuple[Parameter, Rule]] = {each.name: (each, rule) for rule in rules for each in rule.parameters}
    limits: dict[str, float] = {}
    for name, value in wanted.items():
        if name not in known:
            raise RuleError(f"no policy has a parameter {name!r}; they are {', '.join(sorted(known))}")
        parameter, rule = known[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RuleError(f"parameter {name} must be a number of {parameter.unit}, not {value!r}")
        if not parameter.tightens(value):
            least = "at least" if parameter.floor else "at most"
            raise RuleError(
                f"parameter {name} = {value:g} would loosen {rule.name}, which asks for {least} "
                f"{parameter.default:g} {parameter.unit}; parameters only tighten: leave it out"
            )
        limits[name] = float(value)
    return limits
