"""A queue of turns forgets them after minutes."""

from __future__ import annotations

from aic_engine.attributes import doubt, is_between
from aic_engine.graph import Graph, Resource
from aic_engine.guardrails import INVOKE, INVOKE_ENDPOINT
from aic_engine.paths import consumers, function_behind, rights_of
from aic_engine.rule import Decision, Parameter, Rule, Severity, not_applicable, undecided
from aic_engine.weakening import drop, set_to

LONGEST = Parameter("turn_retention_seconds", 3600, "s", "assumed: nobody waits an hour for the next sentence")


def decide(queue: Resource, graph: Graph) -> Decision:
    is_turns = _feeds_model(queue, graph)
    if is_turns is False:
        return not_applicable("no worker that calls a model reads it")
    longest = LONGEST.of(graph)
    decision = is_between(
        queue,
        "message_retention_seconds",
        60,
        longest,
        unit="s",
        cure=f"set message_retention_seconds to at most {longest:g}; the default is four days",
        default=345600,
    )
    if is_turns is None:
        unread = doubt("whether a worker that calls a model reads it is not known")
        return undecided("message_retention_seconds", expected=f"at most {longest:g} s", value=unread)
    return decision


def _feeds_model(queue: Resource, graph: Graph) -> bool | None:
    sure, maybe = consumers(queue, graph)
    answers: list[bool | None] = [None] if maybe else []
    for mapping in sure:
        function, doubtful = function_behind(mapping, "function_name", graph)
        if function is None:
            answers.append(None if doubtful else False)
            continue
        rights = rights_of(function, graph)
        answers.append(False if rights is None else rights.allow(*INVOKE, *INVOKE_ENDPOINT))
    return True if True in answers else None if None in answers else False


RULE = Rule(
    id="CKV_AIC_LOAD_004",
    name="turns-stay-fresh",
    title="An old turn is not answered any more",
    severity=Severity.HIGH,
    types=("aws_sqs_queue",),
    why=(
        "After an outage a companion that answers everything at once tells people in the night what they needed to "
        "hear in the afternoon."
    ),
    fix="""
message_retention_seconds = 600
""",
    sources=(
        "AWS docs, SQS API reference: MessageRetentionPeriod, 60 s to 14 days, default 4 days",
        "The longest time is assumed",
    ),
    controls={
        "GENREL03-BP01": "Late turns are dropped, so that current ones are answered.",
    },
    breaks=(
        set_to(
            "aws_sqs_queue", "message_retention_seconds", 1209600, only=r"companion.*\.turns$|^aws_sqs_queue\.turns$"
        ),
        drop("aws_sqs_queue", "message_retention_seconds", only=r"companion.*\.turns$|^aws_sqs_queue\.turns$"),
    ),
    parameters=(LONGEST,),
    decide=decide,
)
