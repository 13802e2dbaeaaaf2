"""The costs page states what the examples' plans cost, and every number in it has a source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

import pytest

from companion_gate.errors import GateError
from companion_gate.gate.stack import EXAMPLE_PROVIDER
from companion_gate.plan.view import Plan
from companion_gate.terraform.batch import BatchCase, Outcome, plan_together
from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import written
from tests.modules.roots import REPOSITORY

from .costs import COMMAND, PAGE, costs, plans
from .fixed import PRICED_TYPES, Fixed
from .page import EXAMPLES, Cost, page, usd
from .prices import PriceList
from .turn import Turn

PRICES = PriceList.read()
_DEAR_TYPES = ("aws_opensearch", "aws_sagemaker", "aws_transcribe", "aws_cloudfront", "aws_wafv2", "aws_vpc_endpoint")


@pytest.fixture(scope="module")
def outcomes(terraform_session: TerraformSession) -> dict[str, Outcome]:
    return plans(terraform_session)


@pytest.fixture(scope="module")
def found(outcomes: Mapping[str, Outcome]) -> dict[str, Cost]:
    return costs(outcomes, PRICES)


def _plan(outcomes: Mapping[str, Outcome], name: str) -> Plan:
    outcome = outcomes[name]
    if isinstance(outcome, GateError):
        raise outcome
    return Plan(outcome)


def test_the_page_is_up_to_date(found: Mapping[str, Cost]) -> None:
    text = page(found, PRICES, COMMAND)
    assert PAGE.exists(), f"docs/costs.md is missing; run `{COMMAND}`"
    assert PAGE.read_text(encoding="utf-8") == text, f"docs/costs.md is out of date; run `{COMMAND}`"


@pytest.mark.parametrize("key", PRICES.prices)
def test_a_price_says_where_it_comes_from(key: str) -> None:
    price = PRICES[key]
    assert price.usd > 0
    assert re.search(r"pricing.*, (docs\.)?aws\.amazon\.com/", price.source), "source must name the page of AWS"
    assert date(2022, 1, 1) < price.as_of <= date.today()
    assert price.verified == bool(price.seen), "seen says where a verified number was read; an assumed one has none"
    assert not (price.verified and price.note)


def test_every_price_is_used(found: Mapping[str, Cost]) -> None:
    used = {key for cost in found.values() for key in (*cost.fixed, *cost.turns)}
    # The page states these beside the examples.
    beside = {"sagemaker_ml_g5_xlarge", "web_acl", "web_acl_request", "web_acl_rule"}
    assert set(PRICES.prices) == used | beside


def test_every_type_of_resource_is_priced_or_free() -> None:
    sources = [path for folder in ("modules", "examples") for path in (REPOSITORY / folder).rglob("*.tf")]
    types = {
        type_
        for path in sources
        if ".terraform" not in path.parts
        for type_ in re.findall(r'^resource "(\w+)"', path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    stated = {*PRICES.free, *PRICES.by_use}
    assert types - PRICED_TYPES - stated == set(), "add a rule in tests/docs/fixed.py, or an entry in docs/prices.toml"
    assert stated - types == set(), "docs/prices.toml calls a type free that nothing creates"
    assert not PRICED_TYPES & stated
    assert not set(PRICES.free) & set(PRICES.by_use)


def test_the_metrics_that_functions_write_are_counted() -> None:
    sources = (REPOSITORY / "modules/turn-handler/src/companion").glob("*.py")
    functions = (
        function
        for source in sources
        for function in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef) and "metrics.emit(" in ast.unparse(function)
    )
    names = {name for function in functions for name in _keys(function) if re.fullmatch(r"[A-Z][A-Za-z]+", name)}
    assert names == set(PRICES.emitted), "list them in docs/prices.toml under [emitted]"


def _keys(function: ast.FunctionDef) -> Iterator[str]:
    """Strings by which a function writes into dictionaries."""
    for node in ast.walk(function):
        keys = node.keys if isinstance(node, ast.Dict) else [node.slice] if isinstance(node, ast.Subscript) else []
        yield from (key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def test_what_is_expensive_is_off_by_default(outcomes: Mapping[str, Outcome], found: Mapping[str, Cost]) -> None:
    dear = [view.address for view in _plan(outcomes, "text-chat") if view.type.startswith(_DEAR_TYPES)]
    assert dear == []
    assert Turn(_plan(outcomes, "text-chat"), PRICES).features == {"bedrock"}
    assert usd(found["text-chat"].fixed, PRICES) < 25
    assert usd(found["text-chat"].turns, PRICES) < 5
    speech = usd(found["voice-companion"].speech, PRICES)
    assert speech > usd(found["voice-companion"].turns, PRICES) / 2, "docs/costs.md says that speech costs the most"


def test_each_example_is_priced_with_what_it_turns_on(outcomes: Mapping[str, Outcome]) -> None:
    features = {name: Turn(_plan(outcomes, name), PRICES).features for name in EXAMPLES}
    assert features == {
        "text-chat": {"bedrock"},
        "voice-companion": {"bedrock", "cdn", "vectors", "voice"},
        "sagemaker-companion": {"sagemaker"},
        "bring-your-own": {"own"},
    }


def test_fleets_are_priced_at_the_floor_of_their_scaling(outcomes: Mapping[str, Outcome]) -> None:
    plan = _plan(outcomes, "sagemaker-companion")
    floor = sum(target["min_capacity"].value for target in plan.of_type("aws_appautoscaling_target"))
    hours = sum(
        quantity for key, quantity in Fixed(plan, PRICES).quantities().items() if key.startswith("sagemaker_ml_")
    )
    assert floor >= 2
    assert hours == floor * PRICES.hours_per_month


_FOREIGN = 'resource "aws_nat_gateway" "this" {\n  subnet_id = "subnet-1"\n}\n'
_EDGES = """
resource "aws_sqs_queue" "turns" {
  name       = "turns.fifo"
  fifo_queue = true
}

resource "aws_sqs_queue" "erasures" {
  name = "erasures"
}

resource "aws_lambda_event_source_mapping" "turns" {
  function_name    = "worker"
  event_source_arn = aws_sqs_queue.turns.arn
}

resource "aws_lambda_event_source_mapping" "erasures" {
  function_name    = "erase"
  event_source_arn = aws_sqs_queue.erasures.arn
}

resource "aws_lambda_event_source_mapping" "stream" {
  function_name     = "forget"
  event_source_arn  = "arn:aws:dynamodb:eu-central-1:111122223333:table/memory/stream/2026-01-01T00:00:00.000"
  starting_position = "LATEST"
}

resource "aws_cloudwatch_metric_alarm" "ratio" {
  alarm_name          = "ratio"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 1

  metric_query {
    id          = "ratio"
    expression  = "blocked / turns"
    return_data = true
  }

  metric_query {
    id = "blocked"
    metric {
      namespace   = "Companion"
      metric_name = "Blocked"
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "turns"
    metric {
      namespace   = "Companion"
      metric_name = "Turns"
      period      = 60
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "turns" {
  alarm_name          = "turns"
  namespace           = "Companion"
  metric_name         = "Turns"
  statistic           = "Sum"
  period              = 10
  comparison_operator = "LessThanThreshold"
  evaluation_periods  = 1
  threshold           = 1
}

resource "aws_cloudwatch_log_metric_filter" "failed" {
  name           = "failed"
  pattern        = "ERROR"
  log_group_name = "app"

  metric_transformation {
    namespace = "Companion"
    name      = "Failed"
    value     = "1"
  }
}

resource "aws_vpc_endpoint" "tables" {
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.eu-central-1.dynamodb"
}

resource "aws_vpc_endpoint" "bedrock" {
  vpc_id            = "vpc-1"
  service_name      = "com.amazonaws.eu-central-1.bedrock-runtime"
  vpc_endpoint_type = "Interface"
  subnet_ids        = ["subnet-1", "subnet-2"]
}
"""


@pytest.fixture(scope="module")
def small(terraform_session: TerraformSession) -> dict[str, Outcome]:
    """Plans of roots that no example has."""
    roots = {"foreign": _FOREIGN, "edges": _EDGES}
    return plan_together(
        [
            BatchCase(name, partial(written, {"main.tf": text}, {}), provider=EXAMPLE_PROVIDER)
            for name, text in roots.items()
        ],
        terraform_session,
    )


def test_a_type_that_nobody_has_priced_is_an_error(small: Mapping[str, Outcome]) -> None:
    with pytest.raises(LookupError, match=r"aws_nat_gateway\.this: aws_nat_gateway is neither priced nor free"):
        Fixed(_plan(small, "foreign"), PRICES).quantities()


def test_what_costs_while_idle_is_counted(small: Mapping[str, Outcome]) -> None:
    quantities = Fixed(_plan(small, "edges"), PRICES).quantities()
    # Five pollers that ask three times a minute.
    polls = 5 * 3 * 60 * 730
    assert quantities == {
        "sqs_fifo_request": polls,
        "sqs_request": polls,
        "alarm_metric": 2,
        "high_resolution_alarm_metric": 1,
        "custom_metric": 3,
        "interface_endpoint": 2 * 730,
    }


def test_a_domain_costs_its_nodes_its_masters_and_its_storage(outcomes: Mapping[str, Outcome]) -> None:
    quantities = Fixed(_plan(outcomes, "vectors_domain"), PRICES).quantities()
    assert quantities["opensearch_r7g_large"] == 3 * 730
    assert quantities["opensearch_m7g_large"] == 3 * 730
    assert quantities["opensearch_gp3"] == 3 * 200


def test_a_collection_costs_its_floor_and_its_endpoint(outcomes: Mapping[str, Outcome]) -> None:
    plan = _plan(outcomes, "vectors_serverless")
    quantities = Fixed(plan, PRICES).quantities()
    assert quantities["opensearch_ocu"] == 2 * 730
    [endpoint] = plan.of_type("aws_opensearchserverless_vpc_endpoint")
    assert quantities["interface_endpoint"] == len(endpoint["subnet_ids"].value) * 730
