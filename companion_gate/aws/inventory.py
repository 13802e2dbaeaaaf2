"""What an account holds, by asking AWS's own list operations: a deployment's trace, before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import jmespath
from botocore import xform_name

from companion_gate.errors import GateError


@dataclass(frozen=True)
class Listing:
    """How the resources of a type are listed: botocore's operation, and a JMESPath to their ids in an answer."""

    service: str
    operation: str
    ids: str
    params: Mapping[str, Any] = field(default_factory=dict)


def _policies(kind: str) -> Listing:
    return Listing(
        "opensearchserverless", "ListSecurityPolicies", "securityPolicySummaries[].[type, name]", {"type": kind}
    )


def _scaling(operation: str, ids: str) -> tuple[Listing, ...]:
    return tuple(
        Listing("application-autoscaling", operation, ids, {"ServiceNamespace": namespace})
        for namespace in ("dynamodb", "lambda", "sagemaker")
    )


LISTINGS: Mapping[str, tuple[Listing, ...]] = MappingProxyType(
    {
        "aws_apigatewayv2_api": (Listing("apigatewayv2", "GetApis", "Items[].ApiId"),),
        "aws_apigatewayv2_domain_name": (Listing("apigatewayv2", "GetDomainNames", "Items[].DomainName"),),
        "aws_appautoscaling_policy": _scaling("DescribeScalingPolicies", "ScalingPolicies[].PolicyARN"),
        "aws_appautoscaling_target": _scaling("DescribeScalableTargets", "ScalableTargets[].ResourceId"),
        "aws_bedrock_guardrail": (Listing("bedrock", "ListGuardrails", "guardrails[].arn"),),
        "aws_bedrock_inference_profile": (
            Listing(
                "bedrock",
                "ListInferenceProfiles",
                "inferenceProfileSummaries[].inferenceProfileArn",
                {"typeEquals": "APPLICATION"},
            ),
        ),
        "aws_bedrock_model_invocation_logging_configuration": (
            Listing("bedrock", "GetModelInvocationLoggingConfiguration", "loggingConfig && ['configured'] || `[]`"),
        ),
        "aws_cloudfront_cache_policy": (
            Listing("cloudfront", "ListCachePolicies", "CachePolicyList.Items[].CachePolicy.Id", {"Type": "custom"}),
        ),
        "aws_cloudfront_distribution": (Listing("cloudfront", "ListDistributions", "DistributionList.Items[].Id"),),
        "aws_cloudfront_origin_request_policy": (
            Listing(
                "cloudfront",
                "ListOriginRequestPolicies",
                "OriginRequestPolicyList.Items[].OriginRequestPolicy.Id",
                {"Type": "custom"},
            ),
        ),
        "aws_cloudwatch_composite_alarm": (
            Listing("cloudwatch", "DescribeAlarms", "CompositeAlarms[].AlarmArn", {"AlarmTypes": ["CompositeAlarm"]}),
        ),
        "aws_cloudwatch_dashboard": (Listing("cloudwatch", "ListDashboards", "DashboardEntries[].DashboardName"),),
        "aws_cloudwatch_log_group": (Listing("logs", "DescribeLogGroups", "logGroups[].logGroupName"),),
        "aws_cloudwatch_log_resource_policy": (
            Listing("logs", "DescribeResourcePolicies", "resourcePolicies[].policyName"),
        ),
        "aws_cloudwatch_metric_alarm": (
            Listing("cloudwatch", "DescribeAlarms", "MetricAlarms[].AlarmArn", {"AlarmTypes": ["MetricAlarm"]}),
        ),
        "aws_dynamodb_table": (Listing("dynamodb", "ListTables", "TableNames[]"),),
        "aws_iam_role": (Listing("iam", "ListRoles", "Roles[].RoleName"),),
        # AWS's own are made when a service first needs them (AWS docs: KMS, "Aliases": alias/aws/ is reserved).
        "aws_kms_alias": (Listing("kms", "ListAliases", "Aliases[?!starts_with(AliasName, 'alias/aws/')].AliasName"),),
        "aws_kms_key": (Listing("kms", "ListKeys", "Keys[].KeyId"),),
        "aws_lambda_event_source_mapping": (
            Listing("lambda", "ListEventSourceMappings", "EventSourceMappings[].UUID"),
        ),
        "aws_lambda_function": (Listing("lambda", "ListFunctions", "Functions[].FunctionName"),),
        "aws_opensearch_domain": (Listing("opensearch", "ListDomainNames", "DomainNames[].DomainName"),),
        "aws_opensearchserverless_access_policy": (
            Listing("opensearchserverless", "ListAccessPolicies", "accessPolicySummaries[].name", {"type": "data"}),
        ),
        "aws_opensearchserverless_collection": (
            Listing("opensearchserverless", "ListCollections", "collectionSummaries[].id"),
        ),
        "aws_opensearchserverless_security_policy": (_policies("encryption"), _policies("network")),
        "aws_opensearchserverless_vpc_endpoint": (
            Listing("opensearchserverless", "ListVpcEndpoints", "vpcEndpointSummaries[].id"),
        ),
        "aws_sagemaker_endpoint": (Listing("sagemaker", "ListEndpoints", "Endpoints[].EndpointName"),),
        "aws_sagemaker_endpoint_configuration": (
            Listing("sagemaker", "ListEndpointConfigs", "EndpointConfigs[].EndpointConfigName"),
        ),
        "aws_sagemaker_model": (Listing("sagemaker", "ListModels", "Models[].ModelName"),),
        "aws_security_group": (Listing("ec2", "DescribeSecurityGroups", "SecurityGroups[].GroupId"),),
        "aws_sns_topic": (Listing("sns", "ListTopics", "Topics[].TopicArn"),),
        "aws_sqs_queue": (Listing("sqs", "ListQueues", "QueueUrls[]"),),
        "aws_subnet": (Listing("ec2", "DescribeSubnets", "Subnets[].SubnetId"),),
        "aws_transcribe_vocabulary": (Listing("transcribe", "ListVocabularies", "Vocabularies[].VocabularyName"),),
        "aws_transcribe_vocabulary_filter": (
            Listing("transcribe", "ListVocabularyFilters", "VocabularyFilters[].VocabularyFilterName"),
        ),
        "aws_vpc": (Listing("ec2", "DescribeVpcs", "Vpcs[].VpcId"),),
    }
)
"""Terraform's types that stand for themselves to how AWS lists them."""

PARTS: Mapping[str, str] = MappingProxyType(
    {
        "aws_apigatewayv2_api_mapping": "aws_apigatewayv2_domain_name",
        "aws_apigatewayv2_authorizer": "aws_apigatewayv2_api",
        "aws_apigatewayv2_deployment": "aws_apigatewayv2_api",
        "aws_apigatewayv2_integration": "aws_apigatewayv2_api",
        "aws_apigatewayv2_route": "aws_apigatewayv2_api",
        "aws_apigatewayv2_stage": "aws_apigatewayv2_api",
        "aws_bedrock_guardrail_version": "aws_bedrock_guardrail",
        "aws_iam_role_policy": "aws_iam_role",
        "aws_lambda_permission": "aws_lambda_function",
        "aws_opensearch_domain_policy": "aws_opensearch_domain",
        "aws_sqs_queue_policy": "aws_sqs_queue",
        "aws_sqs_queue_redrive_allow_policy": "aws_sqs_queue",
    }
)
"""Types that AWS keeps inside a resource of another type, and that end with it."""

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "aws_api_gateway_account": "a setting of the Region that AWS keeps when Terraform gives it up",
        "terraform_data": "Terraform's own, which AWS knows nothing of",
    }
)
"""Types of which nothing can be left, to the reason."""

# KMS deletes a key 7 to 30 days after it was told to (AWS docs: KMS, "Deleting AWS KMS keys").
_DELETED_KEY_STATES = ("PendingDeletion", "PendingReplicaDeletion")

Client = Callable[[str], Any]


def on_their_own(types: Iterable[str]) -> frozenset[str]:
    """The types that are listed, for these: a part is found with what it belongs to."""
    return frozenset(PARTS.get(type_, type_) for type_ in types) - SETTINGS.keys()


def inventory(client: Client, types: Iterable[str]) -> frozenset[str]:
    """The ids of all resources of these Terraform types, each behind its type ("aws_sqs_queue https://…").

    `client` gives a boto3 client of a service in the account and region that is meant. Raises GateError for a type that
    nobody can list: what is not looked for would count as gone.
    """
    listed = on_their_own(types)
    if unknown := sorted(listed - LISTINGS.keys()):
        raise GateError(
            f"nobody knows how AWS lists {', '.join(unknown)}, so that it cannot be seen whether one is left; "
            "add the type to companion_gate/aws/inventory.py"
        )
    return frozenset(
        f"{type_} {each}" for type_ in listed for listing in LISTINGS[type_] for each in _ids(client, type_, listing)
    )


def _ids(client: Client, type_: str, listing: Listing) -> Iterator[str]:
    asked = client(listing.service)
    for answer in _answers(asked, listing):
        for found in jmespath.search(listing.ids, answer) or []:
            name = "/".join(found) if isinstance(found, list) else str(found)
            if type_ != "aws_kms_key" or not _ends(asked, name):
                yield name


def _answers(client: Any, listing: Listing) -> Iterator[Mapping[str, Any]]:
    method = xform_name(listing.operation)
    if client.can_paginate(method):
        yield from client.get_paginator(method).paginate(**listing.params)
    else:
        yield getattr(client, method)(**listing.params)


def _ends(kms: Any, key: str) -> bool:
    """Whether a key is on its way out, or AWS's own."""
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    return metadata["KeyState"] in _DELETED_KEY_STATES or metadata["KeyManager"] == "AWS"
