"""The page of defects answers each of them, and names nothing that is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.modules.roots import MODULES, REPOSITORY

PAGE = REPOSITORY / "docs" / "defects.md"
TEXT = PAGE.read_text(encoding="utf-8")
DEFECTS = range(1, 41)
TOPICS = (
    "Rules that a plan lets through",
    "Guardrail versions",
    "SageMaker endpoints",
    "WebSocket APIs",
    "CloudFront before a WebSocket",
    "DynamoDB",
    "OpenSearch",
    "Queues and functions",
    "Bedrock's log of calls",
    "What Checkov reads wrongly",
    "What offline tests miss",
)
KINDS = ("impossible", "refused", "documented")
_CASES = "tests/modules/cases/"


@dataclass(frozen=True)
class Row:
    """A line of either table. ``number`` is empty for a complaint, ``topic`` for a defect."""

    topic: str
    number: str
    claim: str
    answer: str
    kind: str
    where: str
    tests: str


def rows(text: str) -> Iterator[Row]:
    """The lines of both tables. A line with another number of cells raises ValueError."""
    section = topic = ""
    for line in text.splitlines():
        if line.startswith("## "):
            section, topic = line.removeprefix("## "), ""
        elif line.startswith("### "):
            topic = line.removeprefix("### ")
        elif section and line.startswith("|") and not re.match(r"\| (#|Complaint) \||\|-", line):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if section == "The 40 defects":
                number, *others = cells
            else:
                number, others = "", cells
            claim, answer, kind, where, tests = others
            yield Row(topic, number, claim, answer, kind, where, tests)


def faults(text: str) -> Iterator[str]:
    """What the page leaves out, and what it names that does not exist."""
    found = list(rows(text))
    numbers = [row.number for row in found if row.number]
    for defect in DEFECTS:
        if numbers.count(str(defect)) != 1:
            yield f"defect {defect} is there {numbers.count(str(defect))} times"
    yield from (f"there is no defect {number}" for number in numbers if number not in map(str, DEFECTS))
    topics = list(dict.fromkeys(row.topic for row in found if not row.number))
    if topics != list(TOPICS):
        yield f"the topics are {topics}"
    for row in found:
        yield from (f"{row.number or row.claim}: {fault}" for fault in _faults_of(row))


def _faults_of(row: Row) -> Iterator[str]:
    if not row.claim or not row.answer:
        yield "a cell is empty"
    if row.kind not in KINDS:
        yield f"kind must be one of {', '.join(KINDS)}, not {row.kind!r}"
    folders = [(PAGE.parent / link).resolve() for link in re.findall(r"\]\(([^)]+)\)", row.where)]
    if not folders:
        yield "no module is named"
    yield from (f"there is no {folder}" for folder in folders if not folder.is_dir())
    for type_, name in re.findall(r"`(aws_\w+)\.(\w+)`", row.answer):
        if not any(f'resource "{type_}" "{name}"' in _source(folder) for folder in folders):
            yield f"no module of the row has {type_}.{name}"
    named = re.findall(r"`([^`]+)`", row.tests)
    if not named:
        yield "no test is named"
    if row.kind == "refused" and not any(test.startswith(_CASES) for test in named):
        yield "what is refused needs a case that sees the refusal"
    for test in named:
        path, _, name = test.partition("::")
        if not (REPOSITORY / path).is_file():
            yield f"there is no file {path}"
        elif name not in (_refusals if path.startswith(_CASES) else _functions)(REPOSITORY / path):
            yield f"{path} has no {name}"


@cache
def _source(folder: Path) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.tf")))


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _functions(file: Path) -> set[str]:
    """Tests that pytest finds there."""
    found = {node.name for node in _tree(file).body if isinstance(node, ast.FunctionDef)}
    return {name for name in found if name.startswith("test_")} if file.name.startswith("test_") else set()


def _refusals(file: Path) -> set[str]:
    """Cases with a message, which are those that must be refused."""
    return {
        str(node.args[0].value)
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Case"
        if len(node.args) == 3 and isinstance(node.args[0], ast.Constant)
    }


def test_every_defect_has_an_answer_and_tests_that_exist() -> None:
    assert list(faults(TEXT)) == []


def test_every_module_answers_for_something() -> None:
    modules = {folder.name for folder in MODULES.iterdir() if any(folder.glob("main.tf"))}
    assert {name for name in modules if f"(../modules/{name})" not in TEXT} == set()


_FIRST = next(line for line in TEXT.splitlines() if line.startswith("| 5 |"))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (f"{_FIRST}\n", "", "defect 5 is there 0 times"),
        (_FIRST, f"{_FIRST}\n{_FIRST}", "defect 5 is there 2 times"),
        ("| 5 |", "| 41 |", "there is no defect 41"),
        ("### DynamoDB", "### Tables", "the topics are "),
        ("| impossible | [`moderation`]", "| solved | [`moderation`]", "kind must be one of"),
        (_FIRST.rsplit("|", 2)[1], " ", "5: no test is named"),
        ("::test_the_guardrail_refuses_", "::test_the_guardrail_accepts_", "has no test_the_guardrail_accepts_"),
        ("test_moderation.py::", "test_moderations.py::", "there is no file tests/modules/test_moderations.py"),
        ("::guardrail_draft`", "::guardrail_drafts`", "turn_handler.py has no guardrail_drafts"),
        # The longest that is accepted, which no message refuses.
        (
            "::retention_too_short_for_the_dead_letter_queue`",
            "::retention_just_enough`",
            "has no retention_just_enough",
        ),
        ("::bounds_swapped`<br>", "::fleet_largest`<br>", "inference_endpoint.py has no fleet_largest"),
        ("(../modules/voice)", "(../modules/voices)", "modules/voices"),
        ("`aws_bedrock_guardrail_version.this`", "`aws_bedrock_guardrail_version.that`", "no module of the row has"),
    ],
)
def test_a_page_with_a_fault_fails(before: str, after: str, fault: str) -> None:
    assert before in TEXT
    assert any(fault in found for found in faults(TEXT.replace(before, after, 1)))


def test_a_refusal_that_no_case_sees_is_a_fault() -> None:
    row = next(row for row in rows(TEXT) if row.number == "33")
    without = re.sub(r"`tests/modules/cases/[^`]+`", "`tests/modules/test_refusals.py::test_inputs`", row.tests)
    found = faults(TEXT.replace(row.tests, without))
    assert any(fault == "33: what is refused needs a case that sees the refusal" for fault in found)


def test_a_row_with_a_cell_too_many_is_an_error() -> None:
    with pytest.raises(ValueError, match="too many values"):
        list(rows(TEXT.replace(_FIRST, f"{_FIRST} more |")))
