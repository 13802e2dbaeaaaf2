"""Application Auto Scaling: tags of a scalable target, and capacity bounds that AWS refuses.

Source: AWS docs "RegisterScalableTarget", "TagResource" (API reference).
"""

from __future__ import annotations

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from companion_gate.aws.registration import Answer, AwsError, Call, action

# AWS docs, "TagResource": up to 50 tags per resource.
MAX_TAGS = 50
# AWS docs, "RegisterScalableTarget", MinCapacity: 0 is allowed for these namespaces and 1 is the least for all others.
# A SageMaker variant may go to 0 only with inference components or an asynchronous endpoint, which are not told apart.
_MAY_BE_EMPTY = frozenset(
    {"lambda", "ec2", "ecs", "rds", "elasticmapreduce", "custom-resource", "sagemaker", "appstream", "cassandra"}
)
# AWS docs, "Service-linked roles for Application Auto Scaling": the role of a request that names none.
_LINKED_ROLES = {
    "sagemaker": "SageMakerEndpoint",
    "dynamodb": "DynamoDBTable",
    "lambda": "LambdaConcurrency",
    "ecs": "ECSService",
    "rds": "RDSCluster",
}


@action(ApplicationAutoScalingResponse, "RegisterScalableTarget")
def register_scalable_target(call: Call) -> Answer:
    key = _key(call)
    targets = call.table("autoscaling bounds")
    low, high = targets.get(key, (None, None))
    low, high = call.params.get("MinCapacity", low), call.params.get("MaxCapacity", high)
    if low is None or high is None:
        raise AwsError("ValidationException", "MinCapacity and MaxCapacity are required to register a new target.")
    if low < 0 or high < 0:
        raise AwsError("ValidationException", "Capacity must not be negative.")
    if low > high:
        raise AwsError("ValidationException", "Maximum capacity cannot be less than minimum capacity")
    if low == 0 and call.params["ServiceNamespace"] not in _MAY_BE_EMPTY:
        raise AwsError("ValidationException", "Minimum capacity must be at least 1.")
    answer = call.upstream()
    targets[key] = (low, high)
    _link_role(call)
    arn = answer["ScalableTargetARN"]
    tags = call.table("autoscaling tags")
    tags[arn] = {**tags.get(arn, {}), **call.params.get("Tags", {})}
    return answer


def _link_role(call: Call) -> None:
    namespace, resource, dimension = _key(call)
    suffix = _LINKED_ROLES.get(namespace)
    for target in call.response.applicationautoscaling_backend.describe_scalable_targets(
        namespace, [resource], dimension
    ):
        if target.role_arn is None and suffix is not None:
            target.role_arn = (
                f"arn:{call.partition}:iam::{call.account}:role/aws-service-role/"
                f"{namespace}.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_{suffix}"
            )


def _key(call: Call) -> tuple[str, str, str]:
    return call.params["ServiceNamespace"], call.params["ResourceId"], call.params["ScalableDimension"]


@action(ApplicationAutoScalingResponse, "DeregisterScalableTarget")
def deregister_scalable_target(call: Call) -> Answer:
    namespace, resource, dimension = _key(call)
    backend = call.response.applicationautoscaling_backend
    arns = [target.arn for target in backend.describe_scalable_targets(namespace, [resource], dimension)]
    answer = call.upstream()
    call.table("autoscaling bounds").pop((namespace, resource, dimension), None)
    for arn in arns:
        call.table("autoscaling tags").pop(arn, None)
    return answer


@action(ApplicationAutoScalingResponse, "PutScalingPolicy")
def put_scaling_policy(call: Call) -> Answer:
    key = _key(call)
    if key not in call.table("autoscaling bounds"):
        raise AwsError(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {key[0]}, resource ID: {key[1]}, "
            f"scalable dimension: {key[2]}",
        )
    return call.upstream()


def _tags(call: Call) -> dict[str, str]:
    arn = call.params["ResourceARN"]
    tags: dict[str, str] | None = call.table("autoscaling tags").get(arn)
    if tags is None:
        raise AwsError("ResourceNotFoundException", f"No scalable target has the ARN {arn}")
    return tags


@action(ApplicationAutoScalingResponse, "ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    return {"Tags": _tags(call)}


@action(ApplicationAutoScalingResponse, "TagResource")
def tag_resource(call: Call) -> Answer:
    tags = _tags(call)
    if len({**tags, **call.params["Tags"]}) > MAX_TAGS:
        raise AwsError("TooManyTagsException", f"A scalable target may have {MAX_TAGS} tags.")
    tags.update(call.params["Tags"])
    return None


@action(ApplicationAutoScalingResponse, "UntagResource")
def untag_resource(call: Call) -> Answer:
    tags = _tags(call)
    for key in call.params["TagKeys"]:
        tags.pop(key, None)
    return None
