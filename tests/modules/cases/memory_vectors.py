"""Inputs of modules/memory-vectors."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import ALARM_CASES, ALARMED, IDENTITY_CASES, LOG_CASES

_SIZE = {"instance_type": "r7g.large.search", "instance_count": 3, "availability_zones": 3, "volume_gib": 100}
_SUBNETS = [f"subnet-0000000{n}" for n in range(7)]


def _network(**changes: Any) -> dict[str, Any]:
    network = {"vpc_id": "vpc-00000001", "subnet_ids": _SUBNETS[:3], "security_group_ids": ["sg-00000001"]}
    return {"network": {**network, **changes}}


def _domain(**changes: Any) -> dict[str, Any]:
    return {"domain": {**_SIZE, **changes}}


def _two_zones(nodes: int) -> dict[str, Any]:
    return {**_network(subnet_ids=_SUBNETS[:2]), **_domain(availability_zones=2, instance_count=nodes)}


BASE: dict[str, Any] = {
    **ALARMED,
    **_network(),
    **_domain(),
    "engine": "domain",
    "admin_role_arn": "arn:aws:iam::111122223333:role/companion-vectors-admin",
    "client_role_arns": ["arn:aws:iam::111122223333:role/companion-worker"],
}

SUITE = Suite(
    BASE,
    (
        *IDENTITY_CASES,
        *ALARM_CASES,
        *LOG_CASES,
        Case("serverless", {"engine": "serverless", "domain": None}),
        Case("engine_unknown", {"engine": "pgvector"}, 'engine must be "domain" or "serverless"'),
        Case("serverless_with_domain", {"engine": "serverless"}, "domain must be given for engine"),
        Case("domain_without_size", {"domain": None}, "domain must be given for engine"),
        Case("network_by_names", _network(subnet_ids=["a", "b", "c"]), "network must hold ids"),
        Case("network_of_one_zone", _network(subnet_ids=_SUBNETS[:1]), "network must name 2 to 6 subnets"),
        Case("network_of_seven", _network(subnet_ids=_SUBNETS), "network must name 2 to 6 subnets"),
        Case("network_open", _network(security_group_ids=[]), "network must name 2 to 6 subnets"),
        Case("admin_anybody", {"admin_role_arn": "*"}, "admin_role_arn must be"),
        Case("client_nobody", {"client_role_arns": []}, "client_role_arns must name"),
        Case("client_anybody", {"client_role_arns": ["*"]}, "client_role_arns must name"),
        Case("client_account", {"client_role_arns": ["arn:aws:iam::111122223333:root"]}, "client_role_arns must name"),
        Case("index_wildcard", {"index_name": "memories*"}, "index_name must be"),
        Case("dimension_longest", {"dimension": 16000}),
        Case("dimension_too_long", {"dimension": 16001}, "dimension must be"),
        Case("dimension_of_one", {"dimension": 1}, "dimension must be"),
        Case("engine_newer", _domain(engine_version="OpenSearch_3.3")),
        Case("engine_too_old", _domain(engine_version="OpenSearch_2.15"), "domain.engine_version must be"),
        Case("engine_imagined", _domain(engine_version="OpenSearch_2.99"), "domain.engine_version must be"),
        Case("nodes_burstable", _domain(instance_type="t3.medium.search"), "not burstable"),
        Case("masters_of_ec2", _domain(master_instance_type="m7g.large"), "not burstable"),
        Case("zones_one", _domain(availability_zones=1), "availability_zones must be 2 or 3"),
        Case("four_nodes_over_two_zones", _two_zones(4)),
        Case("three_nodes_over_two_zones", _two_zones(3), "a multiple of availability_zones"),
        Case("two_nodes_over_two_zones", _two_zones(2), "a multiple of availability_zones"),
        Case("four_nodes_over_three_zones", _domain(instance_count=4), "a multiple of availability_zones"),
        Case("too_many_nodes", _domain(instance_count=81), "a multiple of availability_zones"),
        Case("two_subnets_for_three_zones", _network(subnet_ids=_SUBNETS[:2]), "must equal the number of network"),
        Case("volume_too_small", _domain(volume_gib=19), "domain.volume_gib must be"),
        Case("volume_too_large", _domain(volume_gib=3073), "domain.volume_gib must be"),
        Case("off_peak_at_24", _domain(off_peak_hour_utc=24), "domain.off_peak_hour_utc must be"),
    ),
)
