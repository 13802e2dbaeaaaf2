"""``python -m companion_gate.doctor``: is all that the gate needs on this machine? One line for each thing.

Exit status 0 when it is, 1 with one sentence on standard error that says what is missing and how to get it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata

import hcl2

from companion_gate import POLICIES_FOLDER
from companion_gate.errors import GateError
from companion_gate.gate.run import load_policies
from companion_gate.terraform.plan import TerraformSession
from companion_gate.terraform.workspace import generated

_ROOT = """terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}
"""


def facts() -> Iterator[tuple[str, str]]:
    """Name and finding of each thing, in the order in which the gate needs them. Raises GateError for a missing one."""
    yield "policies", f"{len(load_policies(POLICIES_FOLDER))}"
    yield "Checkov", _checkov()
    with TerraformSession.open() as session:
        yield "Terraform", session.binary.version
        terraform = session.terraform(generated({"main.tf": _ROOT}, {}, session.new_folder()))
        terraform.init()
        yield "AWS provider", session.cli_configs[terraform.init_env_used].description


def _checkov() -> str:
    # Only the fork that Checkov brings has this name; python-hcl2 installs a package of the same name over it.
    if not hasattr(hcl2, "START_LINE"):
        raise GateError(
            "python-hcl2 is installed over the parser that Checkov needs; run: pip uninstall python-hcl2 && "
            "pip install --force-reinstall --no-deps bc-python-hcl2"
        )
    return metadata.version("checkov")


def main() -> int:
    """Print the facts; see the module's docstring for the exit status."""
    try:
        for name, finding in facts():
            sys.stdout.write(f"{name}: {finding}\n")
    except GateError as error:
        sys.stderr.write(f"companion-gate: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
