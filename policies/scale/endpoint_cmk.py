"""An endpoint's storage is encrypted with a key of the account, or by the instance's own hardware."""

from __future__ import annotations

import re

from aic_engine.attributes import each_block, is_own_key
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, passed, undecided
from aic_engine.values import Absent, Known, Unknown, Value
from aic_engine.weakening import drop

_LOCAL_STORE = re.compile(
    r"ml\.((c|m|r)\d+[a-z]*d[a-z]*|g4dn|g5|g6e?|gr6|p3dn|p4de?|p5(en?)?|p6[a-z0-9-]*|trn[12]n?)\."
)
"""Instance types with NVMe storage, which encrypts by itself and takes no key (AWS docs, SageMaker API reference:
CreateEndpointConfig, KmsKeyId)."""


def decide(config: Resource, graph: Graph) -> Decision:
    variants = each_block(config, "production_variants")
    types = [config.get(f"{path}.instance_type") for path in variants] if isinstance(variants, list) else []
    if types and all(isinstance(each, Known) and _LOCAL_STORE.match(str(each.value)) for each in types):
        return passed("production_variants", "the hardware of its instances encrypts")
    if isinstance(config.get("kms_key_arn"), Absent) and (hidden := _hidden(variants, types)) is not None:
        return undecided("kms_key_arn", expected="a KMS key", value=hidden)
    return is_own_key(config, "kms_key_arn")


def _hidden(variants: list[str] | Unknown, types: list[Value]) -> Unknown | None:
    return next((each for each in (variants, *types) if isinstance(each, Unknown)), None)


RULE = Rule(
    id="CKV_AIC_SCALE_008",
    name="endpoint-cmk",
    title="A model endpoint's volumes are encrypted",
    severity=Severity.MEDIUM,
    types=("aws_sagemaker_endpoint_configuration",),
    why=(
        "Model weights that were tuned on conversations can give parts of them back; so can what an endpoint captures "
        "on disk."
    ),
    fix="""
kms_key_arn = aws_kms_key.operations.arn
""",
    sources=("AWS docs, SageMaker API reference: CreateEndpointConfig, KmsKeyId",),
    controls={
        "GDPR-32": "Storage of the endpoint is encrypted.",
    },
    breaks=(drop("aws_sagemaker_endpoint_configuration", "kms_key_arn", only=r"\.plain$"),),
    built_in="CKV_AWS_98 also fails instances that take no key",
    decide=decide,
)
