from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
Refused = Callable[..., str]

NOTHING = {
    "HeadersConfig": {"HeaderBehavior": "none"},
    "CookiesConfig": {"CookieBehavior": "none"},
    "QueryStringsConfig": {"QueryStringBehavior": "none"},
}
CACHE = {
    "Name": "none",
    "MinTTL": 0,
    "ParametersInCacheKeyAndForwardedToOrigin": {"EnableAcceptEncodingGzip": False, **NOTHING},
}
CERTIFICATE = {
    "ACMCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
    "SSLSupportMethod": "sni-only",
    "MinimumProtocolVersion": "TLSv1.2_2021",
}
ORIGIN = {
    "Id": "api",
    "DomainName": "api.example.com",
    "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
}


@pytest.fixture
def cloudfront(client: Client) -> Any:
    return client("cloudfront")


def config(reference: str = "one", **changes: Any) -> dict[str, Any]:
    behavior = {"TargetOriginId": "api", "ViewerProtocolPolicy": "https-only", **changes.pop("behavior", {})}
    return {
        "CallerReference": reference,
        "Comment": "companion",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [ORIGIN]},
        "DefaultCacheBehavior": behavior,
        **changes,
    }


def aliased(reference: str = "one", **changes: Any) -> dict[str, Any]:
    aliases = {"Quantity": 1, "Items": ["companion.example.com"]}
    return config(reference, Aliases=aliases, ViewerCertificate=CERTIFICATE, **changes)


def test_distribution_keeps_every_setting_and_is_deployed_at_once(cloudfront: Any) -> None:
    errors = {"Quantity": 1, "Items": [{"ErrorCode": 403, "ErrorCachingMinTTL": 0}]}
    tags = {"Items": [{"Key": "team", "Value": "edge"}]}
    asked = aliased(CustomErrorResponses=errors, HttpVersion="http1.1", PriceClass="PriceClass_100")
    created = cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": asked, "Tags": tags}
    )
    distribution = created["Distribution"]
    assert distribution["Status"] == "Deployed"
    read = cloudfront.get_distribution_config(Id=distribution["Id"])
    assert read["ETag"] == created["ETag"]
    for name, value in asked.items():
        kept = read["DistributionConfig"][name]
        assert ({**kept, **value} if isinstance(value, dict) else value) == kept
    assert read["DistributionConfig"]["OriginGroups"] == {"Quantity": 0}
    assert read["DistributionConfig"]["Restrictions"]["GeoRestriction"]["RestrictionType"] == "none"
    assert cloudfront.list_tags_for_resource(Resource=distribution["ARN"])["Tags"] == tags
    cloudfront.untag_resource(Resource=distribution["ARN"], TagKeys={"Items": ["team"]})
    cloudfront.tag_resource(Resource=distribution["ARN"], Tags={"Items": [{"Key": "data", "Value": "none"}]})
    kept = cloudfront.list_tags_for_resource(Resource=distribution["ARN"])["Tags"]["Items"]
    assert kept == [{"Key": "data", "Value": "none"}]
    (listed,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    assert (listed["Id"], listed["ViewerCertificate"]) == (distribution["Id"], CERTIFICATE)


def test_update_names_the_version_that_it_was_made_for(cloudfront: Any, refused: Refused) -> None:
    created = cloudfront.create_distribution(DistributionConfig=config())
    where = {"Id": created["Distribution"]["Id"], "DistributionConfig": config(Comment="another")}
    refused("InvalidIfMatchVersion", cloudfront.update_distribution, **where)
    refused("PreconditionFailed", cloudfront.update_distribution, IfMatch="EOTHER", **where)
    updated = cloudfront.update_distribution(IfMatch=created["ETag"], **where)
    assert updated["Distribution"]["DistributionConfig"]["Comment"] == "another"
    refused("PreconditionFailed", cloudfront.update_distribution, IfMatch=created["ETag"], **where)
    where["DistributionConfig"] = config("two")
    refused("IllegalUpdate", cloudfront.update_distribution, IfMatch=updated["ETag"], **where)


def test_only_a_disabled_distribution_is_deleted(cloudfront: Any, refused: Refused) -> None:
    created = cloudfront.create_distribution(DistributionConfig=config())
    identifier = created["Distribution"]["Id"]
    refused("DistributionNotDisabled", cloudfront.delete_distribution, Id=identifier, IfMatch=created["ETag"])
    disabled = cloudfront.update_distribution(
        Id=identifier, IfMatch=created["ETag"], DistributionConfig=config(Enabled=False)
    )
    cloudfront.delete_distribution(Id=identifier, IfMatch=disabled["ETag"])
    refused("NoSuchDistribution", cloudfront.get_distribution, Id=identifier)
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 0


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("NoSuchOrigin", config(behavior={"TargetOriginId": "none"})),
        ("NoSuchCachePolicy", config(behavior={"CachePolicyId": "none"})),
        ("NoSuchOriginRequestPolicy", config(behavior={"OriginRequestPolicyId": "none"})),
        ("InvalidViewerCertificate", {**aliased(), "ViewerCertificate": {"CloudFrontDefaultCertificate": True}}),
        ("CNAMEAlreadyExists", aliased("two")),
        ("DistributionAlreadyExists", config("first")),
    ],
)
def test_distribution_that_aws_would_not_make_is_refused(
    cloudfront: Any, refused: Refused, code: str, asked: dict[str, Any]
) -> None:
    cloudfront.create_distribution(DistributionConfig=aliased("first"))
    refused(code, cloudfront.create_distribution, DistributionConfig=asked)
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 1


def test_policy_is_kept_and_stays_while_a_distribution_uses_it(cloudfront: Any, refused: Refused) -> None:
    created = cloudfront.create_cache_policy(CachePolicyConfig=CACHE)
    policy = created["CachePolicy"]["Id"]
    assert cloudfront.get_cache_policy(Id=policy)["CachePolicy"]["CachePolicyConfig"] == CACHE
    refused("CachePolicyAlreadyExists", cloudfront.create_cache_policy, CachePolicyConfig=CACHE)
    updated = cloudfront.update_cache_policy(
        Id=policy, IfMatch=created["ETag"], CachePolicyConfig={**CACHE, "Comment": "nothing is cached"}
    )
    assert cloudfront.get_cache_policy_config(Id=policy)["CachePolicyConfig"]["Comment"] == "nothing is cached"
    made = cloudfront.create_distribution(DistributionConfig=config(behavior={"CachePolicyId": policy}))
    refused("CachePolicyInUse", cloudfront.delete_cache_policy, Id=policy, IfMatch=updated["ETag"])
    disabled = cloudfront.update_distribution(
        Id=made["Distribution"]["Id"], IfMatch=made["ETag"], DistributionConfig=config(Enabled=False)
    )
    cloudfront.delete_distribution(Id=made["Distribution"]["Id"], IfMatch=disabled["ETag"])
    cloudfront.delete_cache_policy(Id=policy, IfMatch=updated["ETag"])
    refused("NoSuchCachePolicy", cloudfront.get_cache_policy, Id=policy)


def test_policies_of_aws_are_there_and_cannot_be_changed(cloudfront: Any, refused: Refused) -> None:
    listed = cloudfront.list_origin_request_policies(Type="managed")["OriginRequestPolicyList"]["Items"]
    names = {each["OriginRequestPolicy"]["OriginRequestPolicyConfig"]["Name"] for each in listed}
    assert "Managed-AllViewerExceptHostHeader" in names
    assert cloudfront.list_origin_request_policies(Type="custom")["OriginRequestPolicyList"]["Quantity"] == 0
    managed = listed[0]["OriginRequestPolicy"]["Id"]
    tag = cloudfront.get_origin_request_policy(Id=managed)["ETag"]
    refused("IllegalDelete", cloudfront.delete_origin_request_policy, Id=managed, IfMatch=tag)


def test_accounts_do_not_see_each_others_distributions(client: Client, cloudfront: Any) -> None:
    cloudfront.create_distribution(DistributionConfig=config())
    other = client("cloudfront", "eu-west-1", "222222222222")
    assert other.list_distributions()["DistributionList"]["Quantity"] == 0
    here = client("cloudfront", "eu-west-1")
    assert here.list_distributions()["DistributionList"]["Quantity"] == 1
