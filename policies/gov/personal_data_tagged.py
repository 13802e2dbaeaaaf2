"""A store carries the tag data, which says whether it holds personal data."""

from __future__ import annotations

from aic_engine.attributes import doubt
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Known, Unknown, show
from aic_engine.weakening import drop, set_to

VALUES = ("personal", "operations", "none", "public", "confidential")
TAG = "data"
CURE = 'tag it with data = "personal", or data = "none" where it holds none'


def decide(store: Resource, graph: Graph) -> Decision:
    tags = store.get("tags_all") if store.expands else store.get("tags")
    expected = f"tag {TAG} with {', '.join(VALUES)}"
    if isinstance(tags, Unknown):
        return undecided("tags", expected=expected, value=tags)
    value = tags.value.get(TAG) if isinstance(tags, Known) and isinstance(tags.value, dict) else None
    if isinstance(value, Unknown):
        return undecided(f"tags.{TAG}", expected=expected, value=value)
    if value in VALUES:
        return passed(f"tags.{TAG}", str(value))
    if value is None and not store.expands:
        unread = doubt("the default_tags of the provider may set it")
        return undecided(f"tags.{TAG}", expected=expected, value=unread)
    return failed(f"tags.{TAG}", expected=expected, actual=show(Known(value)) if value else "not set", cure=CURE)


RULE = Rule(
    id="CKV_AIC_GOV_002",
    name="personal-data-tagged",
    title="What holds personal data says so",
    severity=Severity.MEDIUM,
    types=(
        "aws_dynamodb_table",
        "aws_opensearch_domain",
        "aws_opensearchserverless_collection",
        "aws_sqs_queue",
        "aws_s3_bucket",
    ),
    why=(
        "A request to erase, or a breach, begins with the question where personal data are. A tag answers it while "
        "people are still looking."
    ),
    fix="""
tags = {
  data = "personal"
}
""",
    sources=(
        "Regulation (EU) 2016/679, Article 30: records of processing activities",
        "The tag's name and values are a convention of this project",
    ),
    controls={
        "GDPR-30": "Stores of personal data can be listed for the record of processing.",
    },
    breaks=(
        drop("aws_dynamodb_table", "tags"),
        set_to("aws_dynamodb_table", "tags.data", "whatever"),
        drop("aws_sqs_queue", "tags.data"),
    ),
    only_on_plan="tags may come from the provider's default_tags",
    decide=decide,
)
