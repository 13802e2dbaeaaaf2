"""OpenSearch domains that are ready at once, answer as AWS does, and refuse what AWS refuses.

Sources: AWS docs "CreateDomain", "UpdateDomainConfig", "DescribeDomain", "DescribeDomainConfig" (API reference),
"Configuring a multi-AZ domain", "Fine-grained access control" and "Monitoring OpenSearch logs" (developer guide).
"""

from __future__ import annotations

from typing import Any

from moto.opensearch.responses import OpenSearchServiceResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action, kept

# AWS docs, "Supported versions of Elasticsearch and OpenSearch" (as of OpenSearch 3.3).
_ENGINES = {
    "OpenSearch": "1.0 1.1 1.2 1.3 2.3 2.5 2.7 2.9 2.11 2.13 2.15 2.17 2.19 3.1 3.3",
    "Elasticsearch": "1.5 2.3 5.1 5.3 5.5 5.6 6.0 6.2 6.3 6.4 6.5 6.7 6.8 7.1 7.4 7.7 7.8 7.9 7.10",
}
ENGINE_VERSIONS = frozenset(f"{engine}_{version}" for engine, all_ in _ENGINES.items() for version in all_.split())
# "DescribeDomainConfig" gives each of these an Options and a Status.
_SECTIONS = (
    "EngineVersion",
    "ClusterConfig",
    "EBSOptions",
    "AccessPolicies",
    "SnapshotOptions",
    "VPCOptions",
    "CognitoOptions",
    "EncryptionAtRestOptions",
    "NodeToNodeEncryptionOptions",
    "AdvancedOptions",
    "LogPublishingOptions",
    "DomainEndpointOptions",
    "AdvancedSecurityOptions",
    "OffPeakWindowOptions",
    "SoftwareUpdateOptions",
)


@action(OpenSearchServiceResponse, "CreateDomain")
def create_domain(call: Call) -> Answer:
    name = call.params["DomainName"]
    if name in _domains(call):
        raise AwsError("ResourceAlreadyExistsException", f"Domain already exists: {name}")
    version = call.params.get("EngineVersion")
    if version is not None and version not in ENGINE_VERSIONS:
        raise AwsError("ValidationException", f"Invalid Engine Version: {version}")
    _refuse_invalid(call, call.params)
    call.upstream()
    return {"DomainStatus": _status(call, _domains(call)[name])}


@action(OpenSearchServiceResponse, "DescribeDomain")
def describe_domain(call: Call) -> Answer:
    return {"DomainStatus": _status(call, _domain(call))}


@action(OpenSearchServiceResponse, "DescribeDomains")
def describe_domains(call: Call) -> Answer:
    found = [_domains(call)[name] for name in call.params["DomainNames"] if name in _domains(call)]
    return {"DomainStatusList": [_status(call, domain) for domain in found]}


@action(OpenSearchServiceResponse, "DescribeDomainConfig")
def describe_domain_config(call: Call) -> Answer:
    return {"DomainConfig": _config(call, _domain(call))}


@action(OpenSearchServiceResponse, "UpdateDomainConfig")
def update_domain_config(call: Call) -> Answer:
    domain = _domain(call)
    _refuse_invalid(call, {**kept(domain.to_dict(), _SECTIONS), **call.params})
    if call.params.get("DryRun"):
        results = {"DeploymentType": "DynamicUpdate", "Message": "This change needs no blue/green deployment."}
        return {"DomainConfig": _config(call, domain), "DryRunResults": results}
    call.upstream()
    # The server takes an empty policy for "unchanged"; AWS removes it.
    if "AccessPolicies" in call.params:
        domain.access_policies = call.params["AccessPolicies"]
    return {"DomainConfig": _config(call, domain)}


@action(OpenSearchServiceResponse, "DeleteDomain")
def delete_domain(call: Call) -> Answer:
    domain = _domain(call)
    status = {**_status(call, domain), "Deleted": True, "Processing": True}
    call.upstream()
    return {"DomainStatus": status}


def _domains(call: Call) -> dict[str, Any]:
    domains: dict[str, Any] = call.response.opensearch_backend.domains
    return domains


def _domain(call: Call) -> Any:
    name = call.params["DomainName"]
    if name not in _domains(call):
        raise AwsError("ResourceNotFoundException", f"Domain not found: {name}")
    return _domains(call)[name]


def _status(call: Call, domain: Any) -> dict[str, Any]:
    status: dict[str, Any] = domain.to_dict()
    status |= {"Deleted": False, "Processing": False, "DomainProcessingStatus": "Active"}
    if vpc := status.get("VPCOptions"):
        status["VPCOptions"] = _placed(call, vpc)
    auto_tune = domain.auto_tune_options
    state = {"ENABLED": "ENABLED", "DISABLED": "DISABLED"}.get(auto_tune.get("DesiredState"), "DISABLED")
    status["AutoTuneOptions"] = {"State": state, **kept(auto_tune, ["UseOffPeakWindow"])}
    return status


def _config(call: Call, domain: Any) -> dict[str, Any]:
    status = _status(call, domain)
    state = {
        "State": "Active",
        "CreationDate": domain.creation_date,
        "UpdateDate": domain.creation_date,
        "UpdateVersion": 1,
        "PendingDeletion": False,
    }
    config = {name: {"Options": status[name], "Status": state} for name in _SECTIONS if status.get(name) is not None}
    tuned = kept(domain.auto_tune_options, ("RollbackOnDisable", "MaintenanceSchedules", "UseOffPeakWindow"))
    desired = status["AutoTuneOptions"]["State"]
    config["AutoTuneOptions"] = {"Options": {"DesiredState": desired, **tuned}, "Status": {**state, "State": desired}}
    return config


def _placed(call: Call, vpc: dict[str, Any]) -> dict[str, Any]:
    """Where the subnets are, which the request does not say."""
    ec2 = call.backend("ec2")
    subnets = [ec2.get_subnet(subnet) for subnet in vpc["SubnetIds"]]
    zones = sorted({subnet.availability_zone for subnet in subnets})
    return {**kept(vpc, ("SubnetIds", "SecurityGroupIds")), "VPCId": subnets[0].vpc_id, "AvailabilityZones": zones}


def _refuse_invalid(call: Call, params: dict[str, Any]) -> None:
    _refuse_uneven_zones(params)
    _refuse_open_access_control(params)
    _refuse_unwritable_logs(call, params)
    for subnet in (params.get("VPCOptions") or {}).get("SubnetIds", []):
        if not any(subnet in zone for zone in call.backend("ec2").subnets.values()):
            raise AwsError("ValidationException", f"The subnet ID '{subnet}' does not exist.")


def _refuse_uneven_zones(params: dict[str, Any]) -> None:
    cluster = params.get("ClusterConfig") or {}
    if not cluster.get("ZoneAwarenessEnabled"):
        return
    zones = (cluster.get("ZoneAwarenessConfig") or {}).get("AvailabilityZoneCount", 2)
    nodes = cluster.get("InstanceCount", 1)
    if nodes < zones or (zones == 2 and nodes % 2):
        rule = "an even number of data nodes for a two" if zones == 2 else "at least three data nodes for a three"
        raise AwsError("ValidationException", f"You must choose {rule} Availability Zone deployment.")
    subnets = (params.get("VPCOptions") or {}).get("SubnetIds", [])
    if subnets and len(subnets) != zones:
        raise AwsError("ValidationException", f"You must specify exactly {zones} subnets.")


def _refuse_open_access_control(params: dict[str, Any]) -> None:
    """Fine-grained access control needs encryption everywhere (developer guide, "Fine-grained access control")."""
    if not (params.get("AdvancedSecurityOptions") or {}).get("Enabled"):
        return
    needs = {
        "EncryptionAtRestOptions": "Enabled",
        "NodeToNodeEncryptionOptions": "Enabled",
        "DomainEndpointOptions": "EnforceHTTPS",
    }
    for section, setting in needs.items():
        if not (params.get(section) or {}).get(setting):
            raise AwsError("ValidationException", f"You must set {section}.{setting} to use advanced security options.")


def _refuse_unwritable_logs(call: Call, params: dict[str, Any]) -> None:
    """Logs need a CloudWatch Logs resource policy that lets OpenSearch write (developer guide, "Monitoring logs")."""
    logs = [option for option in (params.get("LogPublishingOptions") or {}).values() if option.get("Enabled", True)]
    if not logs:
        return
    policies = call.backend("logs").resource_policies.values()
    if not any("es.amazonaws.com" in policy.policy_document for policy in policies):
        raise AwsError(
            "ValidationException",
            "The Resource Access Policy specified for the CloudWatch Logs log group "
            f"{logs[0].get('CloudWatchLogsLogGroupArn', '')} does not grant sufficient permissions for "
            "Amazon OpenSearch Service to create a log stream. Please check the Resource Access Policy.",
        )
