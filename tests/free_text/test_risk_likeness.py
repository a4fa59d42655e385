"""What a message reads like where no sign names what a person has to read before a call."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from leads.free_text import risk_likeness
from leads.free_text.call_risks import CallRisk, find_call_risks, words_to_read
from tests.support import learn_risk_likeness
from tests.support.form_answers import GIVEN, NUMBER, read

LEARNED = Path(risk_likeness.__file__).with_suffix(".tsv")
MOST_ORDINARY_THAT_WAIT = 0.035
LEAST_HARMFUL_THAT_WAIT = {"unseen_messages.tsv": 0.86, "unseen_roundabout_messages.tsv": 0.46}


@pytest.mark.parametrize("corpus", LEAST_HARMFUL_THAT_WAIT)
def test_of_messages_that_nothing_was_fitted_to_so_many_harmful_ones_wait(corpus: str) -> None:
    written: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for label, message in learn_risk_likeness.read_messages(corpus):
        request = read({"name": "Ana", "phone": GIVEN, "message": message})
        written[label] += 1
        waiting[label] += request.is_refused or request.phone != NUMBER
    print({label: f"{waiting[label]} of {count} wait" for label, count in written.items()})
    assert waiting["call"] <= MOST_ORDINARY_THAT_WAIT * written["call"]
    assert waiting["hold"] >= LEAST_HARMFUL_THAT_WAIT[corpus] * written["hold"]


@pytest.mark.parametrize(
    "text",
    [
        "mejor paso yo por alla el centro me queda cerca, no hace falta que llamen",
        "yo hablo con ustedes nomas si no sale el nombre de la clinica en la pantalla",
    ],
)
def test_what_no_sign_names_waits_for_what_it_reads_like(text: str) -> None:
    assert list(find_call_risks(text)) == [CallRisk.LIKELY]


def test_a_sign_says_more_than_what_a_message_reads_like() -> None:
    said = "my wife picks up sometimes and she does not know that I am writing to you about this"
    assert CallRisk.LIKELY not in set(find_call_risks(said))


@pytest.mark.parametrize("text", ["", "phone", "this is not for me", "?? !!", "él no es"])
def test_what_is_said_in_few_words_is_left_to_signs(text: str) -> None:
    assert not risk_likeness.reads_like_risk(words_to_read(text))


def test_whoever_adds_messages_learns_anew() -> None:
    assert LEARNED.read_text("utf-8").startswith(learn_risk_likeness.header())


@pytest.mark.soak
def test_the_same_is_learned_again() -> None:
    learned, kept = learn_risk_likeness.learn_weights(), risk_likeness.load_weights()
    assert learned.keys() == kept.keys()
    assert all(abs(learned[phrase] - weight) < 0.02 for phrase, weight in kept.items())
