from __future__ import annotations

import pytest

from companion_gate.fastlane.versions import newest

VERSIONS = ["5.9.0", "5.100.0", "5.100.1", "6.2.0"]


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        ([], "6.2.0"),
        ([">= 5.100, < 7.0"], "6.2.0"),
        ([">= 5.100", "< 6"], "5.100.1"),
        (["~> 5.0"], "5.100.1"),
        (["~> 5.100.0"], "5.100.1"),
        (["~> 5.8.0"], None),
        (["~>5.8", "!= 5.100.1"], "5.100.0"),
        (["5.100.0"], "5.100.0"),
        (["= 5.9.0"], "5.9.0"),
        (["> 5.100.0", "<= 6.2.0"], "6.2.0"),
        (["> 6.2"], None),
        (["> 6.2.0"], None),
        ([">= 5.0", "< 5.0"], None),
    ],
)
def test_newest_that_meets_all(constraints: list[str], expected: str | None) -> None:
    assert newest(VERSIONS, constraints) == expected


@pytest.mark.parametrize("constraint", ["~> 5", "5.100", "!= 6.2", ">= 6.0.0-beta1", "latest", ">= 5.0,", "", "=> 5.0"])
def test_leaves_the_unusual_to_terraform(constraint: str) -> None:
    assert newest(VERSIONS, [constraint]) is None


def test_leaves_a_folder_with_a_pre_release_to_terraform() -> None:
    assert newest([*VERSIONS, "6.3.0-beta1"], []) is None
