"""``python -m companion_gate`` is the command ``companion-gate``."""

from __future__ import annotations

import sys

from companion_gate.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
