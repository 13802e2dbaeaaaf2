"""The pytest hooks of a run that judges stacks; `plugin` loads them for such a run only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from companion_gate.errors import GateError
from companion_gate.gate.items import GateItem
from companion_gate.gate.nodes import Stack
from companion_gate.gate.options import OPTIONS
from companion_gate.gate.run import run_of
from companion_gate.gate.shards import shard_of
from companion_gate.gate.stack import find_stacks, stack_above
from companion_gate.gate.surroundings import refuse_disarming
from companion_gate.hcl.syntax import shown
from companion_gate.report.build import Run, build
from companion_gate.report.github import annotation_commands, write_summary
from companion_gate.report.how import commit, how, repository
from companion_gate.report.records import Recorder
from companion_gate.report.terminal import print_verdict, status_of
from companion_gate.report.verdict import FAILED, Ending, is_narrowed, judged, not_applicable_at_all
from companion_gate.report.write import checked_report, write_report
from companion_gate.terraform.binary import find_terraform


@dataclass
class _Reporting:
    """What a run's reports are made of, and what became of them."""

    recorder: Recorder
    began: datetime = field(default_factory=lambda: datetime.now().astimezone())
    lines: list[str] = field(default_factory=list)
    fault: str = ""
    """Why a report could not be written."""


REPORTING: pytest.StashKey[_Reporting] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    options = config.stash[OPTIONS]
    is_worker = hasattr(config, "workerinput")
    try:
        refuse_disarming(os.environ)
        found = find_stacks(options.stacks)
        if options.shard:
            found = shard_of(found, options.shard, options.durations, repository(options.root))
        for file in options.reports:
            checked_report(file)
        config.stash[OPTIONS] = replace(options, stacks=found)
        run = run_of(config)
        find_terraform()
    except GateError as error:
        raise pytest.UsageError(str(error)) from error
    reporting = _Reporting(Recorder(run.rules, _stack_ids(config), is_worker))
    config.stash[REPORTING] = reporting
    config.pluginmanager.register(reporting.recorder, "companion-gate-recorder")
    stacks = run.options.stacks
    config.args.extend(str(stack) for stack in stacks if stack_above(stack, stacks) is None)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    stacks = parent.config.stash[OPTIONS].stacks
    return Stack.from_parent(parent, path=path) if path.resolve() in stacks else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the stacks that were given by the ids of their items, only those items; of every stack, some."""
    collected = {item.stack for item in items if isinstance(item, GateItem)}
    left = [stack for stack in config.stash[OPTIONS].stacks if stack not in collected]
    # `--lf` collects no folder in which nothing failed.
    if left and not config.getoption("lf", False):
        raise pytest.UsageError(f"no question was asked of {shown(left[0])}; do not leave its folder out of the run")
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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Under ``-n`` a stack stays with one worker, which plans it once; ``--dist`` other than the default is obeyed."""
    if config.getoption("dist") != "load":
        return None
    from companion_gate.gate.scheduling import StackScheduling

    return StackScheduling(config, log, _stack_ids(config))


def _stack_ids(config: pytest.Config) -> set[str]:
    """The ids of the stacks' nodes."""
    return {Path(os.path.relpath(stack, config.rootpath)).as_posix() for stack in config.stash[OPTIONS].stacks}


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str | tuple[str, dict[str, bool]]] | None:
    return status_of(report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run whose verdict is *failed* must not be green, whatever pytest makes of skips and expected failures.

    A worker of ``-n`` may be idle, and reports nothing itself.
    """
    config = session.config
    if hasattr(config, "workerinput") or config.getoption("collectonly"):
        return
    exitstatus = int(session.exitstatus)
    try:
        _write(config, exitstatus)
    except GateError as error:
        config.stash[REPORTING].fault = str(error)
    result = judged(config.stash[REPORTING].recorder.records, _ending(config, exitstatus))
    if result.word == FAILED:
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    if config.getoption("collectonly"):
        return
    run, reporting = run_of(config), config.stash[REPORTING]
    facts = how(run.options, len(run.rules), len(run.loaded))
    print_verdict(terminalreporter, reporting.recorder.records, run.rules, facts, _ending(config, exitstatus))
    for line in reporting.lines:
        terminalreporter.write_line(line)


def _write(config: pytest.Config, exitstatus: int) -> None:
    run, reporting = run_of(config), config.stash[REPORTING]
    options = run.options
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    if not options.reports and not on_github:
        return
    base = repository(options.root)
    facts = how(options, len(run.rules), len(run.loaded))
    if commit_ := commit(base):
        facts["commit"] = commit_
    seconds = (datetime.now().astimezone() - reporting.began).total_seconds()
    records = reporting.recorder.records
    result = judged(records, _ending(config, exitstatus))
    about = Run(base, options.root, run.rules, run.waivers, options.shard, facts, reporting.began, seconds)
    report = build(records, result, about)
    for file in options.reports:
        write_report(report, file)
        reporting.lines.append(f"report: {os.path.relpath(file, config.invocation_params.dir)}")
    if on_github:
        reporting.lines += annotation_commands(report)
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            write_summary(report, Path(summary))


def _ending(config: pytest.Config, exitstatus: int) -> Ending:
    reporting = config.stash[REPORTING]
    fault = _judged_nothing(config) or _skipped(reporting.recorder.skipped) or reporting.fault
    return Ending(exitstatus, fault, is_narrowed(config))


def _skipped(questions: Sequence[str]) -> str:
    if not questions:
        return ""
    return f"{len(questions)} questions were skipped or expected to fail; take the mark away from {questions[0]}"


def _judged_nothing(config: pytest.Config) -> str:
    """Why a run that was to judge stacks judged nothing; empty where it did, or was not to."""
    options, records = config.stash[OPTIONS], config.stash[REPORTING].recorder.records
    if config.getoption("collectonly"):
        return ""
    narrowed = is_narrowed(config)
    # Where the ini file names the stacks, a selection of some of the team's own tests asks nothing of them.
    if not records and (options.asked_for or not narrowed):
        return "no question was asked of any stack; select some of them"
    if not narrowed and not_applicable_at_all(records):
        return "no policy applies to anything here, so nothing was judged"
    return ""
