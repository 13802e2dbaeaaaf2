"""An event source mapping bounds how many turns are worked on at once."""

from __future__ import annotations

from aic_engine.attributes import doubt, is_between
from aic_engine.graph import Graph, Resource
from aic_engine.paths import reads_queue
from aic_engine.rule import Decision, Parameter, Rule, Severity, not_applicable, undecided
from aic_engine.values import Known
from aic_engine.weakening import drop, set_to

MOST = Parameter(
    "worker_max_concurrency",
    1000,
    "executions",
    "AWS docs, Lambda: maximum concurrency for SQS event sources is 2 to 1,000",
)
PATH = "scaling_config[0].maximum_concurrency"


def decide(mapping: Resource, graph: Graph) -> Decision:
    reads = reads_queue(mapping, graph)
    if reads is False:
        return not_applicable("it reads no queue; shards bound a stream")
    most = MOST.of(graph)
    decision = is_between(
        mapping, PATH, 2, most, unit="executions", cure="add scaling_config { maximum_concurrency = 50 }"
    )
    if reads is None and not isinstance(mapping.get(PATH), Known):
        unread = doubt("whether it reads a queue is not known")
        return undecided(PATH, expected=f"2 to {most:g}", value=unread)
    return decision


RULE = Rule(
    id="CKV_AIC_LOAD_006",
    name="worker-concurrency-capped",
    title="A queue's worker is bounded",
    severity=Severity.HIGH,
    types=("aws_lambda_event_source_mapping",),
    why=(
        "Without a bound, a thousand workers ask the model at once: it throttles them all, and the bill is that of a "
        "thousand."
    ),
    fix="""
scaling_config {
  maximum_concurrency = 50
}
""",
    sources=("AWS docs, Lambda: scaling behavior and maximum concurrency of SQS event source mappings",),
    controls={
        "OWASP-LLM10": "Model calls at one time are bounded.",
        "GENOPS02-BP03": "Load on the model is limited by design.",
    },
    breaks=(
        drop("aws_lambda_event_source_mapping", "scaling_config", only=r"\.(turns|erasures|batched)$"),
        set_to(
            "aws_lambda_event_source_mapping",
            "scaling_config[0].maximum_concurrency",
            5000,
            only=r"\.(turns|erasures|batched)$",
        ),
    ),
    parameters=(MOST,),
    decide=decide,
)
