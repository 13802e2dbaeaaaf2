"""The way of a turn: from a route to its function, from a queue to its worker, and what each role may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aic_engine.attributes import given
from aic_engine.graph import Graph, Resource
from aic_engine.iam import Statement, read_json
from aic_engine.links import link, pointing_at, role_statements
from aic_engine.values import GAP, Absent, Known, Unknown, Value, as_bool, as_number, known_text

_DEAD = re.compile(r"dlq|dead[-_.]?letter|failure|undeliver", re.IGNORECASE)
_SOURCES = {
    "aws_lambda_event_source_mapping": "destination_config[0].on_failure[0].destination_arn",
    "aws_lambda_function": "dead_letter_config[0].target_arn",
    "aws_lambda_function_event_invoke_config": "destination_config[0].on_failure[0].destination",
    "aws_sqs_queue_redrive_allow_policy": "queue_url",
}
"""Where a queue is named that takes what could not be handled."""


@dataclass(frozen=True)
class Rights:
    """What the role of a function allows; ``doubts`` say what could not be read."""

    statements: tuple[Statement, ...]
    doubts: tuple[str, ...] = ()

    def allow(self, *actions: str) -> bool | None:
        answers = [each.allows(*actions) for each in self.statements]
        return True if True in answers else None if None in answers or self.doubts else False


def function_behind(resource: Resource, path: str, graph: Graph) -> tuple[Resource | None, bool]:
    """The Lambda function that an argument names, also through an alias; and whether that is in doubt."""
    named = link(resource, path, graph, "aws_lambda_function", "aws_lambda_alias")
    if named.resource is not None and named.resource.type == "aws_lambda_alias":
        named = link(named.resource, "function_name", graph, "aws_lambda_function")
    return named.resource, named.doubtful


def rights_of(function: Resource, graph: Graph) -> Rights | None:
    """What a function may do; ``None`` where its role is not part of this configuration."""
    return graph.once(("rights", id(function)), lambda: _rights_of(function, graph))


def _rights_of(function: Resource, graph: Graph) -> Rights | None:
    role = link(function, "role", graph, "aws_iam_role")
    if role.resource is None:
        return Rights((), (f"{function.address}.role cannot be told",)) if role.doubtful else None
    found, doubts = role_statements(role.resource, graph)
    return Rights(tuple(found), tuple(doubts))


def is_dead_letter_queue(queue: Resource, graph: Graph) -> bool | None:
    """Whether a queue takes what others could not handle: something says so, or its name does."""
    name = queue.get("name")
    if (_DEAD.search(known_text(name)) or _DEAD.search(queue.name)) and not consumers(queue, graph)[0]:
        return True
    targets, doubtful = _dead_letter_targets(queue, graph)
    if any(target is queue for target in targets.values()):
        return True
    if any(pointing_at(queue, graph, type_, path)[0] for type_, path in _SOURCES.items()):
        return True
    return None if any(queue in each for each in doubtful) else False


def dead_letter_queue_of(queue: Resource, graph: Graph) -> tuple[Resource | None, Value]:
    """The queue that takes what this one gives up, and the policy that says so."""
    sure, _ = pointing_at(queue, graph, "aws_sqs_queue_redrive_policy", "queue_url")
    holder = sure[0] if sure else queue
    policy = holder.get("redrive_policy")
    return _dead_letter_targets(queue, graph)[0].get(id(holder)), policy


def _dead_letter_targets(queue: Resource, graph: Graph) -> tuple[dict[int, Resource], list[set[Resource]]]:
    """Which queue each redrive policy of the root names, by the id of its holder; and those that one may name."""
    root = graph.root_of(queue)
    return graph.once(("redrive", id(root)), lambda: _redrives(queue, graph))


def _redrives(queue: Resource, graph: Graph) -> tuple[dict[int, Resource], list[set[Resource]]]:
    named: dict[int, Resource] = {}
    doubtful: list[set[Resource]] = []
    queues = graph.beside(queue, "aws_sqs_queue")
    by_name = {value.value: each for each in queues if isinstance(value := each.get("name"), Known)}
    for holder in graph.beside(queue, "aws_sqs_queue", "aws_sqs_queue_redrive_policy"):
        document = read_json(holder.get("redrive_policy"))
        if document is None:
            continue
        target = document.get("deadLetterTargetArn") if isinstance(document, dict) else None
        known = graph.target(target) if isinstance(target, Unknown) else None
        if known is not None:
            named[id(holder)] = known.resource
        elif isinstance(target, str):
            if target.rpartition(":")[2] in by_name:
                named[id(holder)] = by_name[target.rpartition(":")[2]]
        else:
            found = {each.resource for each in graph.references(holder, "redrive_policy").found}
            found = {each for each in found if each.type == "aws_sqs_queue" and each is not holder}
            if len(found) == 1:
                named[id(holder)] = found.pop()
            elif found:
                doubtful.append(found)
    return named, doubtful


def consumers(queue: Resource, graph: Graph) -> tuple[list[Resource], list[Resource]]:
    """The event source mappings that read a queue, and those that may."""
    return pointing_at(queue, graph, "aws_lambda_event_source_mapping", "event_source_arn")


def reads_queue(mapping: Resource, graph: Graph) -> bool | None:
    """Whether an event source mapping reads an SQS queue; streams are another matter."""
    value = mapping.get("event_source_arn")
    if isinstance(value, Known):
        return ":sqs:" in str(value.value)
    if isinstance(value, Unknown):
        target = graph.target(value)
        if target is not None:
            return target.resource.type == "aws_sqs_queue"
        if value.text and value.text.count(":") > 2:
            service = value.text.split(":")[2]
            return None if GAP in service else service == "sqs"
        types = {each.resource.type for each in graph.references(mapping, "event_source_arn").found}
        streams = {"aws_dynamodb_table", "aws_kinesis_stream", "aws_msk_cluster", "aws_mq_broker"}
        if types and not types & streams:
            return "aws_sqs_queue" in types or None
        return None if "aws_sqs_queue" in types or not types else False
    return False


def queue_alarms(queue: Resource, graph: Graph, metric: str) -> tuple[list[Resource], bool]:
    """The alarms on one metric of a queue, and whether there may be others."""
    by_metric = graph.once(("alarms", id(graph.root_of(queue))), lambda: _alarms(queue, graph))
    found: list[Resource] = []
    doubtful = None in by_metric
    for alarm in by_metric.get(metric, ()):
        named = link(alarm, "dimensions.QueueName", graph, queue.type)
        if named.resource is queue and alarm.exists is True:
            found.append(alarm)
        doubtful = doubtful or named.doubtful or (named.resource is queue and alarm.exists is not True)
    return found, doubtful


def tells_somebody(alarm: Resource, highest: float) -> bool | None:
    """Whether an alarm acts, and does so above a threshold that is at most ``highest``."""
    threshold, comparison = alarm.get("threshold"), alarm.get("comparison_operator")
    number = as_number(threshold)
    answers = [
        given(alarm, alarm.get("alarm_actions")),
        None if isinstance(enabled := alarm.get("actions_enabled"), Unknown) else as_bool(enabled) is not False,
        None if isinstance(threshold, Unknown) else number is not None and number <= highest,
        None
        if isinstance(comparison, Unknown)
        else isinstance(comparison, Known) and str(comparison.value).startswith("GreaterThan"),
    ]
    return False if False in answers else None if None in answers else True


def _alarms(resource: Resource, graph: Graph) -> dict[str | None, list[Resource]]:
    """The alarms of the root on queues by their metric; under ``None`` those whose metric is not known."""
    found: dict[str | None, list[Resource]] = {}
    for alarm in graph.beside(resource, "aws_cloudwatch_metric_alarm"):
        name, namespace = alarm.get("metric_name"), alarm.get("namespace")
        if isinstance(namespace, Known) and namespace.value != "AWS/SQS":
            continue
        if isinstance(namespace, Unknown):
            name = namespace
        if alarm.exists is not False and not isinstance(name, Absent):
            found.setdefault(str(name.value) if isinstance(name, Known) else None, []).append(alarm)
    return found


def each_variable(function: Resource) -> Iterator[tuple[str, str]] | Unknown:
    """Names and paths of a function's environment variables."""
    variables = function.get("environment[0].variables")
    if isinstance(variables, Unknown):
        return variables
    names = variables.value if isinstance(variables, Known) and isinstance(variables.value, dict) else {}
    return iter([(name, f"environment[0].variables.{name}") for name in names])
