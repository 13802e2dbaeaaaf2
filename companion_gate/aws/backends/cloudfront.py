"""CloudFront: distributions that keep every setting, deployed at once, and their tags.

Source: AWS docs "CreateDistribution", "UpdateDistribution", "DeleteDistribution", "DistributionConfig" (API reference).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from moto.cloudfront.responses import CloudFrontResponse

from companion_gate.aws.backends import cloudfront_policies as policies
from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, now, random_id, state

_NONE: dict[str, Any] = {"Quantity": 0}
_UNTRUSTED = {"Enabled": False, "Quantity": 0}
# AWS docs, "DistributionConfig" and "DefaultCacheBehavior": what a distribution has that was told nothing.
_DEFAULTS = {
    "Aliases": _NONE,
    "CacheBehaviors": _NONE,
    "ContinuousDeploymentPolicyId": "",
    "CustomErrorResponses": _NONE,
    "DefaultRootObject": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": True,
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "OriginGroups": _NONE,
    "PriceClass": "PriceClass_All",
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "Staging": False,
    "ViewerCertificate": {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1"},
    "WebACLId": "",
}
_BEHAVIOR_DEFAULTS = {
    "Compress": False,
    "FieldLevelEncryptionId": "",
    "FunctionAssociations": _NONE,
    "LambdaFunctionAssociations": _NONE,
    "SmoothStreaming": False,
    "TrustedKeyGroups": _UNTRUSTED,
    "TrustedSigners": _UNTRUSTED,
}
_SUMMARY = (
    "Aliases",
    "CacheBehaviors",
    "Comment",
    "CustomErrorResponses",
    "DefaultCacheBehavior",
    "Enabled",
    "HttpVersion",
    "IsIPV6Enabled",
    "OriginGroups",
    "Origins",
    "PriceClass",
    "Restrictions",
    "Staging",
    "ViewerCertificate",
    "WebACLId",
)


@action(CloudFrontResponse, "CreateDistribution")
def create_distribution(call: Call) -> Answer:
    return _create(call, call.params["DistributionConfig"], [])


@action(CloudFrontResponse, "CreateDistributionWithTags")
def create_distribution_with_tags(call: Call) -> Answer:
    whole = call.params["DistributionConfigWithTags"]
    return _create(call, whole["DistributionConfig"], whole["Tags"].get("Items", []))


def _create(call: Call, config: Mapping[str, Any], tags: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    whole = _whole(config)
    _check(call, whole, None)
    if any(row["DistributionConfig"]["CallerReference"] == whole["CallerReference"] for row in _rows(call).values()):
        raise AwsError("DistributionAlreadyExists", "The caller reference is already used by another distribution.")
    identifier = "E" + random_id(13).upper()
    arn = f"arn:{call.partition}:cloudfront::{call.account}:distribution/{identifier}"
    row = {
        "Id": identifier,
        "ARN": arn,
        "Status": "Deployed",
        "LastModifiedTime": now(),
        "InProgressInvalidationBatches": 0,
        "DomainName": f"{random_id(14)}.cloudfront.net",
        "ActiveTrustedSigners": _UNTRUSTED,
        "ActiveTrustedKeyGroups": _UNTRUSTED,
        "DistributionConfig": whole,
    }
    _rows(call)[identifier] = row
    _tags(call)[arn] = {tag["Key"]: tag.get("Value", "") for tag in tags}
    return {"Distribution": row, "ETag": policies.new_etag(call, identifier), "Location": _location(identifier)}


@action(CloudFrontResponse, "GetDistribution")
def get_distribution(call: Call) -> Answer:
    row = _find(call)
    return {"Distribution": row, "ETag": policies.etag(call, row["Id"])}


@action(CloudFrontResponse, "GetDistributionConfig")
def get_distribution_config(call: Call) -> Answer:
    row = _find(call)
    return {"DistributionConfig": row["DistributionConfig"], "ETag": policies.etag(call, row["Id"])}


@action(CloudFrontResponse, "UpdateDistribution")
def update_distribution(call: Call) -> Answer:
    row = _find(call)
    policies.refuse_other_version(call, row["Id"])
    whole = _whole(call.params["DistributionConfig"])
    if whole["CallerReference"] != row["DistributionConfig"]["CallerReference"]:
        raise AwsError("IllegalUpdate", "The caller reference of a distribution cannot be changed.")
    _check(call, whole, row["Id"])
    row |= {"DistributionConfig": whole, "LastModifiedTime": now()}
    return {"Distribution": row, "ETag": policies.new_etag(call, row["Id"])}


@action(CloudFrontResponse, "DeleteDistribution")
def delete_distribution(call: Call) -> Answer:
    row = _find(call)
    policies.refuse_other_version(call, row["Id"])
    if row["DistributionConfig"]["Enabled"]:
        raise AwsError("DistributionNotDisabled", "The distribution you are trying to delete has not been disabled.")
    del _rows(call)[row["Id"]]
    _tags(call).pop(row["ARN"], None)
    return None


@action(CloudFrontResponse, "ListDistributions")
def list_distributions(call: Call) -> Answer:
    rows = list(_rows(call).values())
    items = [
        {
            **kept(row, ("Id", "ARN", "Status", "LastModifiedTime", "DomainName")),
            **kept(row["DistributionConfig"], _SUMMARY),
        }
        for row in rows
    ]
    page = {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(rows)}
    return {"DistributionList": {**page, **({"Items": items} if items else {})}}


@action(CloudFrontResponse, "ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    tags = _tagged(call)
    return {"Tags": {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}}


@action(CloudFrontResponse, "TagResource")
def tag_resource(call: Call) -> Answer:
    _tagged(call).update({tag["Key"]: tag.get("Value", "") for tag in call.params["Tags"].get("Items", [])})
    return None


@action(CloudFrontResponse, "UntagResource")
def untag_resource(call: Call) -> Answer:
    tags = _tagged(call)
    for key in call.params["TagKeys"].get("Items", []):
        tags.pop(key, None)
    return None


def _rows(call: Call) -> dict[str, dict[str, Any]]:
    return state(call.account, policies.HOME, "cloudfront distributions")


def _tags(call: Call) -> dict[str, dict[str, str]]:
    return state(call.account, policies.HOME, "cloudfront tags")


def _tagged(call: Call) -> dict[str, str]:
    arn = call.params["Resource"]
    if arn not in _tags(call):
        raise AwsError("NoSuchResource", f"The resource {arn} does not exist.")
    return _tags(call)[arn]


def _find(call: Call) -> dict[str, Any]:
    if call.params["Id"] not in _rows(call):
        raise AwsError("NoSuchDistribution", "The specified distribution does not exist.")
    return _rows(call)[call.params["Id"]]


def _location(identifier: str) -> str:
    return f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{identifier}"


def _whole(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with AWS's defaults in the place of what it leaves out."""
    whole = {**_DEFAULTS, **config, "DefaultCacheBehavior": {**_BEHAVIOR_DEFAULTS, **config["DefaultCacheBehavior"]}}
    if items := whole["CacheBehaviors"].get("Items"):
        behaviors = [{**_BEHAVIOR_DEFAULTS, **each} for each in items]
        whole["CacheBehaviors"] = {"Quantity": len(behaviors), "Items": behaviors}
    return whole


def _check(call: Call, config: Mapping[str, Any], own_id: str | None) -> None:
    """Refuse what refers to nothing, and an alias without a certificate or of another distribution."""
    origins = {origin["Id"] for origin in config["Origins"].get("Items", [])}
    for behavior in policies.behaviors(config):
        if behavior["TargetOriginId"] not in origins:
            raise AwsError("NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
        policies.refuse_unknown(call, behavior)
    aliases = set(config["Aliases"].get("Items", []))
    certificate = config["ViewerCertificate"]
    if aliases and not (certificate.get("ACMCertificateArn") or certificate.get("IAMCertificateId")):
        raise AwsError(
            "InvalidViewerCertificate",
            "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted "
            "certificate that validates your authorization to use the domain name.",
        )
    for identifier, row in _rows(call).items():
        if identifier != own_id and aliases & set(row["DistributionConfig"]["Aliases"].get("Items", [])):
            raise AwsError("CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already in use.")
