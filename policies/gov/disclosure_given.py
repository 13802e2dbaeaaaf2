"""The function that answers is given the text that says it is an AI, and repeats it in time."""

from __future__ import annotations

import re

from aic_engine.attributes import doubt, is_between
from aic_engine.graph import Graph, Resource
from aic_engine.guardrails import INVOKE, INVOKE_ENDPOINT
from aic_engine.paths import each_variable, rights_of
from aic_engine.rule import Decision, Parameter, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import Known, Unknown
from aic_engine.weakening import drop, set_to

INTERVAL = Parameter(
    "disclosure_interval_seconds",
    10800,
    "s",
    "N.Y. Gen. Bus. Law 1702 and Cal. Bus. & Prof. Code 22602(c): at least every three hours",
)
_NAME = re.compile(r"disclos|ai_?notice|ai_?label", re.IGNORECASE)
_INTERVAL = re.compile(r"(disclos|notice|remind)\w*_(seconds|interval)", re.IGNORECASE)
_SAYS = re.compile(
    r"\b(?-i:AI|A\.I\.|KI|IA)\b|artificial|künstlich|machine|robot|not (a )?(human|person)", re.IGNORECASE
)
EXPECTED = "a variable such as DISCLOSURE whose text says that it is an AI"


def decide(function: Resource, graph: Graph) -> Decision:
    rights = rights_of(function, graph)
    calls = rights.allow(*INVOKE, *INVOKE_ENDPOINT) if rights is not None else False
    if calls is False:
        return not_applicable("it calls no model")
    variables = each_variable(function)
    if isinstance(variables, Unknown):
        return undecided("environment[0].variables", expected=EXPECTED, value=variables)
    named = list(variables)
    late = [_interval(function, path, INTERVAL.of(graph)) for name, path in named if _INTERVAL.search(name)]
    texts_ = [_text(function, path) for name, path in named if _NAME.search(name) and not _INTERVAL.search(name)]
    decisions = [*late, *texts_]
    if calls is None:
        return undecided("role", expected=EXPECTED, value=doubt("whether it calls a model is not known"))
    if not texts_:
        cure = 'give it DISCLOSURE = "I am an AI, not a person.", and say it when a session begins'
        return failed("environment[0].variables", expected=EXPECTED, actual="none", cure=cure)
    return worst(decisions)


def _text(function: Resource, path: str) -> Decision:
    value = function.get(path)
    if isinstance(value, Unknown):
        return undecided(path, expected=EXPECTED, value=value)
    if isinstance(value, Known) and _SAYS.search(str(value.value)):
        return passed(path)
    return failed(path, expected=EXPECTED, actual=value, cure="say that it is an AI, in words that a child understands")


def _interval(function: Resource, path: str, longest: float) -> Decision:
    cure = f"remind at least every {longest:g} s"
    return is_between(function, path, 1, longest, unit="s", cure=cure)


RULE = Rule(
    id="CKV_AIC_GOV_001",
    name="disclosure-given",
    title="Users are told that they talk to an AI",
    severity=Severity.HIGH,
    types=("aws_lambda_function",),
    why=(
        "Lonely people and children come to believe that somebody is there. The law asks to tell them; so does decency."
    ),
    fix="""
environment {
  variables = {
    DISCLOSURE = "I am an AI, not a person."
  }
}
""",
    sources=(
        "Regulation (EU) 2024/1689, Article 50(1)",
        "Cal. Bus. & Prof. Code 22602 (SB 243)",
        "N.Y. Gen. Bus. Law 1702",
        "Which variables hold the text is assumed: names with DISCLOSURE, AI_NOTICE, AI_LABEL",
    ),
    controls={
        "EUAIA-50.1": "The text that informs the person is part of what is deployed.",
        "SB243-22602.a": "Supports the notification that the companion is artificially generated.",
        "NY-GBL-1702": "Supports the notification at the beginning, and every three hours.",
    },
    breaks=(
        drop("aws_lambda_function", "environment[0].variables.DISCLOSURE", only=r'this\["worker"\]$|\.worker$'),
        set_to("aws_lambda_function", "environment[0].variables.DISCLOSURE", " ", only=r'this\["worker"\]$|\.worker$'),
    ),
    parameters=(INTERVAL,),
    decide=decide,
)
