"""What the resources of a plan cost while nobody uses them, as quantities of prices."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from aic_engine.values import Known
from companion_gate.plan.view import Plan, ResourceView

from .prices import PriceList

Quantity = tuple[str, float]
"""Key of a price, and how many of it a month."""


class Fixed:
    """The fixed cost of one plan."""

    def __init__(self, plan: Plan, prices: PriceList) -> None:
        self._plan = plan
        self._prices = prices

    def quantities(self) -> dict[str, float]:
        """Monthly quantities by price. Raises LookupError for a resource of a type that nobody has priced."""
        totals: dict[str, float] = {}
        for view in self._plan:
            for key, quantity in self._of(view):
                totals[key] = totals.get(key, 0) + quantity
        if metrics := self._custom_metrics():
            totals["custom_metric"] = len(metrics)
        return totals

    def _of(self, view: ResourceView) -> Iterator[Quantity]:
        if view.actions in {("read",), ("delete",)}:
            return iter(())
        if view.type in _RULES:
            return _RULES[view.type](self, view)
        if view.type in self._prices.free or view.type in self._prices.by_use:
            return iter(())
        raise LookupError(
            f"{view.address}: {view.type} is neither priced nor free; give it a rule in tests/docs/fixed.py, or say in "
            "docs/prices.toml why it is free or where its use is counted"
        )

    def _hours(self, count: float) -> float:
        return count * self._prices.hours_per_month

    def metric_alarm(self, view: ResourceView) -> Iterator[Quantity]:
        periods = [metric["period"] for metric in _queried(view)] or [view["period"].value]
        for period in periods:
            yield ("high_resolution_alarm_metric" if period < 60 else "alarm_metric"), 1

    def scaling_policy(self, view: ResourceView) -> Iterator[Quantity]:
        metric = str(view["target_tracking_scaling_policy_configuration[0].predefined_metric_specification"].value)
        key = "high_resolution_alarm_metric" if "HighResolution" in metric else "alarm_metric"
        yield key, self._prices.floors["alarms_of_a_scaling_policy"]

    def idle_pollers(self, view: ResourceView) -> Iterator[Quantity]:
        if view["starting_position"].is_set:
            # Reading a table's stream is free for Lambda (AWS docs: DynamoDB pricing, "DynamoDB Streams").
            return
        queues = [
            self._plan[address]
            for reference in view.references("event_source_arn")
            if (address := reference.rpartition(".")[0]) in self._plan and self._plan[address].type == "aws_sqs_queue"
        ]
        # A queue of somebody else's is taken for the dearer kind.
        standard = bool(queues) and all(queue["fifo_queue"].value is not True for queue in queues)
        floors = self._prices.floors
        polls = floors["idle_pollers"] * self._hours(3600) / floors["poll_seconds"]
        yield ("sqs_request" if standard else "sqs_fifo_request"), polls

    def domain(self, view: ResourceView) -> Iterator[Quantity]:
        cluster = _parts(view, "cluster_config")[0]
        yield _search_instance(cluster["instance_type"]), self._hours(cluster["instance_count"])
        if cluster["dedicated_master_enabled"]:
            yield _search_instance(cluster["dedicated_master_type"]), self._hours(cluster["dedicated_master_count"])
        if cluster.get("warm_enabled"):
            raise LookupError(f"{view.address}: warm nodes have no price; add a rule for them in tests/docs/fixed.py")
        yield "opensearch_gp3", cluster["instance_count"] * view["ebs_options[0].volume_size"].value

    def collection(self, view: ResourceView) -> Iterator[Quantity]:
        standby = view["standby_replicas"].value == "ENABLED"
        units = self._prices.floors["ocu_with_standby" if standby else "ocu_without_standby"]
        yield "opensearch_ocu", self._hours(units)

    def endpoint(self, view: ResourceView) -> Iterator[Quantity]:
        if view.type == "aws_vpc_endpoint" and view["vpc_endpoint_type"].value != "Interface":
            # Gateway endpoints are free (AWS docs: Gateway endpoints).
            return
        yield "interface_endpoint", self._hours(len(view["subnet_ids"].value))

    def instances(self, view: ResourceView) -> Iterator[Quantity]:
        for variant in _parts(view, "production_variants"):
            key = f"sagemaker_{variant['instance_type'].replace('.', '_')}"
            yield key, self._hours(variant["initial_instance_count"])
            if variant.get("volume_size_in_gb"):
                yield "sagemaker_volume", variant["initial_instance_count"] * variant["volume_size_in_gb"]

    def web_acl(self, view: ResourceView) -> Iterator[Quantity]:
        yield "web_acl", 1
        yield "web_acl_rule", len(_parts(view, "rule") or [])

    def _custom_metrics(self) -> set[str]:
        """Metrics outside AWS's namespaces that functions or filters write, or alarms read."""
        found = {metric for view in self._plan for metric in self._metrics_of(view)}
        return {metric for metric in found if not metric.startswith(("AWS/", "/aws/"))}

    def _metrics_of(self, view: ResourceView) -> Iterator[str]:
        if view.type == "aws_lambda_function" and view["function_name"].value.endswith("-worker"):
            dimensions = {"Deployment": view["function_name"].value.removesuffix("-worker")}
            yield from (_metric("Companion", name, dimensions) for name in self._prices.emitted)
        elif view.type == "aws_cloudwatch_log_metric_filter":
            for target in _parts(view, "metric_transformation"):
                yield _metric(target["namespace"], target["name"], target.get("dimensions"))
        elif view.type == "aws_cloudwatch_metric_alarm":
            for metric in _queried(view):
                yield _metric(metric["namespace"], metric["metric_name"], metric.get("dimensions"))
            if view["metric_name"].is_set:
                yield _metric(view["namespace"].value, view["metric_name"].value, _parts(view, "dimensions"))


def _each(key: str) -> Callable[[Fixed, ResourceView], Iterator[Quantity]]:
    return lambda _fixed, _view: iter([(key, 1)])


def _none(_fixed: Fixed, _view: ResourceView) -> Iterator[Quantity]:
    return iter(())


def _search_instance(type_: str) -> str:
    return f"opensearch_{type_.removesuffix('.search').replace('.', '_')}"


def _parts(view: ResourceView, path: str) -> Any:
    """A planned value of which parts may be known only after apply; None where nothing of it is known."""
    value = view.planned(path)
    return value.value if isinstance(value, Known) else None


def _queried(alarm: ResourceView) -> list[Any]:
    """The metrics that an alarm on an expression reads."""
    return [query["metric"][0] for query in _parts(alarm, "metric_query") or [] if query.get("metric")]


def _metric(namespace: str, name: str, dimensions: Any) -> str:
    return f"{namespace} {name} {json.dumps(dimensions or {}, sort_keys=True, default=str)}"


_RULES: dict[str, Callable[[Fixed, ResourceView], Iterator[Quantity]]] = {
    "aws_appautoscaling_policy": Fixed.scaling_policy,
    "aws_cloudwatch_composite_alarm": _each("composite_alarm"),
    "aws_cloudwatch_dashboard": _each("dashboard"),
    # What it writes is among the custom metrics.
    "aws_cloudwatch_log_metric_filter": _none,
    "aws_cloudwatch_metric_alarm": Fixed.metric_alarm,
    "aws_kms_key": _each("kms_key"),
    "aws_lambda_event_source_mapping": Fixed.idle_pollers,
    "aws_opensearch_domain": Fixed.domain,
    "aws_opensearchserverless_collection": Fixed.collection,
    "aws_opensearchserverless_vpc_endpoint": Fixed.endpoint,
    "aws_sagemaker_endpoint_configuration": Fixed.instances,
    "aws_vpc_endpoint": Fixed.endpoint,
    "aws_wafv2_web_acl": Fixed.web_acl,
}
PRICED_TYPES = frozenset(_RULES)
