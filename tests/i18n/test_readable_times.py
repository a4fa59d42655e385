"""Times as readers of each language write them, alone and within a sentence."""

from __future__ import annotations

import copy
import re
import string
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

import pytest
from babel.messages import pofile

from leads.i18n import readable_times
from leads.i18n.messages import Message, MessageKey
from leads.i18n.readable_times import SPANISH_FORMS, ReadableTime
from leads.i18n.translatable import CATALOGUES, NamedTimeOfDay, translate
from leads.messaging import text_parts
from leads.models.watching import Alert
from notifications.messages import alert_text_message

ONES = {1, 13}
DAY = date(2026, 3, 3)
BARE_TIME = re.compile(
    r"\b(?:desde|hasta|para|antes de|a partir de|el|al?|las?|termina|vence)"
    r" \{(?:time|since|until|starts|ends|begins|promised|back)\}"
)
"""A time that says its hour without the article: "desde 3:00 p.m."."""


@cache
def _spanish() -> dict[str, str]:
    with (CATALOGUES / "es.po").open("rb") as file:
        entries: list[Any] = [one for one in pofile.read_po(file, "es") if one.id]
    return {
        english: spanish
        for one in entries
        for english, spanish in (
            zip(one.id, one.string, strict=True) if one.pluralizable else [(one.id, one.string)]
        )
    }


def _values(sentence: str, at: object) -> dict[str, object] | None:
    """A sentence's values, or none if it asks for no time."""
    fields = [field for field in string.Formatter().parse(sentence) if field[1]]
    asks = {name for _, name, form, _ in fields if form in SPANISH_FORMS}
    return {str(name): at if name in asks else "X" for _, name, _, _ in fields} if asks else None


@pytest.mark.parametrize("hour", range(24))
def test_a_spanish_sentence_says_its_time_with_the_article(hour: int) -> None:
    at = readable_times.format_time_of_day(time(hour, 5), language="es")
    that_day = readable_times.format_day_and_time(
        datetime.combine(DAY, time(hour, 5)), language="es"
    )
    article = "la" if hour in ONES else "las"
    said = 0
    for english, spanish in _spanish().items():
        for shown in (at, that_day):
            if values := _values(spanish, shown):
                sentence = translate("es", english, **values)
                assert f"{article} {at}" in sentence, sentence
                assert not re.search(r"\b(?:a|de) el\b|\ba a\b|\.\.", sentence), sentence
                said += 1
    assert said > 50


def test_no_spanish_sentence_says_a_time_without_its_article() -> None:
    assert [one for one in _spanish().values() if BARE_TIME.search(one)] == []


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Since {time}.", "Desde la 1:30\u00a0p.m."),
        (
            "You had a call at {time} with {who}: what was the outcome?",
            "Tuvo una llamada a la 1:30",
        ),
        ("tomorrow {time}", "mañana a la 1:30\u00a0p.m."),
    ],
)
def test_one_o_clock_is_one(sentence: str, said: str) -> None:
    at = readable_times.format_time_of_day(time(13, 30), language="es")
    assert translate("es", sentence, time=at, who="Rosa").startswith(said)
    assert translate("es", sentence, time=NamedTimeOfDay("13:30"), who="Rosa").startswith(said)


def test_a_time_of_another_day_is_said_with_its_day() -> None:
    at = datetime(2026, 3, 3, 19, 5, tzinfo=UTC)
    said = readable_times.format_day_and_time(at, language="es")
    assert said == "mar, 3 de mar, 7:05\u00a0p.m."
    since = translate("es", "Since {time}.", time=said)
    assert since == "Desde el mar, 3 de mar, a las 7:05\u00a0p.m."
    mailed = readable_times.format_instant(at, zone="America/New_York", language="es")
    sentence = "Since {since}. Acknowledge it, so that no one else is paged:"
    told = translate("es", sentence, since=mailed)
    assert told.startswith("Desde el 3 de marzo de 2026, a las 2:05\u00a0p.m.\u00a0EST.")


def test_english_sentences_say_the_time_as_it_stands_alone() -> None:
    at = readable_times.format_time_of_day(time(13, 30), language="en")
    assert translate("en", "Since {time}.", time=at) == "Since 1:30\u00a0PM."


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("hour", range(24))
def test_no_line_ends_within_a_time_of_day(language: str, hour: int) -> None:
    at = datetime(2026, 3, 3, hour, 5, tzinfo=UTC)
    assert " " not in readable_times.format_time_of_day(at.time(), language=language)
    for shown in (
        readable_times.format_day_and_time(at, language=language),
        readable_times.format_instant(at, zone="America/New_York", language=language),
    ):
        assert " " not in shown.clock


def test_a_text_about_an_alert_has_letters_of_texts_alone() -> None:
    """With one space that no line may end at, it would take twice as many parts."""
    values = {"brand": "Harbor Line", "count": 2, "day": "2026-03-03", "zone": "America/New_York"}
    sentence = Message(MessageKey.HOURS_UNCOVERED, time="17:00", **values)
    text = alert_text_message(Alert(sentence=sentence), public_url="https://desk.example.org")
    assert "from 5:00 PM on" in text
    assert text_parts.count_parts(text) == 1


def test_what_is_no_time_stays_as_it_is() -> None:
    assert translate("es", "Since {time}.", time="mañana a la 1:00 p.m.") == (
        "Desde mañana a la 1:00 p.m."
    )
    assert translate("es", "tomorrow {time}", time=NamedTimeOfDay("later")) == "mañana later"


def test_a_copy_of_a_time_remembers_its_parts() -> None:
    at = ReadableTime("2:05 p.m.", hour=14, day="mar, 3 de mar")
    assert copy.deepcopy(at).in_spanish("las") == "el mar, 3 de mar, a las 2:05 p.m."
