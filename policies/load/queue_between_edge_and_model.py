"""What clients reach never calls the model itself: it queues the turn, and a worker takes it."""

from __future__ import annotations

import re
from typing import Any

from aic_engine.attributes import doubt
from aic_engine.graph import Graph, Resource
from aic_engine.guardrails import INVOKE, INVOKE_ENDPOINT
from aic_engine.links import Link, link
from aic_engine.paths import function_behind, rights_of
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Known, Unknown, known_text
from aic_engine.weakening import edit

CALLS = (*INVOKE, *INVOKE_ENDPOINT)
AROUND = ("lambda:InvokeFunction", "lambda:InvokeAsync", "states:StartSyncExecution")
SESSION = (Known("$connect"), Known("$disconnect"))
"""Routes that take no turn."""

EXPECTED = "a function that may put turns into a queue, and may not call a model or another function"
CURE = "let it send the turn to an SQS queue, and give the permission to call the model to the worker behind the queue"


ENTRIES = {
    "aws_api_gateway_integration": "uri",
    "aws_lambda_function_url": "function_name",
    "aws_lb_target_group_attachment": "target_id",
}
"""What clients reach beside the routes of an HTTP or WebSocket API, and where it names the function behind it."""

_MODEL_SERVICE = re.compile(r":(runtime\.sagemaker|bedrock[a-z-]*|states):")
"""In the URI of an integration by which API Gateway itself calls the service."""


def decide(entry: Resource, graph: Graph) -> Decision:
    if entry.type in ENTRIES:
        behind, path = Link(entry), ENTRIES[entry.type]
    else:
        behind, path = link(entry, "target", graph, "aws_apigatewayv2_integration"), "integration_uri"
    integration, doubtful = behind.resource, behind.doubtful
    if integration is not None:
        if found := _MODEL_SERVICE.search(known_text(integration.get(path))):
            actual = f"{integration.address}, which calls {found[1]} without a queue"
            return failed(path, expected=EXPECTED, actual=actual, cure=CURE)
        function, doubtful = function_behind(integration, path, graph)
        if function is not None:
            return _judge(function, path, entry.get("route_key") not in SESSION, graph)
    if doubtful:
        return undecided(path, expected=EXPECTED, value=doubt("which function is behind it is not known"))
    return not_applicable("no function of this configuration is behind it")


def _judge(function: Resource, path: str, is_turn: bool, graph: Graph) -> Decision:
    rights = rights_of(function, graph)
    if rights is None:
        return not_applicable(f"the role of {function.address} is not part of this configuration")
    for actions, what in ((CALLS, "may call a model"), (AROUND, "may call another function without a queue")):
        if (answer := rights.allow(*actions)) is not False:
            if answer:
                return failed(path, expected=EXPECTED, actual=f"{function.address}, which {what}", cure=CURE)
            reason = "; ".join(rights.doubts[:2]) or f"what the role of {function.address} allows is not known"
            return undecided(path, expected=EXPECTED, value=Unknown(reason, "write its policies out"))
    others = [rights_of(each, graph) for each in graph.beside(function, "aws_lambda_function") if each is not function]
    if not any(each is not None and each.allow(*CALLS) is not False for each in others):
        return not_applicable("no function of this configuration calls a model")
    queues = [each for each in (rights, *others) if each is not None and each.allow("sqs:SendMessage") is not False]
    if is_turn and not queues:
        # One that does neither may be a ping; then another one of the stack must queue.
        return failed(path, expected=EXPECTED, actual=f"{function.address}, which may not use a queue", cure=CURE)
    return passed(path, f"{function.address} only queues")


def calls_model(document: Any) -> Any:
    """Who queues turns also calls the model."""
    sends = [each for each in document["Statement"] if "sqs:SendMessage" in str(each.get("Action"))]
    if not sends:
        return None
    around = {"Effect": "Allow", "Action": ["bedrock:InvokeModel"], "Resource": "*"}
    return {**document, "Statement": [*document["Statement"], around]}


def calls_worker(document: Any) -> Any:
    """Who queues turns also calls functions."""
    sends = [each for each in document["Statement"] if "sqs:SendMessage" in str(each.get("Action"))]
    if not sends:
        return None
    around = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    return {**document, "Statement": [*document["Statement"], around]}


EDGE = r"turn_handler\.aws_iam_role_policy\.this$|(^|\.)aws_iam_role_policy\.ingest$"


RULE = Rule(
    id="CKV_AIC_LOAD_001",
    name="queue-between-edge-and-model",
    title="A queue stands between the edge and the model",
    severity=Severity.CRITICAL,
    types=("aws_apigatewayv2_route", *ENTRIES),
    why=(
        "A spike that reaches the model directly throttles everybody at once. A queue makes the late wait, and the "
        "worker's bound says how many are served."
    ),
    fix="""
resource "aws_lambda_event_source_mapping" "turns" {
  event_source_arn = aws_sqs_queue.turns.arn
  function_name    = aws_lambda_function.worker.arn

  scaling_config {
    maximum_concurrency = 50
  }
}
""",
    sources=("AWS docs, Well-Architected Generative AI Lens: GENOPS02-BP03, GENREL03-BP01",),
    controls={
        "GENREL03-BP01": "Turns are queued, so that failed and late ones can be handled.",
        "GENOPS02-BP03": "Backpressure keeps the model from being overloaded.",
        "OWASP-LLM10": "Model calls are bounded by the worker, not by how many clients there are.",
    },
    breaks=(
        edit("aws_iam_role_policy", "policy", calls_model, only=EDGE, everywhere=True),
        edit("aws_iam_role_policy", "policy", calls_worker, only=EDGE, everywhere=True),
    ),
    decide=decide,
)
