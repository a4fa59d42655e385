"""Messages: what supervisors read and hear away from their screens.

They hold counts, helplines and the board's address, and nobody's data.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template
from twilio.twiml.voice_response import Gather, VoiceResponse

from leads.i18n import translatable
from leads.i18n.readable_times import NO_BREAK_SPACE, format_date, format_instant
from leads.i18n.translatable import Phrase, capitalize_first
from leads.models.enums import DigestFrequency
from leads.models.watching import Alert
from leads.reporting import metrics, terminal_report
from leads.reporting.digest import DAYS
from leads.reporting.figure_definition import format_share, format_wait
from leads.reporting.service_report import PeriodFigures
from notifications.twilio.spoken_sentences import say_sentences

ALERT_CALL_SENTENCE = Phrase(
    "This is a message for a supervisor. The callback desk has an alert. Please open the "
    "work list. Press 1 to acknowledge the alert."
)
TRIAL_SENTENCE = Phrase(
    "This is a test from the callback desk. Alerts will arrive this way. Nothing is "
    "wrong, and no action is needed."
)
ALERT_TAKEN = Phrase("Thank you. The alert is acknowledged, and no one else will be paged.")
ALERT_NOT_TAKEN = Phrase("The alert has ended, or someone else already acknowledged it. Goodbye.")
ALERT_CALL_REPEATS = 2
SECONDS_TO_PRESS = 6
PAGES = Path(__file__).parent / "pages"
Translator = Callable[..., str]


@dataclass(frozen=True)
class MessageContent:
    """What is said, in a form for each method of saying it."""

    subject: str
    text: str
    html: str = ""


def trial_message(language: str = "en") -> MessageContent:
    """Return what a supervisor gets who tries whether messages arrive."""
    said = functools.partial(translatable.translate, language)
    return MessageContent(said(Phrase("Ringback: a test message")), said(TRIAL_SENTENCE))


def alert_message(
    alert: Alert, *, public_url: str, language: str = "en", zone: str = "UTC"
) -> MessageContent:
    """Return the e-mail about an alert, in the reader's language and by their clock."""
    said = functools.partial(translatable.translate, language)
    sentence = said(alert.sentence)
    since = Phrase(
        "Since {since}. Acknowledge it, so that no one else is paged:",
        since=format_instant(alert.since, zone=zone, language=language),
    )
    why = Phrase(
        "You get this because you are on call, or because no one is. Once someone "
        "acknowledges it, it is not sent again."
    )
    text = f"{sentence}\n\n{said(since)}\n{public_url}/work\n\n{said(why)}"
    return MessageContent(" ".join(f"Ringback: {sentence}".split()), text)


def alert_text_message(alert: Alert, *, public_url: str, language: str = "en") -> str:
    """Return the text message about an alert, in the reader's language.

    A space that ends no line is no letter of texts: with one they take twice as many parts.
    """
    sentence = translatable.translate(language, alert.sentence).replace(NO_BREAK_SPACE, " ")
    return f"Ringback: {sentence} {public_url}/work"


def alert_call_twiml(*, action: str, language: str = "en") -> str:
    """Return the TwiML that a supervisor hears, in their language, who is rung about an alert.

    A voicemail or a stranger may be listening: it says nothing else.
    """
    response = VoiceResponse()
    for _ in range(ALERT_CALL_REPEATS):
        gather = Gather(
            input="dtmf", num_digits=1, timeout=SECONDS_TO_PRESS, action=action, method="POST"
        )
        say_sentences(gather, ALERT_CALL_SENTENCE, language=language)
        response.append(gather)
    response.hangup()
    return str(response)


def alert_goodbye_twiml(*, is_taken: bool, language: str = "en") -> str:
    """Return the TwiML that a supervisor hears, in their language, who pressed the key."""
    response = VoiceResponse()
    say_sentences(response, ALERT_TAKEN if is_taken else ALERT_NOT_TAKEN, language=language)
    response.hangup()
    return str(response)


def trial_call_twiml(*, language: str = "en") -> str:
    """Return the TwiML that a supervisor hears who tries whether calls arrive."""
    response = VoiceResponse()
    say_sentences(response, TRIAL_SENTENCE, language=language)
    response.hangup()
    return str(response)


def digest_message(
    digest: DigestFrequency,
    last_day: date,
    reports: Sequence[tuple[str, PeriodFigures]],
    *,
    language: str = "en",
    public_url: str,
) -> MessageContent:
    """Return the e-mail with the figures of a day or a week, in the reader's language.

    Each figure stands with its definition.
    """
    said = functools.partial(translatable.translate, language)
    first = last_day - timedelta(days=DAYS[digest] - 1)
    begin, days = (format_date(on, language=language) for on in (first, last_day))
    if first != last_day:
        days = said(Phrase("{first} to {last}", first=begin, last=days))
    link = f"{public_url}/report"
    meaning = terminal_report.render_definitions(language=language)
    sections = [
        _digest_section(_digest_section_name(name, said), period, language=language)
        for name, period in reports
    ]
    texts = [
        f"{section['name']}\n\n{terminal_report.render_period_figures(period, language=language)}\n"
        for section, (_, period) in zip(sections, reports, strict=True)
    ]
    text = "\n".join([*texts, link, "", meaning, ""])
    page = {"days": days, "link": link, "sections": sections, "definitions": meaning}
    html = _load_digest_template().render(language=language, _=said, **page)
    return MessageContent(said(Phrase("Ringback: wait times, {days}", days=days)), text, html)


def _digest_section_name(name: str, said: Translator) -> str:
    """Return the title of a digest's part; a helpline's name is not translated."""
    return said(name) if isinstance(name, Phrase) else name


def _digest_section(name: str, period: PeriodFigures, *, language: str) -> dict[str, Any]:
    said = functools.partial(translatable.translate, language)
    people, level = period.people, period.level
    rows: list[tuple[str, Any]] = [
        *((figure.row, len(figure(people))) for figure in metrics.COUNTS),
        (terminal_report.EXCLUDED, len(level.excluded)),
    ]
    for figure in (metrics.time_to_first_attempt, metrics.time_to_first_contact):
        reached = period.waits[figure]
        rows += [
            (f"{said(figure.row)}, {word}", format_wait(at))
            for word, at in (("P50", reached.p50), ("P90", reached.p90), ("P95", reached.p95))
        ]
    label = terminal_report.service_level_label(level)
    rows += [(label, terminal_report.service_level_summary(level))]
    bands = terminal_report.period_figures_as_dict(period)["bands"]
    rows += [
        (
            f"{said(metrics.first_attempt_bands.row)}: {said(terminal_report.band_label(band))}",
            count,
        )
        for band, count in bands.items()
    ]
    rows += [(figure.row, format_share(figure(people))) for figure in metrics.SHARES]
    return {
        "name": name,
        "rows": [
            (capitalize_first(said(label)), _translate_if_text(figure, said))
            for label, figure in rows
        ],
        "as_of": format_instant(period.now, zone=period.question.zone, language=language),
    }


def _translate_if_text(figure: Any, said: Translator) -> Any:
    return said(figure) if isinstance(figure, str) else figure


@functools.cache
def _load_digest_template() -> Template:
    return Environment(loader=FileSystemLoader(PAGES), autoescape=True).get_template("digest.html")
