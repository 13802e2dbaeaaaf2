"""What moto lacks, one module per service; a service's module registers its actions before the service is first asked.

Nothing is imported before: most of moto's cost is in the services that nobody uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

MODULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # moto serves both versions of the API under the name of the first.
        "apigateway": ("apigateway", "apigatewayv2"),
        "apigatewayv2": ("apigatewayv2",),
        "applicationautoscaling": ("applicationautoscaling",),
        "awslambda": ("awslambda",),
        "bedrock": ("bedrock", "bedrock_inference"),
        # It makes endpoint configurations itself, by SageMaker's classes, which our module changes.
        "cloudformation": ("sagemaker",),
        "cloudfront": ("cloudfront",),
        "cloudwatch": ("cloudwatch",),
        "dynamodb": ("dynamodb", "dynamodb_transactions"),
        # moto serves the API of OpenSearch under the name of its predecessor.
        "es": ("opensearch",),
        "kms": ("kms",),
        "opensearch": ("opensearch",),
        "opensearchserverless": ("opensearchserverless",),
        "sagemaker": ("sagemaker",),
        "sqs": ("sqs",),
        "transcribe": ("transcribe",),
    }
)
"""moto's name of a service to our modules for it."""


def load(service: str) -> None:
    """Register our actions of a service, by moto's name for it; nothing where moto lacks nothing that we need."""
    for module in MODULES.get(service, ()):
        import_module(f"{__name__}.{module}")
