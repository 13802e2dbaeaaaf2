"""Loads a folder of policies, and refuses whatever Checkov's own loader would leave out without a word."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from aic_engine.rule import Rule, RuleError

ENGINE_FOLDER = "aic_engine"
CHECKOV_ENTRY = "checkov_checks.py"
"""The one file that Checkov's loader must run; it hands all rules to Checkov."""


def load_rules(folder: Path) -> tuple[Rule, ...]:
    """Every rule below ``folder``, sorted by id.

    One file holds one ``RULE``; files whose name begins with ``__`` are shared code. Raises :class:`RuleError`, with
    the file and the cure, for: a missing or empty folder, one without ``__init__.py``, a file that does not import
    or has no ``RULE``, an id or name used twice, data files that Checkov would take for checks.
    """
    if not folder.is_dir():
        raise RuleError(f"policies folder {folder} does not exist; pass the folder that holds the policy files")
    if not (folder / CHECKOV_ENTRY).is_file():
        raise RuleError(f"{folder} has no {CHECKOV_ENTRY}: Checkov would load none of its policies; restore that file")
    rules: dict[str, tuple[Rule, Path]] = {}
    names: dict[str, Path] = {}
    for path in _rule_files(folder):
        rule = _load(path, folder)
        if rule.id in rules:
            raise RuleError(f"policy id {rule.id} is used twice, by {rules[rule.id][1]} and {path}; give one a new id")
        if rule.name in names:
            raise RuleError(f"policy name {rule.name} is used twice, by {names[rule.name]} and {path}; rename one")
        rules[rule.id] = (rule, path)
        names[rule.name] = path
    if not rules:
        raise RuleError(f"no policy found below {folder}; a gate without policies would pass everything")
    return tuple(rule for _, (rule, _) in sorted(rules.items()))


def _rule_files(folder: Path) -> list[Path]:
    found: list[Path] = []
    stems: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if "__pycache__" in parts or parts[0] == ENGINE_FOLDER:
            continue
        if path.suffix in (".yaml", ".yml", ".json"):
            raise RuleError(f"{path}: Checkov would run this data file as a policy; move it out of {folder}")
        if path.is_dir():
            continue  # without an __init__.py, so that Checkov itself does not load each policy a second time
        if path.suffix == ".py" and not path.name.startswith("__") and parts != (CHECKOV_ENTRY,):
            if path.stem in stems:
                raise RuleError(f"{path} and {stems[path.stem]} have the same name, and Checkov imports by bare name")
            stems[path.stem] = path
            found.append(path)
    _require_init(folder)
    return found


def _require_init(folder: Path) -> None:
    if not (folder / "__init__.py").is_file():
        raise RuleError(f"{folder} has no __init__.py: Checkov would skip it without a word; add an empty one")


def _load(path: Path, folder: Path) -> Rule:
    name = "aic_rules." + ".".join(path.relative_to(folder).with_suffix("").parts)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise RuleError(f"{path} cannot be imported as Python")
    module = importlib.util.module_from_spec(spec)
    if str(folder) not in sys.path:
        sys.path.insert(1, str(folder))
    try:
        spec.loader.exec_module(module)
    except RuleError as error:
        raise RuleError(f"{path}: {error}") from error
    except Exception as error:  # any failing import must stop the gate, with its file
        line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise RuleError(
            f"{path}{line} does not import: {type(error).__name__}: {error}; correct it, or take it out"
        ) from error
    rule = getattr(module, "RULE", None)
    if not isinstance(rule, Rule):
        raise RuleError(f"{path} defines no RULE; end it with RULE = Rule(…)")
    return rule
