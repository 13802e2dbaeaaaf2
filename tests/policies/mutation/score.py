"""Weakenings that our policies notice, beside Checkov's own checks: ``python -m tests.policies.mutation.score``.

Each weakening that a policy declares is written into the HCL of the reference stack. Ours notice it where the policy
that owns it fails; Checkov where any built-in check fails that did not fail before.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from aic_engine.graph import Graph
from aic_engine.rule import Verdict
from aic_engine.weakening import Weakening
from companion_gate.pages import AREAS
from tests.policies.mutation import BREAKS, REFERENCE, on_hcl, written_out

RESULTS = Path("benchmarks/RESULTS-mutants.md")
Counts = Mapping[str, list[int]]
"""Weakenings, noticed by ours, noticed by Checkov's; by name."""

_HEAD = """# Weakenings noticed

The reference stack (`tests/policies/reference`), weakened in one place at a time by every weakening that a policy
declares, on HCL. Written by `make bench`. Checkov's column is all of its built-in checks, without ours; what else they
ask for is not counted. The weakenings are ours, so this says what Checkov leaves to a policy library, not how good it
is. What ours leave to the plan on HCL (tags, which may come from the provider) counts as not noticed here.
"""


def built_in_failures(folders: list[Path]) -> list[set[tuple[str, str]]]:
    """What Checkov fails in each folder; in a process for each, as a used Checkov gives other answers."""
    importlib.import_module("checkov.terraform.runner")
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        return pool.map(_built_in_failures, folders, chunksize=1)


def _built_in_failures(folder: Path) -> set[tuple[str, str]]:
    """(check, resource) of what Checkov's own checks fail in a folder."""
    from checkov.runner_filter import RunnerFilter
    from checkov.terraform.runner import Runner

    runner = Runner()
    runner.pbar.turn_off_progress_bar()
    chosen = RunnerFilter(framework=["terraform"], download_external_modules=False)
    report = runner.run(root_folder=str(folder), runner_filter=chosen)
    return {(record.check_id, record.resource) for record in report.failed_checks}


def counted(folder: Path) -> tuple[Counts, Counts]:
    """By family and by policy."""
    families: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    policies: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    graph = on_hcl.read(REFERENCE)
    mutants = [on_hcl.mutants(weakening, graph)[0] for _, weakening in BREAKS]
    folders = [written_out(mutant.texts, folder / str(number)) for number, mutant in enumerate(mutants)]
    same = [_unweakened(weakening, mutant, graph) for (_, weakening), mutant in zip(BREAKS, mutants, strict=True)]
    origins = [written_out(texts, folder / f"{number} before") for number, texts in enumerate(same)]
    failed = built_in_failures([*origins, *folders])
    befores, afters = failed[: len(same)], failed[len(same) :]
    for (rule, _), mutant, before, after in zip(BREAKS, mutants, befores, afters, strict=True):
        findings = rule.evaluate(on_hcl.read(REFERENCE, mutant.texts))
        ours = any(finding.verdict is Verdict.FAIL for finding in findings)
        theirs = bool(after - before)
        for row in (families[rule.id.split("_")[2]], policies[rule.name]):
            row[0] += 1
            row[1] += ours
            row[2] += theirs
    return families, policies


def _unweakened(weakening: Weakening, mutant: on_hcl.Mutant, graph: Graph) -> dict[Path, str]:
    """The texts without the weakening; a document is written out all the same, as Checkov sees more of it then."""
    if weakening.edit is None:
        return {}
    neutral = on_hcl.mutants(replace(weakening, edit=_with_a_remark), graph)
    return next(each.texts for each in neutral if each.place == mutant.place)


def _with_a_remark(document: Any) -> Any:
    if isinstance(document, list):
        return [{**document[0], "Description": "same"}, *document[1:]]
    return {**document, "Id": "same"}


def _lines(families: Counts, policies: Counts) -> Iterator[str]:
    total, ours, theirs = (sum(row[at] for row in families.values()) for at in range(3))
    yield from (_HEAD, "| Family | Weakenings | Our policies | Checkov's own |", "| --- | --- | --- | --- |")
    yield from (f"| {AREAS[area]} | {' | '.join(map(str, row))} |" for area, row in families.items())
    yield f"| **All** | {total} | {ours} ({ours / total:.0%}) | {theirs} ({theirs / total:.0%}) |"
    yield from ("", "| Policy | Weakenings | Ours | Checkov's own |", "| --- | --- | --- | --- |")
    yield from (f"| {name} | {' | '.join(map(str, row))} |" for name, row in policies.items())


def main() -> None:
    logging.disable(logging.CRITICAL)
    os.environ["CKV_SKIP_PACKAGE_UPDATE_CHECK"] = "true"
    with tempfile.TemporaryDirectory() as folder:
        families, policies = counted(Path(folder))
    RESULTS.write_text("\n".join(_lines(families, policies)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
