"""Runs Checkov over folders, in a process of its own: ``python worker.py REQUEST.json``.

A child process, because Checkov keeps global state (registries, ``sys.path``, handlers) and takes configuration from
the environment and the home folder. A fresh runner per folder, because a used one answers with the old result; the
policies are loaded once. (Giving Checkov's own command several ``-d`` does reuse its runner.)

REQUEST holds ``policies``, ``folders`` and ``answer``; the answer file gets one JSON object: ``folders``, a list of
``{folder, parsing_errors, failed, passed, skipped}`` in the order asked.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any


def main(request_file: Path) -> None:
    """Scan every folder of the request and write the answer."""
    from checkov.runner_filter import RunnerFilter
    from checkov.terraform.runner import Runner

    request = json.loads(request_file.read_text(encoding="utf-8"))
    answers: list[dict[str, Any]] = []
    external: list[str] | None = [request["policies"]]
    for folder in request["folders"]:
        _receipt({"folder": folder})
        runner = Runner()
        # The policies never look at the values that Checkov renders, and rendering is most of its time.
        build = runner.graph_manager.build_graph_from_source_directory
        runner.graph_manager.build_graph_from_source_directory = partial(build, render_variables=False)
        runner.pbar.turn_off_progress_bar()
        report = runner.run(
            root_folder=folder,
            external_checks_dir=external,
            runner_filter=RunnerFilter(framework=["terraform"], checks=["CKV_AIC_*"], download_external_modules=False),
        )
        external = None
        answers.append(
            {
                "folder": folder,
                "parsing_errors": list(report.parsing_errors),
                "failed": [_record(record) for record in report.failed_checks],
                "passed": [_record(record) for record in report.passed_checks],
                "skipped": [_record(record) for record in report.skipped_checks],
            }
        )
    Path(request["answer"]).write_text(json.dumps({"folders": answers}), encoding="utf-8")


def _record(record: Any) -> dict[str, Any]:
    return {
        "id": record.check_id,
        "resource": record.resource,
        "file": record.file_path,
        "line": record.file_line_range[0] if record.file_line_range else None,
    }


def _receipt(entry: dict[str, Any]) -> None:
    with Path(os.environ["COMPANION_GATE_RECEIPT"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
