"""The work list: who waits for a decision and who for a call, in two parts, by harm."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from leads.free_text.danger import DangerKind
from leads.lead_records import person_tasks
from leads.messaging import inbound_texts
from leads.models.enums import HoldReason, SubmissionState
from leads.read_models import wallboard, work_list
from leads.read_models.work_kinds import WorkKind
from leads.read_models.work_list import Harm, WorkFilter, WorkPart, WorkState
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


def keys_by_part(work: work_list.WorkList) -> dict[str, list[str]]:
    return {
        str(part): [row.key for row in shown]
        for part in work_list.OWN_PARTS
        if (shown := work.of_part(part, WorkFilter()))
    }


def test_whom_nobody_may_call_stands_apart_from_the_queue(session: Session) -> None:
    later = a_callback(session, due_at=NOW + HOUR)
    due = a_callback(session)
    overdue = a_callback(session, promised_at=NOW - HOUR, due_at=NOW - HOUR)
    danger = a_callback(session, danger=DangerKind.SELF, danger_at=NOW)
    held = a_callback(session, hold="Look first.")
    harm = a_callback(session, hold=HoldReason.HARM_DECIDE)
    claimed, _ana = a_claim(session)
    work = work_list.read_work_list(session, a_supervisor(session), now=NOW)
    assert keys_by_part(work) == {
        "decide": [f"callback-{one.id}" for one in (harm, held)],
        "call": [f"callback-{one.id}" for one in (danger, overdue, due, later)],
        "in_hand": [f"callback-{claimed.id}"],
    }
    harms = {row.record_id: row.harm for row in work.rows}
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
    work = work_list.read_work_list(session, a_supervisor(session), now=NOW)
    shown = {row.kind: row for row in work.of_part(WorkPart.DECIDE, WorkFilter())}
    assert set(shown) == {WorkKind.VOICEMAIL, WorkKind.FORM, WorkKind.TEXT}
    assert shown[WorkKind.VOICEMAIL].record_id == voicemail.id
    assert shown[WorkKind.VOICEMAIL].lead_id == lead.id
    assert shown[WorkKind.FORM].record_id == form.id
    assert shown[WorkKind.FORM].who == "Pat · no number"
    assert shown[WorkKind.TEXT].who == "••• ••• 99"
    assert not any("Poe" in row.who or "Roe" in row.who for row in work.rows)


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
    work = work_list.read_work_list(session, sam, now=late)
    rows = work.of_part(WorkPart.DECIDE, WorkFilter())
    assert [row.key for row in rows] == [
        f"callback-{harm.id}",
        f"task-{task.id}",
        f"callback-{held.id}",
    ]
    [row] = work.of_part(WorkPart.DECIDE, WorkFilter(advisor_id=ana.id, helpline="Harbor Line"))
    assert (row.kind, row.lead_id) == (WorkKind.TASK, lead.id)
    assert (row.harm, row.due_at) == (Harm.OVERDUE, NOW + HOUR)
    assert row.is_overdue
    assert str(row.why) == f"{ana.name}: Send the list of meetings"
    assert "Poe" not in row.who
    assert work_list.list_filter_choices(session, sam, now=late).advisors == {ana.id: ana.name}
    person_tasks.finish_task(session, task, sam, now=late)
    work = work_list.read_work_list(session, sam, now=late)
    assert not any(row.kind == WorkKind.TASK for row in work.rows)
    assert later.done_at is None


def test_a_filter_shows_its_own_and_an_alert_finds_what_it_counts(session: Session) -> None:
    again = a_callback(session, due_at=NOW + HOUR, misses=1, asked_again=1)
    held = a_callback(session)
    hold_back(session, held, HoldReason.CALL_LOST)
    claimed, ana = a_claim(session)
    work = work_list.read_work_list(session, a_supervisor(session), now=NOW)

    def shown(**asked: object) -> list[int]:
        only = WorkFilter(**asked)
        return [row.record_id for row in work.rows if only.shows(row)]

    assert shown(state=WorkState.NEXT_TRY) == shown(state=WorkState.AGAIN) == [again.id]
    assert shown(hold=HoldReason.CALL_LOST) == [held.id]
    assert shown(advisor_id=ana.id) == [claimed.id]
    assert shown(kind=WorkKind.FORM) == shown(helpline="Other") == []
    assert set(shown(helpline="Harbor Line")) == {again.id, held.id, claimed.id}
    choices = work_list.list_filter_choices(session, a_supervisor(session), now=NOW)
    assert (choices.helplines, choices.advisors) == (("Harbor Line",), {ana.id: ana.name})


def test_the_wallboard_never_times_whom_nobody_may_call(session: Session) -> None:
    long_ago = NOW - 15 * HOUR
    asked = {"received_at": long_ago, "promised_at": long_ago, "due_at": long_ago}
    a_callback(session, hold="Look first.", **asked)
    a_callback(session, received_at=long_ago, promised_at=NOW + HOUR, due_at=NOW + HOUR)

    def figures() -> wallboard.WallboardFigures:
        return wallboard.read_wallboard(
            session, target=timedelta(minutes=5), zone="America/New_York", now=NOW
        )

    assert (figures().held, figures().oldest_undecided_at) == (1, long_ago)
    assert (figures().waiting, figures().oldest_at) == (0, None)
    waits = a_callback(session, promised_at=NOW - MINUTE, due_at=NOW - MINUTE)
    assert (figures().waiting, figures().oldest_at) == (1, waits.promised_at)


def test_the_wallboard_counts_whoever_wrote_and_waits_for_a_decision(session: Session) -> None:
    def figures() -> wallboard.WallboardFigures:
        return wallboard.read_wallboard(
            session, target=timedelta(minutes=5), zone="America/New_York", now=NOW
        )

    assert (figures().messages, figures().oldest_undecided_at) == (0, None)
    a_submission(session, state=SubmissionState.NEEDS_REVIEW, received_at=NOW - 25 * HOUR)
    a_submission(session, state=SubmissionState.DISCARDED, received_at=NOW - 40 * HOUR)
    asked = NOW - 15 * HOUR
    a_callback(session, hold="Look first.", received_at=asked, promised_at=asked, due_at=asked)
    assert (figures().held, figures().messages) == (1, 1)
    assert figures().oldest_undecided_at == NOW - 25 * HOUR
    shown = work_list.read_work_list(session, a_supervisor(session), now=NOW)
    undecided = keys_by_part(shown)[WorkPart.DECIDE]
    assert len(undecided) == figures().held + figures().messages
