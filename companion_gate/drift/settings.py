"""Which settings bear on safety, and which way is stronger."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("settings.toml")
WAYS = ("higher", "lower", "true", "false", "set", "bounded", "changed")

GUARDS = frozenset(
    {
        "aws_bedrock_guardrail",
        "aws_bedrock_guardrail_version",
        "aws_cloudwatch_composite_alarm",
        "aws_cloudwatch_log_group",
        "aws_cloudwatch_metric_alarm",
        "aws_kms_key",
        "aws_s3_bucket_public_access_block",
        "aws_transcribe_vocabulary_filter",
        "aws_wafv2_web_acl",
        "aws_wafv2_web_acl_association",
    }
)
"""Types that are there to protect: taking one away is weaker by itself."""


class Direction(StrEnum):
    """What a change means for those who talk to the companion."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Setting:
    """One argument of a resource type; see ``settings.toml`` for what its fields mean.

    ``endless`` is a number that stands for no end, such as 0 for logs that are kept for ever.
    """

    name: str
    says: str
    type: str
    path: str
    better: str | tuple[str, ...]
    key: tuple[str, ...] = ()
    unit: str = ""
    absent: Any = None
    endless: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.better, str) and self.better not in WAYS:
            raise ValueError(f"{self.name}: better must be one of {', '.join(WAYS)}, or a list, not {self.better!r}")

    def direction(self, before: Any, after: Any) -> Direction:
        """What a change means; None is absent. Of values that it does not know the order of, any change is weaker."""
        before = self.absent if before is None else before
        after = self.absent if after is None else after
        if before == after or self.better == "changed":
            return Direction.NEUTRAL
        ranks = [self._rank(each) for each in (before, after)]
        if ranks[0] is None or ranks[1] is None:
            return Direction.WEAKER
        if ranks[0] == ranks[1]:
            return Direction.NEUTRAL
        return Direction.STRONGER if ranks[1] > ranks[0] else Direction.WEAKER

    def shown(self, value: Any) -> str:
        """A value for people."""
        value = self.absent if value is None else value
        if value is None:
            return "none"
        if value == self.endless or (self.better == "bounded" and _number(value) == -1):
            return "without end" if value == self.endless else "without bound"
        text = f"{value:g}" if isinstance(value, float) else str(value)
        text = text.lower() if isinstance(value, bool) else text
        return " ".join(f"{text} {self.unit}".split())

    def _rank(self, value: Any) -> float | None:
        """Higher is stronger; None: its place is not known."""
        if value is None:
            return float("-inf")
        if isinstance(self.better, tuple):
            equals = [each.split("|") for each in self.better]
            return next((float(rank) for rank, each in enumerate(equals) if value in each), None)
        if self.better == "set":
            return 1.0 if value not in ("", False) else 0.0
        if self.better in ("true", "false"):
            return float(_truth(value) == (self.better == "true")) if _truth(value) is not None else None
        number = _number(value)
        if number is None:
            return None
        if self.better == "bounded":
            return float(number >= 0)
        if value == self.endless:
            number = float("inf")
        return number if self.better == "higher" else -number


@lru_cache(maxsize=1)
def settings() -> Sequence[Setting]:
    """All settings. Raises ValueError for a table that is none."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(_setting(name, fields) for name, fields in data.items())


def _setting(name: str, fields: dict[str, Any]) -> Setting:
    values: dict[str, Any] = {
        field: tuple(value) if isinstance(value, list) else value for field, value in fields.items()
    }
    return Setting(name=name, **values)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _truth(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(value).lower())


def names() -> frozenset[str]:
    """Every name by which a waiver can mean a setting, and ``removed`` for a resource that is gone."""
    return frozenset({setting.name for setting in settings()} | {"removed"})
