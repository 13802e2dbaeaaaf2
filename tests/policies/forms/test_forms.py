"""The form in which a stack is written changes no verdict; what is not known passes nothing."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from aic_engine.graph import Graph
from aic_engine.hcl_resource import HclResource
from aic_engine.rule import Finding, Rule, Verdict
from aic_engine.weakening import Operator, Weakening
from companion_gate.errors import GateError
from companion_gate.hcl.rewrite import set_attribute
from companion_gate.hcl.syntax import parse
from companion_gate.mutation import on_plan
from companion_gate.mutation.places import applies_to, places
from companion_gate.plan import Plan
from companion_gate.terraform.plan import TerraformSession, make_plan
from companion_gate.terraform.workspace import placed
from tests.policies.forms.rewriting import Texts, counted, dynamic, keyed
from tests.policies.mutation import BREAKS, REFERENCE, names, on_hcl, written_out

TEXTS = {file: file.read_text(encoding="utf-8") for file in sorted(REFERENCE.glob("*.tf"))}
FORMS: dict[str, Callable[[Mapping[Path, str]], Texts]] = {
    "as written": dict,
    "count": counted,
    "for_each": keyed,
    "dynamic": dynamic,
    "module": dict,
}
_CALL = 'module "companion" {{\n  source = "{}"\n}}\n'


@pytest.fixture(scope="session", params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def graph(form: str) -> Graph:
    return _read(form, TEXTS)


@pytest.fixture(scope="session")
def plan(form: str, terraform_session: TerraformSession) -> Plan:
    texts = FORMS[form](TEXTS)
    if form != "module":
        return _planned(texts, terraform_session)
    root = terraform_session.new_folder()
    written_out(texts, root / "reference")
    (root / "main.tf").write_text(_CALL.format("./reference"), encoding="utf-8")
    return Plan(make_plan(placed(root, terraform_session.new_folder()), terraform_session))


@cache
def _caller() -> Path:
    """A root that calls the reference stack."""
    root = Path(tempfile.mkdtemp(prefix="companion-gate-forms-"))
    atexit.register(shutil.rmtree, root)
    (root / "main.tf").write_text(_CALL.format(os.path.relpath(REFERENCE, root.resolve())), encoding="utf-8")
    return root.resolve()


def _read(form: str, texts: Mapping[Path, str]) -> Graph:
    return on_hcl.read(_caller() if form == "module" else REFERENCE, FORMS[form](texts))


def _planned(texts: Texts, session: TerraformSession) -> Plan:
    return Plan(make_plan(placed(written_out(texts, session.new_folder()), session.new_folder()), session))


def _by_place(rules: tuple[Rule, ...], graph: Graph) -> dict[tuple[str, str], Finding]:
    return {(rule.name, finding.block): finding for rule in rules for finding in rule.evaluate(graph)}


def test_a_good_stack_passes_on_its_hcl(rules: tuple[Rule, ...], graph: Graph) -> None:
    findings = _by_place(rules, graph)
    assert [each.message for each in findings.values() if each.verdict is Verdict.FAIL] == []
    assert len([each for each in findings.values() if each.verdict is Verdict.PASS]) > 0.9 * len(
        [each for each in findings.values() if each.verdict is not Verdict.NOT_APPLICABLE]
    )


def test_a_good_stack_passes_on_its_plan(rules: tuple[Rule, ...], plan: Plan) -> None:
    findings = _by_place(rules, plan.graph)
    bad = (Verdict.FAIL, Verdict.UNKNOWN)
    assert [each.message for each in findings.values() if each.verdict in bad] == []
    assert {name for name, each in findings if findings[name, each].verdict is Verdict.PASS} == {
        rule.name for rule in rules
    }


def test_hcl_and_plan_agree(rules: tuple[Rule, ...], graph: Graph, plan: Plan) -> None:
    on_hcl_, planned = _by_place(rules, graph), _by_place(rules, plan.graph)
    assert set(on_hcl_) == set(planned)
    differ = [
        f"{place}: {on_hcl_[place].verdict} on HCL, {planned[place].verdict} on the plan"
        for place in planned
        if on_hcl_[place].verdict not in (planned[place].verdict, Verdict.UNKNOWN)
    ]
    assert differ == []


@pytest.mark.parametrize(("rule", "weakening"), BREAKS, ids=names())
def test_a_weakened_stack_fails_on_its_plan(rule: Rule, weakening: Weakening, plan: Plan) -> None:
    for changes in on_plan.sites(weakening, plan.graph):
        with on_plan.weakened(changes, plan.graph) as weak:
            assert Verdict.FAIL in {finding.verdict for finding in rule.evaluate(weak)}, changes[0][0].address


@pytest.mark.parametrize(("rule", "weakening"), BREAKS, ids=names())
def test_a_weakened_stack_is_not_passed_on_its_hcl(rule: Rule, weakening: Weakening, form: str) -> None:
    for mutant in on_hcl.mutants(weakening, on_hcl.read(REFERENCE)):
        weak = _read(form, {**TEXTS, **mutant.texts})
        verdicts = {finding.verdict for finding in rule.evaluate(weak)}
        assert verdicts & {Verdict.FAIL, Verdict.UNKNOWN}, mutant.place


SETS = [(rule, weakening) for rule, weakening in BREAKS if weakening.operator is Operator.SET]


def _unsure(weakening: Weakening, texts: Mapping[Path, str]) -> Texts | None:
    """The good value, by a condition that only Terraform knows, and the bad one otherwise."""
    graph = on_hcl.read(REFERENCE, dict(texts))
    for resource in graph.of_type(weakening.type):
        if not isinstance(resource, HclResource) or not applies_to(weakening, resource):
            continue
        file = Path(str(resource.file))
        block = ("resource", resource.type, resource.name)
        for path in places(weakening.path, lambda name: resource.blocks(name) or 0, resource):  # noqa: B023
            try:
                good = on_hcl.expression(texts[file], block, path)
                bad = on_hcl.written(weakening.value)
                either = f'terraform.workspace == "default" ? {good} : {bad}'
                return {**texts, file: set_attribute(texts[file], block, path, either)}
            except GateError:
                continue
    return None


@pytest.mark.parametrize(("rule", "weakening"), SETS, ids=[f"{rule.name}: {each}" for rule, each in SETS])
def test_what_only_terraform_knows_is_unknown_on_hcl(rule: Rule, weakening: Weakening) -> None:
    texts = _unsure(weakening, TEXTS)
    assert texts is not None, "the reference stack does not write it out"
    assert parse("".join(texts.values()))
    verdicts = {finding.verdict for finding in rule.evaluate(on_hcl.read(REFERENCE, texts))}
    assert Verdict.UNKNOWN in verdicts
    assert Verdict.FAIL not in verdicts


def test_what_only_terraform_knows_is_decided_on_the_plan(
    rules: tuple[Rule, ...], terraform_session: TerraformSession
) -> None:
    texts: Texts = dict(TEXTS)
    for _, weakening in SETS:
        texts = _unsure(weakening, texts) or texts
    findings = _by_place(rules, _planned(texts, terraform_session).graph).values()
    assert [each.message for each in findings if each.verdict in (Verdict.FAIL, Verdict.UNKNOWN)] == []
