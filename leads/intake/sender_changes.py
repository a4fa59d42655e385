"""Sender changes: what somebody changes about their own request, or that they take it back.

The one-time link of the thanks page proves that it is they. It may loosen what this same sender
said, and nothing that anybody else did.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.callbacks import completion, danger_raising, holds
from leads.contact_rules import gate
from leads.contact_rules.contact_history import load_contact_history
from leads.contact_rules.lead_wishes import LeadWishes
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.forms.request import FormRequest
from leads.i18n.messages import Message, MessageKey
from leads.intake import admission, processing
from leads.intake.admission_plan import YES, first_permitted_time
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.transitions import advance
from leads.models.calls import Callback
from leads.models.enums import (
    OPEN_CALLBACK,
    UNDECIDED,
    CallbackState,
    CloseReason,
    HoldReason,
    SubmissionState,
)
from leads.models.requests import FactChange, Lead, Submission

SENDER = "sender"
KEY_BYTES = 24
KEY_LIFETIME = timedelta(days=7)
SAFETY_WISHES = ("safe_to_call", "safe_to_voicemail", "safe_to_text")
ANSWERS = {True: YES, False: "no", None: ""}


@dataclass(frozen=True)
class SenderChange:
    """What a sender says instead of what they said before; None and nothing leave it as it was."""

    safe_to_call: bool | None = None
    safe_to_voicemail: bool | None = None
    safe_to_text: bool | None = None
    any_hour: bool | None = None
    best_time: str = ""
    message: str = ""
    withdraws: bool = False


@dataclass(frozen=True)
class ChangePost:
    """The post with which a change came, verbatim, and from where."""

    content_type: str
    body: bytes
    ip: str = ""
    user_agent: str = ""


def new_change_key() -> str:
    """Return the secret of a link with which a submission may be changed once."""
    return secrets.token_urlsafe(KEY_BYTES)


def hash_change_key(key: str) -> str:
    """Return what is stored of a link's secret."""
    return hashlib.sha256(key.encode()).hexdigest()


def is_change_key_valid(session: Session, key: str, source_id: int, *, now: datetime) -> bool:
    """Whether a link of a source's form may still be used: it is neither spent nor too old."""
    return session.exec(_submission_of_key(key, source_id, now)).first() is not None


def change_submission(
    session: Session,
    key: str,
    source_id: int,
    change: SenderChange,
    post: ChangePost,
    *,
    next_key: str,
    now: datetime,
) -> bool:
    """Apply what the owner of a link changes, and let only `next_key` be used from now on.

    False, and nothing is done, where the link is spent or too old. What arrived first stays as it
    is: the change is a submission of its own.
    """
    own = _submission_of_key(key, source_id, now).with_for_update()
    submission = session.exec(own.execution_options(populate_existing=True)).first()
    if submission is None:
        return False
    submission.change_key_sha256 = hash_change_key(next_key)
    if submission.state == SubmissionState.RECEIVED:  # faster than we were
        processing.process_submission(session, submission, now=now)
    if change.withdraws:
        _withdraw_submission(session, submission, now=now)
    elif submission.state in UNDECIDED:
        _change_undecided(session, submission, change, post, now=now)
    else:
        _change_decided(session, submission, change, post, now=now)
    session.add(submission)
    wake_after_commit(session, Wakeup.DESK)
    return True


def _submission_of_key(key: str, source_id: int, now: datetime) -> Any:
    return select(Submission).where(
        Submission.change_key_sha256 == hash_change_key(key),
        Submission.source_id == source_id,
        col(Submission.received_at) > now - KEY_LIFETIME,
    )


def _withdraw_submission(session: Session, submission: Submission, *, now: datetime) -> None:
    """Take a request back; a callback that others have asked for as well waits for a person."""
    taken_back = Message(MessageKey.WITHDRAWN_BY_SENDER)
    if submission.state in UNDECIDED:
        advance(session, submission, "discard", actor=SENDER, now=now, reason=taken_back)
        return
    if submission.callback_id is None:
        return
    callback = session.get_one(Callback, submission.callback_id, with_for_update=True)
    if callback.state not in OPEN_CALLBACK:
        return
    if _was_asked_for_by_others(session, submission, callback):
        holds.place_hold(session, callback, HoldReason.TAKEN_BACK, by=SENDER, now=now)
    elif completion.cancel_with_live_call(
        session, callback, CloseReason.WITHDRAWN, note=taken_back, actor=SENDER, now=now
    ):
        completion.close_lead(session, callback, CloseReason.WITHDRAWN, actor=SENDER, now=now)


def _was_asked_for_by_others(session: Session, submission: Submission, callback: Callback) -> bool:
    """Whether a callback is also owed to a form that is neither this one nor sent twice."""
    others = select(Submission.id).where(
        Submission.callback_id == callback.id,
        Submission.id != submission.id,
        or_(
            col(Submission.changes_id).is_(None),
            col(Submission.changes_id) != submission.id,
        ),
        or_(
            col(Submission.content_sha256).is_(None),
            col(Submission.content_sha256) != submission.content_sha256,
        ),
    )
    return session.exec(others.limit(1)).first() is not None


def _change_undecided(
    session: Session,
    submission: Submission,
    change: SenderChange,
    post: ChangePost,
    *,
    now: datetime,
) -> None:
    """Change what was read of a submission that a person will decide about, who sees that it was.

    Reading it again does not undo the change: it stays with a person.
    """
    said = {name: value for name, value in vars(change).items() if value not in (None, "")}
    del said["withdraws"]
    submission.reading = {**submission.reading, **said}
    change_row = _store_change(session, submission, change, post, now=now)
    reason = Message(MessageKey.CHANGED_BY_SENDER, id=submission.id)
    advance(session, change_row, "match", actor=SENDER, now=now, reason=reason)
    submission.suspicion = submission.suspicion or Message(
        MessageKey.CHANGED_BY_SENDER, id=submission.id
    )


def _change_decided(
    session: Session,
    submission: Submission,
    change: SenderChange,
    post: ChangePost,
    *,
    now: datetime,
) -> None:
    lead = session.get_one(Lead, submission.lead_id)
    callbacks = admission.lock_open_callbacks(session, lead.phone)
    session.refresh(lead, with_for_update=True)
    stored = _store_change(session, submission, change, post, now=now)
    reason = Message(MessageKey.CHANGED_BY_SENDER, id=submission.id)
    known = {"lead_id": lead.id, "callback_id": submission.callback_id}
    advance(session, stored, "match", actor=SENDER, now=now, reason=reason, **known)
    own = next((one for one in callbacks if one.id == submission.callback_id), None)
    is_own = _is_first_of_lead(session, submission, lead)
    for wish in SAFETY_WISHES:
        if (said := getattr(change, wish)) is not None:
            may = said is False or (is_own and not _was_denied_by_others(session, submission, wish))
            _say_fact(session, lead, stored, wish, value=said, may=may, now=now)
    if change.best_time:
        may = is_own or not lead.best_time
        _say_fact(session, lead, stored, "best_time", value=change.best_time, may=may, now=now)
    if own:
        _change_callback(session, own, lead, submission, change, stored=stored, now=now)


def _store_change(
    session: Session,
    submission: Submission,
    change: SenderChange,
    post: ChangePost,
    *,
    now: datetime,
) -> Submission:
    before = FormRequest.from_reading(submission.reading)
    said = {name: value for name, value in vars(change).items() if name != "withdraws"}
    request = FormRequest(phone=before.phone, name=before.name, **said)
    stored = Submission(
        source_id=submission.source_id,
        received_at=now,
        content_type=post.content_type,
        body=post.body,
        body_sha256=hashlib.sha256(post.body).hexdigest(),
        ip=post.ip,
        user_agent=post.user_agent,
        reading=request.as_reading(),
        changes_id=submission.id,
    )
    session.add(stored)
    session.flush()
    return stored


def _is_first_of_lead(session: Session, submission: Submission, lead: Lead) -> bool:
    """Whether a lead is known by this submission: what it said first is its sender's to change."""
    theirs = select(Submission.id).where(Submission.lead_id == lead.id)
    return session.exec(theirs.order_by(col(Submission.id)).limit(1)).first() == submission.id


def _was_denied_by_others(session: Session, submission: Submission, wish: str) -> bool:
    """Whether another form of this lead says that something is not safe."""
    others = select(Submission.reading).where(
        Submission.lead_id == submission.lead_id,
        Submission.id != submission.id,
        or_(
            col(Submission.changes_id).is_(None),
            col(Submission.changes_id) != submission.id,
        ),
    )
    return any(reading.get(wish) is False for reading in session.exec(others))


def _say_fact(
    session: Session,
    lead: Lead,
    stored: Submission,
    fact: str,
    *,
    value: bool | str,
    may: bool,
    now: datetime,
) -> None:
    """Change a fact, and keep what it was; what the link does not prove is only also said."""
    before = getattr(lead, fact)
    if before == value:
        return
    words = value if isinstance(value, str) else ANSWERS[value]
    if not may:
        admission.keep_later_statement(session, lead, stored, fact, words)
        return
    was = before if isinstance(before, str) else ANSWERS[before]
    setattr(lead, fact, value)
    change = FactChange(lead_id=lead.id, fact=fact, before=was, after=words, by=SENDER, at=now)
    session.add_all([lead, change])
    session.flush()
    record_event(session, lead, "correct", actor=SENDER, now=now, corrected={fact: change.id})


def _change_callback(
    session: Session,
    callback: Callback,
    lead: Lead,
    submission: Submission,
    change: SenderChange,
    *,
    stored: Submission,
    now: datetime,
) -> None:
    """Let the callback of a changed request be due when its sender and the gate now say."""
    opened_it = submission.state == SubmissionState.ADMITTED
    may_wish = opened_it and not _was_denied_by_others(session, submission, "any_hour")
    if change.any_hour is not None and (may_wish or change.any_hour is False):
        callback.any_hour = change.any_hour
    elif change.any_hour:
        admission.keep_later_statement(session, lead, stored, "any_hour", YES)
    session.add(callback)
    session.flush()
    danger_raising.raise_callback_by_words(session, lead, change.message, by=SENDER, now=now)
    if callback.state != CallbackState.WAITING:
        return
    decision = gate.decide_and_record(session, callback, lead, gate.GateMoment.SCHEDULING, now=now)
    holds.replace_gate_holds(session, callback, decision, by=SENDER, now=now)
    if opened_it and not decision.needs_person:
        wishes = LeadWishes.of_lead(lead, any_hour=callback.any_hour)
        history = load_contact_history(session, lead.phone, callback, now=now)
        callback.due_at = first_permitted_time(decision, wishes, history, now)
    wake_after_commit(session, Wakeup.OFFER)
