"""Would the gate notice? Each declared weakening of each policy, done to a stack's plan, and what the policy says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aic_engine.graph import Graph
from aic_engine.rule import Rule, Verdict
from companion_gate.mutation.on_plan import Change, sites, weakened


class Fate(StrEnum):
    """What became of a weakening."""

    NOTICED = "noticed"
    SURVIVED = "survived"
    FAILS_ALREADY = "fails already"
    """The policy fails the resource as it is, so that a weaker one changes nothing."""

    NOT_APPLICABLE = "not applicable"
    """The policy says nothing of the resource: what is changed is of no account to it here."""


@dataclass(frozen=True)
class Mutant:
    """One weakening of one place; ``place`` is what was changed."""

    rule: Rule
    weakening: str
    place: str
    fate: Fate


def mutate(rules: Sequence[Rule], graph: Graph) -> Iterator[Mutant]:
    """Every mutant of a plan. What has no place in it makes none. Raises RuleError where a policy breaks."""
    for rule in rules:
        for weakening in rule.breaks:
            for changes in sites(weakening, graph):
                place = ", ".join(".".join(filter(None, (resource.address, path))) for resource, path, _ in changes)
                yield Mutant(rule, weakening.sentence, place, fate(rule, changes, graph))


def fate(rule: Rule, changes: list[Change], graph: Graph) -> Fate:
    """What a policy says of a weakened graph."""
    before = _verdicts(rule, graph)
    with weakened(changes, graph) as weak:
        after = _verdicts(rule, weak)
    if any(verdict is Verdict.FAIL and before.get(address) is not verdict for address, verdict in after.items()):
        return Fate.NOTICED
    # Where the policy judges other resources than those that are changed, any of its verdicts may be about them.
    changed = {before[resource.address] for resource, _, _ in changes if resource.address in before}
    concerned = changed or set(before.values())
    if Verdict.FAIL in concerned:
        return Fate.FAILS_ALREADY
    return Fate.SURVIVED if Verdict.PASS in concerned or Verdict.UNKNOWN in concerned else Fate.NOT_APPLICABLE


def _verdicts(rule: Rule, graph: Graph) -> dict[str, Verdict]:
    return {finding.address: finding.verdict for finding in rule.evaluate(graph)}
