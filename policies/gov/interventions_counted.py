"""Where functions use a guardrail, an alarm watches how often it intervenes."""

from __future__ import annotations

from aic_engine.attributes import doubt, each_block
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Known, Unknown
from aic_engine.weakening import delete

NAMESPACE = "AWS/Bedrock/Guardrails"
METRIC = "InvocationsIntervened"
EXPECTED = f"an alarm on {METRIC} of {NAMESPACE}"


def decide(guardrail: Resource, graph: Graph) -> Decision:
    if not graph.beside(guardrail, "aws_lambda_function", "aws_bedrockagent_agent"):
        return not_applicable("nothing of this configuration calls it")
    doubtful = False
    for alarm in graph.beside(guardrail, "aws_cloudwatch_metric_alarm"):
        metric = _metric(alarm)
        if metric is True and alarm.exists is True:
            return passed("", f"watched by {alarm.address}")
        doubtful = doubtful or metric is None
    if doubtful:
        return undecided("", expected=EXPECTED, value=doubt("what the alarms watch is not known"))
    return failed("", expected=EXPECTED, actual="none", cure="add the alarm; the metric holds no text of users")


def _metric(alarm: Resource) -> bool | None:
    queries = each_block(alarm, "metric_query")
    inner = [f"{path}.metric[0]." for path in queries] if isinstance(queries, list) else []
    answers: list[bool | None] = [None] if isinstance(queries, Unknown) else []
    for prefix in ("", *inner):
        space, name = alarm.get(f"{prefix}namespace"), alarm.get(f"{prefix}metric_name")
        if isinstance(space, Unknown) or isinstance(name, Unknown):
            answers.append(None)
        else:
            answers.append(space == Known(NAMESPACE) and name == Known(METRIC))
    return True if True in answers else None if None in answers else False


RULE = Rule(
    id="CKV_AIC_GOV_003",
    name="interventions-counted",
    title="Interventions of the guardrail are counted",
    severity=Severity.MEDIUM,
    types=("aws_bedrock_guardrail",),
    why=(
        "A wave of crises, or of attacks, shows in this number first. The report that SB 243 asks for starts with it."
    ),
    fix="""
namespace   = "AWS/Bedrock/Guardrails"
metric_name = "InvocationsIntervened"
dimensions  = { GuardrailArn = aws_bedrock_guardrail.this.guardrail_arn }
""",
    sources=(
        "AWS docs, Bedrock: monitor guardrails using CloudWatch metrics",
        "Cal. Bus. & Prof. Code 22603 (SB 243): annual report",
    ),
    controls={
        "SB243-22603": "Supports counting how often crisis content was met, without keeping it.",
        "SOC2-CC7.2": "Waves of harmful content are noticed.",
    },
    breaks=(
        delete(
            "aws_cloudwatch_metric_alarm",
            only=r"\.interventions$",
        ),
    ),
    decide=decide,
)
