"""A database of ab32938, with all that it stored in words, says the same once it is upgraded."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from leads.database.transactions import reader
from leads.i18n.readable_times import format_instant
from leads.outbox import supervisor_notices
from tests.support.screens import ScreenReader
from tests.support.upgrade_fixture import AtRevision

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ScreensByLanguage = dict[str, dict[str, list[str]]]
Changed = tuple[str, str, str]


def _typed_reasons(*said: tuple[str, str, str]) -> list[Changed]:
    """A supervisor typed one of our words: it was translated, and now stays as it was typed.

    Each is what was said, what was typed, and who was given up for it.
    """
    return [
        change
        for period in ("ten days", "half a year")
        for before, typed, who in said
        for change in (
            (
                f"report/{period}/given up, and why",
                f"{before}: {who.count(',') + 1} (before: 0)",
                f"{typed}: {who.count(',') + 1} (before: 0)",
            ),
            (f"report/{period}/given up, who", f"{before}: [{who}]", f"{typed}: [{who}]"),
        )
    ]


def _typed_reason_in_file(lead: int, at: str, title: str, before: str, typed: str) -> Changed:
    """The same in a person's file."""
    line = f"2026-11-20T{at}+00:00 {title}: "
    by = " · Sam Lee"
    return f"timeline/lead {lead}", f"{line}{before}{by}", f"{line}{typed}{by}"


def _best_time_in_words(corrected: str, evening: str) -> Changed:
    """An answer that was chosen is said in the reader's words."""
    line = f"2026-11-20T17:28:05+00:00 {corrected}: after 5 p.m. → "
    return "timeline/lead 169", f"{line}evening · Sam Lee", f"{line}{evening} · Sam Lee"


def _one_more_in_time(in_time: str, late: str) -> list[Changed]:
    """Somebody waited while a state's law, which was not known then, let no phone ring there."""
    return [
        (f"report/{period}/figures", f"{figure}: {before}", f"{figure}: {before + change}")
        for period, *counts in (("ten days", 65, 114), ("half a year", 70, 115))
        for figure, before, change in zip((in_time, late), counts, (1, -1), strict=True)
    ]


REVIEW_WAITS = (
    "review : Envíos que esperan revisión desde hace más de cinco minutos: 50. "
    "2026-11-19T15:36:41.151712+00:00"
)
CHANGED: dict[str, list[Changed]] = {
    "en": [
        *_one_more_in_time(
            "Called on time, in calling hours", "Called late or not at all, in calling hours"
        ),
        _typed_reason_in_file(144, "17:18:00", "Callback canceled", "opted out", "opt-out"),
        _best_time_in_words("Corrected: city: Utica → nothing; best time", "In the evening"),
    ],
    "es": [
        *_one_more_in_time(
            "Llamadas a tiempo, en horas de llamada",
            "Llamadas tarde o sin llamada, en horas de llamada",
        ),
        _typed_reason_in_file(143, "17:17:50", "Llamada pendiente cancelada", "unido", "merged"),
        _typed_reason_in_file(
            144, "17:18:00", "Llamada pendiente cancelada", "pidió la baja", "opt-out"
        ),
        _typed_reason_in_file(
            145,
            "17:18:10",
            "Llamada pendiente cancelada",
            "STOP por mensaje de texto",
            "STOP by text",
        ),
        _typed_reason_in_file(
            147, "17:18:30", "Llamada pendiente cancelada", "cancelada", "cancelled"
        ),
        *_typed_reasons(
            ("unido", "merged", "89, 147"),
            ("STOP por mensaje de texto", "STOP by text", "149"),
            ("cancelada", "cancelled", "151"),
            ("sin contacto", "unreachable", "88"),
        ),
        # A reason with a value was not looked up for those who are away: it stayed English.
        (
            "board/colleague 18",
            "ausente: Twilio refused (error 21211).",
            "ausente: Twilio lo rechazó (error 21211).",
        ),
        (
            "desk/advisor 18",
            "Ausente: Twilio refused (error 21211).",
            "Ausente: Twilio lo rechazó (error 21211).",
        ),
        (
            "alerts",
            f"{REVIEW_WAITS} La atiende Sam Lee (2026-11-20T17:43:00+00:00).",
            f"{REVIEW_WAITS} La atiende Sam Lee desde 2026-11-20T17:43:00+00:00.",
        ),
        _best_time_in_words("Corregido: ciudad: Utica → nada; mejor hora", "Al final de la tarde"),
    ],
}
"""What is said otherwise than before, by language: the screen, its line before and now."""
REASONS = {
    "Meta sent only the id of a lead. Connect it through Zapier or Make, which send its name and "
    "number.": {
        "en": "Meta sent only a lead's ID. Connect it through Zapier or Make, which send the name "
        "and number.",
        "es": "Meta mandó solo el identificador de una persona. Conéctela mediante Zapier o Make, "
        "que mandan el nombre y el número.",
    },
    "LinkedIn sent only the address of a response. Connect it through Zapier or Make, which send "
    "its name and number.": {
        "en": "LinkedIn sent only a link to a response. Connect it through Zapier or Make, which "
        "send the name and number.",
        "es": "LinkedIn mandó solo el enlace a una respuesta. Conéctelo mediante Zapier o Make, "
        "que mandan el nombre y el número.",
    },
    "HubSpot sent only the number of a contact. Use the workflow action Send a webhook, which "
    "sends the contact itself.": {
        "en": "HubSpot sent only a contact's ID. Use the workflow action Send a webhook, which "
        "sends the contact itself.",
        "es": "HubSpot mandó solo el identificador de un contacto. Use la acción Send a webhook "
        "del flujo de trabajo, que manda el contacto mismo.",
    },
    "CallRail told of a phone call, not of a form.": {
        "en": "CallRail reported a phone call, not a form.",
        "es": "CallRail avisó de una llamada, no de un formulario.",
    },
}
"""What recipes of form tools say, which was stored in English, and what is said of it now."""
WATCHED_SINCE = {"danger", "overdue_retry", "broken_promise", "given_up"}
"""Kinds of alerts that there were not."""
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC")
ADDED_EVENTS = {"take_back"}
"""What can be done about a closed file that could not."""


@pytest.fixture
def upgraded(old_database_at: AtRevision) -> None:
    """The same, brought to the newest schema."""
    old_database_at("head")


@pytest.fixture
def said_before() -> ScreensByLanguage:
    """What the screens of ab32938 said, by screen and language."""
    with gzip.open(HERE / "screens_before.json.gz", "rt", encoding="utf-8") as file:
        said: ScreensByLanguage = json.load(file)
        return said


@pytest.mark.usefixtures("upgraded")
@pytest.mark.parametrize(
    ("old_database_at", "language", "every_file"),
    [
        ("sqlite", "es", 1),
        ("postgresql", "en", 5),  # each takes forty statements
        pytest.param("sqlite", "en", 1, marks=pytest.mark.soak),
        pytest.param("postgresql", "es", 1, marks=pytest.mark.soak),
    ],
    indirect=["old_database_at"],
)
def test_the_screens_say_what_they_said(
    said_before: ScreensByLanguage,
    language: str,
    every_file: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor_notices, "MAX_RECENT_NOTICES", 10_000)  # all is compared
    with reader() as session:
        screens = ScreenReader(session, language, now=NOW)
        for name, lines in chain.from_iterable(
            (
                screens.read_review(),
                screens.read_deliveries(),
                screens.read_lead_files(every=every_file),
                screens.read_colleagues(),
                screens.read_desks(),
                screens.read_alerts(),
                screens.read_report(),
            )
        ):
            expected = said_before[name][language]
            changed = {before: now for where, before, now in CHANGED[language] if where == name}
            assert set(changed) <= set(expected), name
            assert [_respelled(line) for line in lines if not _is_new(name, line)] == [
                _as_said_today(changed.get(line, line), language) for line in expected
            ], name


def _as_said_today(line: str, language: str) -> str:
    for before, now in REASONS.items():
        line = line.replace(before, now[language])
    return _respelled(_with_readable_times(line))


def _with_readable_times(line: str) -> str:
    """Return a line of a mail, which is read in English here, with its instants as people write."""
    return INSTANT.sub(
        lambda found: format_instant(
            datetime.fromisoformat(found[1]).replace(tzinfo=UTC), zone="UTC", language="en"
        ),
        line,
    )


def _respelled(line: str) -> str:
    """Return a line as Americans write it, with today's address: that release had others."""
    for before, now in (
        ("dialled", "dialed"),
        ("cancelled", "canceled"),
        ("con derivación", "referida"),
        ("ayuda o derivada", "ayuda o referida"),
        ("Se le derivó", "Se le refirió"),
        ("Llamadas a tiempo", "Con llamada a tiempo"),
        ("Llamadas tarde", "Con llamada tarde"),
        ("Llamadas en ", "Con llamada en "),
        ("Llamadas después de", "Con llamada después de"),
        ("desk.example/board", "desk.example/work"),
    ):
        line = line.replace(before, now)
    return line


def _is_new(screen: str, line: str) -> bool:
    if screen.startswith("lead/"):
        return line in ADDED_EVENTS
    return screen == "alerts" and line.split(maxsplit=1)[0] in WATCHED_SINCE
