"""Our resource graphs from the graph that Checkov hands to its checks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from aic_engine.graph import Graph
from aic_engine.hcl_graph import HclScope, Parse, read_scope
from aic_engine.hcl_nodes import Body, Literal
from aic_engine.hcl_parser import HclSyntaxError, parse_body
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
    """Reads HCL files; one that did not change is parsed once in the life of the process."""

    _bodies: ClassVar[dict[tuple[Path, int, int], Body]] = {}

    def __call__(self, path: Path) -> Body:
        stat = path.stat()
        key = (path, stat.st_mtime_ns, stat.st_size)
        if key not in self._bodies:
            try:
                self._bodies[key] = parse_body(path.read_text(encoding="utf-8-sig"))
            except HclSyntaxError as error:
                raise RuleError(f"{path} cannot be read as HCL, {error}; terraform fmt shows what is wrong") from error
            except (OSError, UnicodeDecodeError, RecursionError) as error:
                raise RuleError(f"{path} cannot be read as HCL: {error}; write it as UTF-8 text") from error
        return self._bodies[key]


def _resolved_modules(nodes: list[Mapping[str, Any]]) -> Iterator[tuple[tuple[str, str], Path]]:
    """(calling file, call name) -> folder, for the module calls that Checkov resolved (remote ones among them)."""
    for node in nodes:
        if node.get("block_type_") == "module":
            name = str(node["block_name_"]).split("[")[0]
            body = node.get("config_", {}).get(node["block_name_"], {})
            for entry in body.get("__resolved__", []) if isinstance(body, dict) else []:
                path = getattr(entry, "file_path", entry)
                yield (str(node["file_path_"]), name), Path(path).parent


def root_scope(folder: Path, resolved: Mapping[tuple[str, str], Path], parse: Parse) -> HclScope:
    """The root module in ``folder`` with all modules it calls; ``resolved`` tells where remote ones lie."""
    root = read_scope(folder, parse)
    _add_children(root, folder, resolved, parse, 0)
    return root


def _add_children(
    scope: HclScope, at: Path, resolved: Mapping[tuple[str, str], Path], parse: Parse, depth: int
) -> None:
    if depth > _DEEPEST_CALL:
        raise RuleError(f"{at}: its modules call each other in a circle")
    for name, call in scope.calls.items():
        folder = next(
            (found for (file, called), found in resolved.items() if called == name and Path(file).parent == at), None
        )
        if folder is None:
            folder = called_folder(call, at)
        if folder is None or not folder.is_dir():
            continue
        child = read_scope(folder, parse, f"{scope.address}.module.{name}".lstrip("."), scope, call)
        scope.children[name] = [child]
        _add_children(child, folder, resolved, parse, depth + 1)


def called_folder(call: Body, caller: Path) -> Path | None:
    """The folder of a module call by path; ``None`` for one that comes from elsewhere."""
    source = call.node("source")
    if not isinstance(source, Literal) or not str(source.value).startswith(("./", "../")):
        return None
    return Path(caller, str(source.value)).resolve()
