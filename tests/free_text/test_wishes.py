"""Wishes: what people mean who text the desk, measured on sentences that were written for it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from leads.free_text.wishes import Wish, interpret_text
from tests.support.processor_time import READ_AT_ONCE, least_processor_seconds

DATA = Path(__file__).with_name("data")
CORPORA = (
    "revocation",
    "wishes_first",
    "wishes_second",
    "wishes_third",
    "wishes_fourth",
    "wishes_fifth",
    "wishes_sixth",
    "wishes_seventh",
    "wishes_eighth",
    "wishes_ninth",
    "wishes_tenth",
    "wishes_eleventh",
    "wishes_twelfth",
    "wishes_thirteenth",
    "wishes_fourteenth",
    "wishes_fifteenth",
    "wishes_sixteenth",
    "wishes_seventeenth",
    "wishes_eighteenth",
    "wishes_nineteenth",
)
STOPS = {Wish.STOP, Wish.STOP_TEXTS, Wish.STOP_CALLS}
EXACT = ("start", "help", "call", "later", "wrong_person")
CLOSES = {
    "stop_texts": {Wish.STOP, Wish.STOP_TEXTS},
    "stop_calls": {Wish.STOP, Wish.STOP_CALLS},
}
FLOORS = {
    "stop is a stop of everything": 0.98,
    "talk is no stop": 0.98,
    "start, help, call, later, wrong person: mean": 0.90,
    "the named channel is closed": 0.95,
    "the other channel stays open": 0.80,
    "later is no stop": 0.95,
    "what may be over is for a person": 0.90,
    "talk is left to the next call": 0.90,
}
"""The least share that must be right, of both languages together."""

Sentence = tuple[str, str, str]  # label, language, text


def read_sentences(name: str) -> list[Sentence]:
    with (DATA / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(label, language, text) for label, language, text in rows]


def shares(sentences: list[Sentence]) -> Iterator[tuple[str, float]]:
    readings = [(label, interpret_text(text)) for label, _, text in sentences]
    read = [(label, reading.wish) for label, reading in readings]
    unclear = Counter(label for label, reading in readings if reading.is_unclear)
    count = Counter(label for label, _ in read)

    def share(labels: tuple[str, ...], right: Counter[str]) -> float:
        return sum(right[label] for label in labels) / sum(count[label] for label in labels)

    exact = Counter(label for label, wish in read if wish == label)
    no_stop = Counter(label for label, wish in read if wish not in STOPS)
    closed = Counter(label for label, wish in read if wish in CLOSES.get(label, ()))
    channels = tuple(CLOSES)
    yield "stop is a stop of everything", share(("stop",), exact)
    yield "talk is no stop", share(("talk",), no_stop)
    means = [share((label,), exact) for label in EXACT]
    yield "start, help, call, later, wrong person: mean", sum(means) / len(means)
    yield "the named channel is closed", share(channels, closed)
    yield "the other channel stays open", share(channels, exact)
    yield "later is no stop", share(("later",), no_stop)
    yield "talk is left to the next call", 1 - share(("talk",), unclear)
    if count["unclear"]:
        yield "what may be over is for a person", share(("unclear",), unclear)


@pytest.mark.parametrize("corpus", CORPORA)
def test_wishes_are_understood_as_often_as_they_must_be(corpus: str) -> None:
    sentences = read_sentences(corpus)
    for language in ("en", "es", ""):
        those = [one for one in sentences if one[1] == language or not language]
        measured = dict(shares(those))
        for what, share in measured.items():
            print(f"{corpus:15}{language or 'both':5}{what:46}{share:.3f}")
    assert {what for what, share in measured.items() if share < FLOORS[what]} == set()


@pytest.mark.parametrize(
    "said",
    [
        "stop",
        "STOP.",
        "Stop!!!",
        "s t o p",
        "S.T.O.P",
        "stop stop",
        "stopp",
        "sotp",
        "please stop",
        "STOP por favor",
        "\uff33\uff34\uff2f\uff30",
        "🛑",
        "✋🏽",
        "alto",
        "ALTO!!",
        "¡Basta!",
        "no más",
        "NOMAS",
        "baja",
    ],
)
def test_a_keyword_alone_always_counts(said: str) -> None:
    assert interpret_text(said).wish == Wish.STOP


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("these texts wake the baby, please stop them. calls are fine", Wish.STOP_TEXTS),
        ("cancel the texts but not the call", Wish.STOP_TEXTS),
        ("texts off please. phone is ok", Wish.STOP_TEXTS),
        ("calls off, texts are fine", Wish.STOP_CALLS),
        ("texting doesn't work for me so stop that and call", Wish.STOP_TEXTS),
        ("you keep calling. don't. text me", Wish.STOP_CALLS),
        ("cancelen la llamada, prefiero seguir por texto", Wish.STOP_CALLS),
        ("stop texting and calling me", Wish.STOP),
        ("dejen de escribir y de llamar", Wish.STOP),
        ("dejen de llamar y mejor escriban", Wish.STOP_CALLS),
        ("para de llamarme", Wish.STOP),
        ("you people need to stop", Wish.STOP),
        ("need to quit", None),
        ("i get seizures every time i quit, want to quit today", None),
        ("let me call you back", Wish.LATER),
        ("this isnt james", Wish.WRONG_PERSON),
        ("end of the month works", Wish.LATER),
        ("end of week", Wish.LATER),
        ("I said stop but you are texting me again", Wish.STOP),
        ("i never want to hear from you again", Wish.STOP),
        ("i said stop before but i'm ready now, go ahead and text me again", Wish.START),
        ("mi hijo puso stop sin permiso, sigan mandando", Wish.START),
        ("who dis", Wish.HELP),
        ("i don't know who this is", Wish.HELP),
        ("i don't know who that is", Wish.WRONG_PERSON),
        ("no maria here", Wish.WRONG_PERSON),
        ("no beds here", None),
        ("he was the wrong guy for me", None),
        ("have a nurse call me", Wish.CALL),
        ("I don't even know where to start please call me", Wish.CALL),
        ("I don't think you should call me", Wish.STOP),
    ],
)
def test_a_sentence_is_read_by_what_stands_beside_the_word(said: str, wish: Wish | None) -> None:
    assert interpret_text(said).wish == wish


STOPS_SAID = (
    "I told you to stop",
    "I said stop",
    "I texted stop",
    "STOP",
    "stop texting me",
    "please stop calling",
    "les dije que pararan",
    "ALTO",
    "dejen de llamarme",
)
"""A stop of ours, now or once."""
TAKES_NOTHING_BACK = (
    "I want you to keep my number off your call list",
    "Now I want a lawyer",
    "start respecting it",
    "I can not take it again",
    "now I want you to listen",
    "I had a car accident",
    "I was in an accident",
    "I signed up by accident",
    "it was a mistake to give you my number",
    "you can call my sister again",
    "and you keep calling me",
    "don't start again",
    "start leaving me alone",
    "tuve un accidente",
    "ahora quiero un abogado",
    "pueden llamar a mi hermana otra vez",
)
"""No wish to be contacted: no contact verb with "again", and no call that is asked for."""


@pytest.mark.parametrize("rest", TAKES_NOTHING_BACK)
@pytest.mark.parametrize("mark", [". ", ", ", " "])
def test_what_lifts_a_stop_is_certain(mark: str, rest: str) -> None:
    for stop in STOPS_SAID:
        for said in (f"{stop}{mark}{rest}", f"{rest}{mark}{stop}"):
            assert interpret_text(said).wish not in {Wish.START, Wish.CALL}, said


REFUSES = ("don't", "do not", "please don't ever", "never", "don't you", "no need to", "stop")
STARTS = {
    "start calling me": "starting to call me",
    "start texting me again": "starting to text me again",
    "sign me up again": "signing me up again",
    "restart the texts": "restarting the texts",
    "try to call me": "trying to call me",
    "resubscribe me": "resubscribing me",
}


@pytest.mark.parametrize(
    "said",
    [
        f"{refuses} {gerund if refuses == 'stop' else start}"
        for refuses in REFUSES
        for start, gerund in STARTS.items()
    ]
    + ["no empiecen a llamarme", "nunca me vuelvan a apuntar", "start leaving me alone"],
)
def test_a_refused_start_or_call_is_a_stop(said: str) -> None:
    assert interpret_text(said).wish in STOPS, said


@pytest.mark.parametrize(
    ("said", "starts"),
    [
        ("I texted stop by mistake", True),
        ("accidentally texted stop, please call me again", True),
        ("I said stop before but you can call me again", True),
        ("puse stop sin querer, quítenlo", True),
        ("oops stop", False),
        ("STOP I signed up by accident", False),
        ("STOP fue un accidente", False),
        ("STOP. my son had an accident", False),
        ("I texted stop so start acting like it", False),
        ("I don't want to be added back", False),
        ("refuse to start calls again", False),
        ("under no circumstances start texting me", False),
        ("there's no way you can text me again", False),
        ("you can't call me again", False),
        ("puse ALTO, vuelvan a llamar y los demando", False),
    ],
)
def test_an_accident_or_a_stop_told_of_starts_or_is_for_a_person(
    said: str, *, starts: bool
) -> None:
    reading = interpret_text(said)
    if starts:
        assert reading.wish == Wish.START
    else:
        assert reading.is_unclear or reading.wish in STOPS


@pytest.mark.parametrize("said", ["", " ", "?", "yes", "no", "Sí", "OK", "👍", "gracias", "\0"])
def test_what_answers_an_earlier_question_is_no_wish(said: str) -> None:
    assert interpret_text(said).wish is None


@pytest.mark.parametrize(
    "said", ["help me stop", "ayudame a parar", "dont stop calling me", "no dejen de llamarme"]
)
def test_a_stop_word_may_say_the_contrary(said: str) -> None:
    assert interpret_text(said).wish not in STOPS


@pytest.mark.parametrize(
    "said",
    [
        "cancel my request",
        "no more of this",
        "i dont want to talk",
        "Nevermind",
        "never mind, sorry",
        "forget it",
        "just leave it",
        "not anymore",
        "olvídelo",
        "I changed my mind",
        "not needed",
        "I already got help, thanks",
        "ya me ayudaron en otro lado",
        "don't call me at work anymore",
        "my husband has this phone",
        "soy la esposa",
        "ya no hace falta, gracias",
        "stop pls he will see",
        "stop this please you will get me in trouble",
        "alto por favor él ve mi teléfono",
    ],
)
def test_what_may_be_a_stop_is_for_a_person(said: str) -> None:
    reading = interpret_text(said)
    assert reading.is_unclear or reading.wish in STOPS


@pytest.mark.parametrize(
    "said", ["stop " * 50_000, "no me i you my this " * 10_000, "|? " * 90_000]
)
def test_strange_texts_take_no_longer(said: str) -> None:
    assert least_processor_seconds(lambda: interpret_text(said)) < READ_AT_ONCE


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("why did you stop calling me? please start again", Wish.START),
        ("i didnt tell you to stop please start calling again", Wish.START),
        ("I didnt say stop please start calling me", Wish.START),
        ("i didn't ask you to stop, please start again", Wish.START),
        ("no les dije que pararan, por favor empiecen de nuevo", Wish.START),
        ("why did you stop calling me?", None),
        ("why did you stop texting me and start calling", None),
        ("i never said stop", None),
        ("why don't you stop calling me?", Wish.STOP),
        ("why did you stop calling me stop texting me", Wish.STOP),
        ("didn't i tell you to stop calling me", Wish.STOP),
        ("no les dije que pararan?", Wish.STOP),
        ("never signed up stop", Wish.STOP),
    ],
)
def test_a_stop_that_was_never_told_is_none(said: str, wish: Wish | None) -> None:
    reading = interpret_text(said)
    assert (reading.wish, reading.is_unclear) == (wish, wish is None)


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("please call me instead of text", Wish.STOP_TEXTS),
        ("call me instead of texting me", Wish.STOP_TEXTS),
        ("llámame en vez de texto", Wish.STOP_TEXTS),
        ("text me instead of call", Wish.STOP_CALLS),
    ],
)
def test_the_channel_that_is_asked_for_stays_open(said: str, wish: Wish) -> None:
    assert interpret_text(said).wish == wish


@pytest.mark.parametrize(
    "said",
    [
        "not safe",
        "not safe right now",
        "it's not safe here",
        "no es seguro ahora",
        "unsafe",
        "it's not safe to call now",
        "no es seguro que me llamen",
        "please stop it's not safe",
        "he's reading my texts",
        "mi esposo lee mis mensajes",
    ],
)
def test_who_may_be_heard_is_for_a_person(said: str) -> None:
    assert interpret_text(said).is_unclear


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("it's not safe to call, text me", Wish.STOP_CALLS),
        ("texting isn't safe, call me", Wish.STOP_TEXTS),
        ("not safe until 5pm", Wish.LATER),
        ("this isn't the right phone", Wish.WRONG_PERSON),
        ("is it safe to detox at home?", None),
    ],
)
def test_what_is_unsafe_says_what_is_wished(said: str, wish: Wish | None) -> None:
    reading = interpret_text(said)
    assert (reading.wish, reading.is_unclear) == (wish, False)


@pytest.mark.parametrize(
    ("said", "is_unclear"),
    [
        ("I don't want to talk anymore", True),
        ("i don't want to talk to you", True),
        ("no quiero hablar más con ustedes", True),
        ("please forget about me", True),
        ("don't forget about me", False),
        ("the person you are looking for died", True),
        ("this person is deceased", True),
        ("murió la persona que buscan", True),
        ("he died last month", False),
        ("mi papá murió", False),
    ],
)
def test_whether_the_callback_is_over_is_for_a_person(said: str, *, is_unclear: bool) -> None:
    reading = interpret_text(said)
    assert (reading.wish, reading.is_unclear) == (None, is_unclear)


NOTHING_ANYMORE = (
    "no more msgs or calls ok",
    "take me off whatever list this is",
    "remove me from your database",
    "remove me from whatever this is",
    "quit contacting me in any way",
    "no more calls or texts",
    "no more txts or calls plz",
    "dont want any calls or msgs anymore",
    "no calls no texts",
    "get me off this thing",
    "take my number off of whatever you got it on",
    "stop reaching out to me in any form",
    "delete me from ur system",
    "no more contact of any kind",
    "unlist me pls",
    "ya no quiero llamadas ni mensajes",
    "no mas msjs ni llamadas ok",
    "quitenme de cualquier lista que sea esta",
    "saquenme de su base de datos",
    "borrenme de donde me tengan",
    "dejen de contactarme de cualquier forma",
    "no me busquen mas por ningun medio",
    "ni llamadas ni textos por favor",
    "scratch my name off your list",
    "cut it out with the calls and texts",
    "enough with the msgs and calls",
    "I dont wanna hear from yall no more",
    "do not reach out again",
    "eliminenme de su sistema",
    "no me escriban ni me llamen",
)
NO_STOP = (
    "no more drinking ok",
    "take me off the waiting list",
    "can you take me off suboxone",
    "I want no more pills",
    "remove me from the group session on friday",
    "is there a list for beds",
    "ya no quiero tomar mas",
    "what list is this",
    "I quit contacting my dealer",
    "no more excuses I am ready",
    "no calls before 9 please",
    "put me on whatever list you have",
    "no mas drogas",
)


@pytest.mark.parametrize("said", NOTHING_ANYMORE)
def test_whoever_names_every_way_or_any_list_wants_no_contact_at_all(said: str) -> None:
    assert interpret_text(said).wish is Wish.STOP


@pytest.mark.parametrize("said", NO_STOP)
def test_what_sounds_like_it_and_is_about_something_else_stops_nothing(said: str) -> None:
    assert interpret_text(said).wish not in STOPS


def test_a_channel_that_stays_open_beside_a_refused_one_is_told_from_one_refused_too() -> None:
    assert interpret_text("no texts and calls ok").wish is Wish.STOP_TEXTS
    assert interpret_text("no more texts, calls ok").wish is Wish.STOP_TEXTS
    assert interpret_text("no texts or calls ok").wish is Wish.STOP
