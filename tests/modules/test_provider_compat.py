"""The modules use nothing that provider 5.100 or 6.25 lacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion_gate.hcl.documents import Block, read_module

from .roots import MODULES, REPOSITORY

BOTH: dict[str, list[str]] = json.loads((REPOSITORY / "tests/data/provider_compat.json").read_text())["resources"]
FOLDERS = sorted({file.parent for file in MODULES.rglob("*.tf")})
# Terraform's own arguments and blocks of a resource (Terraform docs: resource block reference).
_META_ARGUMENTS = {"count", "depends_on", "for_each", "provider"}
_META_BLOCKS = {"connection", "lifecycle", "provisioner"}


def _paths(block: Block, prefix: str = "") -> Iterator[str]:
    yield from (prefix + attribute.name for attribute in block.attributes)
    for inner in block.blocks:
        content = next((part for part in inner.blocks if part.kind == "content"), inner)
        name = inner.name if inner.kind == "dynamic" else inner.kind
        yield prefix + name
        yield from _paths(content, f"{prefix}{name}.")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(MODULES)))
def test_arguments_exist_in_both_versions(folder: Path) -> None:
    unknown = [
        f"{resource.file.name}:{resource.line}: {resource.type} {path}"
        for resource in read_module(folder).resources
        for path in _paths(resource)
        if path not in _META_ARGUMENTS
        and path.split(".")[0] not in _META_BLOCKS
        and path not in BOTH.get(resource.type, ())
    ]
    assert unknown == []


def test_the_check_reads_what_it_should() -> None:
    used = {path for folder in FOLDERS for resource in read_module(folder).resources for path in _paths(resource)}
    assert {"on_demand_throughput.max_read_request_units", "content_policy_config.filters_config.type"} <= used
