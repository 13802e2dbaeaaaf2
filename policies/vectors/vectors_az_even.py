"""A domain spreads an even number of nodes over its availability zones."""

from __future__ import annotations

from aic_engine.attributes import is_true
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided, worst
from aic_engine.values import Known, Unknown, as_number
from aic_engine.weakening import drop, set_to

CONFIG = "cluster_config[0]"


def decide(domain: Resource, graph: Graph) -> Decision:
    aware = is_true(domain, f"{CONFIG}.zone_awareness_enabled", cure="set zone_awareness_enabled = true")
    count, zones = (
        domain.get(f"{CONFIG}.instance_count"),
        domain.get(f"{CONFIG}.zone_awareness_config[0].availability_zone_count"),
    )
    for path, value in ((f"{CONFIG}.instance_count", count), (f"{CONFIG}.zone_awareness_config", zones)):
        if isinstance(value, Unknown):
            return worst([aware, undecided(path, expected="a known number", value=value)])
    number = as_number(count) if isinstance(count, Known) else 1
    spread = as_number(zones) if isinstance(zones, Known) else 2
    if number is None or spread is None or number < 2 or number % spread != 0:
        place = f"{CONFIG}.instance_count"
        expected = f"a multiple of the {spread or 2:g} availability zones, and at least 2"
        cure = "raise instance_count to the next multiple"
        return worst([aware, failed(place, expected=expected, actual=count, cure=cure)])
    return worst([aware, passed(f"{CONFIG}.instance_count", f"{number:g} over {spread:g}")])


RULE = Rule(
    id="CKV_AIC_VEC_009",
    name="vectors-az-even",
    title="Vectors survive the loss of a zone",
    severity=Severity.HIGH,
    types=("aws_opensearch_domain",),
    why=(
        "Plan and API take two nodes over three zones. When the wrong zone fails, the companion has lost what it knew "
        "of its users."
    ),
    fix="""
cluster_config {
  instance_count         = 3
  zone_awareness_enabled = true
  zone_awareness_config {
    availability_zone_count = 3
  }
}
""",
    sources=(
        "AWS docs, OpenSearch Service: configuring a multi-AZ domain",
        "AWS provider 5.100: availability_zone_count defaults to 2; instance_count to 1",
    ),
    controls={
        "FSBP-Opensearch.6": "The domain has enough data nodes, over several zones.",
        "GDPR-32": "Personal data stay available through the failure of a zone.",
    },
    breaks=(
        set_to("aws_opensearch_domain", "cluster_config[0].instance_count", 1),
        set_to("aws_opensearch_domain", "cluster_config[0].zone_awareness_enabled", False),
        drop("aws_opensearch_domain", "cluster_config[0].zone_awareness_enabled"),
    ),
    decide=decide,
)
