from __future__ import annotations

import pytest
from companion.sentences import Sentences


def cut(text: str, size: int) -> list[str]:
    sentences = Sentences()
    complete = [one for start in range(0, len(text), size) for one in sentences.add(text[start : start + size])]
    return [one for one in [*complete, sentences.rest()] if one]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This is the first one. This is the second one.", ["This is the first one. ", "This is the second one."]),
        (
            "Yes. No. But then again, perhaps! Who knows that?",
            ["Yes. No. But then again, perhaps! ", "Who knows that?"],
        ),
        ("It costs 3.50 at the shop, I think.", ["It costs 3.50 at the shop, I think."]),
        ('She said "go away, you beast!" And so it went.', ['She said "go away, you beast!" ', "And so it went."]),
        ("First line of the poem\nsecond line of the poem", ["First line of the poem\n", "second line of the poem"]),
        (
            "猫はたいてい自分で帰ってきますから心配しないでください。きっと大丈夫。",
            ["猫はたいてい自分で帰ってきますから心配しないでください。", "きっと大丈夫。"],
        ),
        ("", []),
    ],
)
def test_text_is_cut_into_sentences_and_nothing_is_lost(text: str, size: int, expected: list[str]) -> None:
    assert cut(text, size) == expected


def test_text_without_an_end_is_cut_at_a_space() -> None:
    text = "word " * 300
    pieces = cut(text, 7)
    assert "".join(pieces) == text
    assert all(len(piece) <= 400 and piece.endswith(" ") for piece in pieces)


def test_text_without_a_space_is_cut_anyway() -> None:
    assert [len(piece) for piece in cut("x" * 900, 50)] == [400, 400, 100]
