"""A symmetric encryption key rotates by itself."""

from __future__ import annotations

from aic_engine.attributes import is_true
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, not_applicable, undecided
from aic_engine.values import Known, Unknown
from aic_engine.weakening import drop, set_to


def decide(key: Resource, graph: Graph) -> Decision:
    for path, rotating in (("key_usage", "ENCRYPT_DECRYPT"), ("customer_master_key_spec", "SYMMETRIC_DEFAULT")):
        value = key.get(path)
        if isinstance(value, Unknown):
            return undecided("enable_key_rotation", expected="true", value=value)
        if isinstance(value, Known) and value.value != rotating:
            return not_applicable(f"KMS does not rotate keys whose {path} is {value.value}")
    return is_true(key, "enable_key_rotation", cure="set enable_key_rotation = true")


RULE = Rule(
    id="CKV_AIC_MEM_013",
    name="kms-rotates",
    title="Encryption keys rotate",
    severity=Severity.MEDIUM,
    types=("aws_kms_key",),
    why=(
        "A key that leaked once opens everything that was ever written under it; a rotated one only what was written "
        "since."
    ),
    fix="""
enable_key_rotation = true
""",
    sources=("AWS docs, Security Hub controls reference: KMS.4; KMS rotates symmetric encryption keys only",),
    controls={
        "FSBP-KMS.4": "Customer managed keys rotate.",
    },
    breaks=(
        set_to("aws_kms_key", "enable_key_rotation", False, only=r"\.(personal|operations)$"),
        drop("aws_kms_key", "enable_key_rotation", only=r"\.(personal|operations)$"),
    ),
    built_in="CKV_AWS_7 asks the same",
    decide=decide,
)
