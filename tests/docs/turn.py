"""What a turn costs on a planned companion: docs/prices.toml's turn with the plan's features, memory and model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aic_engine.values import Known, Unknown
from companion_gate.plan.view import Plan, ResourceView

from .prices import PriceList, TurnItem

# Feature by the type of resource that it brings, and by its function.
_OF_TYPE = {
    "aws_bedrock_inference_profile": "bedrock",
    "aws_cloudfront_distribution": "cdn",
    "aws_sagemaker_endpoint": "sagemaker",
}
_OF_FUNCTION = {"forget": "vectors", "listen": "voice"}


class Turn:
    """The cost by use of one plan."""

    def __init__(self, plan: Plan, prices: PriceList) -> None:
        self._plan = plan
        self._prices = prices
        self.features = frozenset(self._features())

    def quantities(self, turns: int = 1000, *, only: str = "") -> dict[str, float]:
        """Quantities by price for so many turns; ``only`` a feature: what it alone has of them."""
        totals: dict[str, float] = {}
        for item in self._prices.turn:
            if self._has(item) and (not only or item.when == (only,)):
                key = f"{self.model}_{item.price}" if item.of_model else item.price
                memory = self._function(item.memory_of)["memory_size"].value / 1024 if item.memory_of else 1
                totals[key] = totals.get(key, 0) + item.quantity * memory * turns
        return totals

    def _has(self, item: TurnItem) -> bool:
        resources = [view for view in self._plan if view.type == item.of]
        if item.policy:
            resources = [view for view in resources if _has_block(view, item.policy)]
        wanted = not item.when or bool(self.features.intersection(item.when))
        return bool(resources) and wanted and item.unless not in self.features

    @property
    def model(self) -> str:
        """The prefix of the planned model's prices: amazon_nova_lite of amazon.nova-lite-v1:0."""
        sources = {
            view["model_source[0].copy_from"].value
            for view in self._plan
            if view.type == "aws_bedrock_inference_profile"
        }
        if len(sources) != 1:
            raise LookupError(f"the plan has {len(sources)} models of Bedrock; the turn is priced for one")
        name = re.sub(r"^(?:[a-z]+\.)?(?=[a-z]+\.)", "", sources.pop().rpartition("/")[2])
        return re.sub(r"\W", "_", re.sub(r"-v\d+:\d+$", "", name))

    def _features(self) -> Iterator[str]:
        types = {view.type for view in self._plan}
        yield from (feature for type_, feature in _OF_TYPE.items() if type_ in types)
        yield from (feature for key, feature in _OF_FUNCTION.items() if self._functions(key))
        if not self._functions("worker"):
            yield "own"

    def _function(self, key: str) -> ResourceView:
        found = self._functions(key)
        if len(found) != 1:
            raise LookupError(f"the plan has {len(found)} functions called …-{key}; the turn needs one")
        return found[0]

    def _functions(self, key: str) -> list[ResourceView]:
        return [
            view
            for view in self._plan
            if view.type == "aws_lambda_function" and view["function_name"].value.endswith(f"-{key}")
        ]


def _has_block(view: ResourceView, block: str) -> bool:
    value = view.planned(block)
    return isinstance(value, Unknown) or (isinstance(value, Known) and bool(value.value))
