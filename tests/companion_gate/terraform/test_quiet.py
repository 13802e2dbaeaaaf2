"""Roots that ask AWS nothing are planned with a provider that asks nothing, and nobody can tell from the plan."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from companion_gate.aws.server import EmbeddedAws
from companion_gate.fastlane.lane import FastLane
from companion_gate.gate.stack import Case, cases_of
from companion_gate.terraform import plan as planning
from companion_gate.terraform.plan import TerraformFailed, TerraformSession, make_plan
from companion_gate.terraform.quiet import needs_aws
from companion_gate.terraform.workspace import mirror
from tests.companion_gate.fastlane.plans import comparable

from .conftest import WriteTree

REPOSITORY = Path(__file__).resolve().parents[3]
CASES = [
    case
    for folder in ("modules", "examples")
    for stack in sorted((REPOSITORY / folder).iterdir())
    if any(stack.glob("*.tf"))
    for case in cases_of(stack)
]
PROVIDER = 'provider "aws" {\n  region = "eu-central-1"\n}\n'
QUEUE = 'resource "aws_sqs_queue" "turns" {\n  name = "turns"\n}\n'
DOMAIN = """
resource "aws_opensearch_domain" "memory" {
  domain_name    = "memory"
  engine_version = "OpenSearch_2.19"
}
"""
CALLER = 'data "aws_caller_identity" "me" {}\noutput "account" {\n  value = data.aws_caller_identity.me.account_id\n}\n'
CHECK = 'check "c" {\n  assert {\n    condition     = true\n    error_message = "No."\n  }\n}\n'


def provider(*settings: str, alias: str = "") -> str:
    lines = [f'alias = "{alias}"'] if alias else []
    return 'provider "aws" {\n' + "".join(f"  {line}\n" for line in ['region = "us-east-1"', *lines, *settings]) + "}\n"


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": PROVIDER + QUEUE},
        {"main.tf": QUEUE},
        {"main.tf": PROVIDER + provider(alias="edge") + QUEUE},
        {"main.tf": PROVIDER + 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": QUEUE},
        {"main.tf": provider("skip_credentials_validation = true") + QUEUE},
        {"main.tf": PROVIDER + 'data "terraform_remote_state" "x" {\n  backend = "local"\n}\n'},
        {"main.tf": PROVIDER + CHECK},
    ],
    ids=["plain", "no-provider-block", "alias", "module", "quiet-already", "remote-state", "check"],
)
def test_root_that_needs_no_aws(tree: WriteTree, files: dict[str, str]) -> None:
    assert not needs_aws(tree(files))


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": PROVIDER + CALLER},
        {"main.tf": PROVIDER + 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": CALLER},
        {"main.tf": PROVIDER + 'check "c" {\n  data "aws_caller_identity" "me" {}\n}\n'},
        {"main.tf": PROVIDER + 'ephemeral "aws_secretsmanager_secret_version" "x" {\n  secret_id = "x"\n}\n'},
        {"main.tf": PROVIDER + QUEUE + 'import {\n  to = aws_sqs_queue.turns\n  id = "turns"\n}\n'},
        {"main.tf": PROVIDER + 'module "m" {\n  source = "git::https://example.com/m"\n}\n'},
        {"main.tf": provider('allowed_account_ids = ["123456789012"]') + QUEUE},
        {"main.tf": PROVIDER + provider('forbidden_account_ids = ["1"]', alias="edge") + QUEUE},
        {"main.tf": provider("skip_requesting_account_id = var.quiet") + QUEUE},
        {"main.tf": PROVIDER + QUEUE, "a_override.tf": provider("skip_requesting_account_id = false")},
        {"main.tf": PROVIDER + 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": PROVIDER + QUEUE},
        {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": QUEUE},
        {"main.tf": provider(alias="edge") + QUEUE.replace("{\n", "{\n  provider = aws.edge\n")},
        {"main.tf": PROVIDER + QUEUE + 'provider "amazon" {}\n'},
        {"main.tf": PROVIDER + QUEUE + 'action "aws_lambda_invoke" "x" {}\n'},
    ],
    ids=[
        "data",
        "data-in-module",
        "data-in-check",
        "ephemeral",
        "import",
        "remote-module",
        "allowed-accounts",
        "forbidden-accounts",
        "setting-by-variable",
        "setting-in-override-file",
        "provider-in-module",
        "provider-of-a-module-alone",
        "only-an-alias",
        "other-provider",
        "unknown-kind-of-block",
    ],
)
def test_root_that_may_need_aws(tree: WriteTree, files: dict[str, str]) -> None:
    assert needs_aws(tree(files))


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    """One whose sessions stay open; a test that counts what it was asked starts its own."""
    with EmbeddedAws() as server:
        yield server


@pytest.fixture(scope="module")
def fast_session(aws: EmbeddedAws) -> Iterator[TerraformSession]:
    with TerraformSession.open(endpoint_url=aws.url) as session, FastLane(session) as lane:
        session.fast_lane = lane
        yield session


@pytest.fixture
def both_ways(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], tuple[Any, Any]]:
    """What a plan is by the quiet provider, and what it is by one that asks AWS."""

    def make(plan: Callable[[], Any]) -> tuple[Any, Any]:
        quiet = plan()
        with monkeypatch.context() as patch:
            patch.setattr(planning, "needs_aws", lambda _: True)
            return quiet, plan()

    return make


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.stack.name}::{case.name}")
def test_every_module_and_example_plans_the_same_both_ways(
    fast_session: TerraformSession, case: Case, both_ways: Callable[..., tuple[Any, Any]]
) -> None:
    assert not needs_aws(case.workspace(fast_session).root)
    quiet, asking = both_ways(lambda: make_plan(case.workspace(fast_session), fast_session))
    assert comparable(quiet.json) == comparable(asking.json)
    assert quiet.json["resource_changes"]
    assert quiet.warnings == asking.warnings


@pytest.mark.parametrize(
    "text",
    [
        QUEUE,
        provider("skip_credentials_validation = true", "skip_requesting_account_id = true") + QUEUE,
        provider() + provider("skip_metadata_api_check = true", alias="edge") + QUEUE,
    ],
    ids=["no-provider-block", "settings-of-the-user", "settings-of-an-alias"],
)
def test_settings_of_the_user_stay_in_the_plan_and_ours_do_not(
    fast_session: TerraformSession, tree: WriteTree, text: str, both_ways: Callable[..., tuple[Any, Any]]
) -> None:
    root = tree({"main.tf": text})
    quiet, asking = both_ways(lambda: make_plan(mirror(root, fast_session.new_folder()), fast_session))
    assert comparable(quiet.json) == comparable(asking.json)
    configured = quiet.json["configuration"]["provider_config"].values()
    named = [name for config in configured for name in config.get("expressions", {}) if name.startswith("skip_")]
    assert len(named) == text.count("skip_")


PLAN = """
import sys
from pathlib import Path
from companion_gate.aws.server import EmbeddedAws
from companion_gate.fastlane.lane import FastLane
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import mirror
for root in map(Path, sys.argv[1:]):
    with EmbeddedAws() as aws, TerraformSession.open(endpoint_url=aws.url) as session, FastLane(session) as lane:
        session.fast_lane = lane
        run = make_plan(mirror(root, session.new_folder()), session)
        account = run.json["planned_values"].get("outputs", {}).get("account", {}).get("value")
        print(root.name, aws.asked, aws.loaded, "moto" in sys.modules, account, aws.gaps, run.not_fast)
"""


def test_only_what_has_to_ask_asks(tree: WriteTree) -> None:
    roots = {"queue": QUEUE, "domain": DOMAIN, "caller": CALLER}
    checkout = tree({f"{name}/main.tf": PROVIDER + text for name, text in roots.items()})
    # A process of its own, because a server of this one may hold something.
    folders = [str(checkout / name) for name in roots]
    done = subprocess.run([sys.executable, "-c", PLAN, *folders], capture_output=True, text=True, check=False)
    assert [line.rstrip() for line in done.stdout.splitlines()] == [
        "queue False False False None []",
        "domain True False False None []",
        "caller True True True 123456789012 []",
    ], done.stderr


def test_a_region_that_does_not_exist_is_refused(fast_session: TerraformSession, tree: WriteTree) -> None:
    root = tree({"main.tf": PROVIDER.replace("central", "centrl") + QUEUE})
    with pytest.raises(TerraformFailed, match="invalid AWS Region: eu-centrl-1"):
        make_plan(mirror(root, fast_session.new_folder()), fast_session)


def test_a_workspace_that_is_to_ask_again_does(fast_session: TerraformSession, tree: WriteTree) -> None:
    workspace = mirror(tree({"main.tf": QUEUE}), fast_session.new_folder())
    before = {path.name: path.read_text() for path in workspace.root.iterdir() if path.is_file()}
    workspace.isolate(aws_calls=False)
    assert "skip_requesting_account_id" in (workspace.root / "companion_gate_provider.tf").read_text()
    workspace.isolate(aws_calls=True)
    assert {path.name: path.read_text() for path in workspace.root.iterdir() if path.is_file()} == before
