"""OpenSearch Serverless: collections and VPC endpoints. The policies are in `opensearchserverless_policies`.

Sources: AWS docs "CreateCollection", "BatchGetCollection", "CreateVpcEndpoint" (API reference) and "Encryption in
Amazon OpenSearch Serverless" (developer guide: a collection needs an encryption policy that matches its name).
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from moto.opensearchserverless.responses import OpenSearchServiceServerlessResponse

from companion_gate.aws.backends.opensearchserverless_policies import policies_of
from companion_gate.aws.registration import Answer, AwsError, Call, action, kept, now_ms, pages, random_id

_PAGE = 20


def _collections(call: Call) -> dict[str, dict[str, Any]]:
    return call.table("aoss collections")


def _encryption_key(call: Call, name: str) -> str:
    """The key of the encryption policy that covers the collection: an ARN, or `auto` for a key that AWS owns."""
    for policy in policies_of(call, "encryption"):
        patterns = [pattern for rule in policy["policy"]["Rules"] for pattern in rule["Resource"]]
        if any(fnmatchcase(f"collection/{name}", pattern) for pattern in patterns):
            return str(policy["policy"].get("KmsARN", "auto"))
    raise AwsError(
        "ValidationException",
        f"No matching security policy of encryption type found for collection name: {name}. "
        "Please create security policy of encryption type for this collection.",
    )


@action(OpenSearchServiceServerlessResponse, "CreateCollection", validate=True)
def create_collection(call: Call) -> Answer:
    name = call.params["name"]
    if any(row["name"] == name for row in _collections(call).values()):
        raise AwsError("ConflictException", f"Collection with name {name} already exists")
    key = _encryption_key(call, name)
    collection_id = random_id(20)
    host = f"https://{collection_id}.{call.region}.aoss.amazonaws.com"
    created = now_ms()
    collection = {
        "id": collection_id,
        "arn": call.arn("aoss", f"collection/{collection_id}"),
        "status": "ACTIVE",
        "type": "TIMESERIES",
        "standbyReplicas": "ENABLED",
        "kmsKeyArn": key,
        "collectionEndpoint": host,
        "dashboardEndpoint": f"{host}/_dashboards",
        "createdDate": created,
        "lastModifiedDate": created,
        **kept(call.params, ("name", "type", "description", "standbyReplicas")),
    }
    _collections(call)[collection_id] = collection
    if tags := call.params.get("tags"):
        call.response.opensearchserverless_backend.tag_resource(collection["arn"], tags)
    return {"createCollectionDetail": collection}


@action(OpenSearchServiceServerlessResponse, "BatchGetCollection", validate=True)
def batch_get_collection(call: Call) -> Answer:
    ids, names = call.params.get("ids", []), call.params.get("names", [])
    if bool(ids) == bool(names):
        raise AwsError("ValidationException", "You must provide either ids or names, and not both.")
    key, asked = ("id", ids) if ids else ("name", names)
    rows = {row[key]: row for row in _collections(call).values()}
    return {
        "collectionDetails": [rows[item] for item in asked if item in rows],
        "collectionErrorDetails": [_not_found(key, item, "Collection") for item in asked if item not in rows],
    }


@action(OpenSearchServiceServerlessResponse, "UpdateCollection", validate=True)
def update_collection(call: Call) -> Answer:
    collection = _collections(call).get(call.params["id"])
    if collection is None:
        # The operation documents no ResourceNotFoundException.
        raise AwsError("ValidationException", f"Collection with ID {call.params['id']} cannot be found.")
    collection |= {**kept(call.params, ["description"]), "lastModifiedDate": now_ms()}
    return {"updateCollectionDetail": collection}


@action(OpenSearchServiceServerlessResponse, "DeleteCollection", validate=True)
def delete_collection(call: Call) -> Answer:
    collection = _collections(call).pop(call.params["id"], None)
    if collection is None:
        raise AwsError("ResourceNotFoundException", f"Collection with ID {call.params['id']} cannot be found.")
    return {"deleteCollectionDetail": {**collection, "status": "DELETING"}}


@action(OpenSearchServiceServerlessResponse, "ListCollections", validate=True)
def list_collections(call: Call) -> Answer:
    wanted = call.params.get("collectionFilters", {})
    rows = [row for row in _collections(call).values() if all(row[key] == value for key, value in wanted.items())]
    page, token = pages(rows, call.params, _PAGE)
    return {"collectionSummaries": page, "nextToken": token}


def _endpoints(call: Call) -> dict[str, dict[str, Any]]:
    return call.table("aoss vpc endpoints")


@action(OpenSearchServiceServerlessResponse, "CreateVpcEndpoint", validate=True)
def create_vpc_endpoint(call: Call) -> Answer:
    params = call.params
    for row in _endpoints(call).values():
        if row["name"] == params["name"] or row["vpcId"] == params["vpcId"]:
            raise AwsError("ConflictException", f"A VpcEndpoint named {row['name']} already exists in {row['vpcId']}")
    if params["vpcId"] not in call.backend("ec2").vpcs:
        raise AwsError("ValidationException", f"The VPC {params['vpcId']} does not exist.")
    # The endpoint is one of EC2's too: security groups are read back from there.
    endpoint = call.backend("ec2").create_vpc_endpoint(
        params["vpcId"],
        f"com.amazonaws.{call.region}.aoss",
        "Interface",
        None,
        [],
        subnet_ids=params["subnetIds"],
        security_group_ids=params.get("securityGroupIds", []),
    )
    row = {
        "id": endpoint.id,
        "status": "ACTIVE",
        "createdDate": now_ms(),
        **kept(params, ("name", "vpcId", "subnetIds", "securityGroupIds")),
    }
    _endpoints(call)[endpoint.id] = row
    return {"createVpcEndpointDetail": row}


@action(OpenSearchServiceServerlessResponse, "BatchGetVpcEndpoint", validate=True)
def batch_get_vpc_endpoint(call: Call) -> Answer:
    rows = _endpoints(call)
    return {
        "vpcEndpointDetails": [rows[item] for item in call.params["ids"] if item in rows],
        "vpcEndpointErrorDetails": [_not_found("id", i, "VpcEndpoint") for i in call.params["ids"] if i not in rows],
    }


@action(OpenSearchServiceServerlessResponse, "UpdateVpcEndpoint", validate=True)
def update_vpc_endpoint(call: Call) -> Answer:
    params = call.params
    row = _endpoints(call).get(params["id"])
    if row is None:
        raise AwsError("ValidationException", f"VpcEndpoint with ID {params['id']} cannot be found.")
    for field, noun in (("subnetIds", "SubnetIds"), ("securityGroupIds", "SecurityGroupIds")):
        left = [item for item in row.get(field, []) if item not in params.get(f"remove{noun}", [])]
        row[field] = [*left, *(item for item in params.get(f"add{noun}", []) if item not in left)]
    row["lastModifiedDate"] = now_ms()
    endpoint = call.backend("ec2").vpc_end_points[params["id"]]
    endpoint.subnet_ids, endpoint.security_group_ids = row["subnetIds"], row["securityGroupIds"]
    return {"UpdateVpcEndpointDetail": row}


@action(OpenSearchServiceServerlessResponse, "DeleteVpcEndpoint", validate=True)
def delete_vpc_endpoint(call: Call) -> Answer:
    row = _endpoints(call).pop(call.params["id"], None)
    if row is None:
        raise AwsError("ResourceNotFoundException", f"VpcEndpoint with ID {call.params['id']} cannot be found.")
    call.backend("ec2").delete_vpc_endpoints([row["id"]])
    return {"deleteVpcEndpointDetail": {**row, "status": "DELETING"}}


@action(OpenSearchServiceServerlessResponse, "ListVpcEndpoints", validate=True)
def list_vpc_endpoints(call: Call) -> Answer:
    status = call.params.get("vpcEndpointFilters", {}).get("status", "ACTIVE")
    page, token = pages([row for row in _endpoints(call).values() if row["status"] == status], call.params, _PAGE)
    return {"vpcEndpointSummaries": page, "nextToken": token}


def _not_found(key: str, value: str, noun: str) -> dict[str, str]:
    return {key: value, "errorCode": "NOT_FOUND", "errorMessage": f"The specified {noun} is not found."}
