from __future__ import annotations

import pytest

from leads.free_text import normalization
from tests.support.processor_time import READ_AT_ONCE, least_processor_seconds

SLIPS = normalization.build_vocabulary(
    ["seizure", "inconsciente", "convulsionando", "respira", "sobredosis", "hermana", "killing"],
    ["filling", "kissing"],
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CAN\u2019T cant can't", "cannot cannot cannot"),
        ("he\u2019s hes he's", "he is he is he is"),
        ("we're were he'll hell", "we are were he will hell"),
        ("im ill, i am mentally ill", "i am ill , i am mentally ill"),
        ("ill be ok", "i will be ok"),
        ("heeelp!!! \U0001f494\U0001f3fd", "help . \U0001f494"),
        ("S T O P, s.t.o.p, E-N-D", "stop , stop , end"),
        ("x q a el", "por que a el"),
        ("xfa q no rrespira... ta morao", "por favor que no rrespira . esta morao"),
        ("¿CÓMO ESTÁS? mañana", ". como estas ? manana"),
        ("5,000 mg, k1ll my\u200bself", "5000 mg , kill myself"),
        ("mom's w/o her pills", "moms without her pills"),
        ("w/out it we'd go wed", "without it we would go wed"),
        ("", ""),
    ],
)
def test_a_text_is_spelled_in_one_way(text: str, words: str) -> None:
    assert " ".join(normalization.canonical_words(text)) == words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("siezure", "seizure"),
        ("inconsiente", "inconsciente"),
        ("combulcionando", "convulsionando"),
        ("rrespira", "respira"),
        ("sobredocis", "sobredosis"),
        ("ermana", "hermana"),
        ("filling", "filling"),
        ("skilling", "skilling"),
        ("stop", "stop"),
    ],
)
def test_one_slip_is_seen(typed: str, meant: str) -> None:
    assert SLIPS.correct_slip(typed) == meant


@pytest.mark.parametrize(
    "part", ["a ", "ñ", "\U0001f494", "s t o p ", "cant' ", "'", "\u200d", "aaa"]
)
def test_a_text_of_any_length_is_read_at_once(part: str) -> None:
    text = part * (2**20 // len(part))
    assert least_processor_seconds(lambda: normalization.canonical_words(text)) < READ_AT_ONCE


def test_the_end_of_a_long_text_is_read() -> None:
    assert normalization.canonical_words("word " * 9999 + "the end")[-1] == "end"
