"""The pytest plugin: ``pytest --stack DIR`` judges Terraform; fixtures give a team's own tests plans and an AWS."""

from __future__ import annotations

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
from companion_gate.errors import GateError
from companion_gate.gate.items import Stack
from companion_gate.gate.run import RUN, GateRun, Options, load_policies
from companion_gate.gate.stack import find_stacks
from companion_gate.plan import Attribute, Plan
from companion_gate.report.records import Recorder
from companion_gate.report.terminal import print_verdict, status_of
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
    parser.addini("gate_stacks", "folders judged when pytest is called without arguments, as for --stack", type="args")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Without Terraform, pytest-terraform ends every pytest run with an internal error, also runs without Terraform."""
    plugin = early_config.pluginmanager.get_plugin("terraform")
    if plugin is not None and not (shutil.which("terraform") or shutil.which("tofu")):
        early_config.pluginmanager.unregister(plugin)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    given = config.getoption("stack")
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
        aws=config.getoption("aws"),
        aws_port=config.getoption("aws_port"),
        plan_engine=config.getoption("plan_engine"),
        plan_record=_file(config, "plan_record"),
        plan_replay=_file(config, "plan_replay"),
    )
    run = GateRun(options, rules)
    config.stash[RUN] = run
    config.add_cleanup(run.close)
    config.stash[RECORDER] = Recorder()
    config.pluginmanager.register(config.stash[RECORDER], "companion-gate-recorder")
    if given and by_itself:
        config.args[:] = []
    config.args.extend(str(stack) for stack in stacks)


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
        print_verdict(terminalreporter, config.stash[RECORDER].records, run.rules, facts, exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that was to judge stacks but asked nothing of them must not be green; a worker of ``-n`` may have none."""
    config = session.config
    judged = config.getoption("collectonly") or config.stash[RECORDER].records
    if config.stash[RUN].options.stacks and not judged and not hasattr(config, "workerinput"):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


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
