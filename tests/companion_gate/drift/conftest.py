"""The provider's schema, for what is named by its arguments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from companion_gate.terraform.session import TerraformSession
from companion_gate.terraform.workspace import generated

_ROOT = 'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n'


@pytest.fixture(scope="session")
def terraform_schema(terraform_session: TerraformSession) -> dict[str, Any]:
    """Resource type -> its schema, as the provider tells it."""
    terraform = terraform_session.terraform(generated({"main.tf": _ROOT}, {}, terraform_session.new_folder()))
    terraform.init()
    told = json.loads(terraform.execute_command("providers", "schema", "-json").out)
    schemas: dict[str, Any] = next(iter(told["provider_schemas"].values()))["resource_schemas"]
    return schemas
