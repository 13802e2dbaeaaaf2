"""docs/aws-capabilities.md says of every resource type what was seen of it."""

from __future__ import annotations

import re
from pathlib import Path

from companion_gate.aws.inventory import LISTINGS, PARTS, SETTINGS

from .capabilities import PAGE, module_types, page, read

_ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)

REPORT = """<testsuite>
<testcase name="a"><properties>
<property name="aws" value="embedded"/><property name="types" value="aws_sqs_queue aws_kms_key"/>
<property name="limits" value=""/></properties></testcase>
<testcase name="b"><properties>
<property name="aws" value="embedded"/><property name="types" value="aws_iam_role"/>
<property name="limits" value=""/></properties><failure/></testcase>
<testcase name="c"><properties>
<property name="aws" value="LocalStack 4.14.0, started"/><property name="types" value="aws_kms_key"/>
<property name="limits" value="sqs: not in this edition"/></properties></testcase>
</testsuite>"""


def test_every_type_of_a_module_was_exercised_by_the_embedded_aws() -> None:
    rows = dict(_ROW.findall(PAGE.read_text(encoding="utf-8")))
    assert sorted(rows) == module_types()
    assert {type_ for type_, cell in rows.items() if cell != "yes"} == set()


def test_every_type_of_a_module_can_be_listed_or_says_why_not() -> None:
    assert set(module_types()) <= {*LISTINGS, *PARTS, *SETTINGS}


def test_page_says_what_the_reports_say(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    written = page(read([report]))
    assert "| resource type | embedded | LocalStack 4.14.0 |" in written
    assert "| `aws_sqs_queue` | yes | no: not in this edition |" in written
    assert "| `aws_kms_key` | yes | yes |" in written
    assert "| `aws_iam_role` | not in this run | not in this run |" in written
