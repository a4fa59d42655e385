"""What an alert counts is what its link opens: nobody more, and nobody less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session

from dashboard.work_list import address
from leads.alerting import escalation
from leads.alerting.alert_condition import DangerPlace
from leads.callbacks import queue
from leads.contact_rules.danger_limits import MOST_IN_DANGER
from leads.free_text.danger import DangerKind
from leads.helplines import brands_and_sources
from leads.i18n.messages import Message, MessageKey
from leads.models.dispositions import Disposition
from leads.models.enums import AlertKind, HoldReason
from leads.read_models import work_list
from leads.read_models.work_filter import WorkPart
from leads.read_models.work_rows import WorkRow
from tests.conftest import NOW
from tests.support.people import (
    HOUR,
    MINUTE,
    a_callback,
    a_source,
    a_submission,
    a_supervisor,
    hold_back,
    on_duty,
)
from tests.support.streamlit_page import page_drawn_by

LATE = NOW + 10 * MINUTE
RUNG = {"first_rung_at": NOW - HOUR, "misses": 1}
AGREED = {"first_rung_at": NOW - HOUR, "disposition": Disposition.CALL_AGAIN}


def opened_rows(session: Session, query: Mapping[str, str], *, now: datetime) -> Sequence[WorkRow]:
    part, only = WorkPart(query["part"]), address.read_filter(query)
    read = work_list.read_work_list(session, a_supervisor(session), part=part, only=only, now=now)
    assert len(read.rows) == read.counts.of_part(part)
    return read.rows


def claimed(session: Session, **changes: Any) -> Any:
    callback = a_callback(session, **changes)
    queue.claim_callback(session, callback, on_duty(session), now=LATE)
    return callback


def test_an_alert_opens_exactly_whom_it_counts(session: Session) -> None:
    """Whoever is only being read about was called by nobody: alert and list count them both."""
    expected = {
        AlertKind.OVERDUE: [a_callback(session), claimed(session)],
        AlertKind.OVERDUE_RETRY: [a_callback(session, **RUNG), claimed(session, **RUNG)],
        AlertKind.BROKEN_PROMISE: [a_callback(session, **AGREED)],
        AlertKind.HELD: [a_callback(session, hold="Look first.")],
        AlertKind.UNRECORDED: [a_callback(session, hold=HoldReason.UNRECORDED_CALL)],
    }
    hold_back(session, expected[AlertKind.HELD][0], HoldReason.CALL_LOST)
    danger = {"danger": DangerKind.SELF, "danger_at": NOW, "due_at": LATE}
    harm = a_callback(session, **danger, hold=HoldReason.HARM_DECIDE)
    expected[AlertKind.DANGER] = [a_callback(session, **danger), claimed(session, **danger), harm]
    a_callback(session, **danger, first_conversation_at=LATE)
    a_callback(session, due_at=LATE)
    of_burst = a_submission(session, state="needs_review", is_of_burst=True)
    expected |= {
        AlertKind.REVIEW: [a_submission(session, state="needs_review"), of_burst],
        AlertKind.BURST: [of_burst],
        AlertKind.WITHHELD: [a_submission(session, state="withheld")],
        AlertKind.REFUSED: [a_submission(session, state="refused")],
    }
    other = brands_and_sources.add_brand(session, "Other Line", caller_id="+13155550100", now=NOW)
    a_callback(session).brand_id = other.id
    session.flush()
    opened: dict[AlertKind, list[int]] = {}
    for alert in escalation.list_current_alerts(session, now=LATE):
        query = address.query_of_alert(alert)
        if query is None or query.get("helpline") == "Other Line":
            continue
        rows = opened_rows(session, query, now=LATE)
        assert len(rows) == alert.sentence.values["count"], alert.kind
        opened[alert.kind] = sorted(row.record_id for row in rows)
    assert opened == {kind: sorted(one.id for one in those) for kind, those in expected.items()}


def test_an_alert_of_a_source_opens_what_came_by_that_source(session: Session) -> None:
    """Those of another source of the helpline have an alert of their own, as has a flood."""
    a_source(session)
    first, second = (
        brands_and_sources.add_source(session, name, now=NOW).id for name in ("Site A", "Site B")
    )
    expected: set[tuple[int, tuple[int, ...]]] = set()
    review: dict[str, Any] = {"state": "needs_review"}
    danger: dict[str, Any] = {"danger": DangerKind.SELF, "ip": "198.51.100.7"}

    def submit(source: int, count: int, **changes: Any) -> tuple[int, ...]:
        return tuple(a_submission(session, source_id=source, **changes).id for _ in range(count))

    for source, count in ((first, 1), (second, 2)):
        expected.add((source, submit(source, count, **review, is_of_burst=True)))
        expected.add((source, submit(source, count, state="refused")))
        submit(source, 1, state="refused", received_at=NOW - 25 * HOUR)
    expected.add((second, submit(second, MOST_IN_DANGER + 1, **review, **danger)))
    flood = a_callback(session, danger=DangerKind.SELF, is_of_burst=True, due_at=LATE)
    submit(second, 1, state="admitted", callback_id=flood.id)
    expected.add((second, (flood.id,)))
    opened = set()
    for alert in escalation.list_current_alerts(session, now=NOW):
        if alert.source_id:
            query = address.query_of_alert(alert) or {}
            rows = opened_rows(session, query, now=NOW)
            assert len(rows) == alert.sentence.values["count"]
            opened.add((alert.source_id, tuple(sorted(row.record_id for row in rows))))
    assert opened == expected


def test_an_alert_of_a_hold_or_of_danger_says_whom_it_counts(session: Session) -> None:
    """Neither its sentence nor the word that tells it from others is read for that."""
    hold_back(session, a_callback(session), HoldReason.CALLER_ID_REFUSED)
    a_callback(session, danger=DangerKind.HARM)
    a_submission(session, state="needs_review", danger=DangerKind.HARM)
    session.flush()
    shown = escalation.list_current_alerts(session, now=NOW)
    opened = {}
    for alert in shown:
        if alert.hold or alert.danger_in:
            renamed = replace(alert, about="renamed", sentence=Message(MessageKey.NOBODY_LEFT))
            opened[alert.hold or alert.danger_in] = address.query_of_alert(renamed)
    assert opened == {
        HoldReason.CALLER_ID_REFUSED: {
            "part": "decide",
            "hold": "caller_id_refused",
            "helpline": "Harbor Line",
        },
        DangerPlace.QUEUE: {"part": "all", "alert": "danger", "helpline": "Harbor Line"},
        DangerPlace.SUBMISSIONS: {"part": "decide", "state": "danger", "kind": "form"},
    }


def choose_shown_part() -> None:
    """Draw, as the page does, which part is shown of a list with a row in two of them."""
    import streamlit as st  # noqa: PLC0415 - this is a page of its own

    from dashboard.work_list import address  # noqa: PLC0415
    from leads.read_models.work_filter import Harm, WorkCounts, WorkPart  # noqa: PLC0415

    in_danger = {WorkPart.CALL: {Harm.DANGER: 1}}
    waiting = {} if address.filter_from_address().state else {WorkPart.DECIDE: {Harm.WAITING: 1}}
    st.write(str(address.choose_part(WorkCounts(waiting | in_danger), ())))


def test_what_an_alert_opens_is_a_part_that_has_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The part shown last stays under somebody's hands, unless a filter leaves nothing of it."""
    page = page_drawn_by(choose_shown_part, monkeypatch).run()
    assert page.markdown[0].value == "decide"
    page.query_params["state"] = "danger"
    assert page.run().markdown[0].value == "call"
    page.query_params.clear()
    assert page.run().markdown[0].value == "call"
    page.query_params["part"] = "in_hand"
    assert page.run().markdown[0].value == "in_hand"
