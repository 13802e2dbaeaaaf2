"""Times the gate and its parts beside Checkov on the same input: ``python benchmarks/gate.py [--runs N] [--write]``.

Every row is a whole process tree: wall seconds, and user plus system CPU seconds of it and of all it started
(``getrusage(RUSAGE_CHILDREN)``). Rows are interleaved, so that a busy moment of the machine hits all of them. Medians.
``--write`` puts the result into RESULTS.md beside this file.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from companion_gate import POLICIES_FOLDER

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
PLAN = REPOSITORY / "tests" / "policies" / "plan" / "plan.json"
LARGE = 2000
"""Resources of the synthetic plan."""

STACKS = ("--stack", "modules", "--stack", "examples")
OURS = ("--external-checks-dir", "policies", "-c", "CKV_AIC_*")
BUILT_IN = ("-c", "CKV_AWS_*,CKV2_AWS_*")
QUIET = ("--skip-download", "--compact", "--quiet")

RULES_ON_PLAN = """
import json, sys
from pathlib import Path
from companion_gate import POLICIES_FOLDER
from aic_engine.loader import load_rules
from aic_engine.plan_graph import plan_graph
graph = plan_graph(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
found = [finding for rule in load_rules(POLICIES_FOLDER) for finding in rule.evaluate(graph)]
assert found
"""
ONE_PLAN = """
import sys
from pathlib import Path
from companion_gate.aws.target import aws_target
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import mirror
with aws_target("embedded", 0) as aws, TerraformSession.open(endpoint_url=aws.url) as session:
    make_plan(mirror(Path(sys.argv[1]), session.new_folder()), session)
"""


@dataclass
class Row:
    """One thing that is timed; ``expected`` are the exit codes that count as done."""

    name: str
    command: tuple[str, ...]
    expected: tuple[int, ...] = (0,)
    prepare: Callable[[], Mapping[str, str]] = dict
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self) -> None:
        environment = {**os.environ, "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true", **self.prepare()}
        before, started = _children(), time.perf_counter()
        done = subprocess.run(
            self.command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
        )
        self.wall.append(time.perf_counter() - started)
        self.cpu.append(_children() - before)
        if done.returncode not in self.expected:
            last = (done.stdout + done.stderr).strip().splitlines()[-15:]
            raise SystemExit(f"{self.name} ended with exit code {done.returncode}:\n" + "\n".join(last))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def large_plan(small: Mapping[str, Any]) -> dict[str, Any]:
    """The committed plan with its resources repeated in keyed instances until it has LARGE of them."""
    plan = copy.deepcopy(dict(small))
    changes = [change for change in plan["resource_changes"] if change["type"] == "aws_dynamodb_table"]
    values = [
        each for each in plan["planned_values"]["root_module"]["resources"] if each["type"] == "aws_dynamodb_table"
    ]
    for at in range(LARGE - len(plan["resource_changes"])):
        for pattern, target in (
            (changes[0], plan["resource_changes"]),
            (values[0], plan["planned_values"]["root_module"]["resources"]),
        ):
            key = f"k{at}"
            target.append({**copy.deepcopy(pattern), "index": key, "address": f'aws_dynamodb_table.memory["{key}"]'})
    return plan


def rows(scratch: Path) -> list[Row]:
    python, checkov = sys.executable, str(Path(sys.executable).with_name("checkov"))
    large = scratch / "large.json"
    large.write_text(json.dumps(large_plan(json.loads(PLAN.read_text(encoding="utf-8")))), encoding="utf-8")
    gate = (python, "-m", "pytest", *STACKS, "-q", "-p", "no:cacheprovider")
    on_plan = ("--framework", "terraform_plan", *QUIET, *OURS)

    def empty_caches() -> Mapping[str, str]:
        folder = tempfile.mkdtemp(dir=scratch)
        return {"PYTHONPYCACHEPREFIX": f"{folder}/compiled", "XDG_CACHE_HOME": f"{folder}/cache"}

    return [
        Row("gate, cold (nothing compiled, no cache)", gate, prepare=empty_caches),
        Row("gate, warm", gate),
        Row(
            "one plan by Terraform alone (init, plan, show of examples/sagemaker-companion)",
            (python, "-c", ONE_PLAN, "examples/sagemaker-companion"),
        ),
        Row("policies on a small plan", (python, "-c", RULES_ON_PLAN, str(PLAN))),
        Row(f"policies on a plan of {LARGE} resources", (python, "-c", RULES_ON_PLAN, str(large))),
        Row(
            "Checkov with our policies, modules", (checkov, "-d", "modules", "--framework", "terraform", *QUIET, *OURS)
        ),
        Row(
            "Checkov with its own AWS checks, modules",
            (checkov, "-d", "modules", "--framework", "terraform", *QUIET, *BUILT_IN),
            (0, 1),
        ),
        Row("Checkov with our policies, small plan", (checkov, "-f", str(PLAN), *on_plan), (1,)),
        Row(f"Checkov with our policies, plan of {LARGE}", (checkov, "-f", str(large), *on_plan), (1,)),
    ]


def in_process(times: int = 200) -> float:
    """Median CPU milliseconds of the policies alone on the small plan, loaded once, as the gate runs them."""
    from aic_engine.loader import load_rules
    from aic_engine.plan_graph import plan_graph

    rules, plan = load_rules(POLICIES_FOLDER), json.loads(PLAN.read_text(encoding="utf-8"))
    taken = []
    for _ in range(times):
        started = time.process_time()
        graph = plan_graph(plan)
        for rule in rules:
            rule.evaluate(graph)
        taken.append(time.process_time() - started)
    return statistics.median(taken) * 1000


def report(measured: list[Row], milliseconds: float, runs: int) -> str:
    version = json.loads(subprocess.run(("terraform", "version", "-json"), capture_output=True, check=True).stdout)
    median = {row.name: (statistics.median(row.wall), statistics.median(row.cpu)) for row in measured}
    unit_wall, unit_cpu = median["Checkov with our policies, modules"]
    lines = [
        f"{os.cpu_count()} cores, Python {platform.python_version()}, Terraform {version['terraform_version']}; "
        f"medians of {runs} interleaved runs; seconds of the whole process tree.",
        "",
        "| what | wall s | CPU s | wall, Checkov on modules = 1 | CPU, same |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, (wall, cpu) in median.items():
        lines.append(f"| {name} | {wall:.2f} | {cpu:.2f} | {wall / unit_wall:.2f} | {cpu / unit_cpu:.2f} |")
    small = median["Checkov with our policies, small plan"][1] / median["policies on a small plan"][1]
    large_names = (f"Checkov with our policies, plan of {LARGE}", f"policies on a plan of {LARGE} resources")
    large = median[large_names[0]][1] / median[large_names[1]][1]
    one_plan = median["one plan by Terraform alone (init, plan, show of examples/sagemaker-companion)"][1]
    lines += [
        "",
        f"Summary: the same policies on the same plan take {small:.0f} times (small) and {large:.0f} times ({LARGE} "
        f"resources) less CPU without Checkov, process start included, and {milliseconds:.2f} ms once loaded; one plan "
        f"by Terraform alone costs {one_plan:.1f} CPU s.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds over all rows (default: 3)")
    parser.add_argument("--write", action="store_true", help="also write RESULTS.md beside this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="companion-gate-benchmark-") as name:
        measured = rows(Path(name))
        for _ in range(options.runs):
            for row in measured:
                row.run()
    text = report(measured, in_process(), options.runs)
    sys.stdout.write(text + "\n")
    if options.write:
        heading = "# Speed\n\nMade by `python benchmarks/gate.py --write`; compare the ratios, not the seconds.\n\n"
        (HERE / "RESULTS.md").write_text(f"{heading}{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
