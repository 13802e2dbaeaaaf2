"""What Checkov loads from this folder: every policy below it, as Checkov checks."""

from pathlib import Path

from aic_engine.checkov_adapter import register

register(Path(__file__).parent)
