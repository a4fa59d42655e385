"""What supervisors read and hear away from their screens: counts, helplines and the board's address; nobody's data."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, Template
from twilio.twiml.voice_response import Gather, VoiceResponse

from leads import report
from leads.digest import DAYS
from leads.models import Alert, Digest
from leads.report import Report

SPOKEN = (
    "This is a message for a supervisor. The callback desk needs a look. Please open the callback board. "
    "Press 1 to say that you look into it."
)
TIMES_SAID = 2
SECONDS_TO_PRESS = 6
COUNTED = ("received", "rung", "contacted", "open", "excluded")
PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True)
class Words:
    """What is said, for every way of saying it."""

    subject: str
    text: str
    html: str = ""


TEST = Words(
    "Ringback: a test message",
    "This is a test of the callback desk. Alerts arrive in this way. Nothing is wrong, and there is nothing to do.",
)


def of_alert(alert: Alert, *, public_url: str) -> Words:
    """Return what is told of an alert."""
    board = f"{public_url}/board"
    since = f"{alert.since:%Y-%m-%d %H:%M} UTC"
    text = (
        f"{alert.sentence}\n\nSince {since}. Look into it, and say so, so that nobody else is sent for:\n{board}\n\n"
        "You get this because you are on call, or because nobody is. Once you have said that you are looking into it, "
        "it is not sent again."
    )
    return Words(" ".join(f"Ringback: {alert.sentence}".split()), text)


def of_alert_in_brief(alert: Alert, *, public_url: str) -> str:
    """Return the same as a text message."""
    return f"Ringback: {alert.sentence} {public_url}/board"


def spoken(*, action: str) -> str:
    """Return what a supervisor hears. A voicemail or a stranger may be listening: it says nothing else."""
    response = VoiceResponse()
    for _ in range(TIMES_SAID):
        gather = Gather(input="dtmf", num_digits=1, timeout=SECONDS_TO_PRESS, action=action, method="POST")
        gather.say(SPOKEN)
        response.append(gather)
    response.hangup()
    return str(response)


def spoken_test() -> str:
    """Return what a supervisor hears who tries whether calls arrive."""
    response = VoiceResponse()
    response.say(TEST.text)
    response.hangup()
    return str(response)


def of_digest(digest: Digest, last_day: date, reports: Sequence[tuple[str, Report]], *, public_url: str) -> Words:
    """Return the figures of a day or a week, with what they mean."""
    first = last_day - timedelta(days=DAYS[digest] - 1)
    days = f"{last_day}" if first == last_day else f"{first} to {last_day}"
    link = f"{public_url}/report"
    tables = [f"{name}\n\n{report.table(found).removesuffix(report.DEFINITIONS)}" for name, found in reports]
    text = "\n".join([*tables, link, "", report.DEFINITIONS, ""])
    sections = [_section(name, found) for name, found in reports]
    html = _template().render(days=days, link=link, sections=sections, definitions=report.DEFINITIONS)
    return Words(f"Ringback: how long people waited, {days}", text, html)


def _section(name: str, found: Report) -> dict[str, Any]:
    figures = report.figures(found)
    level, rows = figures["service_level"], [(word.capitalize(), figures[word]) for word in COUNTED]
    for instant in ("attempt", "contact"):
        reached = figures[f"time_to_first_{instant}"]
        rows += [(f"First {instant}, {word.upper()}", _spell(reached[f"{word}_s"])) for word in ("p50", "p90", "p95")]
    counted = f"{_share(level['share'])} (hits {level['hits']}, misses {level['misses']}, pending {level['pending']})"
    rows += [(f"Service level within {_spell(level['target_s'])}", counted)]
    rows += [(f"Rung within minutes: {band.replace('_', ' ')}", count) for band, count in figures["bands"].items()]
    rows += [("Contact rate", _share(figures["contact_rate"]))]
    as_of = found.now.astimezone(ZoneInfo(found.zone))
    return {"name": name, "rows": rows, "as_of": f"{as_of:%Y-%m-%d %H:%M %Z}"}


def _spell(seconds: float | None) -> str:
    return "not reached" if seconds is None else str(timedelta(seconds=round(seconds)))


def _share(part: float | None) -> str:
    return "nobody yet" if part is None else f"{part:.0%}"


@functools.cache
def _template() -> Template:
    return Environment(loader=FileSystemLoader(PAGES), autoescape=True).get_template("digest.html")
