"""Weakens real stacks, and asks whether the policies notice."""

from pathlib import Path

REFERENCE = Path(__file__).parent.parent / "reference"
