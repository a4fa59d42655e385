"""A request that is still open elsewhere becomes a callback of ours, by the rules for a form.

It keeps what was done for it elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from leads.callbacks import holds, retry_cadence
from leads.free_text.danger import read_danger
from leads.i18n.messages import Message, MessageKey
from leads.intake import admission, duplicates
from leads.intake.admission_plan import AdmissionCandidate
from leads.intake.csv_import import closed_requests
from leads.intake.csv_import.closed_requests import ImportedRequest, ImportItem
from leads.intake.csv_import.csv_row import PastRequest
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.transitions import advance
from leads.models.calls import Callback
from leads.models.enums import CallbackState, HoldReason, SubmissionState
from leads.models.helplines import Brand, Source
from leads.models.requests import Submission

STALE = timedelta(days=90)  # an inquiry invites calls for three months: 47 CFR 64.1200(f)(5)(ii)


def admit_open_requests(
    session: Session,
    items: Sequence[ImportItem],
    known: dict[str, ImportedRequest],
    *,
    now: datetime,
) -> None:
    """Admit each open request of the file as a form is admitted.

    `known`: requests that were imported before; a request among them is attached to what became of
    it.
    """
    for item in items:
        danger = read_danger(item.request.own_words)
        submission = Submission(**item.submission_row(), danger=danger)
        session.add(submission)
        session.flush()
        if item.request_id in known:
            before = known[item.request_id]
            matched = {
                "reason": Message(MessageKey.IMPORTED_BEFORE),
                "lead_id": before.lead_id,
                "callback_id": before.callback_id,
            }
            advance(session, submission, "match", actor=SystemActor.IMPORT, now=now, **matched)
        else:
            source = session.get_one(Source, item.source_id)
            earlier = duplicates.find_earlier_submission(session, submission)
            brand = session.get_one(Brand, source.brand_id)
            candidate = AdmissionCandidate(
                submission, source, item.request, brand, earlier, is_decided_by_person=True
            )
            admission.admit_request(session, candidate, actor=SystemActor.IMPORT, now=now)
            known[item.request_id] = ImportedRequest(
                item.request.name, submission.lead_id, submission.callback_id
            )
        submission.vendor_id = item.request_id
        _apply_past_to_callback(session, submission, item, now=now)


def _apply_past_to_callback(
    session: Session, submission: Submission, item: ImportItem, *, now: datetime
) -> None:
    """Record in a new callback the calls that were made elsewhere.

    It is held where a person has to look before anybody rings.
    """
    callback = session.get(Callback, submission.callback_id) if submission.callback_id else None
    if callback is None or callback.state != CallbackState.WAITING:
        return
    past = item.past
    if past.first_rung_at and past.first_rung_at >= callback.received_at:
        _apply_past_calls(callback, past, past.first_rung_at)
        closed_requests.record_past_events(session, Callback, [(callback.id, past.events)])
    if item.request.limits:
        reason, answer = HoldReason.CONTACT_LIMITED, "; ".join(item.request.limits)
        holds.place_hold(session, callback, reason, by=SystemActor.IMPORT, now=now, answer=answer)
    if submission.state != SubmissionState.ADMITTED:
        return
    if past.first_conversation_at:
        holds.place_hold(
            session, callback, HoldReason.TALKED_BEFORE_IMPORT, by=SystemActor.IMPORT, now=now
        )
    elif past.received_at < now - STALE:
        holds.place_hold(session, callback, HoldReason.STALE_IMPORT, by=SystemActor.IMPORT, now=now)


def _apply_past_calls(callback: Callback, past: PastRequest, rung_at: datetime) -> None:
    if callback.first_rung_at is None and past.first_conversation_at is None:
        callback.misses = 1
        callback.due_at = max(
            callback.due_at, retry_cadence.next_retry_time(1, missed_at=rung_at) or callback.due_at
        )
    callback.first_rung_at = min(rung_at, callback.first_rung_at or rung_at)
    if past.first_conversation_at:
        talked_at = callback.first_conversation_at or past.first_conversation_at
        callback.first_conversation_at = min(talked_at, past.first_conversation_at)
