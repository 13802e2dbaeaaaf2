"""A scalable target's resource_id names an endpoint and variant, or a table, of this configuration."""

from __future__ import annotations

import re

from aic_engine.attributes import each_block
from aic_engine.graph import Graph, Resource
from aic_engine.links import link
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import GAP, Known, Unknown, show
from aic_engine.weakening import set_to

_ENDPOINT = re.compile(r"endpoint/(?P<name>.+)/variant/(?P<variant>[^/]+)")
_TABLE = re.compile(r"table/(?P<name>[^/]+)(/index/.+)?")
EXPECTED = "the name of an endpoint and variant, or table, of this configuration"
CURE = 'build it by reference: "endpoint/${aws_sagemaker_endpoint.<name>.name}/variant/<variant_name>"'


def decide(target: Resource, graph: Graph) -> Decision:
    namespace, value = target.get("service_namespace"), target.get("resource_id")
    if isinstance(namespace, Unknown):
        return undecided("service_namespace", expected="a known service", value=namespace)
    kind = {"sagemaker": "aws_sagemaker_endpoint", "dynamodb": "aws_dynamodb_table"}.get(
        str(namespace.value) if isinstance(namespace, Known) else ""
    )
    if kind is None or not graph.beside(target, kind):
        return not_applicable("what it scales is not part of this configuration")
    named = link(target, "resource_id", graph, kind).resource
    text = str(value.value) if isinstance(value, Known) else value.text if isinstance(value, Unknown) else ""
    pattern = _ENDPOINT if kind == "aws_sagemaker_endpoint" else _TABLE
    match = pattern.fullmatch(text or "")
    if match is None and text is not None and GAP not in text:
        return failed("resource_id", expected=EXPECTED, actual=value, cure=CURE)
    if named is None and match is not None and GAP not in match["name"]:
        named = next((each for each in graph.beside(target, kind) if each.get("name") == Known(match["name"])), None)
        names = [each.get("name") for each in graph.beside(target, kind)]
        if named is None and all(isinstance(name, Known) for name in names):
            return failed("resource_id", expected=EXPECTED, actual=value, cure=CURE)
    if named is None:
        unread = value if isinstance(value, Unknown) else Unknown("it cannot be told what it names")
        return undecided("resource_id", expected=EXPECTED, value=unread)
    if kind != "aws_sagemaker_endpoint" or match is None or GAP in match["variant"]:
        return passed("resource_id", named.address)
    return _variant(named, match["variant"], graph)


def _variant(endpoint: Resource, variant: str, graph: Graph) -> Decision:
    config = link(endpoint, "endpoint_config_name", graph, "aws_sagemaker_endpoint_configuration").resource
    blocks = (
        each_block(config, "production_variants") if config is not None else Unknown("its configuration is elsewhere")
    )
    if config is None or isinstance(blocks, Unknown):
        return passed("resource_id", endpoint.address)
    names = [config.get(f"{path}.variant_name") for path in blocks]
    if Known(variant) in names:
        return passed("resource_id", f"{endpoint.address}, variant {variant}")
    if hidden := [name for name in names if isinstance(name, Unknown)]:
        return undecided("resource_id", expected=EXPECTED, value=hidden[0])
    return failed("resource_id", expected=f"one of {', '.join(map(show, names))}", actual=variant, cure=CURE)


RULE = Rule(
    id="CKV_AIC_SCALE_003",
    name="scaling-target-resolves",
    title="A scalable target names what is deployed",
    severity=Severity.HIGH,
    types=("aws_appautoscaling_target",),
    why=(
        "A target that names nothing scales nothing: the plan is green, the dashboard shows a policy, and the "
        "endpoint stays at two."
    ),
    fix="""
resource_id = "endpoint/${aws_sagemaker_endpoint.this.name}/variant/AllTraffic"
""",
    sources=("AWS docs, Application Auto Scaling API reference: RegisterScalableTarget, ResourceId",),
    controls={
        "GENREL01-BP01": "Throughput really follows the load.",
        "SOC2-A1.2": "Capacity is managed for what is deployed.",
    },
    breaks=(
        set_to("aws_appautoscaling_target", "resource_id", "endpoint/another/variant/AllTraffic"),
        set_to("aws_appautoscaling_target", "resource_id", "AllTraffic"),
    ),
    decide=decide,
)
