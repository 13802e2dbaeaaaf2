"""A domain's engine can filter inside the nearest-neighbour search."""

from __future__ import annotations

import re

from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, require
from aic_engine.values import Known, Value
from aic_engine.weakening import set_to

SINCE = (2, 9)
"""Efficient k-NN filtering for HNSW and IVF on faiss (OpenSearch docs: k-NN, efficient filtering)."""


def decide(domain: Resource, graph: Graph) -> Decision:
    def holds(value: Value) -> bool:
        match = re.fullmatch(r"OpenSearch_(\d+)\.(\d+)", str(value.value)) if isinstance(value, Known) else None
        return match is not None and (int(match.group(1)), int(match.group(2))) >= SINCE

    return require(
        domain,
        "engine_version",
        holds,
        expected=f"OpenSearch_{SINCE[0]}.{SINCE[1]} or later",
        cure="set engine_version to a current version, and upgrade in place",
    )


RULE = Rule(
    id="CKV_AIC_VEC_011",
    name="vectors-engine-filters",
    title="The engine filters inside the search: one user's vectors only",
    severity=Severity.MEDIUM,
    types=("aws_opensearch_domain",),
    why=(
        "Older engines search all users' vectors first and filter what is left: a user with few memories gets none, "
        "and a forgotten filter gets everybody's."
    ),
    fix="""
engine_version = "OpenSearch_2.19"
""",
    sources=("OpenSearch docs, k-NN plugin: efficient k-NN filtering, faiss from 2.9",),
    controls={
        "OWASP-LLM08": "Searches are confined to one user's embeddings by the engine.",
    },
    breaks=(
        set_to("aws_opensearch_domain", "engine_version", "OpenSearch_1.3"),
        set_to("aws_opensearch_domain", "engine_version", "Elasticsearch_7.10"),
    ),
    decide=decide,
)
