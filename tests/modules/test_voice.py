"""What the companion of modules/voice says and understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from companion_gate.fixtures import PlanManyCases
from companion_gate.plan.cases import PlanCases

from .cases.voice import BASE
from .examples import ExamplePlans, contract, values_of
from .replay import Computed, write_state
from .roots import MODULES, initialise, planned, write_root

_GERMAN = BASE["languages"]["de-DE"]
_INPUTS: dict[str, Mapping[str, Any]] = {
    "two_languages": {
        **BASE,
        "languages": {"de-DE": _GERMAN, "en-GB": {"voice_id": "Amy", "engine": "standard"}},
        "quotas": {"speech_requests_per_second": {"neural": 40}, "transcription_streams": 200},
    },
}


@pytest.fixture(scope="module")
def cases(plan_cases: PlanManyCases) -> PlanCases:
    return plan_cases(MODULES / "voice", _INPUTS)


def test_each_language_has_a_voice(cases: PlanCases) -> None:
    assert cases["two_languages"].output("voice.voices") == {
        "de-DE": {"voice_id": "Vicki", "engine": "neural"},
        "en-GB": {"voice_id": "Amy", "engine": "standard"},
    }


def test_a_language_without_words_has_no_vocabulary(cases: PlanCases) -> None:
    plan = cases["two_languages"]
    assert plan.output("voice.vocabularies") == {
        "de-DE": {"vocabulary": "companion-test-vocabulary-de-DE", "filter": "companion-test-filter-de-DE"},
        "en-GB": {"vocabulary": "", "filter": ""},
    }
    assert {view.address for view in plan} == {
        'aws_transcribe_vocabulary.this["de-DE"]',
        'aws_transcribe_vocabulary_filter.this["de-DE"]',
    }


def test_grants_hold_in_the_region_and_for_one_action_each(cases: PlanCases) -> None:
    grants = cases["two_languages"].output("grants")
    actions = {purpose: [item["actions"] for item in items] for purpose, items in grants.items()}
    assert actions == {
        "speak": [["polly:SynthesizeSpeech"]],
        "listen": [["transcribe:StartStreamTranscriptionWebSocket"]],
    }
    for items in grants.values():
        assert [item["conditions"] for item in items] == [{"StringEquals": {"aws:RequestedRegion": ["eu-central-1"]}}]


def test_the_slowest_engine_bounds_the_turns(cases: PlanCases) -> None:
    plan = cases["two_languages"]
    assert plan.output("capacity_contract.speech") == {
        "neural": {"requests_per_second": 40, "concurrent_requests": 18},
        "standard": {"requests_per_second": 80, "concurrent_requests": 80},
    }
    assert plan.output("capacity_contract.max_turns_per_second") == pytest.approx(40 / 3)
    assert plan.output("capacity_contract.transcription_streams") == 200


def test_the_example_fits_the_default_quotas(plans: ExamplePlans) -> None:
    capacity = contract(plans, "voice")
    assert capacity["speech_requests_per_second"] == pytest.approx(7.5)
    assert capacity["max_turns_per_second"] == pytest.approx(8 / 3)
    assert capacity["transcription_streams"] == 25
    phrases = {
        item["language_code"]: item["phrases"]
        for item in values_of(plans, "voice", "aws_transcribe_vocabulary").values()
    }
    assert phrases == {"de-DE": ["Luma", "Luma-Nova"], "en-GB": ["Luma"]}


COMPUTED: Computed = {
    "aws_transcribe_vocabulary": lambda values: {"id": values["vocabulary_name"], "arn": "arn", "download_uri": "uri"},
    "aws_transcribe_vocabulary_filter": lambda values: {
        "id": values["vocabulary_filter_name"],
        "arn": "arn",
        "download_uri": "uri",
    },
}


def test_new_words_keep_the_names_that_streams_use(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("replay")
    write_root(root, {"voice": ("voice", BASE)})
    initialise(root)
    write_state(planned(root), COMPUTED, root)
    words = {"phrases": ["Luma-Nova", "Stella"], "filtered_words": ["verdammt", "Mist"]}
    write_root(root, {"voice": ("voice", {**BASE, "languages": {"de-DE": {**_GERMAN, **words}}})})
    changes = {change["address"]: change["change"] for change in planned(root)["resource_changes"]}
    assert {address: change["actions"] for address, change in changes.items()} == {
        'module.voice.aws_transcribe_vocabulary.this["de-DE"]': ["update"],
        'module.voice.aws_transcribe_vocabulary_filter.this["de-DE"]': ["update"],
    }
