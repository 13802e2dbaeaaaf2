"""A provider that asks AWS nothing of its own accord, for roots whose plan is the same without an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from companion_gate.hcl.syntax import Block
from companion_gate.terraform.configuration import attribute_value, local_source, module_blocks, module_closure

OVERRIDE_FILE = "companion_gate_override.tf"
PROVIDER_FILE = "companion_gate_provider.tf"
OWN_FILES = (OVERRIDE_FILE, PROVIDER_FILE)
"""Ends of the names of files that the gate puts into a workspace."""

# AWS provider docs, "Argument Reference": with these a plan of a root without data sources makes no AWS call, but for
# resources that ask while they are planned (aws_opensearch_domain). The region is validated without one.
_QUIET = ("skip_credentials_validation", "skip_metadata_api_check", "skip_requesting_account_id")
# With these the provider compares the account that it asks AWS for, and a plan must fail where it is another.
_ACCOUNT_CHECKS = frozenset({"allowed_account_ids", "forbidden_account_ids"})
# Of these blocks, and of no others, it is sure that the provider need not know the account to plan them.
_PLANNED_ALONE = frozenset({"terraform", "variable", "locals", "output", "resource", "moved", "removed"})


def needs_aws(root: Path) -> bool:
    """Whether a plan of the root and the modules it calls can hold what only AWS knows: a data source, an import.

    Also where quiet settings would change what the configuration says of its providers.
    """
    own, *called = [module_blocks(folder) for folder in module_closure(root)]
    return (
        not _names_default_provider(own)
        or any(map(_asks, own))
        or any(block.kind == "provider" or _asks(block) for blocks in called for block in blocks)
    )


def quiet_files(root: Path) -> dict[str, str]:
    """Texts that make the root's AWS providers quiet, by the name of the file of the gate that they belong into."""
    aliases = [_alias(block) for block in _providers(root) if not block.file.name.endswith("override.tf")]
    files = {OVERRIDE_FILE: "".join(map(_quiet_provider, aliases))}
    if None not in aliases and _uses_aws(root):
        # An override cannot add a provider block, only change one.
        files[PROVIDER_FILE] = _quiet_provider(None)
    return files


def hide_quiet_settings(plan: dict[str, Any], root: Path) -> None:
    """Take out of a plan's JSON what `quiet_files` put in, so that nobody takes it for the user's."""
    written = {(_alias(block), attribute.name) for block in _providers(root) for attribute in block.attributes}
    for config in plan.get("configuration", {}).get("provider_config", {}).values():
        if config["name"] != "aws" or "module_address" in config:
            continue
        alias = f'"{config["alias"]}"' if "alias" in config else None
        expressions = config.get("expressions", {})
        for name in _QUIET:
            if (alias, name) not in written:
                expressions.pop(name, None)
        if not expressions:
            config.pop("expressions", None)


def _asks(block: Block) -> bool:
    if block.kind == "provider":
        return block.type not in ("aws", "terraform") or not _may_be_quiet(block)
    if block.kind == "module":
        return local_source(block) is None
    if block.kind == "check":
        return any(inner.kind == "data" and _asks(inner) for inner in block.blocks)
    if block.kind == "data":
        return block.type != "terraform_remote_state"
    return block.kind not in _PLANNED_ALONE


def _may_be_quiet(provider: Block) -> bool:
    settings = (attribute_value(provider, name) for name in _QUIET)
    return all(value is None or value.text == "true" for value in settings) and not any(
        provider.attribute(name) for name in _ACCOUNT_CHECKS
    )


def _names_default_provider(root: Iterable[Block]) -> bool:
    """Whether the root has a default AWS provider already: one more would take over the resources of its modules."""
    return any(
        (block.key == ("provider", "aws") and _alias(block) is None)
        or (block.kind == "resource" and block.type.startswith("aws_") and not block.attribute("provider"))
        for block in root
    )


def _providers(root: Path) -> Iterator[Block]:
    """The user's own blocks of AWS providers in the root, override files included."""
    for block in module_blocks(root):
        if block.key == ("provider", "aws") and not block.file.name.endswith(OWN_FILES):
            yield block


def _alias(provider: Block) -> str | None:
    """The alias as HCL text, None for the default provider."""
    alias = attribute_value(provider, "alias")
    return alias.text if alias else None


def _quiet_provider(alias: str | None) -> str:
    settings = "".join(f"  {name} = true\n" for name in _QUIET)
    return 'provider "aws" {\n' + (f"  alias = {alias}\n" if alias else "") + settings + "}\n"


def _uses_aws(root: Path) -> bool:
    blocks = (block for folder in module_closure(root) for block in module_blocks(folder))
    return any(block.kind in {"resource", "data"} and block.type.startswith("aws_") for block in blocks)
