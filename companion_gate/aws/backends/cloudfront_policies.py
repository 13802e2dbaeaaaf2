"""CloudFront: cache policies and origin request policies, AWS's own among them, and versions of what can be changed.

Sources: AWS docs "CreateCachePolicy", "CreateOriginRequestPolicy" (API reference), "Use managed cache policies" and
"Use managed origin request policies" (developer guide).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.cloudfront.responses import CloudFrontResponse
from moto.cloudfront.urls import url_paths
from moto.moto_api._internal import mock_random

from companion_gate.aws.registration import Answer, AwsError, Call, action, now, random_id, route, state

# CloudFront is one service for all Regions; its state is kept in this one.
HOME = "us-east-1"
# A few of those that AWS provides, with the settings that matter to who reads them.
_MANAGED: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "CachePolicy": {
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": {"Name": "Managed-CachingDisabled", "MinTTL": 0, "MaxTTL": 0},
        "658327ea-f89d-4fab-a63d-7e88639e58f6": {"Name": "Managed-CachingOptimized", "MinTTL": 1},
    },
    "OriginRequestPolicy": {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": {"Name": "Managed-AllViewer"},
        "b689b0a8-53d0-40ab-baf2-68738e2966ac": {"Name": "Managed-AllViewerExceptHostHeader"},
    },
}
_ALL = {
    "HeadersConfig": {"HeaderBehavior": "allViewer"},
    "CookiesConfig": {"CookieBehavior": "all"},
    "QueryStringsConfig": {"QueryStringBehavior": "all"},
}
_PATHS = {"CachePolicy": "cache-policy", "OriginRequestPolicy": "origin-request-policy"}


def etag(call: Call, identifier: str) -> str:
    """The version of a resource, which an update or a deletion must name."""
    return str(state(call.account, HOME, "cloudfront etags")[identifier])


def new_etag(call: Call, identifier: str) -> str:
    """Begin another version of a resource."""
    state(call.account, HOME, "cloudfront etags")[identifier] = "E" + random_id(12).upper()
    return etag(call, identifier)


def refuse_other_version(call: Call, identifier: str) -> None:
    """Refuse a request that was made for another version. Raises AwsError."""
    named = call.params.get("IfMatch")
    if named is None:
        raise AwsError("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
    if named != etag(call, identifier):
        raise AwsError("PreconditionFailed", "The request failed because it didn't meet the preconditions.")


def refuse_unknown(call: Call, behavior: Mapping[str, Any]) -> None:
    """Refuse a behavior whose policies do not exist. Raises AwsError."""
    for kind in _PATHS:
        identifier = behavior.get(f"{kind}Id")
        if identifier and identifier not in _rows(call, kind):
            raise AwsError(f"NoSuch{kind}", f"The {kind} {identifier} does not exist.")


def _rows(call: Call, kind: str) -> dict[str, dict[str, Any]]:
    """The policies of a kind by id, as the list operation gives them."""
    rows: dict[str, dict[str, Any]] = state(call.account, HOME, f"cloudfront {kind}")
    for identifier, config in _MANAGED[kind].items():
        if identifier not in rows:
            whole = {**(_ALL if kind == "OriginRequestPolicy" else {}), **config}
            rows[identifier] = {"Type": "managed", kind: _policy(kind, identifier, whole)}
            new_etag(call, identifier)
    return rows


def _policy(kind: str, identifier: str, config: Mapping[str, Any]) -> dict[str, Any]:
    return {"Id": identifier, "LastModifiedTime": now(), f"{kind}Config": dict(config)}


def behaviors(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The default cache behavior of a distribution's configuration, and the others."""
    yield config["DefaultCacheBehavior"]
    yield from config["CacheBehaviors"].get("Items", [])


def _users(call: Call, kind: str, identifier: str) -> Iterator[str]:
    for row in state(call.account, HOME, "cloudfront distributions").values():
        for behavior in behaviors(row["DistributionConfig"]):
            if behavior.get(f"{kind}Id") == identifier:
                yield row["Id"]


def _register(kind: str, plural: str) -> None:
    path = f"/2020-05-31/{_PATHS[kind]}"
    route(
        url_paths,
        CloudFrontResponse,
        f"{path}$",
        f"{path}/(?P<policy_id>[^/]+)$",
        f"{path}/(?P<policy_id>[^/]+)/config$",
    )

    def find(call: Call) -> dict[str, Any]:
        row = _rows(call, kind).get(call.params["Id"])
        if row is None:
            raise AwsError(f"NoSuch{kind}", f"The {kind} {call.params['Id']} does not exist.")
        found: dict[str, Any] = row[kind]
        return found

    def refuse_taken(call: Call, own_id: str | None = None) -> None:
        name = call.params[f"{kind}Config"]["Name"]
        for identifier, row in _rows(call, kind).items():
            if identifier != own_id and row[kind][f"{kind}Config"]["Name"] == name:
                raise AwsError(f"{kind}AlreadyExists", f"A {kind} with the name {name} already exists.")

    def refuse_managed(call: Call, code: str) -> None:
        if _rows(call, kind)[call.params["Id"]]["Type"] == "managed":
            raise AwsError(code, f"The {kind} is AWS's own.")

    @action(CloudFrontResponse, f"Create{kind}")
    def create(call: Call) -> Answer:
        refuse_taken(call)
        identifier = str(mock_random.uuid4())
        policy = _policy(kind, identifier, call.params[f"{kind}Config"])
        _rows(call, kind)[identifier] = {"Type": "custom", kind: policy}
        location = f"https://cloudfront.amazonaws.com{path}/{identifier}"
        return {kind: policy, "ETag": new_etag(call, identifier), "Location": location}

    @action(CloudFrontResponse, f"Get{kind}")
    def get(call: Call) -> Answer:
        return {kind: find(call), "ETag": etag(call, call.params["Id"])}

    @action(CloudFrontResponse, f"Get{kind}Config")
    def get_config(call: Call) -> Answer:
        return {f"{kind}Config": find(call)[f"{kind}Config"], "ETag": etag(call, call.params["Id"])}

    @action(CloudFrontResponse, f"Update{kind}")
    def update(call: Call) -> Answer:
        policy, identifier = find(call), call.params["Id"]
        refuse_managed(call, "IllegalUpdate")
        refuse_other_version(call, identifier)
        refuse_taken(call, identifier)
        policy |= {f"{kind}Config": dict(call.params[f"{kind}Config"]), "LastModifiedTime": now()}
        return {kind: policy, "ETag": new_etag(call, identifier)}

    @action(CloudFrontResponse, f"Delete{kind}")
    def delete(call: Call) -> Answer:
        find(call)
        refuse_managed(call, "IllegalDelete")
        refuse_other_version(call, call.params["Id"])
        if any(_users(call, kind, call.params["Id"])):
            raise AwsError(f"{kind}InUse", f"Cannot delete the {kind} because it is attached to a distribution.")
        del _rows(call, kind)[call.params["Id"]]
        return None

    @action(CloudFrontResponse, f"List{plural}")
    def list_all(call: Call) -> Answer:
        asked = call.params.get("Type")
        items = [row for row in _rows(call, kind).values() if asked in (None, row["Type"])]
        page = {"MaxItems": 100, "Quantity": len(items)}
        return {f"{kind}List": {**page, **({"Items": items} if items else {})}}


_register("CachePolicy", "CachePolicies")
_register("OriginRequestPolicy", "OriginRequestPolicies")
