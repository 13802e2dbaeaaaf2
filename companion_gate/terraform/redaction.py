"""Keeps secrets out of messages: a provider repeats a rejected value even when its variable is sensitive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from companion_gate.errors import GateError
from companion_gate.hcl.syntax import Block, Value, parse
from companion_gate.terraform.configuration import attribute_value, declared_variables

# Shorter values ("1", "on") would blot out ordinary words, and are no secrets.
_SHORTEST_SECRET = 4
_SHOWN = "(sensitive value)"


class Redaction:
    """Replaces the values of the root's sensitive variables in a text."""

    def __init__(self, root: Path, env: Mapping[str, str], variables: Mapping[str, Any]) -> None:
        secrets = {text for text in _secrets(root, env, variables) if len(text) >= _SHORTEST_SECRET}
        # A message may hold a value as written or with JSON's escapes.
        escaped = {json.dumps(text)[1:-1] for text in secrets}
        self._secrets = sorted(secrets | escaped, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _SHOWN)
        return text


def _secrets(root: Path, env: Mapping[str, str], variables: Mapping[str, Any]) -> Iterator[str]:
    try:
        declared = declared_variables(root)
    except GateError:
        # The root does not parse, so Terraform has not got as far as reading values.
        return
    for name, block in declared.items():
        if not _is_sensitive(block):
            continue
        yield from _hcl_texts(attribute_value(block, "default"))
        yield from _json_texts(variables.get(name))
        if (given := env.get(f"TF_VAR_{name}")) is not None:
            yield given
            yield from _json_texts(_parsed_json(given))
        yield from _file_texts(root, name)


def _is_sensitive(block: Block) -> bool:
    flag = attribute_value(block, "sensitive")
    return flag is not None and flag.text != "false"


def _file_texts(root: Path, name: str) -> Iterator[str]:
    """The values that the variable files which Terraform loads by itself give to one variable."""
    for file in sorted(root.iterdir()):
        bare = file.name.removesuffix(".json")
        if bare != "terraform.tfvars" and not bare.endswith(".auto.tfvars"):
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        if file.name.endswith(".json"):
            values = _parsed_json(text)
            yield from _json_texts(values.get(name) if isinstance(values, dict) else None)
            continue
        try:
            attributes = parse(text, file).attributes
        except GateError:
            # Terraform reports the same file as broken and uses nothing of it.
            continue
        for attribute in attributes:
            if attribute.name == name:
                yield from _hcl_texts(attribute.value)


def _parsed_json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _hcl_texts(value: Value | None) -> Iterator[str]:
    if value is None:
        return
    for member in value.members:
        yield from _hcl_texts(member.value)
    for item in value.items:
        yield from _hcl_texts(item)
    if not value.members and not value.items and value.text not in {"null", "true", "false"}:
        parsed = _parsed_json(value.text)
        yield parsed if isinstance(parsed, str) else value.text


def _json_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _json_texts(inner)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from _json_texts(inner)
