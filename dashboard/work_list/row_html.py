"""The rows of the work list, drawn as HTML: one line who and when, one line why and how far."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from dashboard import page_text, viewer
from dashboard.language import _, translate_count
from leads.i18n.translatable import Phrase
from leads.read_models.callback_board import BoardRow
from leads.read_models.work_filter import Harm, WorkPart
from leads.read_models.work_kinds import WORK_KIND_LABELS
from leads.read_models.work_rows import WorkRow

IN_DANGER, WROTE_AGAIN = Phrase("In danger"), Phrase("Again")


def row_html(row: WorkRow, *, names_brand: bool) -> str:
    """Return what a row shows, with its helpline where there are several.

    Lengths of time are left to the browser, so that a row changes only when something happens.
    """
    more = " · ".join(_further_words(row, names_brand=names_brand))
    return (
        f'<span class="head"><span class="who">{escape(_(row.who))}</span>'
        f"{''.join(_marks_html(row))}</span>"
        f"{_when_html(row)}"
        f'<span class="why">{escape(_(row.why))}</span>'
        f'<span class="more">{escape(more)}</span>'
    )


def _marks_html(row: WorkRow) -> Iterator[str]:
    """Yield what is marked, what matters most first: a narrow row cuts off what comes last."""
    if row.harm == Harm.DANGER:
        yield f' <span class="mark danger">{escape(_(IN_DANGER))}</span>'
    if row.is_again:
        yield f' <span class="mark again">{escape(_(WROTE_AGAIN))}</span>'
    if row.part == WorkPart.DECIDE:
        yield f' <span class="mark">{escape(_(WORK_KIND_LABELS[row.kind]))}</span>'


def _when_html(row: WorkRow) -> str:
    """Return how long the row waits, how long it is overdue, or when its time comes."""
    due_at = row.due_at
    if due_at is not None and due_at > viewer.read_utc_clock():
        return f'<span class="when">{escape(page_text.instant_text(due_at))}</span>'
    if row.is_overdue:
        return _length_html("when late", _("{time} overdue"), row, since_due=True)
    return _length_html("when", _("for {time}"), row, since_due=row.part == WorkPart.CALL)


def _length_html(look: str, sentence: str, row: WorkRow, *, since_due: bool) -> str:
    since = (row.due_at if since_due else None) or row.since
    before, _time, after = sentence.partition("{time}")
    running = f'<time data-at="{since.timestamp() * 1000:.0f}"></time>'
    return f'<span class="{look}">{escape(before)}{running}{escape(after)}</span>'


def _further_words(row: WorkRow, *, names_brand: bool) -> Iterator[str]:
    if row.callback:
        yield calls_so_far_text(row.callback)
    if names_brand and row.brand:
        yield row.brand


def calls_so_far_text(row: BoardRow) -> str:
    """Return whether somebody was called yet, and how often in vain."""
    if row.misses:
        return translate_count(row.misses, "{count} failed attempt", "{count} failed attempts")
    return _("called") if row.rung else _("not called yet")
