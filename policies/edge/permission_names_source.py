"""A permission to call a function names the resource or account that may."""

from __future__ import annotations

from aic_engine.attributes import doubt, given
from aic_engine.graph import Graph, Resource
from aic_engine.openness import is_anybody
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Known, Unknown
from aic_engine.weakening import drop

EXPECTED = "source_arn or source_account, where the principal is a service; no principal *"


def decide(permission: Resource, graph: Graph) -> Decision:
    principal = permission.get("principal")
    if isinstance(principal, Unknown):
        return undecided("principal", expected=EXPECTED, value=principal)
    name = str(principal.value) if isinstance(principal, Known) else ""
    if is_anybody(arn.value if isinstance(arn := permission.get("source_arn"), Known) else "named"):
        return failed("source_arn", expected=EXPECTED, actual=arn, cure="name the API, rule or bucket")
    narrowed = [
        given(permission, permission.get(path)) for path in ("source_arn", "source_account", "principal_org_id")
    ]
    if name != "*" and not name.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return passed("principal", name)
    if True in narrowed:
        return passed("source_arn")
    if None in narrowed:
        return undecided("source_arn", expected=EXPECTED, value=doubt("whether a source is named is not known"))
    return failed("source_arn", expected=EXPECTED, actual="not set", cure="set source_arn to the API, rule or bucket")


RULE = Rule(
    id="CKV_AIC_EDGE_011",
    name="permission-names-source",
    title="A function names who may call it",
    severity=Severity.HIGH,
    types=("aws_lambda_permission",),
    why=(
        "Without a source, anybody's API in anybody's account may call the function, and so act as the companion's "
        "own edge."
    ),
    fix="""
principal  = "apigateway.amazonaws.com"
source_arn = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
""",
    sources=("AWS docs, Security Hub controls reference: Lambda.1; AWS docs, IAM: the confused deputy problem",),
    controls={
        "FSBP-Lambda.1": "The function's policy does not allow public access.",
        "OWASP-LLM06": "Functions can only be run by the part that is meant to.",
    },
    breaks=(drop("aws_lambda_permission", "source_arn"),),
    built_in="CKV_AWS_301 and 364 ask parts of it",
    decide=decide,
)
