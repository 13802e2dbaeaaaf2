"""Each container of a model names its image by digest."""

from __future__ import annotations

from aic_engine.attributes import each_block
from aic_engine.graph import Graph, Resource
from aic_engine.rule import Decision, Rule, Severity, failed, not_applicable, passed, undecided, worst
from aic_engine.values import Absent, Known, Unknown
from aic_engine.weakening import set_to

EXPECTED = "an image with @sha256:<digest>"
CURE = "name the image by its digest, which ECR shows beside the tag"


def decide(model: Resource, graph: Graph) -> Decision:
    containers = [each_block(model, name) for name in ("primary_container", "container")]
    decisions: list[Decision] = []
    for name, paths in zip(("primary_container", "container"), containers, strict=True):
        if isinstance(paths, Unknown):
            decisions.append(undecided(name, expected=EXPECTED, value=paths))
        else:
            decisions += [_image(model, f"{path}.image") for path in paths]
    return worst(decisions) if decisions else not_applicable("it has no container of its own")


def _image(model: Resource, path: str) -> Decision:
    value = model.get(path)
    if isinstance(value, Absent):
        return not_applicable("a model package names its image itself")
    text = str(value.value) if isinstance(value, Known) else value.text or ""
    if "@sha256:" in text:
        return passed(path)
    if isinstance(value, Unknown):
        return undecided(path, expected=EXPECTED, value=value)
    return failed(path, expected=EXPECTED, actual=value, cure=CURE)


RULE = Rule(
    id="CKV_AIC_SCALE_010",
    name="model-image-digest",
    title="A model image is pinned by digest",
    severity=Severity.HIGH,
    types=("aws_sagemaker_model",),
    why=(
        "A tag is whatever was pushed last: the next instance that scales out may answer with another model than the "
        "one that was tested."
    ),
    fix="""
image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/companion@sha256:…"
""",
    sources=("AWS docs, ECR user guide: image tags are mutable; pull by digest",),
    controls={
        "OWASP-LLM03": "What runs is what was reviewed.",
        "SOC2-CC8.1": "A model changes by a change, not by a push.",
    },
    breaks=(
        set_to(
            "aws_sagemaker_model",
            "primary_container[0].image",
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com/companion:latest",
        ),
    ),
    decide=decide,
)
