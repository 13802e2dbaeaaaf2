"""Small Terraform worlds for the engine's tests: HCL from text, plans from the parts that matter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aic_engine.checkov_graph import HclParser, root_scope
from aic_engine.graph import Graph, Resource
from aic_engine.plan_graph import plan_graph
from aic_engine.rule import Rule, Verdict

TABLE = 'resource "aws_dynamodb_table" "t" {{\n  point_in_time_recovery {{\n    enabled = {}\n  }}\n}}\n'


def hcl(folder: Path, *main: str, **files: str) -> Graph:
    """The graph of ``main.tf`` and other files; ``a__main_tf="…"`` is ``a/main.tf``."""
    named = {name.replace("__", "/").replace("_tf", ".tf"): text for name, text in files.items()}
    return hcl_of(folder, {"main.tf": "\n".join(main), **named})


def hcl_of(folder: Path, files: Mapping[str, str]) -> Graph:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return Graph([root_scope(folder, {}, HclParser())])


def only(graph: Graph, type_: str) -> Resource:
    (found,) = graph.of_type(type_)
    return found


def verdicts(rules: tuple[Rule, ...], rule_id: str, graph: Graph) -> dict[str, Verdict]:
    rule = next(rule for rule in rules if rule.id == rule_id)
    return {finding.address: finding.verdict for finding in rule.evaluate(graph)}


def change(
    address: str,
    after: Mapping[str, Any] | None = None,
    *,
    unknown: Mapping[str, Any] | None = None,
    index: str | int | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """One resource change of a plan; ``address`` without the instance key of the resource itself."""
    module, _, block = address.rpartition(".aws_") if ".aws_" in address else ("", "", address.removeprefix("aws_"))
    type_, name = f"aws_{block}".split(".")
    made: dict[str, Any] = {
        "address": address,
        "mode": "managed",
        "type": type_,
        "name": name,
        "change": {"actions": ["create"], "after": after or {}, "after_unknown": unknown or {}},
        **extra,
    }
    if module:
        made["module_address"] = module
    if index is not None:
        made["index"] = index
    return made


def block(address: str, **expressions: Any) -> dict[str, Any]:
    """A resource of the plan's configuration; a list of strings as expression are its references."""
    type_, name = address.split(".")
    written = {
        key: {"references": item} if isinstance(item, list) and all(isinstance(each, str) for each in item) else item
        for key, item in expressions.items()
    }
    for_each = written.pop("for_each", None)
    made = {"mode": "managed", "type": type_, "name": name, "expressions": written}
    return {**made, "for_each_expression": for_each} if for_each else made


def plan(changes: list[dict[str, Any]], root: Mapping[str, Any], **extra: Any) -> dict[str, Any]:
    return {"resource_changes": changes, "configuration": {"root_module": root}, "planned_values": {}, **extra}


def planned(changes: list[dict[str, Any]], *blocks: dict[str, Any], **root: Any) -> Graph:
    return plan_graph(plan(changes, {"resources": list(blocks), **root}), lambda _: {})
