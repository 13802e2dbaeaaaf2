"""From a root to a companion that is served: applied on the embedded AWS, destroyed with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from companion_gate.apply.deployment import Deployment
from companion_gate.aws.target import AwsTarget, aws_target
from companion_gate.errors import GateError
from companion_gate.serve.companion import LocalCompanion, Options
from companion_gate.serve.deployed import Deployed, read
from companion_gate.serve.gateway.server import refuse_taken
from companion_gate.serve.standins import script
from companion_gate.serve.surroundings import account_of, surround
from companion_gate.terraform.session import TerraformSession

Tell = Callable[[str], None]
_REGION = re.compile(r'region\s*=\s*"([a-z]{2}(?:-[a-z]+)+-\d)"')


@contextmanager
def served(
    root: Path, options: Options, *, account: str = "", region: str = "", tell: Tell = lambda _: None
) -> Iterator[LocalCompanion]:
    """A root, applied and served for as long as the context lasts; nothing is written beside its files.

    ``account`` and ``region`` are where it is deployed to; "" for what its files name. Raises GateError.
    """
    _refuse_early(options)
    with applied(root, account=account, region=region, tell=tell) as (deployed, aws):
        tell("starting its functions")
        with LocalCompanion(deployed, aws, options) as companion:
            yield companion


@contextmanager
def applied(
    root: Path, *, account: str = "", region: str = "", tell: Tell = lambda _: None
) -> Iterator[tuple[Deployed, AwsTarget]]:
    """A root as `served` applies it, and the embedded AWS that it is on; both end with the context."""
    if not any(root.glob("*.tf")):
        raise GateError(f"{root} holds no *.tf file: name the folder of a Terraform root, such as examples/text-chat")
    account, region = account or account_of(root), region or _region(root)
    with aws_target("embedded") as aws, TerraformSession.open(endpoint_url=aws.url) as session:
        surround(root, account, region, lambda service: aws.client(service, region, account))
        deployment = Deployment(session, root, account)
        tell(f"terraform init and apply of {root.name} on an embedded AWS, half a minute to two")
        deployment.init()
        deployment.apply()
        yield read(deployment.resources(), deployment.workspace.root), aws


def _refuse_early(options: Options) -> None:
    """What would only be found out after the apply. Raises GateError."""
    script.read(options.script)
    refuse_taken(options.port)


def _region(root: Path) -> str:
    for pattern in ("*.tf", "*.tfvars"):
        for file in sorted(root.glob(pattern)):
            if found := _REGION.search(file.read_text(encoding="utf-8", errors="replace")):
                return found[1]
    raise GateError(f"{root} names no Region: say where it is deployed to with --region")
