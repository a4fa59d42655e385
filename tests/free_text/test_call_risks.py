"""What people write that makes a call one for a person to decide, and what they write as a rule."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from leads.free_text import call_risks, normalization
from leads.free_text.call_risks import CallRisk, find_call_risks, has_call_risk
from leads.free_text.sign_patterns import words_of_pattern
from tests.support.form_answers import GIVEN, NUMBER, read
from tests.support.processor_time import READ_AT_ONCE, least_processor_seconds

DATA = Path(__file__).with_name("data")
STRANGERS = (
    Path(__file__).parents[1].joinpath("forms/data/strangers.txt").read_text("utf-8").split()
)

MOST_ORDINARY_THAT_WAIT = 0.03
LEAST_HARMFUL_THAT_WAIT = {
    "phone_messages.tsv": 0.91,
    "contact_messages.tsv": 0.97,
    "oblique_messages.tsv": 0.94,
    "phone_sentences.tsv": 1,
    "plain_messages.tsv": 0.98,
    "short_messages.tsv": 0.95,
    "roundabout_messages.tsv": 0.98,
}


@pytest.mark.parametrize("corpus", LEAST_HARMFUL_THAT_WAIT)
def test_of_what_others_wrote_the_ordinary_goes_through_and_the_harmful_waits(corpus: str) -> None:
    written: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for line in (DATA / corpus).read_text("utf-8").splitlines():
        label, message = line.split("\t")
        request = read({"name": "Ana", "phone": GIVEN, "message": message})
        written[label] += 1
        waiting[label] += request.is_refused or request.phone != NUMBER
    print({label: f"{waiting[label]} of {count} wait" for label, count in written.items()})
    assert waiting["call"] <= MOST_ORDINARY_THAT_WAIT * written["call"]
    assert waiting["hold"] >= LEAST_HARMFUL_THAT_WAIT[corpus] * written["hold"]


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("number works but its the church office", CallRisk.PHONE_OF_OTHERS),
        ("you'll get the receptionist, she's a gossip", CallRisk.ANSWERED_BY_OTHERS),
        ("my wife picks up sometimes", CallRisk.ANSWERED_BY_OTHERS),
        ("mi suegra oye todo", CallRisk.HEARD_BY_OTHERS),
        ("my dad reads every text", CallRisk.SEEN_BY_OTHERS),
        ("no quiero que mi familia se entere", CallRisk.CONFIDENTIAL),
        ("rather you write me", CallRisk.OTHER_WAY),
        ("only when he is out", CallRisk.CONDITION),
        ("therapy mondays and wednesdays at 10 so not then", CallRisk.CONDITION),
        ("siempre no, gracias", CallRisk.TAKEN_BACK),
        ("i put a fake number", CallRisk.WRONG_NUMBER),
        ("are you hiring techs", CallRisk.NOT_A_REQUEST),
        ("theyd fire me if this gets around", CallRisk.CONFIDENTIAL),
        ("my bother in law answrs it", CallRisk.ANSWERED_BY_OTHERS),
    ],
)
def test_a_risk_is_told_by_its_kind(text: str, risk: CallRisk) -> None:
    assert risk in set(find_call_risks(text))


def test_every_word_of_the_signs_is_spelled_as_texts_are_read() -> None:
    listed = tomllib.loads(Path(call_risks.__file__).with_suffix(".toml").read_text("utf-8"))
    signs = [listed["harmless"]["phrases"], *listed["signs"].values(), *listed["ways"].values()]
    words = {word for lines in [*signs, *listed["words"].values()] for word in words_of(lines)}
    assert [word for word in sorted(words) if normalization.canonical_words(word) != (word,)] == []


def words_of(listed: str) -> set[str]:
    """Return the words of a list or of patterns, without beginnings of words."""
    return {word for word in words_of_pattern(listed) if not word.endswith("*")}


@pytest.mark.parametrize(
    "repeated", ["my wife he she ", "when he call not ", "she, ", "my ", "he answers my phone. "]
)
def test_a_long_text_is_read_at_once(repeated: str) -> None:
    text = (repeated * 20_000)[:20_000]
    assert least_processor_seconds(lambda: has_call_risk(text)) < READ_AT_ONCE


@pytest.mark.parametrize(
    "said",
    [
        "only call if my dad is not home, use a fake name",
        "call only when my husband is out",
        "please do not call before noon",
        "Don't call after 6, he is home then",
        "never call when my kids are at home",
        "call me unless it is late",
        "if he answers hang up",
        "pretend to be my dentist",
        "llámame solo si no está mi esposo",
        "no me llamen en la noche",
        "solo llamen cuando estoy en el trabajo",
        "si contesta mi esposo cuelguen",
        "don't say who you are",
        "say you are calling from the library",
        "please don't mention rehab",
        "digan que llaman de la escuela",
        "this is not my number",
        "if you call he'll know",
        "I'd be in trouble if you call",
        "calls make him mad",
        "si me llaman se va a enojar",
        "me da miedo que suene el teléfono",
        "this phone is shared with my family",
        "comparto el teléfono con mi mamá",
        "ring once and hang up",
        "someone else put my number in",
        "I did not fill this out",
        "ese número no es mío",
    ],
)
def test_a_call_under_a_condition_is_for_a_person_to_decide(said: str) -> None:
    assert has_call_risk(said)


@pytest.mark.parametrize(
    "said",
    [
        "please disregard",
        "ignore this",
        "wrong form sorry",
        "this is a test",
        "Hi. This is just a test message",
        "test please ignore",
        "QA test",
        "just testing the form",
        "prueba de formulario",
        "esto es una prueba",
        "favor de ignorar",
        "hagan caso omiso",
    ],
)
def test_a_form_that_means_no_request_is_for_a_person(said: str) -> None:
    assert CallRisk.TAKEN_BACK in set(find_call_risks(said))


@pytest.mark.parametrize(
    "said",
    [
        "I have a drug test monday",
        "he failed his test",
        "court ordered drug test",
        "testing positive for fentanyl",
        "this is a test of my strength",
        "please don't ignore this, I can't ignore this problem",
        "es una prueba muy dura para la familia",
        "prueba de drogas el lunes",
    ],
)
def test_a_test_of_something_else_takes_nothing_back(said: str) -> None:
    assert CallRisk.TAKEN_BACK not in set(find_call_risks(said))


def test_a_phone_of_anybody_nobody_thought_of_is_not_understood_as_the_senders() -> None:
    sentences = ("this is the {}s phone", "the number is my {}s", "my {} answers this phone")
    said = [sentence.format(word) for word in STRANGERS for sentence in sentences]
    called = [text for text in said if read({"phone": GIVEN, "message": text}).phone == NUMBER]
    waiting = [text for text in called if read({"phone": GIVEN, "message": text}).is_refused]
    assert called == waiting


def test_the_words_that_were_not_understood_are_shown_with_their_question() -> None:
    message = "I need a bed. house phone, 14 guys share it"
    limits = read({"phone": GIVEN, "What is going on?": message}).limits
    assert limits == [f"What is going on?: {message}"]


def test_what_a_page_is_called_is_nobodys_message() -> None:
    request = read({"phone": GIVEN, "page_title": "Drug rehab in Ohio - Free call"})
    assert (request.phone, request.limits) == (NUMBER, [])


def test_a_message_is_read_where_the_owner_of_a_form_chose_the_names() -> None:
    entry = {"form_id": "4", "date_created": "2026-11-16", "phone": GIVEN}
    request = read({**entry, "message": "please do not call me"}, kind="gravity_forms")
    assert request.is_refused
    numbered = read({**entry, "3": "Ana", "message": "do not call me"}, kind="gravity_forms")
    assert numbered.is_refused


def test_safe_ways_are_told_by_their_answers_in_whatever_words_they_are_asked_for() -> None:
    question = "Which of these are safe for you?"
    assert read({"phone": GIVEN, question: ["Email", "Letter to my work"]}).is_refused
    assert not read({"phone": GIVEN, question: ["Email", "Phone call"]}).is_refused
