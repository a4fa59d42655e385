"""Admission: save what a request says of its lead, keep the consent, and promise one callback."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_
from sqlmodel import Session, col, select

from leads.callbacks import holds, retry_cadence
from leads.contact_rules import calling_hours, crisis_words, gate, suppression
from leads.database.bulk_rows import insert_if_absent
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.forms.request import FormRequest
from leads.i18n.messages import Message, MessageKey
from leads.intake import duplicates
from leads.lifecycle.transitions import advance
from leads.models.calls import Callback
from leads.models.helplines import Source
from leads.models.requests import Consent, Lead, Submission
from leads.models.words import (
    OPEN_CALLBACK,
    CallbackState,
    CloseReason,
    HoldReason,
    LeadState,
)
from leads.person_facts import PERSON_FACTS, FactKind

KEPT_FACTS = {fact.name: fact.kind for fact in PERSON_FACTS if fact.is_kept}
WISHES = [name for name, kind in KEPT_FACTS.items() if kind is FactKind.YES_NO]
TEXT_FACTS = [name for name in KEPT_FACTS if name not in ("phone", "name", *WISHES)]


def admit_request(
    session: Session,
    submission: Submission,
    source: Source,
    request: FormRequest,
    earlier: Submission | None,
    *,
    now: datetime,
    actor: str,
) -> None:
    """Admit a request whose number can be dialed: match it, withhold it, or promise a callback.

    `earlier` is what `duplicates.find_earlier_submission` returned.
    """
    if earlier and earlier.body_sha256 == submission.body_sha256:
        _match_to_earlier_submission(
            session,
            submission,
            earlier,
            Message(MessageKey.DELIVERED_BEFORE, id=earlier.id),
            now=now,
            actor=actor,
        )
        return
    lead, person, callback = _find_or_create_lead_locked(session, request, now=now)
    _record_request_consent(session, submission, lead, request)
    duplicates.discard_superseded_reviews(session, submission, now=now, actor=actor)
    if stopped := _suppressed_lead_of(session, lead, person):
        _withhold_submission(session, submission, stopped, now=now, actor=actor)
    elif callback:
        callback.asked_again += 0 if earlier else 1
        _bring_callback_forward(session, callback, person, actor=actor, now=now)
        joined = {"lead_id": lead.id, "callback_id": callback.id, "reason": ""}
        advance(session, submission, "match", actor=actor, now=now, **joined)
    elif before := earlier or duplicates.find_identical_moments_ago(session, submission):
        _match_to_earlier_submission(
            session,
            submission,
            before,
            Message(MessageKey.SENT_BEFORE, id=before.id),
            now=now,
            actor=actor,
        )
    else:
        callback = _admit_with_new_callback(
            session, submission, source, person, lead, now=now, actor=actor
        )
    if callback and crisis_words.has_crisis_words(request.message):
        callback.in_danger = True  # it goes before others, and the hours still hold
        session.add(callback)
    if callback and person is not lead and _refuses_calls(request):
        # What they refuse at one number is no permission to ring them at another.
        holds.place_hold(session, callback, HoldReason.REFUSED_ELSEWHERE, by=actor, now=now)


def revoke_permissions(
    session: Session, submission: Submission, lead_id: int, request: FormRequest
) -> None:
    """Take back the permissions that a vendor's correction refuses.

    The gate refuses from now on. A correction never gives a permission.
    """
    lead = session.get_one(Lead, lead_id, with_for_update=True)
    for wish in ("safe_to_call", "safe_to_voicemail", "safe_to_text"):
        if getattr(request, wish) is False:
            setattr(lead, wish, False)
    if request.consent is False:
        _record_request_consent(session, submission, lead, request)


def find_open_callback_locked(session: Session, number: str | None) -> Callback | None:
    """Return, locked, the open callback to whoever has a number, if there is one.

    The callback may be to another number of the same person, whose files were merged.

    Whoever moves a callback locks it before its lead: so does admission, or the two wait for each
    other.
    """
    return session.exec(OPEN_CALLBACK_FOR_NUMBER, params={"number": number}).first()


def _match_to_earlier_submission(
    session: Session,
    submission: Submission,
    earlier: Submission,
    reason: Message,
    *,
    now: datetime,
    actor: str,
) -> None:
    known = {"lead_id": earlier.lead_id, "callback_id": earlier.callback_id}
    advance(session, submission, "match", actor=actor, now=now, reason=reason, **known)


def _withhold_submission(
    session: Session, submission: Submission, lead: Lead, *, now: datetime, actor: str
) -> None:
    if lead.state != LeadState.SUPPRESSED:  # the number said stop before we knew whose it is
        advance(
            session,
            lead,
            "suppress",
            actor=actor,
            now=now,
            closed_at=now,
            close_reason=CloseReason.OPT_OUT,
        )
    reason = Message(MessageKey.SUPPRESSED)
    advance(session, submission, "withhold", actor=actor, now=now, reason=reason, lead_id=lead.id)


def _suppressed_lead_of(session: Session, lead: Lead, person: Lead) -> Lead | None:
    """Return the lead whose number is suppressed: the one who wrote, or the one to be rung."""
    numbers = (lead,) if person is lead else (lead, person)
    return next(
        (one for one in numbers if suppression.is_number_suppressed(session, one.phone)), None
    )


def _find_or_create_lead_locked(
    session: Session, request: FormRequest, *, now: datetime
) -> tuple[Lead, Lead, Callback | None]:
    """Return the lead at the number, the lead to ring, and the open callback, all locked.

    The lead at the number is described as the form now describes it.

    The lead to ring is another one only where the file was merged into that of the same person at
    another number.
    """
    callback = find_open_callback_locked(session, request.phone)
    found = {
        lead.phone: lead
        for lead in session.exec(LEADS_FOR_NUMBER, params={"number": request.phone})
    }
    known = found.get(request.phone or "")
    lead = _save_lead_facts(session, known, request, now=now)
    into = lead.merged_into_id
    person = session.get_one(Lead, into, with_for_update=True) if into else lead
    if known and (callback.lead_id if callback else None) != (
        person.id if person.state == LeadState.OPEN else None
    ):
        callback = find_open_callback_locked(
            session, request.phone
        )  # admitted, merged or taken apart while we waited
    return lead, person, callback


def _refuses_calls(request: FormRequest) -> bool:
    return request.consent is False or request.safe_to_call is False


def _save_lead_facts(
    session: Session, known: Lead | None, request: FormRequest, *, now: datetime
) -> Lead:
    """Create or update the lead at a request's number with what the request says.

    What is said now replaces what was said before; silence about a wish changes nothing. A second
    name at the same number replaces nothing that the first one said, and does not take back what is
    not safe for the first.
    """
    lead = known or Lead(phone=request.phone or "", created_at=now)
    session.add(lead)
    for fact, said in lead_facts_after_request(lead, request).items():
        setattr(lead, fact, said)
    session.flush()
    return lead


def lead_facts_after_request(lead: Lead, request: FormRequest) -> dict[str, Any]:
    """Return the facts of a lead as they are after the lead made this request."""
    is_another = (
        bool(lead.name and request.name) and lead.name.casefold() != request.name.casefold()
    )
    known: dict[str, Any] = {"name": lead.name or request.name}
    for fact in TEXT_FACTS:
        first, second = (lead, request) if is_another else (request, lead)
        known[fact] = getattr(first, fact) or getattr(second, fact)
    for wish in WISHES:
        said, before = getattr(request, wish), getattr(lead, wish)
        keeps = said is None or (is_another and before is False and wish != "any_hour")
        known[wish] = before if keeps else said
    return known


def _record_request_consent(
    session: Session, submission: Submission, lead: Lead, request: FormRequest
) -> None:
    insert_if_absent(session, Consent, consent_row(submission, lead, request))


def consent_row(submission: Submission, lead: Lead, request: FormRequest) -> dict[str, Any]:
    """Return the row that records a request's consent."""
    return {
        "submission_id": submission.id,
        "lead_id": lead.id,
        "phone": lead.phone,
        "granted": request.consent,
        "wording": request.consent_text,
        "wording_sha256": hashlib.sha256(request.consent_text.encode()).hexdigest()
        if request.consent_text
        else "",
        "channels": _agreed_channels(request),
        "page_url": request.page_url,
        "ip": submission.ip,
        "user_agent": submission.user_agent,
        "given_at": submission.received_at,
    }


def _agreed_channels(request: FormRequest) -> list[str]:
    said = {
        "call": request.safe_to_call is not False,
        "voicemail": request.safe_to_voicemail,
        "text": request.safe_to_text,
    }
    return [channel for channel, is_fine in said.items() if is_fine]


def _admit_with_new_callback(
    session: Session,
    submission: Submission,
    source: Source,
    lead: Lead,
    writer: Lead,
    *,
    now: datetime,
    actor: str,
) -> Callback:
    """Admit a submission with a new callback, due when the gate and the lead's wish allow a call.

    `writer` is the lead at the number that asked; `lead`, the one to ring, may be another.
    """
    if lead.state == LeadState.CLOSED:
        advance(session, lead, "reopen", actor=actor, now=now, closed_at=None, close_reason=None)
    decision = gate.may_contact(session, lead.phone, gate.ContactChannel.CALL, lead=lead, now=now)
    callback = Callback(**new_callback_row(submission, source, lead, decision))
    session.add(callback)
    session.flush()
    gate.record_decision(
        session, decision, gate.GateMoment.SCHEDULING, lead=lead, callback=callback, now=now
    )
    holds.replace_gate_holds(session, callback, decision, by=actor, now=now)
    admitted = {"lead_id": writer.id, "callback_id": callback.id, "reason": ""}
    advance(session, submission, "admit", actor=actor, now=now, **admitted)
    return callback


def new_callback_row(
    submission: Submission, source: Source, lead: Lead, decision: gate.Decision
) -> dict[str, Any]:
    """Return a callback's row, due from when the gate and the lead's own wish allow a call."""
    due_at = _first_permitted_time(decision, lead, submission.received_at)
    return {
        "lead_id": lead.id,
        "brand_id": source.brand_id,
        "source_id": source.id,
        "received_at": submission.received_at,
        "promised_at": due_at,
        "due_at": due_at,
    }


def _first_permitted_time(decision: gate.Decision, lead: Lead, received_at: datetime) -> datetime:
    """Return when the gate and the lead's wish first allow a call, as far as they ever do."""
    if decision.needs_person:
        return received_at
    earliest = decision.not_before or received_at
    if lead.any_hour:
        return earliest
    place = gate.lead_location(lead)
    wished = retry_cadence.promised_call_time(
        received_at, best_time=lead.best_time, zone=place.zone
    )
    return calling_hours.next_callable_time(place, max(earliest, wished))


def _bring_callback_forward(
    session: Session, callback: Callback, lead: Lead, *, actor: str, now: datetime
) -> None:
    """Bring an open callback forward, because its lead asked again.

    It goes next among the callbacks that are due, as soon as the gate allows.
    """
    if callback.state == CallbackState.WAITING:
        decision = gate.decide_and_record(
            session, callback, lead, gate.GateMoment.SCHEDULING, now=now
        )
        sooner = _first_permitted_time(decision, lead, callback.received_at)
        callback.due_at = min(callback.due_at, max(sooner, now))
        holds.replace_gate_holds(session, callback, decision, by=actor, now=now)
    session.add(callback)
    wake_after_commit(session, Wakeup.OFFER)


# Made once: building a statement costs more than running it.
_LEAD_HAS_NUMBER = col(Lead.phone) == bindparam("number")
_LEAD_ID_TO_CALL = (
    select(func.coalesce(Lead.merged_into_id, Lead.id)).where(_LEAD_HAS_NUMBER).scalar_subquery()
)
OPEN_CALLBACK_FOR_NUMBER = (
    select(Callback)
    .where(Callback.lead_id == _LEAD_ID_TO_CALL, col(Callback.state).in_(OPEN_CALLBACK))
    .with_for_update()
    .execution_options(populate_existing=True)
)
LEADS_FOR_NUMBER = (
    select(Lead)
    .where(or_(_LEAD_HAS_NUMBER, col(Lead.id) == _LEAD_ID_TO_CALL))
    .order_by(col(Lead.id))  # as merging does
    .with_for_update()
    .execution_options(populate_existing=True)
)
