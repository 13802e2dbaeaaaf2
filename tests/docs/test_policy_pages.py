"""The pages of the policies are the ones that would be written now."""

from __future__ import annotations

from pathlib import Path

import pytest

from aic_engine.profiles import profiles, select
from aic_engine.rule import Rule, RuleError
from companion_gate import pages
from companion_gate.controls import controls


def test_no_page_is_stale(repository: Path, rules: tuple[Rule, ...]) -> None:
    assert pages.stale(repository / pages.FOLDER, rules) == []


def test_a_stale_page_is_named(tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    pages.write(tmp_path, rules)
    (tmp_path / "scaling-bounds.md").write_text("old\n")
    (tmp_path / "gone.md").write_text("old\n")
    (tmp_path / "memory-ttl-enabled.md").unlink()
    assert pages.stale(tmp_path, rules) == ["gone.md", "memory-ttl-enabled.md", "scaling-bounds.md"]
    pages.write(tmp_path, rules)
    assert pages.stale(tmp_path, rules) == []


def test_every_control_of_a_policy_is_known_and_none_is_decided_without_a_policy(rules: tuple[Rule, ...]) -> None:
    supported = {control for rule in rules for control in rule.controls}
    known = controls()
    assert supported - set(known) == set()
    alone = {each.id for each in known.values() if each.id not in supported}
    assert {known[each].decidable for each in alone} <= {"no", "part"}


def test_what_infrastructure_cannot_decide_is_listed(rules: tuple[Rule, ...]) -> None:
    index = pages.pages(rules)[pages.INDEX]
    for control in controls().values():
        assert f"| {control.id} |" in index
        assert control.cannot in index


def test_profiles_hold_policies_that_exist(rules: tuple[Rule, ...]) -> None:
    ids = {rule.id for rule in rules}
    for profile in profiles().values():
        assert profile.policies <= ids, profile.name
    assert profiles()["strict"].policies == ids
    assert profiles()["seed"].policies < profiles()["baseline"].policies
    assert profiles()["baseline"].policies < profiles()["minors"].policies
    assert profiles()["baseline"].policies < profiles()["eu"].policies


def test_a_policy_that_no_profile_names_is_always_asked(rules: tuple[Rule, ...]) -> None:
    own = Rule(**{**vars(rules[0]), "id": "CKV_AIC_GOV_900", "name": "own"})
    assert own in select((*rules, own), "seed")


def test_an_unknown_profile_is_refused(rules: tuple[Rule, ...]) -> None:
    with pytest.raises(RuleError, match="there is no profile 'hard'; choose one of seed"):
        select(rules, "hard")
