from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from leads.free_text import danger
from leads.free_text.danger import DangerKind
from leads.free_text.sign_patterns import PatternIndex
from tests.support.processor_time import READ_AT_ONCE, least_processor_seconds

DATA = Path(__file__).with_name("data")
AT_LEAST = {"now": 0.97, "self": 0.97, "harm": 0.90, "withdrawal": 0.90}
NONE_AT_MOST = 0.10


@pytest.mark.parametrize(
    "corpus", ["danger.tsv", *(f"held_out_{number}.tsv" for number in range(1, 25))]
)
def test_dangers_are_raised_and_the_harmless_is_left_alone(corpus: str) -> None:
    raised: Counter[tuple[str, str]] = Counter()
    written: Counter[tuple[str, str]] = Counter()
    with (DATA / corpus).open(encoding="utf-8", newline="") as file:
        for label, language, text in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for of in ((label, language), (label, "both")):
                written[of] += 1
                raised[of] += danger.read_danger(text) is not None
    shares = {of: raised[of] / count for of, count in sorted(written.items())}
    for (label, language), share in shares.items():
        print(f"{corpus:16} {label:10} {language:4} {share:.3f} of {written[label, language]}")
    for label, least in AT_LEAST.items():
        assert shares.get((label, "both"), 1) >= least, label
    assert shares["none", "both"] <= NONE_AT_MOST


def test_who_only_asks_us_to_stop_is_in_no_danger() -> None:
    said = [
        line.rpartition("\t")[2]
        for path in [DATA / "revocation.tsv", *DATA.glob("wishes_*.tsv")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("stop\t")
    ]
    assert [text for text in said if danger.read_danger(text)] == []


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.soak)])
def test_the_index_of_signs_hides_none(every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        line.rpartition("\t")[2]
        for path in sorted(DATA.glob("*.tsv"))
        for line in path.read_text(encoding="utf-8").splitlines()[::every]
    ]
    indexed = [(danger.all_dangers(text), danger.speaks_of_poison(text)) for text in texts]
    monkeypatch.setattr(PatternIndex, "places_in", lambda index, _: range(len(index)))
    searched = [(danger.all_dangers(text), danger.speaks_of_poison(text)) for text in texts]
    assert indexed == searched


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("he is not breathing", "now"),
        ("I don't want to hurt myself, I want a bed", ""),
        ("I'd never hurt myself but I'd be glad if it was all over", "self"),
        ("quitarme el vicio", ""),
        ("quitarme la vida", "self"),
        ("he was suicidal years ago but he is fine now", ""),
        ("he was suicidal years ago and he is talking about it again", "self"),
        ("my wife will kill me", ""),
        ("he said he will kill me", "harm"),
        ("saying goodbye to alcohol", ""),
        ("saying goodbye to everybody", "self"),
        ("she took all her pills and wants to die", "now self"),
        ("my mom cut me off after our fight", ""),
        ("her doctor cut her off xanax and now she is twitching", "withdrawal"),
        ("she wants to stop drinking for good", ""),
        ("she is 6 months pregnant and wants to stop methadone today", "withdrawal"),
        ("no me pega ni me amenaza", ""),
        ("can you try tomorrow morning", ""),
        ("she is not breathing well", "now"),
        ("no respira bien", "now"),
        ("mi hijo ya respira bien", ""),
        ("embarazada y ya no tengo metadona", "withdrawal"),
        ("estoy embarazada y tomo metadona, todo bien", ""),
        ("no es emergencia", ""),
        ("", ""),
    ],
)
def test_a_text_is_read_to_its_end(text: str, kinds: str) -> None:
    assert danger.all_dangers(text) == tuple(map(DangerKind, kinds.split()))


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        (", he is not breathing", DangerKind.NOW),
        (" and I want to kill myself", DangerKind.SELF),
        (", quiero matarme", DangerKind.SELF),
        (". I want to kill myself", DangerKind.SELF),
    ],
)
@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.soak)])
def test_what_is_harmless_hides_no_other_clause(every: int, more: str, kind: DangerKind) -> None:
    harmless = [
        line.rpartition("\t")[2].rstrip(".?! ")
        for path in (DATA / "danger.tsv", *sorted(DATA.glob("held_out_*.tsv")))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("none\t")
    ]
    said = [text + more for text in harmless[::every]]
    assert [text for text in said if kind not in danger.all_dangers(text)] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("is it dangerous to stop drinking, I am shaking and seeing things", "withdrawal"),
        ("withdrawal is dangerous and I am shaking", "withdrawal"),
        ("my ex was abusive and he found me", "harm"),
        ("ya no quiero seguir usando ni viviendo", "self"),
        ("I don't want to hurt anymore", "self"),
        ("se me va la vida en esto, me corté las venas", "now"),
        ("is it dangerous if I took 20 pills", "now"),
    ],
)
def test_a_danger_beside_what_is_harmless_is_of_its_kind(text: str, kind: str) -> None:
    assert DangerKind(kind) in danger.all_dangers(text)


def test_where_two_kinds_fit_911_comes_first() -> None:
    assert danger.read_danger("i want to die, i took all my pills") is DangerKind.NOW


def test_what_was_swallowed_is_told_from_other_dangers() -> None:
    assert danger.speaks_of_poison("my toddler swallowed a methadone pill")
    assert not danger.speaks_of_poison("he has a gun")


def test_a_danger_in_the_middle_of_a_long_text_is_seen() -> None:
    filler = "we would like to hear about the house by the sea " * 100
    assert danger.read_danger(f"{filler} he is not breathing {filler}") is DangerKind.NOW


@pytest.mark.parametrize(
    "part",
    [
        "a ",
        "ñ",
        "\U0001f494",
        "no not never cannot ",
        "he ",
        ". ",
        "he took pills and cannot breathe ",
    ],
)
def test_reading_takes_no_longer_for_being_strange(part: str) -> None:
    text = part * (2**20 // len(part))
    assert least_processor_seconds(lambda: danger.read_danger(text)) < READ_AT_ONCE


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("me quiero matar", [DangerKind.SELF]),
        ("me voy a ahorcar", [DangerKind.SELF]),
        ("voy a matarme hoy", [DangerKind.SELF]),
        ("quiere matarse mi hijo", [DangerKind.SELF]),
        ("mi esposo me va a matar", [DangerKind.HARM]),
        ("mi ex me quiere matar", [DangerKind.HARM]),
        ("mi ex me pega", [DangerKind.HARM]),
        ("me voy a matar y luego lo voy a matar", [DangerKind.SELF, DangerKind.HARM]),
    ],
)
def test_who_is_to_die_says_of_which_kind_it_is(text: str, kinds: list[DangerKind]) -> None:
    """Whoever means themselves is called; a threat by somebody who may hear the phone is held."""
    assert list(danger.all_dangers(text)) == kinds
