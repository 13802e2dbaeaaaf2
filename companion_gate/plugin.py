"""The pytest plugin: ``pytest --stack DIR`` judges Terraform; fixtures give a team's own tests plans and an AWS."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from types import FrameType

import pytest

from companion_gate import POLICIES_FOLDER
from companion_gate.apply import use_hermetic_fixtures
from companion_gate.aws.capabilities import NOT_EXERCISED
from companion_gate.aws.target import AwsTarget
from companion_gate.cache.store import user_cache_folder
from companion_gate.errors import GateError
from companion_gate.gate.items import Stack
from companion_gate.gate.run import RUN, GateRun, Options, load_policies
from companion_gate.gate.stack import find_stacks
from companion_gate.plan import Attribute, Plan
from companion_gate.report.records import Recorder
from companion_gate.report.terminal import Ending, is_narrowed, not_applicable_at_all, print_verdict, status_of
from companion_gate.terraform.binary import find_terraform

PlanFolder = Callable[..., Plan]
RECORDER: pytest.StashKey[Recorder] = pytest.StashKey()


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
        metavar="embedded|URL",
        default="embedded",
        help="the AWS that plans and applies talk to: embedded (default), or a URL on loopback",
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
    policies = Path(config.getoption("policies") or POLICIES_FOLDER).resolve()
    try:
        stacks = find_stacks(base / folder for folder in (given or from_ini))
        rules = load_policies(policies) if stacks else ()
        if stacks:
            find_terraform()
    except GateError as error:
        raise pytest.UsageError(str(error)) from error
    _end_on_sigterm()
    replays = [name for name in ("plan_record", "plan_replay") if config.getoption(name)]
    if len(replays) == 2 or (replays and config.getoption("plan_engine") == "stock"):
        raise pytest.UsageError("--plan-record and --plan-replay need the fast plan engine, and one of them at a time")
    options = Options(
        stacks,
        policies,
        items=tuple(f"{_node_id(config, folder)}::{rest}" for folder, rest in named),
        asked_for=bool(given),
        aws=config.getoption("aws"),
        aws_port=config.getoption("aws_port"),
        plan_engine=config.getoption("plan_engine"),
        plan_record=_file(config, "plan_record"),
        plan_replay=_file(config, "plan_replay"),
        cache=None if config.getoption("no_gate_cache") else user_cache_folder(),
    )
    run = GateRun(options, rules)
    # Workers of `-n` begin when others have kept something already.
    if config.getoption("cacheclear", False) and not hasattr(config, "workerinput") and run.store is not None:
        run.store.clear()
    config.stash[RUN] = run
    config.add_cleanup(run.close)
    config.stash[RECORDER] = Recorder()
    config.pluginmanager.register(config.stash[RECORDER], "companion-gate-recorder")
    if given and by_itself:
        config.args[:] = []
    config.args.extend(str(stack) for stack in stacks)


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
    use_hermetic_fixtures()


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    run = parent.config.stash[RUN]
    return Stack.from_parent(parent, path=path) if path.resolve() in run.options.stacks else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the stacks that were given by the ids of their items, only those items."""
    ids = config.stash[RUN].options.items
    if not ids:
        return
    stacks = {name.partition("::")[0] for name in ids}
    left_out = [
        item
        for item in items
        if item.nodeid.partition("::")[0] in stacks
        and not any(item.nodeid == name or item.nodeid.startswith(f"{name}::") for name in ids)
    ]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where one of our fixtures gives up, its sentence is enough; in a test, the line of the test counts too."""
    report = yield
    if report.when != "call" and call.excinfo is not None and isinstance(call.excinfo.value, GateError):
        report.longrepr = str(call.excinfo.value)
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    return status_of(report)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    if isinstance(left, Attribute):
        return [f"{left!r} {op} {right!r}", *left.explain(op, right)] if not left.is_unknown else None
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    run = config.stash[RUN]
    if run.options.stacks and not config.getoption("collectonly"):
        options = run.options
        facts = {"policies": str(options.policies), "AWS": options.aws, "plan engine": options.plan_engine}
        if run.options.aws == "embedded":
            facts["not exercised by the embedded AWS"] = ", ".join(NOT_EXERCISED)
        ending = Ending(exitstatus, _judged_nothing(config), is_narrowed(config))
        print_verdict(terminalreporter, config.stash[RECORDER].records, run.rules, facts, ending)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that was to judge stacks but judged nothing must not be green; a worker of ``-n`` may be idle."""
    if not hasattr(session.config, "workerinput") and _judged_nothing(session.config):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def _judged_nothing(config: pytest.Config) -> str:
    """Why a run that was to judge stacks judged nothing; empty where it did, or was not to."""
    options, records = config.stash[RUN].options, config.stash[RECORDER].records
    if not options.stacks or config.getoption("collectonly"):
        return ""
    narrowed = is_narrowed(config)
    # Where the ini file names the stacks, a selection of some of the team's own tests asks nothing of them.
    if not records and (options.asked_for or not narrowed):
        return "no question was asked of any stack; select some of them"
    if not narrowed and not_applicable_at_all(records):
        return "no policy applies to anything here, so nothing was judged"
    return ""


@pytest.fixture(scope="session")
def aws(pytestconfig: pytest.Config) -> AwsTarget:
    """The emulated AWS of this run: ``aws.url``, and ``aws.client("dynamodb", "eu-central-1")`` for boto3."""
    return pytestconfig.stash[RUN].aws


@pytest.fixture(scope="session")
def plan(pytestconfig: pytest.Config) -> PlanFolder:
    """Plan a Terraform root: ``plan("infra/prod", variables={…})["aws_sqs_queue.turns"]["fifo_queue"] == True``."""
    run = pytestconfig.stash[RUN]

    def plan_folder(folder: str | Path, variables: dict[str, object] | None = None) -> Plan:
        return run.plan_folder(Path(folder), variables)

    return plan_folder
