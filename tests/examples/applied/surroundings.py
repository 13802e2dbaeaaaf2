"""What the examples expect to find in an account, made by boto3, and the variables that name it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from companion_gate.serve.surroundings import create_role, let_api_gateway_log
from tests.applying import REGION, Client

# The one that the examples' own variables name.
ACCOUNT = "111122223333"

Variables = dict[str, Any]


def surround(example: str, client: Client) -> Variables:
    """Make what the example needs; gives the variables in which it is told of it."""
    client("sns").create_topic(Name="companion-alarms")
    let_api_gateway_log(client)
    if example == "text-chat":
        return {}
    if example == "bring-your-own":
        return {"kms_key_arn": _key(client), "worker": _worker(client)}
    network = _network(client)
    if example == "sagemaker-companion":
        return {"network": network}
    return {"network": network, "vectors_admin_role_arn": create_role(client, "companion-vectors-admin", "es")}


def _network(client: Client) -> Variables:
    """A VPC with a subnet in each of three zones."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
        for number, zone in enumerate("abc")
    ]
    group = ec2.create_security_group(GroupName="functions", Description="to HTTPS", VpcId=vpc)["GroupId"]
    return {
        "vpc_id": vpc,
        "subnet_ids": [subnet["Subnet"]["SubnetId"] for subnet in subnets],
        "security_group_ids": [group],
    }


def _key(client: Client) -> str:
    arn: str = client("kms").create_key(Description="the team's own")["KeyMetadata"]["Arn"]
    return arn


def _worker(client: Client) -> Variables:
    """A team's own function."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("worker.py", "def handler(event, context):\n    return {}\n")
    function = client("lambda").create_function(
        FunctionName="our-worker",
        Runtime="python3.13",
        Handler="worker.handler",
        Role=create_role(client, "our-worker", "lambda"),
        Timeout=30,
        Code={"ZipFile": archive.getvalue()},
    )
    return {"function_arn": function["FunctionArn"], "role_name": "our-worker", "timeout_seconds": 30}
