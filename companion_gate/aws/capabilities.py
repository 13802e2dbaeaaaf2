"""What the AWS of this machine cannot exercise, and why: the report shows it, so that nothing is skipped in silence."""

from __future__ import annotations

from types import MappingProxyType

NOT_EXERCISED: MappingProxyType[str, str] = MappingProxyType(
    {
        "guardrail judgement of real text": (
            "the embedded AWS stores guardrails and their versions; only Bedrock's models can judge a text"
        ),
        "functions": "Lambda stores functions and mappings; nothing is run, and no message is taken from a queue",
        "connections": "API Gateway and CloudFront are described, and no client can connect to them",
        "model inference": "Bedrock and SageMaker answer from models that exist in AWS alone",
        "OpenSearch data plane": "domains and collections are described, and no search engine runs behind them",
        "Comprehend classifier training": "training ends in AWS alone; Terraform would wait for it for ever",
        "Transcribe and Polly streams": "no audio is transcribed or spoken here",
        "expiry of items": "a DynamoDB table keeps its TTL setting and never deletes an item for it",
        "automatic scaling": "targets and policies are stored; no metric moves the capacity",
        "deployment roll-back": "a SageMaker endpoint is in service at once, so that no alarm can roll it back",
        "IAM enforcement": "roles and policies are stored; requests are not authorised against them",
        "quotas and availability of instances": (
            "only the quotas of guardrails and tags are counted, and every instance type is in stock"
        ),
        "waiting for a resource": "every resource is ready at once, so that time-outs are not tested",
    }
)
"""Capability to the reason why it cannot be exercised by ``--aws embedded``."""
