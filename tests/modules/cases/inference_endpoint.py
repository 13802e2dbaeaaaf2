"""Inputs of modules/inference-endpoint."""

from __future__ import annotations

from typing import Any

from ..suites import Case, Suite
from .common import ALARM_CASES, ALARMED, IDENTITY_CASES, LOG_CASES

DIGEST = "0123456789abcdef" * 4
REPOSITORY = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/companion/llm"
_INVOCATIONS = "SageMakerVariantInvocationsPerInstance"


def _network(subnets: int = 2, groups: int = 1) -> dict[str, Any]:
    subnet_ids = [f"subnet-000000{n:02}" for n in range(subnets)]
    return {"network": {"subnet_ids": subnet_ids, "security_group_ids": [f"sg-0000000{n}" for n in range(groups)]}}


def _model(**changes: Any) -> dict[str, Any]:
    model = {"image": f"{REPOSITORY}@sha256:{DIGEST}", "artifact_s3_uri": "s3://companion-models/llm/v1/"}
    return {"model": {**model, **changes}}


def _instance(**changes: Any) -> dict[str, Any]:
    return {"instance": {"type": "ml.g5.xlarge", "concurrent_requests": 4, "seconds_per_request": 3, **changes}}


def _scaling(**changes: Any) -> dict[str, Any]:
    return {"scaling": {"min": 2, "max": 10, "quota": 12, "target": 2.8, **changes}}


BASE: dict[str, Any] = {**ALARMED, **_network(), **_model(), **_instance(), **_scaling()}

SUITE = Suite(
    BASE,
    (
        *IDENTITY_CASES,
        *ALARM_CASES,
        *LOG_CASES,
        Case("network_by_names", {"network": {"subnet_ids": ["a", "b"], "security_group_ids": ["c"]}}, "must hold ids"),
        Case("network_of_one_zone", _network(subnets=1), "network must name 2 to 16"),
        Case("network_open", _network(groups=0), "network must name 2 to 16"),
        Case("image_by_tag", _model(image=f"{REPOSITORY}:v1"), "pinned by digest"),
        Case("image_of_anybody", _model(image=f"registry.example/llm@sha256:{DIGEST}"), "pinned by digest"),
        Case("artifact_archive", _model(artifact_s3_uri="s3://companion-models/llm/model.tar.gz")),
        Case("artifact_unclear", _model(artifact_s3_uri="s3://companion-models/llm"), "artifact_s3_uri must be"),
        Case("artifact_whole_bucket", _model(artifact_s3_uri="s3://companion-models/"), "artifact_s3_uri must be"),
        Case("environment_name", _model(environment={"MAX-TOKENS": "1"}), "model.environment must hold"),
        Case("environment_long", _model(environment={"A": "x" * 1025}), "model.environment must hold"),
        Case("instance_trainium", _instance(type="ml.trn1.2xlarge")),
        Case("instance_burstable", _instance(type="ml.t2.medium"), "instance.type must be"),
        Case("instance_of_ec2", _instance(type="g5.xlarge"), "instance.type must be"),
        Case("volume_none", _instance(volume_gib=0), "instance.volume_gib must be"),
        Case("volume_too_large", _instance(volume_gib=513), "instance.volume_gib must be"),
        Case("startup_too_short", _instance(startup_seconds=59), "instance.startup_seconds must be"),
        Case("startup_too_long", _instance(startup_seconds=3601), "instance.startup_seconds must be"),
        Case("serves_nothing", _instance(concurrent_requests=0), "instance.concurrent_requests must be"),
        Case("serves_for_ever", _instance(seconds_per_request=61), "instance.seconds_per_request must be"),
        Case("one_instance", _scaling(min=1), "scaling.min must be"),
        Case("bounds_equal", _scaling(min=6, max=6), "scaling.max must be"),
        Case("bounds_swapped", _scaling(min=5, max=2), "scaling.max must be"),
        Case("fleet_largest", _scaling(max=100, quota=102)),
        Case("fleet_too_large", _scaling(max=101, quota=200), "scaling.max must be"),
        Case("quota_reached_in_roll_out", _scaling(max=11), "scaling.quota"),
        Case("metric_imagined", _scaling(metric="SageMakerLoad"), "scaling.metric must be"),
        Case(
            "metric_of_components", _scaling(metric="SageMakerInferenceComponentInvocationsPerCopy"), "scaling.metric"
        ),
        Case("target_full", _scaling(target=4)),
        Case("target_unreachable", _scaling(target=4.1), "scaling.target must be above 0 and reachable"),
        Case("target_none", _scaling(target=0), "scaling.target must be above 0 and reachable"),
        Case("invocations_reachable", _scaling(metric=_INVOCATIONS, target=56)),
        Case("invocations_of_the_sample", _scaling(metric=_INVOCATIONS, target=70), "scaling.target must be above 0"),
        Case("out_slow", _scaling(scale_out_cooldown=61), "scaling.scale_out_cooldown must be"),
        Case("out_negative", _scaling(scale_out_cooldown=-1), "scaling.scale_out_cooldown must be"),
        Case("in_fast", _scaling(scale_in_cooldown=299), "scaling.scale_in_cooldown must be"),
        Case("in_negative", _scaling(scale_in_cooldown=-300), "scaling.scale_in_cooldown must be"),
        Case("latency_never_reached", {"latency_alarm_ms": 60001}, "latency_alarm_ms must be"),
        Case("latency_always_reached", {"latency_alarm_ms": 99}, "latency_alarm_ms must be"),
    ),
)
