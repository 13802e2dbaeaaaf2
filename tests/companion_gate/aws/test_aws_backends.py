"""What all backends have in common."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.exceptions import ProfileNotFound

from companion_gate.aws.constraints import violations
from companion_gate.aws.registration import pages, service_model
from companion_gate.aws.session import isolated_botocore_session, isolated_imports


@pytest.fixture
def mars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mars")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "mars-1")


@pytest.mark.usefixtures("mars")
def test_isolated_session_has_no_setting_of_the_process() -> None:
    session = isolated_botocore_session()
    assert session.get_scoped_config() == {}
    assert session.get_config_variable("profile") is None
    assert session.get_config_variable("region") is None


@pytest.mark.usefixtures("mars")
def test_sessions_of_what_this_thread_imports_are_isolated_and_those_of_other_threads_are_not() -> None:
    original = boto3.Session
    with isolated_imports(), ThreadPoolExecutor(1) as another:
        assert boto3.Session().region_name is None
        with pytest.raises(ProfileNotFound, match="mars"):
            another.submit(boto3.Session).result()
    assert boto3.Session is original
    with pytest.raises(ProfileNotFound, match="mars"):
        boto3.Session()


@pytest.mark.parametrize(
    ("params", "page", "token"),
    [
        ({}, [0, 1, 2], "3"),
        ({"maxResults": 2}, [0, 1], "2"),
        ({"maxResults": 2, "nextToken": "4"}, [4], None),
        ({"maxResults": 5}, [0, 1, 2, 3, 4], None),
    ],
)
def test_page_and_token(params: dict[str, object], page: list[int], token: str | None) -> None:
    assert pages(range(5), params, limit=3) == (page, token)


@pytest.mark.parametrize("token", ["", "x", "-1", "5", "1.5"])
def test_token_that_was_never_given_is_refused(token: str) -> None:
    with pytest.raises(Exception, match="nextToken"):
        pages(range(5), {"nextToken": token}, limit=3)


def test_every_broken_constraint_is_named_with_its_place() -> None:
    shape = service_model("bedrock").operation_model("CreateGuardrail").input_shape
    words = [{"text": "ok"}, {"text": "x" * 101}]
    found = list(violations(shape, {"name": "a b", "wordPolicyConfig": {"wordsConfig": words}}))
    places = [sentence.split("' at '")[1].split("'")[0] for sentence in found]
    assert sorted(places) == [
        "blockedInputMessaging",
        "blockedOutputsMessaging",
        "name",
        "wordPolicyConfig.wordsConfig.2.member.text",
    ]


@pytest.mark.parametrize("service", ["bedrock", "opensearchserverless", "sagemaker", "application-autoscaling"])
def test_every_pattern_of_the_models_is_understood(service: str) -> None:
    model = service_model(service)
    strings = [model.shape_for(name) for name in model.shape_names if model.shape_for(name).type_name == "string"]
    patterned = [shape for shape in strings if "pattern" in shape.metadata]
    assert patterned
    for shape in patterned:
        list(violations(shape, "a" * shape.metadata.get("min", 1)))
