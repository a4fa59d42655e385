"""Page text: how a page writes instants, lengths of time, shares, lists, and a stranger's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel import lists

from dashboard import viewer
from dashboard.language import _, translate_count, viewer_language, viewer_locale
from leads.i18n import readable_times
from leads.i18n.translatable import NamedZone

MINUTE, HOUR = 60, 3600  # seconds
SECONDS_MATTER = 10  # minutes: what is shorter is told with them
DAYS_MATTER = 48  # hours: what is longer is told in days
LINK_PATTERN, WORD_JOINER = re.compile(r"@|://|\bwww(?=\.)", re.IGNORECASE), "\u2060"
"""What Markdown makes a link however it is escaped, and the unseen character that prevents it."""


def escape_markdown(text: str) -> str:
    """Return a stranger's text so that Markdown shows it as it was written.

    Nothing in it may become a link, a picture or a heading.
    """
    apart = LINK_PATTERN.sub(rf"\g<0>{WORD_JOINER}", text.replace("\n", " "))
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~:$])", r"\\\1", apart)


def join_words(words: Sequence[str]) -> str:
    """Return words as a list in the viewer's language: a, b, and c."""
    return lists.format_list(list(words), locale=viewer_locale())


def instant_text(at: datetime | None, zone: str | None = None) -> str:
    """Return an instant as people read it: the time, and the day if it is not today."""
    if at is None:
        return ""
    local, today = (
        at.astimezone(there := ZoneInfo(zone or viewer.viewer_zone())),
        viewer.read_utc_clock().astimezone(there).date(),
    )
    if local.date() == today:
        return time_of_day_text(local.time())
    if local.date() == today + timedelta(days=1):
        return _("tomorrow {time}", time=time_of_day_text(local.time()))
    return readable_times.format_day_and_time(local, language=viewer_language())


def time_since_text(at: datetime | None) -> str:
    """Return in words how long ago an instant was."""
    return duration_text(viewer.read_utc_clock() - at) if at else ""


def duration_text(length: timedelta | None) -> str:
    """Return a length of time in words; None is a percentile that is not reached."""
    if length is None:
        return _("not reached")
    seconds = round(length.total_seconds())
    if seconds < MINUTE:
        return f"{seconds} s"
    minutes, hours = seconds // MINUTE, seconds // HOUR
    if hours < 1:
        is_short = minutes < SECONDS_MATTER
        return f"{minutes} min {seconds % MINUTE:02d} s" if is_short else f"{minutes} min"
    if hours < DAYS_MATTER:
        return f"{hours} h {minutes % 60:02d} min"
    return translate_count(hours // 24, "{count} day", "{count} days")


def day_text(on: date) -> str:
    """Return a day as people read it."""
    return readable_times.format_day(on, language=viewer_language())


def time_of_day_text(at: time) -> str:
    """Return a time on the clock as people read it."""
    return readable_times.format_time_of_day(at, language=viewer_language())


def typed_time_text(at: time) -> str:
    """Return a time on the clock as people type it, for a list that finds what they type."""
    return time_of_day_text(at).replace(readable_times.NO_BREAK_SPACE, " ")


def zone_city(zone: str) -> str:
    """Return the city that a time zone is named after."""
    return _(NamedZone(zone))


def share_text(part: float | None) -> str:
    """Return a share as a percentage; None is that of nobody."""
    return _("none yet") if part is None else f"{part:.0%}"
