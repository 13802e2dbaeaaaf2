"""Examples as they would be after an apply, and the questions that tests ask of one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.modules.deployed import Plan, values
from tests.modules.roots import MODULES, OFFLINE_PROVIDER, REPOSITORY, run_terraform

EXAMPLES = REPOSITORY / "examples"
NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if any(folder.glob("*.tf")))
_MODEL_CALLS = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
FUNCTION = "aws_lambda_function"


def copied(example: str, top: Path) -> Path:
    """A copy of an example and the modules below ``top``, initialised, whose provider asks nothing of AWS."""
    # No link: Terraform turns a module's path absolute if it leads through one.
    shutil.copytree(MODULES, top / "modules")
    root = top / "examples" / example
    shutil.copytree(EXAMPLES / example, root, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    offline = {name: value for name, value in OFFLINE_PROVIDER.items() if name != "region"}
    (root / "offline_override.tf.json").write_text(json.dumps({"provider": {"aws": offline}}))
    result = run_terraform(["init", "-backend=false", "-input=false", "-no-color"], root)
    assert result.returncode == 0, result.stderr
    return root


@dataclass(frozen=True)
class Deployment:
    """A deployed example: its folder, the plan over the last release, and the plan that then changes nothing."""

    root: Path
    upgrade: Plan
    plan: Plan

    def values(self, type_: str) -> dict[str, Mapping[str, Any]]:
        """The resources of a type by address."""
        return values(self.plan, type_)

    def one(self, type_: str, name_ends: str) -> Mapping[str, Any]:
        """The one resource of a type whose name ends so."""
        (found,) = (value for value in self.values(type_).values() if value["name"].endswith(name_ends))
        return found

    @property
    def functions(self) -> dict[str, Mapping[str, Any]]:
        """The Lambda functions by their key, such as "worker"."""
        return {value["handler"].split(".")[1]: value for value in self.values(FUNCTION).values()}

    def statements(self, function: str) -> list[dict[str, Any]]:
        """All statements of a function's role, from every policy of it."""
        role = self.functions[function]["role"].split("/")[-1]
        policies = [value for value in self.values("aws_iam_role_policy").values() if value["role"] == role]
        assert policies, f"{role} has no policy"
        return [statement for value in policies for statement in json.loads(value["policy"])["Statement"]]

    def allowed(self, function: str, action: str) -> set[str]:
        """The resources on which a role is allowed an action."""
        return {
            resource
            for statement in self.statements(function)
            if statement["Effect"] == "Allow" and action in listed(statement["Action"])
            for resource in listed(statement.get("Resource", []))
        }

    def may_call(self, function: str, model_arn: str, guardrail: str | None) -> bool:
        """Whether IAM lets a role call a model, with a guardrail by ``arn:version`` or with none.

        An explicit deny wins; a negated operator also matches a missing key (AWS docs: IAM policy evaluation logic).
        """
        matching = [
            statement["Effect"]
            for statement in self.statements(function)
            if set(listed(statement["Action"])) & set(_MODEL_CALLS)
            and _covers(statement, model_arn)
            and all(
                _holds(operator, keys, {"bedrock:GuardrailIdentifier": guardrail})
                for operator, keys in statement.get("Condition", {}).items()
            )
        ]
        return "Allow" in matching and "Deny" not in matching


def _covers(statement: Mapping[str, Any], arn: str) -> bool:
    if "NotResource" in statement:
        return arn not in listed(statement["NotResource"])
    return bool({"*", arn} & set(listed(statement["Resource"])))


def _holds(operator: str, keys: Mapping[str, Any], request: Mapping[str, str | None]) -> bool:
    assert operator in ("StringEquals", "StringNotEquals"), f"this test knows no {operator}"
    hits = [request.get(key) in listed(expected) for key, expected in keys.items()]
    return all(hits) if operator == "StringEquals" else not any(hits)


def listed(value: Any) -> list[Any]:
    """IAM lets one value stand without its list."""
    return value if isinstance(value, list) else [value]
