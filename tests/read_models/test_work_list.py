"""The work list: who waits for a decision and who for a call, in two parts, by harm."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from sqlmodel import Session

from leads.alerting import callback_conditions
from leads.free_text.danger import DangerKind
from leads.lead_records import person_tasks
from leads.messaging import inbound_texts
from leads.models.enums import CallbackState, HoldReason, SubmissionState
from leads.read_models import wallboard, work_list
from leads.read_models.callback_board import ROWS_AT_ONCE
from leads.read_models.wallboard import WallboardFigures
from leads.read_models.work_filter import OWN_PARTS, Harm, WorkFilter, WorkPart, WorkState
from leads.read_models.work_kinds import WorkKind
from leads.read_models.work_rows import WorkRow
from tests.conftest import NOW
from tests.support.people import (
    HOUR,
    MINUTE,
    a_callback,
    a_claim,
    a_lead,
    a_submission,
    a_supervisor,
    a_voicemail,
    an_advisor,
    an_inbound_call,
    hold_back,
)

STRANGER = "+13155550199"


def shown(session: Session, part: WorkPart = WorkPart.ALL, **asked: Any) -> list[WorkRow]:
    """Return the rows of a part as a supervisor sees them."""
    asked = {"now": NOW} | asked
    work = work_list.read_work_list(session, a_supervisor(session), part=part, **asked)
    assert len(work.rows) == min(work.counts.of_part(part), asked.get("most", ROWS_AT_ONCE))
    return list(work.rows)


def keys_by_part(session: Session) -> dict[str, list[str]]:
    return {
        str(part): [row.key for row in rows] for part in OWN_PARTS if (rows := shown(session, part))
    }


def figures_of(session: Session) -> WallboardFigures:
    """Return what the wallboard shows."""
    return wallboard.read_wallboard(
        session, target=timedelta(minutes=5), zone="America/New_York", now=NOW
    )


def test_whom_nobody_may_call_stands_apart_from_the_queue(session: Session) -> None:
    later = a_callback(session, due_at=NOW + HOUR)
    due = a_callback(session)
    overdue = a_callback(session, promised_at=NOW - HOUR, due_at=NOW - HOUR)
    danger = a_callback(session, danger=DangerKind.SELF, danger_at=NOW)
    held = a_callback(session, hold="Look first.")
    harm = a_callback(session, hold=HoldReason.HARM_DECIDE)
    claimed, _ana = a_claim(session)
    assert keys_by_part(session) == {
        "decide": [f"callback-{one.id}" for one in (harm, held)],
        "call": [f"callback-{one.id}" for one in (danger, overdue, due, later)],
        "in_hand": [f"callback-{claimed.id}"],
    }
    harms = {row.record_id: row.harm for row in shown(session)}
    assert [harms[one.id] for one in (danger, overdue, due, later, held, harm)] == [
        Harm.DANGER,
        Harm.OVERDUE,
        Harm.WAITING,
        Harm.PLANNED,
        Harm.WAITING,
        Harm.DANGER,
    ]


def test_every_kind_that_waits_for_a_person_is_one_row_without_a_number(session: Session) -> None:
    lead = a_lead(session, name="Mary Poe")
    call = an_inbound_call(session, state="voicemail", lead_id=lead.id)
    voicemail = a_voicemail(session, call, state="fetched", seconds=9, recorded_at=NOW)
    form = a_submission(session, state="needs_review", reading={"name": "Pat Roe"})
    inbound_texts.receive_text_message(session, STRANGER, "who is this", message_id="1", now=NOW)
    rows = {row.kind: row for row in shown(session, WorkPart.DECIDE)}
    assert set(rows) == {WorkKind.VOICEMAIL, WorkKind.FORM, WorkKind.TEXT}
    assert rows[WorkKind.VOICEMAIL].record_id == voicemail.id
    assert rows[WorkKind.VOICEMAIL].lead_id == lead.id
    assert rows[WorkKind.FORM].record_id == form.id
    assert rows[WorkKind.FORM].who == "Pat · no number"
    assert rows[WorkKind.TEXT].who == "••• ••• 99"
    assert not any("Poe" in row.who or "Roe" in row.who for row in rows.values())


def test_an_overdue_promise_stands_among_the_rest_by_harm(session: Session) -> None:
    lead, ana, sam = a_lead(session, name="Mary Poe"), an_advisor(session), a_supervisor(session)
    late = NOW + 2 * HOUR
    a_callback(session, lead, state="completed")
    plan = {"words": "Send the list of meetings", "advisor_id": ana.id}
    task, later = (
        person_tasks.add_task(session, lead, sam, **plan, due_at=due_at, now=NOW)
        for due_at in (NOW + HOUR, late + HOUR)
    )
    held = a_callback(session, hold="Look first.", due_at=late)
    harm = a_callback(session, hold=HoldReason.HARM_DECIDE, due_at=late)
    assert [row.key for row in shown(session, WorkPart.DECIDE, now=late)] == [
        f"callback-{harm.id}",
        f"task-{task.id}",
        f"callback-{held.id}",
    ]
    only = WorkFilter(advisor_id=ana.id, helpline="Harbor Line")
    [row] = shown(session, WorkPart.DECIDE, only=only, now=late)
    assert (row.kind, row.lead_id) == (WorkKind.TASK, lead.id)
    assert (row.harm, row.due_at) == (Harm.OVERDUE, NOW + HOUR)
    assert row.is_overdue
    assert str(row.why) == f"{ana.name}: Send the list of meetings"
    assert "Poe" not in row.who
    assert work_list.list_filter_choices(session, sam, now=late).advisors == {ana.id: ana.name}
    person_tasks.finish_task(session, task, sam, now=late)
    assert not any(row.kind == WorkKind.TASK for row in shown(session, now=late))
    assert later.done_at is None


def test_a_filter_shows_its_own_and_an_alert_finds_what_it_counts(session: Session) -> None:
    again = a_callback(session, due_at=NOW + HOUR, misses=1, asked_again=1)
    held = a_callback(session)
    hold_back(session, held, HoldReason.CALL_LOST)
    claimed, ana = a_claim(session)

    def found(**asked: Any) -> list[int]:
        return [row.record_id for row in shown(session, only=WorkFilter(**asked))]

    assert found(state=WorkState.NEXT_TRY) == found(state=WorkState.AGAIN) == [again.id]
    assert found(hold=HoldReason.CALL_LOST) == [held.id]
    assert found(advisor_id=ana.id) == [claimed.id]
    assert found(kind=WorkKind.FORM) == found(helpline="Other") == []
    assert set(found(helpline="Harbor Line")) == {again.id, held.id, claimed.id}
    choices = work_list.list_filter_choices(session, a_supervisor(session), now=NOW)
    assert (choices.helplines, choices.advisors) == (("Harbor Line",), {ana.id: ana.name})


def test_the_wallboard_never_times_whom_nobody_may_call(session: Session) -> None:
    long_ago = NOW - 15 * HOUR
    asked = {"received_at": long_ago, "promised_at": long_ago, "due_at": long_ago}
    a_callback(session, hold="Look first.", **asked)
    a_callback(session, received_at=long_ago, promised_at=NOW + HOUR, due_at=NOW + HOUR)

    figures = partial(figures_of, session)
    assert (figures().held, figures().oldest_undecided_at) == (1, long_ago)
    assert (figures().waiting, figures().oldest_at) == (0, None)
    waits = a_callback(session, promised_at=NOW - MINUTE, due_at=NOW - MINUTE)
    assert (figures().waiting, figures().oldest_at) == (1, waits.promised_at)


def test_the_wallboard_counts_whom_an_advisor_only_reads_of_as_alerts_do(session: Session) -> None:
    figures = partial(figures_of, session)
    callback, _ana = a_claim(session)
    callback.promised_at = callback.due_at = NOW - MINUTE
    assert (figures().waiting, figures().oldest_at) == (0, None)
    callback.promised_at = callback.due_at = NOW - HOUR
    assert (figures().waiting, figures().oldest_at) == (1, NOW - HOUR)
    [overdue] = callback_conditions.callback_conditions(session, now=NOW)
    assert overdue.count == figures().waiting
    assert [row.record_id for row in shown(session, WorkPart.CALL)] == [callback.id]
    callback.first_rung_at = NOW - MINUTE
    callback.state = CallbackState.CALLING
    assert (figures().waiting, figures().oldest_at) == (0, None)


def test_the_wallboard_counts_whoever_wrote_and_waits_for_a_decision(session: Session) -> None:
    figures = partial(figures_of, session)
    assert (figures().messages, figures().oldest_undecided_at) == (0, None)
    a_submission(session, state=SubmissionState.NEEDS_REVIEW, received_at=NOW - 25 * HOUR)
    a_submission(session, state=SubmissionState.DISCARDED, received_at=NOW - 40 * HOUR)
    asked = NOW - 15 * HOUR
    a_callback(session, hold="Look first.", received_at=asked, promised_at=asked, due_at=asked)
    assert (figures().held, figures().messages) == (1, 1)
    assert figures().oldest_undecided_at == NOW - 25 * HOUR
    undecided = shown(session, WorkPart.DECIDE)
    assert len(undecided) == figures().held + figures().messages


def test_a_long_list_is_counted_whole_and_shown_a_part_at_a_time(session: Session) -> None:
    """No filter is kept from what is not shown, nor is a row that somebody has open."""
    a_callback(session, due_at=NOW + HOUR)
    times = [NOW - HOUR + number * MINUTE for number in range(5)]
    due = [a_callback(session, promised_at=at, due_at=at) for at in times]
    last = a_callback(session, due_at=NOW, asked_again=0, misses=2)
    held = [a_callback(session, hold="Look first.") for _ in range(2)]
    forms = [a_submission(session, state=SubmissionState.NEEDS_REVIEW) for _ in range(3)]
    given_up = [
        a_callback(session, state="exhausted", finished_at=NOW - number * HOUR)
        for number in range(3)
    ]
    call, decide, lost = (
        [row.record_id for row in shown(session, part, most=2)]
        for part in (WorkPart.CALL, WorkPart.DECIDE, WorkPart.NOT_REACHED)
    )
    assert (call, lost) == ([one.id for one in due[:2]], [one.id for one in given_up[:2]])
    assert set(decide) <= {one.id for one in (*held, *forms)}
    read = partial(work_list.read_work_list, session, a_supervisor(session), most=2, now=NOW)
    work = read(part=WorkPart.CALL, keys=[f"callback-{last.id}"])
    assert [row.record_id for row in work.rows] == [due[0].id, due[1].id, last.id]
    assert [work.counts.of_part(part) for part in (*OWN_PARTS, WorkPart.ALL)] == [5, 7, 0, 3, 15]
    assert work.counts.by_harm(WorkPart.CALL) == {
        Harm.OVERDUE: 5,
        Harm.WAITING: 1,
        Harm.PLANNED: 1,
    }
    narrow = read(part=WorkPart.CALL, only=WorkFilter(state=WorkState.TIME))
    assert [row.harm for row in narrow.rows] == [Harm.PLANNED]
    assert (narrow.counts.of_part(WorkPart.CALL), narrow.everything) == (1, 7)
    elsewhere = read(part=WorkPart.CALL, keys=[f"submission-{forms[2].id}", f"form-{forms[2].id}"])
    assert [row.key for row in elsewhere.asked] == [f"form-{forms[2].id}"]
    assert len(elsewhere.rows) == 2
