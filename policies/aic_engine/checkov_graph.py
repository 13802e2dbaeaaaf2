"""Our resource graphs from the graph that Checkov hands to its checks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import hcl2

from aic_engine.graph import Graph
from aic_engine.hcl_graph import Document, HclScope
from aic_engine.plan_graph import PlanError, plan_graph
from aic_engine.rule import RuleError

_DEEPEST_CALL = 20


def graphs_of(checkov_graph: Any) -> list[Graph]:
    """One graph per plan file, and one for all HCL roots of the scan.

    ``checkov_graph`` is what Checkov puts on its checks: a rustworkx or networkx graph, or (plan runner) one of them in
    a list. Its nodes tell which files were read and how modules were resolved; values are never taken from it.
    """
    nodes = list(_nodes(checkov_graph))
    plans = {node["file_path_"] for node in nodes if node.get("file_path_", "").endswith(".json")}
    graphs = [_read_plan(Path(path)) for path in sorted(plans)]
    folders = {
        Path(node["file_path_"]).parent
        for node in nodes
        if node.get("file_path_", "").endswith(".tf") and not node.get("source_module_object_")
    }
    if folders:
        resolved = dict(_resolved_modules(nodes))
        parse = HclParser()
        graphs.append(Graph(root_scope(folder, resolved, parse) for folder in sorted(folders)))
    return graphs


def _nodes(checkov_graph: Any) -> Iterator[Mapping[str, Any]]:
    nodes = checkov_graph.nodes
    for node in nodes() if callable(nodes) else nodes:
        data = node[1] if isinstance(node, tuple) else node
        if isinstance(data, Mapping):
            yield data


def _read_plan(path: Path) -> Graph:
    try:
        return plan_graph(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, PlanError) as error:
        raise RuleError(f"{path} cannot be read as a Terraform plan: {error}") from error


class HclParser:
    """Checkov's own HCL parser; a file that did not change is parsed once in the life of the process."""

    _documents: ClassVar[dict[tuple[Path, int, int], Document]] = {}

    def __call__(self, path: Path) -> Document:
        stat = path.stat()
        key = (path, stat.st_mtime_ns, stat.st_size)
        if key not in self._documents:
            try:
                with path.open(encoding="utf-8-sig") as file:
                    self._documents[key] = hcl2.load(file)
            except Exception as error:
                raise RuleError(f"{path} cannot be read as HCL; run terraform fmt on it to see where") from error
        return self._documents[key]


def _resolved_modules(nodes: list[Mapping[str, Any]]) -> Iterator[tuple[tuple[str, str], Path]]:
    """(calling file, call name) -> folder, for the module calls that Checkov resolved (remote ones among them)."""
    for node in nodes:
        if node.get("block_type_") == "module":
            name = str(node["block_name_"]).split("[")[0]
            body = node.get("config_", {}).get(node["block_name_"], {})
            for entry in body.get("__resolved__", []) if isinstance(body, dict) else []:
                path = getattr(entry, "file_path", entry)
                yield (str(node["file_path_"]), name), Path(path).parent


def root_scope(folder: Path, resolved: Mapping[tuple[str, str], Path], parse: HclParser) -> HclScope:
    """The root module in ``folder`` with all modules it calls; ``resolved`` tells where remote ones lie."""
    root = HclScope(folder, "", None, {}, parse)
    _add_children(root, resolved, parse, 0)
    return root


def _add_children(scope: HclScope, resolved: Mapping[tuple[str, str], Path], parse: HclParser, depth: int) -> None:
    if depth > _DEEPEST_CALL:
        raise RuleError(f"{scope.source}: its modules call each other in a circle")
    for name, call in scope.calls.items():
        source = (call.get("source") or [""])[0]
        folder = next((at for (file, called), at in resolved.items() if called == name and _in(file, scope)), None)
        if folder is None and isinstance(source, str) and source.startswith(("./", "../")):
            folder = Path(scope.source, source).resolve()
        if folder is None or not folder.is_dir():
            continue
        address = f"{scope.address}.module.{name}".lstrip(".")
        child = HclScope(folder, address, scope, call, parse)
        scope.children[name] = [child]
        _add_children(child, resolved, parse, depth + 1)


def _in(file: str, scope: HclScope) -> bool:
    return Path(file).parent == scope.source
