"""Sender changes: what somebody changes about their own request, or that they take it back.

The one-time link of the thanks page proves that it is they. It may loosen what this same sender
said, and nothing that anybody else did; where a person of ours has decided, it says nothing more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.callbacks import completion, danger_raising, holds, lead_closing
from leads.contact_rules import gate
from leads.contact_rules.contact_history import load_contact_history
from leads.contact_rules.lead_wishes import LeadWishes
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.forms.contact_limits import LONGEST_QUOTE
from leads.forms.request import FormRequest
from leads.free_text.danger import all_dangers, first_danger, read_danger
from leads.free_text.refusals import read_contact_limit
from leads.i18n.messages import Message, MessageKey
from leads.intake import admission, admission_facts, change_keys, danger_floods, processing
from leads.intake.admission_plan import YES, AdmissionCandidate, first_permitted_time
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
from leads.models.helplines import Brand, Source
from leads.models.requests import FactChange, Lead, Submission

SENDER = "sender"
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

    @property
    def limits(self) -> list[str]:
        """What its words say against a call, quoted as the answers of a form are."""
        speaks_against = read_contact_limit(self.message) is not None
        return [f"message: {self.message}"[:LONGEST_QUOTE]] if speaks_against else []


@dataclass(frozen=True)
class ChangePost:
    """The post with which a change came, verbatim, and from where."""

    content_type: str
    body: bytes
    ip: str = ""
    user_agent: str = ""


def change_submission(
    session: Session,
    key: str,
    source_id: int,
    change: SenderChange,
    post: ChangePost,
    *,
    now: datetime,
) -> bool:
    """Apply what the owner of a link changes, and let the link be used no more.

    False, and nothing is changed, where it is void. What arrived first stays as it is: the change
    is a submission of its own.
    """
    submission = change_keys.lock_submission_of_key(session, key, source_id, now=now)
    if submission is None:
        return False
    if submission.state == SubmissionState.RECEIVED:  # faster than we were
        processing.process_submission(session, submission, now=now)
    callbacks = _lock_callbacks_and_lead(session, submission)
    if not change_keys.may_sender_change(session, submission):
        return False
    submission.change_key_sha256 = None
    if change.withdraws:
        _withdraw_submission(session, submission, now=now)
    elif submission.state in UNDECIDED:
        _change_undecided(session, submission, change, post, now=now)
    else:
        _change_decided(session, submission, change, post, callbacks=callbacks, now=now)
    session.add(submission)
    wake_after_commit(session, Wakeup.DESK)
    return True


def _lock_callbacks_and_lead(session: Session, submission: Submission) -> Sequence[Callback]:
    """Return, locked, the open callbacks at the number of a submission's lead, who is locked too.

    Nobody can decide about them meanwhile.
    """
    if submission.lead_id is None:
        return ()
    lead = session.get_one(Lead, submission.lead_id)
    callbacks = admission_facts.lock_open_callbacks(session, lead.phone)
    session.refresh(lead, with_for_update=True)
    return callbacks


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
        lead_closing.close_lead(session, callback, CloseReason.WITHDRAWN, actor=SENDER, now=now)


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
    before = FormRequest.from_reading(submission.reading)
    words = {
        "message": "\n".join(filter(None, (before.message, change.message))),
        "limits": [*before.limits, *change.limits],
    }
    submission.reading = {**submission.reading, **said, **words}
    submission.danger = first_danger([*all_dangers(change.message), submission.danger])
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
    callbacks: Sequence[Callback],
    now: datetime,
) -> None:
    lead = session.get_one(Lead, submission.lead_id)
    stored = _store_change(session, submission, change, post, now=now)
    reason = Message(MessageKey.CHANGED_BY_SENDER, id=submission.id)
    known = {"lead_id": lead.id, "callback_id": submission.callback_id}
    advance(session, stored, "match", actor=SENDER, now=now, reason=reason, **known)
    own = next((one for one in callbacks if one.id == submission.callback_id), None)
    is_own = _is_first_of_lead(session, submission, lead)
    for wish in SAFETY_WISHES:
        if (said := getattr(change, wish)) is not None:
            may = said is False or (is_own and _is_own_to_loosen(session, lead, submission, wish))
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
    request = FormRequest(phone=before.phone, name=before.name, limits=change.limits, **said)
    stored = Submission(
        source_id=submission.source_id,
        received_at=now,
        content_type=post.content_type,
        body=post.body,
        body_sha256=hashlib.sha256(post.body).hexdigest(),
        ip=post.ip,
        user_agent=post.user_agent,
        reading=request.as_reading(),
        danger=read_danger(request.own_words),
        changes_id=submission.id,
    )
    session.add(stored)
    session.flush()
    return stored


def _is_first_of_lead(session: Session, submission: Submission, lead: Lead) -> bool:
    """Whether a lead is known by this submission: what it said first is its sender's to change."""
    theirs = select(Submission.id).where(Submission.lead_id == lead.id)
    return session.exec(theirs.order_by(col(Submission.id)).limit(1)).first() == submission.id


def _is_own_to_loosen(session: Session, lead: Lead, submission: Submission, wish: str) -> bool:
    """Whether nobody but the sender of a submission says that something is not safe."""
    if getattr(lead, wish) is False and submission.reading.get(wish) is not False:
        return False
    return not _was_denied_by_others(session, submission, wish)


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
    if change.safe_to_call is False or change.limits:
        callback.safe_from = callback.safe_until = None
    session.add(callback)
    session.flush()
    _put_back_flood_of_number(session, callback, stored)
    danger_raising.raise_callback_by_words(session, lead, change.message, by=SENDER, now=now)
    if change.limits:
        reason, answer = HoldReason.CONTACT_LIMITED, "; ".join(change.limits)
        holds.place_hold(session, callback, reason, by=SENDER, now=now, answer=answer)
    if callback.state != CallbackState.WAITING:
        return
    decision = gate.decide_and_record(session, callback, lead, gate.GateMoment.SCHEDULING, now=now)
    holds.replace_gate_holds(session, callback, decision, by=SENDER, now=now)
    if opened_it and not decision.needs_person:
        wishes = LeadWishes.of_lead(lead, any_hour=callback.any_hour)
        history = load_contact_history(session, lead.phone, callback, now=now)
        callback.due_at = first_permitted_time(decision, wishes, history, now)
    wake_after_commit(session, Wakeup.OFFER)


def _put_back_flood_of_number(session: Session, callback: Callback, stored: Submission) -> None:
    source = session.get_one(Source, stored.source_id)
    brand = session.get_one(Brand, source.brand_id)
    request = FormRequest.from_reading(stored.reading)
    candidate = AdmissionCandidate(stored, source, request, brand)
    danger_floods.put_back_if_flood(session, callback, candidate)
