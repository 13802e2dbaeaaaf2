"""Compares two resource graphs by what bears on safety."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Rule, Verdict
from aic_engine.values import Known, Unknown, Value
from companion_gate.drift.settings import GUARDS, Direction, Setting, settings

POLICY = "policy"
REMOVED = "removed"
_WORDS = {
    None: "not there",
    Verdict.PASS: "holds",
    Verdict.FAIL: "fails",
    Verdict.UNKNOWN: "not decided",
    Verdict.NOT_APPLICABLE: "not applicable",
}


@dataclass(frozen=True)
class Change:
    """One difference. ``subject`` is a setting's name, ``policy`` or ``removed``; ``policy`` names the policy."""

    direction: Direction
    subject: str
    address: str
    says: str
    before: str
    after: str
    policy: str = ""
    key: str = ""
    """Which of several blocks, such as ``SEXUAL``."""

    @property
    def id(self) -> str:
        """What a waiver names: ``drift:memory-retention``, ``drift:guardrail-output-strength:SEXUAL``."""
        return ":".join(filter(None, ("drift", self.policy or self.subject, self.key)))

    def __str__(self) -> str:
        return f"{self.says}: {self.before} → {self.after} ({self.address})"


def compare(before: Graph, after: Graph, rules: Sequence[Rule]) -> list[Change]:
    """Every difference that bears on safety, the weaker first. Raises RuleError where a policy breaks."""
    pairs = dict(_paired(before, after))
    found = [change for setting in settings() for change in _of_setting(setting, before, pairs)]
    found += _removed(before, pairs)
    found += _of_policies(before, after, pairs, rules)
    order = list(Direction)
    return sorted(found, key=lambda change: (order.index(change.direction), change.address, change.subject))


def _paired(before: Graph, after: Graph) -> Iterator[tuple[str, Resource | None]]:
    """Address before -> the resource after. Of a renamed one, the only other of its type with the same name in AWS."""
    now = {resource.address: resource for resource in after.resources}
    then = {resource.address: resource for resource in before.resources}
    new = [resource for address, resource in now.items() if address not in then]
    for address, resource in then.items():
        if address in now:
            yield address, now[address]
            continue
        same = [each for each in new if each.type == resource.type and _name(each) == _name(resource) != ""]
        yield address, same[0] if len(same) == 1 else None


def _name(resource: Resource) -> str:
    for argument in ("name", "bucket", "function_name", "alarm_name", "domain_name", "identifier"):
        value = resource.get(argument)
        if isinstance(value, Known) and isinstance(value.value, str):
            return value.value
    return ""


def _of_setting(setting: Setting, before: Graph, pairs: dict[str, Resource | None]) -> Iterator[Change]:
    for resource in before.of_type(setting.type):
        other = pairs[resource.address]
        if other is None:
            continue
        then, now = _values(setting, resource), _values(setting, other)
        for key in dict.fromkeys((*then, *now)):
            old, new = then.get(key), now.get(key)
            change = _change(setting, key, old, new, resource, other)
            if change is not None:
                yield change


def _change(
    setting: Setting, key: str, old: Value | None, new: Value | None, resource: Resource, other: Resource
) -> Change | None:
    says = setting.says.format(key=key) if "{key}" in setting.says else f"{setting.says} {key}".rstrip()
    if isinstance(new, Unknown) or isinstance(old, Unknown):
        if not isinstance(new, Unknown) or (isinstance(old, Unknown) and _same_origin(resource, other, setting)):
            if isinstance(new, Unknown):
                return None
            # What it was cannot be told, so neither whether it is weaker; policies judge what it is.
            now_is = setting.shown(_plain(new))
            return Change(Direction.NEUTRAL, setting.name, other.address, says, "not known", now_is, key=key)
        if isinstance(setting.better, str) and setting.better == "set":
            return None  # it is set, to something
        shown = "not known" if isinstance(old, Unknown) else setting.shown(_plain(old))
        return Change(
            Direction.WEAKER, setting.name, other.address, says, shown, "not known before it is applied", key=key
        )
    then, now = _plain(old), _plain(new)
    direction = setting.direction(then, now)
    if setting.shown(then) == setting.shown(now):
        return None
    texts = [setting.shown(then), setting.shown(now)]
    if other.is_sensitive(setting.path.split("[")[0]) or resource.is_sensitive(setting.path.split("[")[0]):
        texts = ["(sensitive value)", "another one"]
    return Change(direction, setting.name, other.address, says, texts[0], texts[1], key=key)


def _same_origin(resource: Resource, other: Resource, setting: Setting) -> bool:
    """Both unknown, from the same expression: no difference that could be seen."""
    path = setting.path.split("[*]")[0]
    return resource.expression(path) == other.expression(path)


def _plain(value: Value | None) -> object:
    return value.value if isinstance(value, Known) else None


def _values(setting: Setting, resource: Resource) -> dict[str, Value]:
    """The setting's values by the key of their block; of a setting without blocks, one without a key."""
    if not setting.key:
        return {"": resource.get(setting.path)}
    name, _, rest = setting.path.partition("[*]")
    count = resource.blocks(name)
    if not isinstance(count, int):
        return {"": count}
    found: dict[str, Value] = {}
    for at in range(count):
        keys = [resource.get(f"{name}[{at}].{key}") for key in setting.key]
        key = " ".join(str(each.value) if isinstance(each, Known) else "(not known)" for each in keys)
        # Two blocks of one key are two settings, which must not hide each other.
        found[f"{key} ({at})" if key in found else key] = resource.get(f"{name}[{at}]{rest}")
    return found


def _removed(before: Graph, pairs: dict[str, Resource | None]) -> Iterator[Change]:
    for resource in before.resources:
        if pairs[resource.address] is None:
            weaker = resource.type in GUARDS
            direction = Direction.WEAKER if weaker else Direction.NEUTRAL
            yield Change(direction, REMOVED, resource.address, resource.type, "deployed", "removed")


def _of_policies(
    before: Graph, after: Graph, pairs: dict[str, Resource | None], rules: Sequence[Rule]
) -> Iterator[Change]:
    """Policies that decide otherwise now, and those that fail what is new."""
    moved = {other.address: address for address, other in pairs.items() if other is not None}
    bad = (Verdict.FAIL, Verdict.UNKNOWN)
    for rule in rules:
        then = {finding.address: finding.verdict for finding in rule.evaluate(before)}
        for finding in rule.evaluate(after):
            was = then.get(moved.get(finding.address, ""))
            if finding.verdict in bad and was not in bad:
                direction = Direction.WEAKER
            elif was in bad and finding.verdict is Verdict.PASS:
                direction = Direction.STRONGER
            elif was is Verdict.PASS and finding.verdict is Verdict.NOT_APPLICABLE:
                direction = Direction.NEUTRAL
            else:
                continue
            says = f"policy {rule.name}"
            yield Change(
                direction, POLICY, finding.address, says, _WORDS[was], _WORDS[finding.verdict], policy=rule.name
            )
