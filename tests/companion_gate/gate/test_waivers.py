"""A waiver answers for one finding until a day; whatever else a waiver file holds stops the gate."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from aic_engine.rule import Rule
from companion_gate.errors import GateError
from companion_gate.gate.options import WAIVERS
from companion_gate.gate.waivers import Waivers, read_waivers

from .running import PROVIDER, run_gate, table, write_tree

TODAY = date(2026, 3, 1)
GOOD = {
    "policy": '"memory-ttl-enabled"',
    "stack": '"."',
    "address": '"aws_dynamodb_table.memory"',
    "owner": '"platform"',
    "reason": '"The table is emptied by hand until the writer sets expires_at."',
    "ticket": '"OPS-12"',
    "expires": "2026-03-20",
}


def _text(**changes: str | None) -> str:
    entries = {**GOOD, **changes}
    return "[[waiver]]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items() if value is not None)


def _until(days: int) -> str:
    return _text(expires=(date.today() + timedelta(days=days)).isoformat())


def _read(folder: Path, text: str, rules: tuple[Rule, ...]) -> Waivers:
    write_tree(folder, {WAIVERS: text, "main.tf": "", "docs/page.md": ""})
    return read_waivers(folder / WAIVERS, folder, rules, TODAY)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("waiver = 3\n", "write each waiver as a [[waiver]] table"),
        ("[[waiver]\n", "cannot be read as TOML"),
        ("[[waivers]]\n", "holds 'waivers'; it takes [[waiver]] tables only"),
        (_text(owner=None), "waiver 1 has no owner; a waiver says policy, stack"),
        (_text(until="2026-03-20"), "waiver 1 has 'until', which means nothing"),
        (_text(expires='"2026-03-20"'), "expires must be a day without quotes"),
        (_text(expires="2026-03-20T10:00:00Z"), "expires must be a day without quotes"),
        (_text(expires="2026-05-31"), "expires 2026-05-31, more than 90 days from 2026-03-01"),
        (_text(reason='" "'), "reason must be a text that says something"),
        (_text(ticket="12"), "ticket must be a text that says something"),
        (_text(policy='"memory-ttl"'), "there is no policy 'memory-ttl'"),
        (_text(address='"aws_dynamodb_table.*"'), "address must be one exact address"),
        (_text(stack='"infra"'), "stack 'infra' is no folder"),
        (_text(stack='"docs"'), "stack 'docs' holds no .tf file"),
        (_text() + _text(), "waivers 1 and 2 are the same; keep one"),
    ],
)
def test_what_is_no_waiver_stops_the_gate(text: str, sentence: str, tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    with pytest.raises(GateError) as refusal:
        _read(tmp_path, text, rules)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_last_day_still_counts(tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    (waiver,) = _read(tmp_path, _text(expires="2026-03-01"), rules).all
    assert Waivers((waiver,), TODAY).faults(waiver, used=True) == []
    (fault,) = Waivers((waiver,), TODAY + timedelta(days=1)).faults(waiver, used=True)
    assert "waiver 1 expired on 2026-03-01" in fault


def test_ninety_days_are_the_most(tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    assert _read(tmp_path, _text(expires="2026-05-30"), rules).all[0].expires == TODAY + timedelta(days=90)


def test_the_end_is_told_two_weeks_ahead(tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    (waiver,) = _read(tmp_path, _text(), rules).all
    days = [day for day in range(-30, 30) if Waivers((waiver,), TODAY + timedelta(days=day)).ends_soon(waiver)]
    assert days == list(range(5, 20))


def test_no_file_is_no_waiver(tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    assert read_waivers(tmp_path / WAIVERS, tmp_path, rules, TODAY).all == ()


def _stack(folder: Path, waivers: str, body: str) -> Path:
    return write_tree(folder, {"main.tf": PROVIDER + body, WAIVERS: waivers})


def test_a_waived_finding_passes_and_is_told(tmp_path: Path) -> None:
    result = run_gate(_stack(tmp_path, _until(60), table(ttl="false")), "--stack", ".")
    assert result.code == 0, result.output
    assert result.verdicts["::::hcl::memory-ttl-enabled"] == "WAIVED"
    assert result.verdicts["::::plan::memory-ttl-enabled"] == "WAIVED"
    assert "WAIVED: memory-ttl-enabled on aws_dynamodb_table.memory until" in result.output
    assert "(platform, OPS-12): The table is emptied by hand" in result.output
    assert "1 waiver" in result.output


@pytest.mark.parametrize(
    ("waivers", "body", "sentence"),
    [
        (_until(-1), table(ttl="false"), "expired on"),
        (_until(10), table(), "covers nothing any more"),
        (_until(10), table(ttl="false") + table("other", ttl="false"), "aws_dynamodb_table.other"),
        (_text(owner=None), table(ttl="false"), "has no owner"),
    ],
    ids=["expired", "unused", "another resource", "malformed"],
)
def test_a_waiver_covers_nothing_else(waivers: str, body: str, sentence: str, tmp_path: Path) -> None:
    result = run_gate(_stack(tmp_path, waivers, body), "--stack", ".")
    assert result.code != 0, result.output
    assert sentence in result.output


def test_the_end_of_a_waiver_is_announced(tmp_path: Path) -> None:
    result = run_gate(_stack(tmp_path, _until(3), table(ttl="false")), "--stack", ".")
    assert result.code == 0, result.output
    assert "ends soon in ." in result.output


def test_a_skip_in_the_sources_counts_with_its_waiver_only(tmp_path: Path) -> None:
    skipping = table(first="  #checkov:skip=CKV_AIC_MEM_001:emptied by hand", ttl="false")
    with_waiver = run_gate(_stack(tmp_path / "with", _until(10), skipping), "--stack", ".")
    assert with_waiver.code == 0, with_waiver.output
    without = run_gate(write_tree(tmp_path / "without", {"main.tf": PROVIDER + skipping}), "--stack", ".")
    assert without.code == 1
    assert "remove it, or write a waiver" in without.output


@pytest.mark.parametrize(
    ("settings", "arguments", "code", "sentence"),
    [
        ("", ("--gate-profile", "seed"), 0, "memory-ttl-enabled"),
        ("", ("--gate-profile", "strict"), 1, "personal-data-tagged"),
        ("gate_profile = strict\n", (), 1, "memory-cmk"),
        ("", ("--gate-profile", "hard"), 4, "there is no profile 'hard'; choose one of seed, baseline, strict"),
        ("gate_parameters = log_retention_days = 30\n", (), 0, "GATE PASSED"),
        ("gate_parameters = log_retention_days = 900\n", (), 4, "would loosen log-retention-bounded"),
        ("gate_parameters = log_retention = 30\n", (), 4, "no policy has a parameter 'log_retention'"),
        ("gate_parameters = log_retention_days\n", (), 4, "must be NAME = NUMBER"),
    ],
)
def test_profile_and_parameters(
    settings: str, arguments: tuple[str, ...], code: int, sentence: str, tmp_path: Path
) -> None:
    write_tree(tmp_path, {"pytest.ini": f"[pytest]\n{settings}", "main.tf": PROVIDER + table()})
    result = run_gate(tmp_path, "--stack", ".", *arguments)
    assert (result.code, sentence in result.output) == (code, True), result.output


GROUP = """
resource "aws_cloudwatch_log_group" "this" {
  name              = "companion"
  retention_in_days = 90
}
"""


@pytest.mark.parametrize(("days", "code"), [(90, 0), (60, 1)])
def test_a_parameter_tightens_on_hcl_and_on_the_plan(days: int, code: int, tmp_path: Path) -> None:
    settings = f"[pytest]\ngate_parameters = log_retention_days = {days}\n"
    write_tree(tmp_path, {"pytest.ini": settings, "main.tf": PROVIDER + GROUP})
    result = run_gate(tmp_path, "--stack", ".")
    assert result.code == code, result.output
    failed = {"::::hcl::log-retention-bounded", "::::plan::log-retention-bounded"} if code else set()
    assert result.failed == failed
