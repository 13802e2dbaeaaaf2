"""The pytest plugin: ``pytest --stack DIR`` judges Terraform; fixtures give a team's own tests plans and an AWS."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pytest
from pytest_terraform import tf

from companion_gate import POLICIES_FOLDER
from companion_gate.cache.store import ContentCache, user_cache_folder
from companion_gate.errors import GateError
from companion_gate.explained import Explained
from companion_gate.gate.options import OPTIONS, WAIVERS, Options

if TYPE_CHECKING:
    from companion_gate.apply.fixture import HermeticFixture

pytest_plugins = ("companion_gate.fixtures",)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("companion-gate", "merge gate for AI-companion backends on AWS")
    group.addoption(
        "--stack",
        action="append",
        default=[],
        metavar="DIR",
        help="judge the Terraform root or module in DIR, or in each folder directly below it; may be repeated",
    )
    group.addoption(
        "--policies", metavar="DIR", default=None, help="folder of policies (default: the ones of companion-gate)"
    )
    group.addoption(
        "--aws",
        metavar="embedded|localstack|URL",
        default="embedded",
        help="the AWS that plans and applies talk to: embedded (default), localstack, or a URL on loopback",
    )
    group.addoption(
        "--aws-port", type=int, default=0, metavar="PORT", help="port of the embedded AWS (default: a free one)"
    )
    group.addoption(
        "--plan-engine",
        choices=("fast", "stock"),
        default="fast",
        help="fast (default): keep one provider process running; stock: plain Terraform for every plan",
    )
    group.addoption("--plan-record", metavar="FILE", help="record the provider's answers to this run's plans in FILE")
    group.addoption(
        "--plan-replay", metavar="FILE", help="plan from a recording, without a provider; never the default"
    )
    group.addoption(
        "--no-gate-cache",
        action="store_true",
        help="scan and plan everything anew, and keep nothing; --cache-clear forgets what was kept",
    )
    group.addoption(
        "--tf-record",
        action="store_true",
        help="write what @terraform fixtures applied beside their sources, for pytest-terraform's --tf-replay",
    )
    group.addoption(
        "--gate-profile",
        metavar="NAME",
        help="which policies are asked: seed, baseline (default), strict, minors, eu; also the ini gate_profile",
    )
    group.addoption(
        "--gate-waivers",
        metavar="FILE",
        default=None,
        help="findings that somebody answers for until a day (default: companion-waivers.toml in the root folder)",
    )
    group.addoption(
        "--gate-report",
        action="append",
        default=[],
        metavar="FILE",
        help="write the report to FILE: .html for people, .json, .sarif for code scanning, .md; may be repeated",
    )
    group.addoption(
        "--shard",
        metavar="K/N",
        default="",
        help="judge only the K-th of N parts of the stacks, each stack whole; the N jobs together judge them all",
    )
    group.addoption(
        "--shard-durations",
        action="append",
        default=[],
        metavar="FILE",
        help="JSON report of an earlier run, by whose seconds the shards are balanced; may be repeated",
    )
    group.addoption(
        "--gate-provider",
        action="append",
        default=[],
        metavar="SOURCE",
        help="let Terraform run this provider too, such as hashicorp/random: a program that the gate does not know; "
        "may be repeated; also the ini gate_providers",
    )
    parser.addini("gate_providers", "providers that Terraform may run too, as for --gate-provider", type="args")
    parser.addini("gate_profile", "which policies are asked, as for --gate-profile", default="baseline")
    parser.addini("gate_parameters", "numbers of policies to tighten, one NAME = NUMBER a line", type="linelist")
    parser.addini("gate_stacks", "folders judged when pytest is called without arguments, as for --stack", type="args")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Without Terraform, pytest-terraform ends every pytest run with an internal error, also runs without Terraform."""
    plugin = early_config.pluginmanager.get_plugin("terraform")
    if plugin is not None and not (shutil.which("terraform") or shutil.which("tofu")):
        early_config.pluginmanager.unregister(plugin)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    named = _item_ids(config)
    given = [*config.getoption("stack"), *(folder for folder, _ in named)]
    by_itself = config.args_source is not pytest.Config.ArgsSource.ARGS
    from_ini = [] if given or not by_itself else config.getini("gate_stacks")
    base = config.invocation_params.dir if given else config.rootpath
    _end_on_sigterm()
    replays = [name for name in ("plan_record", "plan_replay") if config.getoption(name)]
    if len(replays) == 2 or (replays and config.getoption("plan_engine") == "stock"):
        raise pytest.UsageError("--plan-record and --plan-replay need the fast plan engine, and one of them at a time")
    options = Options(
        tuple(base / folder for folder in given or from_ini),
        Path(config.getoption("policies") or POLICIES_FOLDER).resolve(),
        items=tuple(f"{_node_id(config, folder)}::{rest}" for folder, rest in named),
        asked_for=bool(given),
        aws=config.getoption("aws"),
        aws_port=config.getoption("aws_port"),
        plan_engine=config.getoption("plan_engine"),
        plan_record=_file(config, "plan_record"),
        plan_replay=_file(config, "plan_replay"),
        record_resources=config.getoption("tf_record"),
        profile=config.getoption("gate_profile") or config.getini("gate_profile"),
        parameters=_parameters(config),
        waivers=_file(config, "gate_waivers") or config.rootpath / WAIVERS,
        root=config.rootpath,
        providers=(*config.getini("gate_providers"), *config.getoption("gate_provider")),
        reports=tuple(config.invocation_params.dir / each for each in config.getoption("gate_report")),
        shard=config.getoption("shard"),
        durations=tuple(config.invocation_params.dir / each for each in config.getoption("shard_durations")),
        cache=None if config.getoption("no_gate_cache") else user_cache_folder(),
    )
    config.stash[OPTIONS] = options
    # Workers of `-n` begin when others have kept something already.
    if config.getoption("cacheclear", False) and not hasattr(config, "workerinput") and options.cache is not None:
        ContentCache(options.cache).clear()
    if given and by_itself:
        config.args[:] = []
    if options.stacks:
        config.pluginmanager.import_plugin("companion_gate.judging")


def _parameters(config: pytest.Config) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in config.getini("gate_parameters"):
        name, _, number = (part.strip() for part in line.partition("="))
        try:
            found[name] = float(number)
        except ValueError:
            raise pytest.UsageError(f"gate_parameters: {line!r} must be NAME = NUMBER") from None
    return found


def _item_ids(config: pytest.Config) -> list[tuple[str, str]]:
    """Takes ids such as ``infra/prod::plan::plans`` out of the arguments: pytest refuses ``::`` behind a folder."""
    folder_and_rest = [(arg, *arg.partition("::")[::2]) for arg in config.args]
    ids = [(arg, folder, rest) for arg, folder, rest in folder_and_rest if rest and _folder(config, folder).is_dir()]
    for arg, _, _ in ids:
        config.args.remove(arg)
    return [(folder, rest) for _, folder, rest in ids]


def _folder(config: pytest.Config, name: str) -> Path:
    return (config.invocation_params.dir / name).resolve()


def _node_id(config: pytest.Config, folder: str) -> str:
    return Path(os.path.relpath(_folder(config, folder), config.rootpath)).as_posix()


def _file(config: pytest.Config, option: str) -> Path | None:
    given = config.getoption(option)
    return config.invocation_params.dir / given if given else None


def _end_on_sigterm() -> None:
    """A cancelled CI job gets SIGTERM: end as on Ctrl-C, so that no Terraform, provider or folder is left behind."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGINT)

    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, interrupt)


def pytest_sessionstart() -> None:
    """Make pytest-terraform build its fixtures from ours, before tests are collected."""
    tf.terraform.scope_class_map = defaultdict(_hermetic_fixture)


def _hermetic_fixture() -> type[HermeticFixture]:
    # Here, because what judges, plans and applies takes longer to import than pytest itself.
    from companion_gate.apply.fixture import HermeticFixture

    return HermeticFixture


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what the AWS of this run's fixtures could not do."""
    # Here, because most runs of pytest never ask for an AWS.
    if "companion_gate.gate.run" not in sys.modules:
        return
    from companion_gate.gate.run import run_of

    aws = run_of(config).used_aws
    if aws is not None and (lines := [*aws.limits, *(f"asked for in vain: {gap}" for gap in aws.gaps)]):
        terminalreporter.section(f"AWS: {aws.name}")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where one of our fixtures gives up, its sentence is enough; in a test, the line of the test counts too."""
    report = yield
    if report.when != "call" and call.excinfo is not None and isinstance(call.excinfo.value, GateError):
        report.longrepr = str(call.excinfo.value)
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    if isinstance(left, Explained):
        return [f"{left!r} {op} {right!r}", *left.explain(op, right)] if not left.is_unknown else None
    return None
