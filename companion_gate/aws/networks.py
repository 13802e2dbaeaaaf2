"""Subnets of the embedded AWS under ids that a configuration names already."""

from __future__ import annotations

from moto.backends import get_backend


def create_subnets(account: str, region: str, subnet_ids: list[str], zones: str = "abc") -> None:
    """A VPC with these subnets, one after the other in each zone; those that exist stay as they are."""
    ec2 = get_backend("ec2")[account][region]
    known = {subnet_id for subnets in ec2.subnets.values() for subnet_id in subnets}
    missing = [each for each in subnet_ids if each not in known]
    if not missing:
        return
    vpc = ec2.create_vpc(cidr_block="10.1.0.0/16")
    for number, subnet_id in enumerate(missing):
        zone = f"{region}{zones[number % len(zones)]}"
        subnet = ec2.create_subnet(vpc.id, f"10.1.{number}.0/24", availability_zone=zone)
        # AWS chooses the id, and so does moto.
        del ec2.subnets[zone][subnet.id]
        subnet.id = subnet_id
        ec2.subnets[zone][subnet_id] = subnet
