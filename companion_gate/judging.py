"""The pytest hooks of a run that judges stacks; `plugin` loads them for such a run only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from companion_gate.aws.capabilities import NOT_EXERCISED
from companion_gate.errors import GateError
from companion_gate.gate.items import GateItem, Stack
from companion_gate.gate.options import OPTIONS
from companion_gate.gate.run import run_of
from companion_gate.gate.stack import find_stacks
from companion_gate.report.records import Recorder
from companion_gate.report.terminal import Ending, is_narrowed, not_applicable_at_all, print_verdict, status_of
from companion_gate.terraform.binary import find_terraform

RECORDER: pytest.StashKey[Recorder] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    options = config.stash[OPTIONS]
    try:
        config.stash[OPTIONS] = replace(options, stacks=find_stacks(options.stacks))
        stacks = run_of(config).options.stacks
        find_terraform()
    except GateError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[RECORDER] = Recorder()
    config.pluginmanager.register(config.stash[RECORDER], "companion-gate-recorder")
    config.args.extend(str(stack) for stack in stacks)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    stacks = parent.config.stash[OPTIONS].stacks
    return Stack.from_parent(parent, path=path) if path.resolve() in stacks else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the stacks that were given by the ids of their items, only those items."""
    ids = config.stash[OPTIONS].items
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


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tells the run whose plans the selected items will ask for, so that they can be made in one go."""
    items = [item for item in session.items if isinstance(item, GateItem)]
    run_of(session.config).expected = tuple(dict.fromkeys(case for item in items for case in item.cases))


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    return status_of(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    if not config.getoption("collectonly"):
        options = config.stash[OPTIONS]
        facts = {"policies": str(options.policies), "AWS": options.aws, "plan engine": options.plan_engine}
        if options.aws == "embedded":
            facts["not exercised by the embedded AWS"] = ", ".join(NOT_EXERCISED)
        ending = Ending(exitstatus, _judged_nothing(config), is_narrowed(config))
        print_verdict(terminalreporter, config.stash[RECORDER].records, run_of(config).rules, facts, ending)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that was to judge stacks but judged nothing must not be green; a worker of ``-n`` may be idle."""
    if not hasattr(session.config, "workerinput") and _judged_nothing(session.config):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def _judged_nothing(config: pytest.Config) -> str:
    """Why a run that was to judge stacks judged nothing; empty where it did, or was not to."""
    options, records = config.stash[OPTIONS], config.stash[RECORDER].records
    if config.getoption("collectonly"):
        return ""
    narrowed = is_narrowed(config)
    # Where the ini file names the stacks, a selection of some of the team's own tests asks nothing of them.
    if not records and (options.asked_for or not narrowed):
        return "no question was asked of any stack; select some of them"
    if not narrowed and not_applicable_at_all(records):
        return "no policy applies to anything here, so nothing was judged"
    return ""
