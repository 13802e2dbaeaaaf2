"""Writes the tables of docs/protocol.md from the schema that the handlers go by: ``python -m tests.docs.protocol``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA = REPOSITORY / "modules" / "turn-handler" / "src" / "companion" / "protocol-1.schema.json"
PAGE = REPOSITORY / "docs" / "protocol.md"
Form = Mapping[str, Any]


def written(page: str, schema: Form) -> str:
    """The page with its tables as the schema has them. Raises ValueError where the page has no place for one."""
    for name, lines in (("client", _client(schema)), ("server", _server(schema))):
        marked = re.compile(rf"(<!-- {name}: from the schema -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
        if not marked.search(page):
            raise ValueError(f"docs/protocol.md has no place for the frames of the {name}")
        table = "\n".join(lines)
        page = marked.sub(lambda match, table=table: f"{match[1]}\n{table}\n\n{match[2]}", page)  # type: ignore[misc]
    return page


def _client(schema: Form) -> Iterator[str]:
    yield "| frame | |"
    yield "|---|---|"
    for form in _forms(schema, "client"):
        properties = dict(form["properties"])
        fields = [f'"action": "{properties.pop("action")["const"]}"']
        fields += [f'"{name}"{"" if name in form["required"] else "?"}' for name in properties]
        told = [f"`{name}`: {_described(schema, each)}" for name, each in properties.items()]
        yield f"| `{{{', '.join(fields)}}}` | {'; '.join([form['description'].rstrip('.'), *told])} |"


def _server(schema: Form) -> Iterator[str]:
    yield "| type | data | of a turn | ends it |"
    yield "|---|---|---|---|"
    for form in _forms(schema, "server"):
        turn = form["properties"].get("turn_id", {"type": "or not"})["type"]
        belongs = {"string": "yes", "null": "no"}.get(turn, "or of none")
        ends = "yes" if form.get("x-last") else ""
        yield f"| `{form['properties']['type']['const']}` | {form['description']} | {belongs} | {ends} |"


def _forms(schema: Form, side: str) -> Iterator[Form]:
    for each in schema["$defs"][side]["oneOf"]:
        yield schema["$defs"][each["$ref"].rpartition("/")[2]]


def _described(schema: Form, each: Form) -> str:
    target = schema["$defs"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
    default = f", `{each['default']}` if left out" if "default" in each else ""
    return f"{target['description']}{default}"


def main() -> int:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), schema), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
