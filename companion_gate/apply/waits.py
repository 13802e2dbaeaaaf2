"""Waits of the AWS provider that nothing here can shorten but an override file in a copied workspace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from companion_gate.terraform.configuration import module_blocks, module_closure

_SHORT = "5s"


def _timeouts(*operations: str) -> str:
    return "\n    ".join(["timeouts {", *(f'{operation} = "{_SHORT}"' for operation in operations)]) + "\n  }"


SHORTENED = {
    "aws_opensearch_domain": _timeouts("create", "update", "delete"),
    "aws_opensearch_domain_policy": _timeouts("update", "delete"),
    "aws_cloudfront_distribution": "wait_for_deployment = false",
}
"""Types whose waiter the AWS provider 5.100 begins with a long sleep, to the HCL that shortens it.

The emulated AWS is ready at once, and a sleep ends with its timeout. Measured: 10 minutes for a domain, 60 s for its
policy, 30 s for a distribution.
"""

_OVERRIDE = "companion_gate_waits_override.tf"


def shorten_waits(root: Path) -> None:
    """Write override files beside the blocks of a copied root and of the modules it calls."""
    for folder in module_closure(root):
        if overrides := "".join(_overrides(folder)):
            (folder / _OVERRIDE).write_text(overrides, encoding="utf-8")


def _overrides(folder: Path) -> Iterator[str]:
    for block in module_blocks(folder):
        if block.kind == "resource" and block.type in SHORTENED:
            yield f'resource "{block.type}" "{block.name}" {{\n  {SHORTENED[block.type]}\n}}\n'
