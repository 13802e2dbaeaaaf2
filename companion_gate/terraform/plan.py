"""Init, plan and show of one workspace, as data."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from companion_gate.errors import GateError
from companion_gate.fastlane.lane import Fallback, FastPlan
from companion_gate.hcl.documents import read_file, read_text
from companion_gate.terraform.configuration import attribute_value, literal
from companion_gate.terraform.diagnostics import Diagnostic, TerraformFailed
from companion_gate.terraform.driver import Terraform
from companion_gate.terraform.quiet import hide_quiet_settings, needs_aws
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import Workspace

__all__ = ["Diagnostic", "PlanRun", "TerraformFailed", "TerraformSession", "make_plan", "refusals"]


@dataclass(frozen=True)
class PlanRun:
    """A plan as `terraform show -json` tells it; times are wall-clock seconds, plan's with show's.

    `folders` are the user's module folders by address without "module." and instance keys ("" is the root, absent where
    it was generated and only `root_text`, its HCL, tells of it). `provider_versions` maps addresses such as
    "registry.terraform.io/hashicorp/aws" to versions; `warnings` are Terraform's. `json` and `root_text` hold
    sensitive values in clear, so they are not part of the repr.
    """

    json: dict[str, Any] = field(repr=False)
    folders: Mapping[str, Path]
    root_text: str = field(repr=False)
    seconds_init: float
    seconds_plan: float
    terraform_version: str
    provider_versions: dict[str, str]
    provider_source: str
    not_fast: str = ""
    """Why the fast lane left the plan to plain Terraform; empty where it made it, or was not asked."""
    warnings: tuple[Diagnostic, ...] = ()
    kept: bool = False
    """Whether the plan was made by an earlier run, of the same content."""


def make_plan(workspace: Workspace, session: TerraformSession, variables: Mapping[str, Any] | None = None) -> PlanRun:
    """Init and plan the workspace. Raises TerraformFailed with diagnostics in terms of the user's files.

    In the session's fast lane where that takes the root, with the same result; otherwise by plain Terraform, and
    `not_fast` says why.
    """
    _isolate(workspace, session)
    fast = session.fast_lane.planned(workspace, variables) if session.fast_lane else None
    made = fast if isinstance(fast, FastPlan) else _plain(workspace, session, variables)
    try:
        plan = json.loads(made.show)
    except ValueError as error:
        raise GateError(
            f"terraform show of {workspace.source_root} gave no JSON ({error}); check the terraform on the PATH"
        ) from None
    # An errored plan can be shown too, but it holds only what came before the error.
    if plan.get("errored"):
        raise TerraformFailed("plan", 1, made.diagnostics, "the plan is incomplete")
    hide_quiet_settings(plan, workspace.root)
    return PlanRun(
        json=plan,
        folders=_module_folders(workspace),
        root_text=root_text(workspace),
        seconds_init=made.seconds_init,
        seconds_plan=made.seconds_plan,
        terraform_version=str(plan["terraform_version"]),
        provider_versions=made.provider_versions,
        provider_source=made.provider_source,
        not_fast=fast.reason if isinstance(fast, Fallback) else "",
        warnings=tuple(item for item in made.diagnostics if item.severity == "warning"),
    )


def _plain(workspace: Workspace, session: TerraformSession, variables: Mapping[str, Any] | None) -> FastPlan:
    """The plan of plain Terraform, in the form of the fast lane's."""
    terraform, seconds_init = _ready(workspace, session)
    started = time.perf_counter()
    with terraform.planned(variables, lock=False) as (text, diagnostics):
        seconds_plan = time.perf_counter() - started
    return FastPlan(
        show=text,
        diagnostics=diagnostics,
        provider_versions=_provider_versions(workspace),
        provider_source=session.cli_configs[terraform.init_env_used].description,
        seconds_init=seconds_init,
        seconds_plan=seconds_plan,
    )


def refusals(
    workspace: Workspace, session: TerraformSession, variables: Mapping[str, Any] | None = None
) -> list[Diagnostic]:
    """The error diagnostics of a plan that is expected to fail; empty when it succeeds.

    A failing init, and a plan that fails without a diagnostic, is no refusal: TerraformFailed.
    """
    _isolate(workspace, session)
    try:
        if session.fast_lane and isinstance(session.fast_lane.planned(workspace, variables), FastPlan):
            return []
        terraform, _ = _ready(workspace, session)
        with terraform.planned(variables, lock=False):
            return []
    except TerraformFailed as failed:
        if failed.command != "plan" or failed.returncode != 1 or not failed.diagnostics:
            raise
        return failed.diagnostics


def _isolate(workspace: Workspace, session: TerraformSession) -> None:
    workspace.isolate(aws_calls=session.endpoint_url is not None and needs_aws(workspace.root))


def _ready(workspace: Workspace, session: TerraformSession) -> tuple[Terraform, float]:
    terraform = session.terraform(workspace)
    started = time.perf_counter()
    with session.init_lock:
        terraform.init()
    return terraform, time.perf_counter() - started


def _module_folders(workspace: Workspace) -> dict[str, Path]:
    """Terraform docs do not describe the manifest; its form is that of Terraform 1.9 to 1.15."""
    manifest = workspace.root / ".terraform" / "modules" / "modules.json"
    entries = json.loads(manifest.read_text(encoding="utf-8"))["Modules"] if manifest.is_file() else []
    folders = {"": workspace.root} | {entry["Key"]: workspace.root / entry["Dir"] for entry in entries}
    originals = {key: workspace.original(folder) for key, folder in folders.items()}
    return {key: folder for key, folder in originals.items() if key or folder != workspace.root}


def root_text(workspace: Workspace) -> str:
    """The HCL of a generated root."""
    main = workspace.root / "main.tf"
    generated = workspace.original(workspace.root) == workspace.root
    return read_text(main) if generated and main.is_file() else ""


def _provider_versions(workspace: Workspace) -> dict[str, str]:
    lock_file = workspace.root / ".terraform.lock.hcl"
    if not lock_file.is_file():
        return {}
    versions = {block.name: literal(attribute_value(block, "version")) for block in read_file(lock_file).blocks}
    return {name: version for name, version in versions.items() if version}
