"""``companion-gate doctor``."""

from __future__ import annotations

import argparse

from companion_gate import doctor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "One line for each thing; what is missing is named, with the way to get it."


def run(options: argparse.Namespace) -> int:
    return doctor.main()
