"""A bucket that holds voices, transcripts or conversations deletes them after a bounded time."""

from __future__ import annotations

import re

from aic_engine.attributes import doubt, each_block
from aic_engine.graph import Graph, Resource
from aic_engine.links import pointing_at
from aic_engine.rule import Decision, Parameter, Rule, Severity, failed, not_applicable, passed, undecided
from aic_engine.values import Known, Unknown, as_number, known_text
from aic_engine.weakening import delete, set_to

LONGEST = Parameter(
    "voice_retention_days", 30, "days", "assumed: voices are for the turn, a month is for disputes about it"
)
_HOLDS = re.compile(r"voice|audio|speech|transcri|recording|conversation|utterance|dialog|chat|memor", re.IGNORECASE)
EXPECTED = "an enabled aws_s3_bucket_lifecycle_configuration rule with expiration"


def decide(bucket: Resource, graph: Graph) -> Decision:
    if not _holds_conversations(bucket):
        return not_applicable("nothing says that it holds voices or conversations")
    longest = LONGEST.of(graph)
    sure, maybe = pointing_at(bucket, graph, "aws_s3_bucket_lifecycle_configuration", "bucket")
    answers = [_expires(config, "rule", longest) for config in sure] + [_expires(bucket, "lifecycle_rule", longest)]
    if True in answers:
        return passed("", f"expires within {longest:g} days")
    if maybe or None in answers:
        return undecided("", expected=EXPECTED, value=doubt("what its lifecycle rules say is not known"))
    cure = f"expire all of it within {longest:g} days"
    return failed("", expected=f"{EXPECTED} of at most {longest:g} days", actual="none", cure=cure)


def _holds_conversations(bucket: Resource) -> bool:
    words = [
        bucket.name,
        *(known_text(bucket.get(path)) for path in ("bucket", "bucket_prefix", "tags.data", "tags.Name")),
    ]
    return any(_HOLDS.search(word) or word == "personal" for word in words)


def _expires(holder: Resource, block: str, longest: float) -> bool | None:
    rules = each_block(holder, block)
    if isinstance(rules, Unknown):
        return None
    answers: list[bool | None] = []
    for rule in rules:
        days, status = holder.get(f"{rule}.expiration[0].days"), holder.get(f"{rule}.status")
        if status == Known("Disabled") or holder.get(f"{rule}.enabled") == Known(False) or _is_partial(holder, rule):
            continue
        number = as_number(days)
        enabled = status if block == "rule" else holder.get(f"{rule}.enabled")
        answers.append(
            None
            if isinstance(days, Unknown) or isinstance(enabled, Unknown)
            else number is not None and 1 <= number <= longest
        )
    return True if True in answers else None if None in answers else False


def _is_partial(holder: Resource, rule: str) -> bool:
    """True where the rule leaves some objects out."""
    paths = (
        "prefix",
        "filter[0].prefix",
        "filter[0].tag[0].key",
        "filter[0].and[0].prefix",
        "filter[0].object_size_greater_than",
    )
    return any(
        isinstance(holder.get(f"{rule}.{path}"), Known) and holder.get(f"{rule}.{path}") != Known("") for path in paths
    )


RULE = Rule(
    id="CKV_AIC_VOICE_001",
    name="voice-not-kept",
    title="Voices and transcripts expire",
    severity=Severity.HIGH,
    types=("aws_s3_bucket",),
    why=(
        "A voice is a face that cannot be changed. Recordings of children that nobody deletes are the harm that COPPA "
        "was amended for."
    ),
    fix="""
resource "aws_s3_bucket_lifecycle_configuration" "voices" {
  bucket = aws_s3_bucket.voices.id

  rule {
    id     = "expire"
    status = "Enabled"
    filter {}
    expiration {
      days = 7
    }
  }
}
""",
    sources=(
        "The longest time is assumed",
        "Which buckets hold conversations is told by names and tags; the list of words is our own",
    ),
    controls={
        "COPPA-312.10": "Recordings of children are deleted after a stated time.",
        "GDPR-5.1.e": "Recordings are kept no longer than a stated time.",
    },
    breaks=(
        delete("aws_s3_bucket_lifecycle_configuration"),
        set_to("aws_s3_bucket_lifecycle_configuration", "rule[*].status", "Disabled"),
        set_to("aws_s3_bucket_lifecycle_configuration", "rule[*].expiration[0].days", 3650),
    ),
    parameters=(LONGEST,),
    decide=decide,
)
