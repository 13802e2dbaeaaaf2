"""A web ACL has a rate-based rule that blocks."""

from __future__ import annotations

from aic_engine.attributes import each_block
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, passed, undecided
from aic_engine.values import Unknown
from aic_engine.weakening import drop

EXPECTED = "a rule with rate_based_statement and action { block {} }"
CURE = "add a rate-based rule whose action is block; count only watches"


def decide(acl: Resource, graph: Graph) -> Decision:
    rules = each_block(acl, "rule")
    if isinstance(rules, Unknown):
        return undecided("rule", expected=EXPECTED, value=rules)
    counts = [acl.blocks(f"{rule}.statement[0].rate_based_statement") for rule in rules]
    limited = [rule for rule, count in zip(rules, counts, strict=True) if isinstance(count, int) and count]
    blocks = [acl.blocks(f"{rule}.action[0].{kind}") for rule in limited for kind in ("block", "challenge", "captcha")]
    if any(isinstance(count, int) and count for count in blocks):
        return passed("rule")
    if hidden := [each for each in (*counts, *blocks) if isinstance(each, Unknown)]:
        return undecided("rule", expected=EXPECTED, value=hidden[0])
    actual = "a rate-based rule that only counts" if limited else "none"
    return failed("rule", expected=EXPECTED, actual=actual, cure=CURE)


RULE = Rule(
    id="CKV_AIC_EDGE_009",
    name="waf-rate-blocks",
    title="A web ACL blocks who comes too often",
    severity=Severity.HIGH,
    types=("aws_wafv2_web_acl",),
    why="A rule that counts writes down how the companion was flooded. One that blocks keeps it answering.",
    fix="""
rule {
  name     = "rate"
  priority = 1
  action {
    block {}
  }
  statement {
    rate_based_statement {
      limit              = 300
      aggregate_key_type = "IP"
    }
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "rate"
    sampled_requests_enabled   = false
  }
}
""",
    sources=("AWS docs, WAF: rate-based rule statement; rule actions",),
    controls={
        "OWASP-LLM10": "A source that asks too often is blocked.",
    },
    breaks=(
        drop("aws_wafv2_web_acl", "rule"),
        drop("aws_wafv2_web_acl", "rule[0].action[0].block"),
    ),
    built_in="CKV_AWS_192 asks for a Log4j rule only",
    decide=decide,
)
