"""What of the environment would change what the gate asks: refused where it would count, named where it does not."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from companion_gate.errors import GateError

# pytest's options that leave questions out, take code or settings from elsewhere, and the gate's own that loosen it.
_DISARMING = re.compile(
    # Short options may stand in a row: -qk NAME.
    r"-[vqxslhV]*[kmcop].*|--(deselect|ignore|ignore-glob|lf|last-failed|ff|failed-first|nf|sw|stepwise|stepwise-skip|co"
    r"|collect-only|collectonly|setup-only|setup-plan|cache-show|fixtures|funcargs|fixtures-per-test|markers|rootdir"
    r"|confcutdir|override-ini|config-file|disable-plugin-autoload|policies|gate-profile|gate-waivers|gate-provider|shard"
    r"|plan-replay|stack|aws)(=.*)?"
)

# Terraform docs, "Environment Variables"; Checkov docs, "CLI Command Reference": each can change or switch off what a
# plan or a scan holds.
_NOT_TAKEN = re.compile(
    r"TF_CLI_ARGS(_\w+)?|TF_WORKSPACE|TF_DATA_DIR|TF_REATTACH_PROVIDERS|TF_ENCRYPTION|(CKV|CHECKOV|BC)_\w+|PRISMA_\w+"
)


def refuse_disarming(environment: Mapping[str, str]) -> None:
    """Raises GateError where ``PYTEST_ADDOPTS`` would quietly leave questions out or loosen them."""
    given = environment.get("PYTEST_ADDOPTS", "")
    try:
        options = shlex.split(given)
    except ValueError as error:
        raise GateError(f"PYTEST_ADDOPTS cannot be read ({error}); unset it") from error
    found = [option for option in options if _DISARMING.fullmatch(option)]
    if found:
        raise GateError(
            f"PYTEST_ADDOPTS holds {found[0]}, which would change what the gate asks unseen; give it on the "
            "command line, or unset PYTEST_ADDOPTS"
        )


def not_taken(environment: Mapping[str, str]) -> list[str]:
    """Names of variables that Terraform or Checkov would heed and the gate does not, sorted."""
    return sorted(name for name in environment if _NOT_TAKEN.fullmatch(name))
