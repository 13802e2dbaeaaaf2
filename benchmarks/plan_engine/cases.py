"""What is planned: every README example of modules/, the deployments in examples/, and variations of the examples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion_gate.readme import readme_examples

REPOSITORY = Path(__file__).resolve().parents[2]

_KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_TOPIC = "arn:aws:sns:eu-central-1:111122223333:companion-alarms"
_IDENTITY: dict[str, Any] = {"name": "companion-test", "kms_key_arn": _KEY}
_ALARMED: dict[str, Any] = {**_IDENTITY, "alarm_topic_arns": [_TOPIC]}
_SUBNETS = ["subnet-00000000", "subnet-00000001", "subnet-00000002"]
_GROUPS = ["sg-00000001"]
_MODEL = {
    "image": f"111122223333.dkr.ecr.eu-central-1.amazonaws.com/companion/llm@sha256:{'0123456789abcdef' * 4}",
    "artifact_s3_uri": "s3://companion-models/llm/v1/",
}
_INSTANCE = {"type": "ml.g5.xlarge", "concurrent_requests": 4, "seconds_per_request": 3}
_SCALING = {"min": 2, "max": 10, "quota": 12, "target": 2.8}
_NODES = {"instance_type": "r7g.large.search", "instance_count": 3, "availability_zones": 3, "volume_gib": 100}
_TALK = {"definition": "Betting money on games.", "examples": ["Where can I bet?"]}

_BASES: dict[str, dict[str, Any]] = {
    "memory-hot": _ALARMED,
    "memory-vectors": {
        **_ALARMED,
        "engine": "domain",
        "network": {"vpc_id": "vpc-00000001", "subnet_ids": _SUBNETS, "security_group_ids": _GROUPS},
        "domain": _NODES,
        "admin_role_arn": "arn:aws:iam::111122223333:role/companion-vectors-admin",
        "client_role_arns": ["arn:aws:iam::111122223333:role/companion-worker"],
    },
    "moderation": _IDENTITY,
    "inference-endpoint": {
        **_ALARMED,
        "network": {"subnet_ids": _SUBNETS[:2], "security_group_ids": _GROUPS},
        "model": _MODEL,
        "instance": _INSTANCE,
        "scaling": _SCALING,
    },
}

_TWO_ZONES = {
    "network": {**_BASES["memory-vectors"]["network"], "subnet_ids": _SUBNETS[:2]},
    "domain": {**_NODES, "availability_zones": 2, "instance_count": 4},
}
_INVOCATIONS = {**_SCALING, "metric": "SageMakerVariantInvocationsPerInstance", "target": 56}

VARIATIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("memory-hot", "shortest", {"retention_days": 1, "pitr_days": 1}),
    ("memory-hot", "longest", {"retention_days": 365, "pitr_days": 35}),
    ("memory-hot", "capped", {"max_request_units": {"read": 1, "write": 40000}}),
    ("memory-hot", "glass-broken", {"break_glass_reason": "CMP-1234: account is closed"}),
    ("memory-vectors", "two-zones", _TWO_ZONES),
    ("memory-vectors", "longest-dimension", {"dimension": 16000}),
    ("memory-vectors", "newer-engine", {"domain": {**_NODES, "engine_version": "OpenSearch_3.3"}}),
    ("memory-vectors", "serverless", {"engine": "serverless", "domain": None, "log_retention_days": 365}),
    ("moderation", "base", {}),
    ("moderation", "most-topics", {"denied_topics": {f"topic {n}": _TALK for n in range(29)}}),
    ("moderation", "referral-by-link", {"crisis_referral": "Hilfe: https://findahelpline.com"}),
    ("moderation", "personal-data", {"pii_entities": {"EMAIL": "BLOCK", "DRIVER_ID": "ANONYMIZE"}}),
    ("inference-endpoint", "trainium", {"instance": {**_INSTANCE, "type": "ml.trn1.2xlarge"}}),
    ("inference-endpoint", "largest-fleet", {"scaling": {**_SCALING, "max": 100, "quota": 102}}),
    ("inference-endpoint", "by-invocations", {"scaling": _INVOCATIONS}),
    ("inference-endpoint", "logs-for-a-year", {"log_retention_days": 365}),
)
"""(module, name, inputs laid over the module's base): inputs that the module accepts."""

NAIVE = (
    "memory-hot-1",
    "memory-vectors-1",
    "memory-vectors-serverless",
    "moderation-1",
    "moderation-most-topics",
    "inference-endpoint-1",
    "sagemaker-companion",
)
"""The cases of the strategies that cost seconds for each, spread over the modules."""

QUICK = ("memory-hot-1", "moderation-1")
SINGLE = "memory-hot-1"
"""A case of middle size, for the rows about one plan."""

# So that a plan of a root without data sources asks AWS nothing (AWS provider docs, "Argument Reference").
_OFFLINE = (
    "  skip_credentials_validation = true\n  skip_metadata_api_check     = true\n  skip_requesting_account_id  = true\n"
)
PROVIDER_FILE = "provider.tf"
PROVIDER = f'provider "aws" {{\n  region = "eu-central-1"\n{_OFFLINE}}}\n'
_OFFLINE_OVERRIDE = f'provider "aws" {{\n{_OFFLINE}}}\n'


@dataclass(frozen=True)
class Case:
    """A root: its files by name, as they lie two folders below the folder that holds modules/."""

    name: str
    files: Mapping[str, str]


def all_cases() -> tuple[Case, ...]:
    """Every case, in a fixed order; names are unique."""
    found = []
    for readme in sorted((REPOSITORY / "modules").glob("*/README.md")):
        for example in readme_examples(readme):
            text = example.text.replace('"./modules/', '"../../modules/')
            found.append(Case(f"{readme.parent.name}-{example.index}", {"main.tf": text, PROVIDER_FILE: PROVIDER}))
    for module, name, inputs in VARIATIONS:
        values = {**_BASES[module], **inputs}
        # JSON values are HCL expressions; none of these strings holds a template.
        lines = [f"  {key} = {json.dumps(value)}\n" for key, value in values.items()]
        label = module.replace("-", "_")
        text = f'module "{label}" {{\n  source = "../../modules/{module}"\n{"".join(lines)}}}\n'
        found.append(Case(f"{module}-{name}", {"main.tf": text, PROVIDER_FILE: PROVIDER}))
    for folder in sorted(path.parent for path in (REPOSITORY / "examples").glob("*/main.tf")):
        files = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.tf*")) if path.is_file()}
        found.append(Case(folder.name, {**files, "offline_override.tf": _OFFLINE_OVERRIDE}))
    return tuple(found)
