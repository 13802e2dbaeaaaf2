"""What a failed comparison in a test says of its left side."""

from __future__ import annotations

from abc import ABC, abstractmethod


class Explained(ABC):
    """A value that tells a test more than its repr where a comparison with it fails.

    Its class may take long to import, which a run without such values is spared.
    """

    @property
    @abstractmethod
    def is_unknown(self) -> bool:
        """Whether there is nothing to compare, and so nothing to explain."""

    @abstractmethod
    def explain(self, operator: str, other: object) -> list[str]:
        """The lines of a failed comparison."""
