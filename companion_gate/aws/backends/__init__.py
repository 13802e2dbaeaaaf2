"""What moto lacks, one module per service; importing this package registers their actions for the whole process."""

from companion_gate.aws.session import without_aws_settings

# moto asks boto3 for the list of regions while it is imported; a profile that does not exist would stop it.
with without_aws_settings():
    from companion_gate.aws.backends import (
        applicationautoscaling,
        bedrock,
        dynamodb,
        kms,
        opensearch,
        opensearchserverless,
        opensearchserverless_policies,
        sagemaker,
    )

__all__ = [
    "applicationautoscaling",
    "bedrock",
    "dynamodb",
    "kms",
    "opensearch",
    "opensearchserverless",
    "opensearchserverless_policies",
    "sagemaker",
]
