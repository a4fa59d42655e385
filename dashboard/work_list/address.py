"""The address of the work list: part, filter, and the row that is open, so that a reload finds it.

Nothing of a person's is in it: rows and colleagues are numbers, helplines are names of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import streamlit as st

from leads.alerting.alert_condition import AlertMark, DangerPlace
from leads.alerting.escalation import CurrentAlert
from leads.models.enums import AlertKind, HoldReason
from leads.read_models.callback_board import ROWS_AT_ONCE
from leads.read_models.work_filter import EVERYTHING, WorkCounts, WorkFilter, WorkPart, WorkState
from leads.read_models.work_kinds import WorkKind
from leads.read_models.work_rows import WorkRow
from leads.record_ids import read_record_id

Word = TypeVar("Word", bound=StrEnum)

ROWS_OF_ALERTS: dict[AlertKind, dict[str, str]] = {
    AlertKind.OVERDUE: {"part": WorkPart.CALL, "alert": AlertKind.OVERDUE},
    AlertKind.OVERDUE_RETRY: {"part": WorkPart.CALL, "alert": AlertKind.OVERDUE_RETRY},
    AlertKind.BROKEN_PROMISE: {"part": WorkPart.CALL, "alert": AlertKind.BROKEN_PROMISE},
    AlertKind.DANGER: {"part": WorkPart.ALL, "alert": AlertKind.DANGER},
    AlertKind.HELP_WANTED: {"part": WorkPart.IN_HAND},
    AlertKind.INCIDENT: {
        "part": WorkPart.DECIDE,
        "kind": WorkKind.INCIDENT,
        "state": WorkState.DANGER,
    },
    AlertKind.FOLLOW_UP: {
        "part": WorkPart.DECIDE,
        "kind": WorkKind.INCIDENT,
        "state": WorkState.OVERDUE,
    },
    AlertKind.HOURS_OVERRIDE: {"part": WorkPart.DECIDE, "kind": WorkKind.OVERRIDE},
    AlertKind.HELD: {"part": WorkPart.DECIDE, "alert": AlertKind.HELD},
    AlertKind.UNRECORDED: {"part": WorkPart.DECIDE},
    AlertKind.NOT_PLACED: {"part": WorkPart.DECIDE},
    AlertKind.NOT_IN_SERVICE: {"part": WorkPart.DECIDE},
    AlertKind.GIVEN_UP: {"part": WorkPart.NOT_REACHED},
    AlertKind.REVIEW: {"part": WorkPart.DECIDE, "alert": AlertKind.REVIEW},
    AlertKind.WITHHELD: {"part": WorkPart.DECIDE, "alert": AlertKind.WITHHELD},
    AlertKind.REFUSED: {"part": WorkPart.DECIDE, "alert": AlertKind.REFUSED},
    AlertKind.BURST: {"part": WorkPart.ALL, "alert": AlertKind.BURST},
    AlertKind.TEXT: {"part": WorkPart.DECIDE, "kind": WorkKind.TEXT},
    AlertKind.ALSO_SAID: {"part": WorkPart.DECIDE, "kind": WorkKind.STATEMENT},
    AlertKind.VOICEMAIL: {"part": WorkPart.DECIDE, "kind": WorkKind.VOICEMAIL},
    AlertKind.PRIVACY: {"part": WorkPart.DECIDE, "kind": WorkKind.PRIVACY},
    AlertKind.EMERGENCY_ACCESS: {"part": WorkPart.DECIDE, "kind": WorkKind.EMERGENCY_ACCESS},
    AlertKind.TASK: {"part": WorkPart.DECIDE, "kind": WorkKind.TASK},
}
"""Which rows each alert counts; the others are about no person on the list."""

DANGER_ELSEWHERE = {DangerPlace.SUBMISSIONS: WorkKind.FORM, DangerPlace.TEXTS: WorkKind.TEXT}
"""The rows of an alert of danger, where it counts no callbacks of a helpline."""
NARROWING = ("helpline", "kind", "state", "advisor", "hold", "alert", "source", "danger")
GROUP_BY_REASON = "reason"
ROWS = "rows"
SHOWN_PART_KEY = "part shown last"


def filter_from_address() -> WorkFilter:
    """Return the filter that the page's address asks for."""
    return read_filter(st.query_params.to_dict())


def show_in_browser() -> None:
    """Let the browser's address say what this run was asked for.

    A link of this page to itself changes what is asked for and not the address: the next change
    would be drawn by the old one.
    """
    st.query_params.from_dict(st.query_params.to_dict())


def read_filter(query: Mapping[str, str]) -> WorkFilter:
    """Return the filter that a query asks for; what nobody understands in it asks for nothing."""
    advisor = query.get("advisor", "")
    return WorkFilter(
        helpline=query.get("helpline", ""),
        kind=_known_word(query.get("kind", ""), WorkKind),
        state=_known_word(query.get("state", ""), WorkState),
        advisor_id=read_record_id(advisor),
        hold=_known_word(query.get("hold", ""), HoldReason),
        alert=_read_alert_mark(query),
    )


def _read_alert_mark(query: Mapping[str, str]) -> AlertMark | None:
    kind, source = _known_word(query.get("alert", ""), AlertKind), query.get("source", "")
    if kind is None:
        return None
    return AlertMark(
        kind, read_record_id(source), _known_word(query.get("danger", ""), DangerPlace)
    )


def query_of_alert(alert: CurrentAlert) -> dict[str, str] | None:
    """Return the address at which the list shows what an alert counts; None if it is no row."""
    asked = ROWS_OF_ALERTS.get(alert.kind)
    if asked is None:
        return None
    if alert.source_id is not None:
        asked = {**asked, "source": str(alert.source_id)}
    if alert.kind is AlertKind.BURST and alert.danger_in:
        asked = {**asked, "danger": alert.danger_in}
    if alert.kind is AlertKind.DANGER and alert.danger_in in DANGER_ELSEWHERE:
        kind = DANGER_ELSEWHERE[alert.danger_in]
        asked = {"part": WorkPart.DECIDE, "kind": kind, "state": WorkState.DANGER}
    hold = {"hold": alert.hold} if alert.hold else {}
    return {**asked, **hold} | ({"helpline": alert.helpline} if alert.helpline else {})


def open_row_key() -> str:
    """Return the key of the row that is open, empty for none."""
    return st.query_params.get("row", "")


def store_in_address(name: str, value: str) -> None:
    """Write a choice into the page's address, or remove an empty one."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def clear_filter() -> None:
    """Remove every filter from the page's address."""
    for name in NARROWING:
        st.query_params.pop(name, None)


def choose_part(counts: WorkCounts, asked: Sequence[WorkRow]) -> WorkPart:
    """Return the part that is shown, by how many rows the filter shows of each.

    It is the one that the address names, else that of the open row, else the one that was shown
    last: nothing that comes or goes turns the list under somebody's hands. At first it is the first
    that has anything to show, and so it is where a filter leaves nothing of the one shown last.
    """
    opened = (row.part for row in asked if row.key == open_row_key())
    filled = (part for part in WorkPart if counts.of_part(part))
    last = part_shown_last()
    if last and filter_from_address() != EVERYTHING and not counts.of_part(last):
        last = None
    part: WorkPart = (
        _known_word(st.query_params.get("part", ""), WorkPart)
        or next(opened, None)
        or last
        or next(filled, WorkPart.DECIDE)
    )
    st.session_state[SHOWN_PART_KEY] = part
    return part


def part_shown_last() -> WorkPart | None:
    """Return the part that the list was drawn with last, None at first."""
    part: WorkPart | None = st.session_state.get(SHOWN_PART_KEY)
    return part


def count_of_rows_shown() -> int:
    """Return how many rows of the part are shown at most."""
    return max(read_record_id(st.query_params.get(ROWS, "")) or 0, ROWS_AT_ONCE)


def show_more_rows() -> None:
    """Let the address ask for so many rows more."""
    store_in_address(ROWS, str(count_of_rows_shown() + ROWS_AT_ONCE))


def _known_word(asked: str, words: type[Word]) -> Word | None:
    return words(asked) if asked in set(words) else None
