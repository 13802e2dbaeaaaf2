"""What a root expects to find in its account, made in the emulated one."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from companion_gate.errors import GateError

_ACCOUNT = re.compile(r'account_id\s*=\s*"(\d{12})"')
_OF_ARN = re.compile(r":(\d{12}):")
_SUBNET = re.compile(r"subnet-[0-9a-f]{8,17}")
_ROLE = re.compile(r"arn:aws:iam::\d{12}:role/([\w+=,.@-]+)")
Client = Callable[[str], Any]


def account_of(root: Path) -> str:
    """The one account that a root's files name. Raises GateError where there is none, or more than one."""
    text = "\n".join(_texts(root))
    named: list[str] = sorted(set(_ACCOUNT.findall(text) or _OF_ARN.findall(text)))
    if len(named) != 1:
        told = f"names the accounts {', '.join(named)}" if named else "names no account_id of twelve digits"
        raise GateError(f"{root} {told}: say which one it is deployed to with --account")
    return named[0]


def surround(root: Path, account: str, region: str, client: Client) -> None:
    """Make the role with which API Gateway writes logs, and the network and roles that the root's files name."""
    let_api_gateway_log(client)
    text = "\n".join(_texts(root))
    for name in sorted(set(_ROLE.findall(text))):
        create_role(client, name, "es")
    if subnets := sorted(set(_SUBNET.findall(text))):
        # Here, because it loads moto; whoever has a client has it loaded already.
        from companion_gate.aws.networks import create_subnets

        create_subnets(account, region, subnets)


def let_api_gateway_log(client: Client) -> None:
    """What modules/account-baseline does once for an account: without it, no stage may write logs."""
    role = create_role(client, "api-gateway-logs", "apigateway")
    patch = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
    client("apigateway").update_account(patchOperations=[patch])


def create_role(client: Client, name: str, service: str) -> str:
    """A role that a service may assume, unless it is there; its ARN."""
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam = client("iam")
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    return str(iam.get_role(RoleName=name)["Role"]["Arn"])


def _texts(root: Path) -> Iterator[str]:
    for pattern in ("*.tf", "*.tfvars", "*.tf.json", "*.tfvars.json"):
        for file in sorted(root.glob(pattern)):
            yield file.read_text(encoding="utf-8", errors="replace")
