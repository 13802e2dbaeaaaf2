"""The plan engine's benchmark counts every child, sees a plan that differs, and covers every module."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.plan_engine import report
from benchmarks.plan_engine.cases import NAIVE, QUICK, SINGLE, all_cases
from benchmarks.plan_engine.equality import compared, differences
from benchmarks.plan_engine.measure import Cost, measured
from benchmarks.plan_engine.rows import ONE_ROOT, PLANS, SHARED, TERRAFORM_TEST, WARM, Row

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmark counts processes as only Linux can")

_BURN = "import time\nwhile time.process_time() < 0.6: pass\n"
# The child tells its own CPU time, so that the parent does not end before it has burnt some.
_BURN_FOR_EVER = "import time\nwhile True:\n    if time.process_time() > 0.6: print(flush=True)\n"

_BURNING = {
    "a child that is waited for": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', BURN])",
    "a daemon that outlives its parent": (
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', BURN], start_new_session=True)"
    ),
    "a child that is killed and not waited for": (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', FOR_EVER], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\nchild.kill()\nos._exit(0)"
    ),
}


@pytest.mark.parametrize("burning", _BURNING)
def test_cpu_of_every_child_is_counted(burning: str, tmp_path: Path) -> None:
    script = f"BURN, FOR_EVER = {_BURN!r}, {_BURN_FOR_EVER!r}\n{_BURNING[burning]}\n"
    cost = measured((sys.executable, "-c", script), cwd=tmp_path, env=dict(os.environ))
    assert 0.6 <= cost.cpu < 2


def test_peak_memory_is_told_by_program(tmp_path: Path) -> None:
    script = "import time\nheld = bytearray(200 * 2**20)\ntime.sleep(0.3)\n"
    cost = measured((sys.executable, "-c", script), cwd=tmp_path, env=dict(os.environ), peaks=True)
    assert 200 * 2**20 < cost.peaks[Path(sys.executable).resolve().name] < 260 * 2**20


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"exit code 3:\nwhy"):
        measured(("sh", "-c", "echo why >&2; exit 3"), cwd=tmp_path, env=dict(os.environ))


PLAN: dict[str, Any] = {
    "timestamp": "2026-01-01T00:00:00Z",
    "relevant_attributes": [{"resource": "a", "attribute": ["id"]}, {"resource": "b", "attribute": ["arn"]}],
    "resource_changes": [{"address": "aws_dynamodb_table.memory", "change": {"after": {"ttl": 1, "name": "memory"}}}],
}


def test_time_and_order_of_a_set_make_no_other_plan() -> None:
    found = copy.deepcopy(PLAN)
    found["timestamp"] = "2026-01-01T00:00:09Z"
    found["relevant_attributes"].reverse()
    assert differences(PLAN, found) == []


def _set_name(plan: dict[str, Any]) -> None:
    plan["resource_changes"][0]["change"]["after"]["name"] = "other"


def _drop_name(plan: dict[str, Any]) -> None:
    del plan["resource_changes"][0]["change"]["after"]["name"]


def _number_for_boolean(plan: dict[str, Any]) -> None:
    plan["resource_changes"][0]["change"]["after"]["ttl"] = True


def _drop_resource(plan: dict[str, Any]) -> None:
    plan["resource_changes"].clear()


def _drop_relevant(plan: dict[str, Any]) -> None:
    plan["relevant_attributes"].pop()


@pytest.mark.parametrize(
    ("doctor", "place"),
    [
        (_set_name, '/resource_changes/0/change/after/name: expected "memory", found "other"'),
        (_drop_name, "/resource_changes/0/change/after/name is only in the expected plan"),
        (_number_for_boolean, "/resource_changes/0/change/after/ttl: expected 1, found true"),
        (_drop_resource, "/resource_changes: expected [{"),
        (_drop_relevant, "/relevant_attributes: expected ["),
    ],
)
def test_a_doctored_plan_is_another_plan(doctor: Any, place: str) -> None:
    found = copy.deepcopy(PLAN)
    doctor(found)
    assert [each.startswith(place) for each in differences(PLAN, found)] == [True]


def test_plans_on_file_are_compared_by_case_and_strategy(tmp_path: Path) -> None:
    doctored = copy.deepcopy(PLAN)
    _set_name(doctored)
    for folder, plans in {"naive": (PLAN, PLAN), "cold": (PLAN, PLAN), "warm": (PLAN, doctored)}.items():
        (tmp_path / folder).mkdir()
        for name, plan in zip(("a", "b"), plans, strict=True):
            (tmp_path / folder / f"{name}.json").write_text(json.dumps(plan))
    different = compared(("a", "b"), tmp_path / "naive", {name: tmp_path / name for name in ("cold", "warm")})
    assert different == {"b": ['warm: /resource_changes/0/change/after/name: expected "memory", found "other"']}


def test_a_plan_that_differs_is_named() -> None:
    rows = {
        name: Row(name, 2, lambda _: Cost(1, 1), [Cost(1, 1)]) for name in (*PLANS, SHARED, ONE_ROOT, TERRAFORM_TEST)
    }
    rows[WARM].costs[0] = Cost(1, 1, output='{"seconds": 0.004, "again": 0.002}')
    text = report.text(
        rows, report.Verdict(2, ["memory-hot-1"], {"memory-hot-1": ["warm: /x: expected 1, found 2"]}), "Terraform 1"
    )
    assert "- memory-hot-1 differs:\n  - warm: /x: expected 1, found 2" in text
    assert text.splitlines()[-1] == "plan-engine cold=1.0 warm_ms=2.00 equal=1/2"


def test_cases_cover_every_module_and_example(repository: Path) -> None:
    cases = all_cases()
    names = [case.name for case in cases]
    assert len(set(names)) == len(names) >= 20
    assert {*NAIVE, *QUICK, SINGLE} <= set(names)
    modules = {path.parent.name for path in repository.glob("modules/*/main.tf")}
    called = set(
        re.findall(r'"\.\./\.\./modules/([\w-]+)"', "".join(text for case in cases for text in case.files.values()))
    )
    assert modules
    assert modules <= called
    assert {path.parent.name for path in repository.glob("examples/*/main.tf")} <= set(names)


def test_a_quick_run_plans_the_same_in_every_way(repository: Path) -> None:
    done = subprocess.run(
        (sys.executable, "-m", "benchmarks.plan_engine", "--quick"),
        cwd=repository, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(rf"plan-engine cold=\d+\.\d warm_ms=\d+\.\d\d equal={len(QUICK)}/{len(QUICK)}", last)
    assert float(last.split()[1].removeprefix("cold=")) > 1
