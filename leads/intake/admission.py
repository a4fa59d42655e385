"""Admission: the lead, the consent and the callback that come of a request."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, and_, bindparam, cast, exists, func, null, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, union_all

from leads.callbacks import holds
from leads.contact_rules import gate, suppression
from leads.database.bulk_rows import insert_if_absent, insert_returning
from leads.database.transactions import defer_insert
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.forms.request import FormRequest
from leads.intake import duplicates
from leads.intake.admission_plan import (
    FIRST_TIME,
    AdmissionCandidate,
    AdmissionFacts,
    AdmissionPlan,
    consent_row,
    plan_admission,
    plan_repeated_delivery,
)
from leads.lifecycle.transitions import Move, advance, advance_all
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, CloseReason, HoldReason, LeadState, SubmissionState
from leads.models.requests import Consent, Lead, Submission, Suppression


@dataclass(frozen=True)
class AdmissionRecords:
    """The lead at a request's number, the lead to ring, and the open callback to them, if any."""

    lead: Lead
    to_ring: Lead
    callback: Callback | None


DROPPED_STATES = (SubmissionState.DISCARDED, SubmissionState.REFUSED)


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

ON_FILE = select(
    exists(select(Consent.id).where(Consent.submission_id == bindparam("submission_id"))),
    suppression.number_suppressed_clause(bindparam("number")),
)

_NULL_NUMBER, _NULL_ID = cast(null(), String), cast(null(), Integer)

_KNOWN_NUMBERS = (
    select(Lead.phone, _NULL_ID).where(col(Lead.phone).in_(bindparam("numbers"))),
    select(Suppression.phone, _NULL_ID).where(
        col(Suppression.phone).in_(bindparam("numbers")), col(Suppression.lifted_at).is_(None)
    ),
)

_OTHER_SUBMISSION = aliased(Submission)


def _submissions_sharing_column(name: str) -> Any:
    """Return the query for submissions with the same value in a column as another that counts."""
    same = [
        getattr(_OTHER_SUBMISSION, column) == getattr(Submission, column)
        for column in ("source_id", name)
    ]
    among_these = and_(
        col(Submission.id).in_(bindparam("ids")), getattr(Submission, name).is_not(None)
    )
    another = (
        col(_OTHER_SUBMISSION.id) != col(Submission.id),
        col(_OTHER_SUBMISSION.state).not_in(DROPPED_STATES),
    )
    return (
        select(_NULL_NUMBER, Submission.id)
        .join(_OTHER_SUBMISSION, and_(*same))
        .where(among_these, *another)
    )


# One after the other: with "or" SQLite would go through all of a source.
KNOWN_OR_REPEATED = union_all(
    *_KNOWN_NUMBERS,
    *map(_submissions_sharing_column, ("vendor_id", "delivery_id", "content_sha256")),
)


def admit_request(
    session: Session, candidate: AdmissionCandidate, *, actor: str, now: datetime
) -> None:
    """Admit a request: match it, withhold it, or promise a callback."""
    if earlier := candidate.earlier_delivery:
        plan = plan_repeated_delivery(candidate, earlier)
    else:
        plan = plan_admission(candidate, _read_facts_locked(session, candidate, now=now), now=now)
    write_admissions(session, [plan], actor=actor, now=now)


def admit_first_time_requests(
    session: Session, asked: Sequence[AdmissionCandidate], *, actor: str, now: datetime
) -> None:
    """Admit all requests at once of whose numbers nothing is known, and leave the others.

    It takes hardly more statements for all of them than for one. Raises IntegrityError when another
    transaction created one of these leads meanwhile.
    """
    first_time = _select_first_time_requests(session, asked)
    plans = [plan_admission(one, FIRST_TIME, now=now) for one in first_time]
    write_admissions(session, plans, actor=actor, now=now)


def write_admissions(
    session: Session, plans: Sequence[AdmissionPlan], *, actor: str, now: datetime
) -> None:
    """Write what was planned for requests of different numbers, together as far as that can be."""
    records = _write_records(session, plans, actor=actor, now=now)
    moves: defaultdict[str, list[Move]] = defaultdict(list)
    for plan, record in zip(plans, records, strict=True):
        columns = plan.submission_columns
        if record:
            _apply_decision_and_holds(session, plan, record, actor=actor, now=now)
            columns = _reference_columns(session, plan, record, actor=actor, now=now) | columns
        moves[plan.event].append(Move(plan.candidate.submission, {plan.event: columns}))
    for those in moves.values():
        advance_all(session, those, actor=actor, now=now)


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
        insert_if_absent(session, Consent, consent_row(submission, lead, request))


def find_open_callback_locked(session: Session, number: str | None) -> Callback | None:
    """Return, locked, the open callback to whoever has a number, if there is one.

    The callback may be to another number of the same person, whose files were merged.

    Whoever moves a callback locks it before its lead: so does admission, or the two wait for each
    other.
    """
    return session.exec(OPEN_CALLBACK_FOR_NUMBER, params={"number": number}).first()


def _read_facts_locked(
    session: Session, candidate: AdmissionCandidate, *, now: datetime
) -> AdmissionFacts:
    """Return what is known of whoever asks; their callback and their leads are locked."""
    submission, number = candidate.submission, candidate.request.phone or ""
    callback, lead, survivor = _lock_callback_and_leads_at(session, number)
    person = survivor or lead
    parameters = {"number": number, "submission_id": submission.id}
    is_consent_on_file, is_suppressed = session.execute(ON_FILE, parameters).one()
    twin = (
        None
        if callback or candidate.earlier or is_suppressed
        else duplicates.find_identical_moments_ago(session, submission)
    )
    return AdmissionFacts(
        lead=lead,
        survivor=survivor,
        callback=callback,
        sent_moments_ago=twin,
        is_consent_on_file=is_consent_on_file,
        is_number_suppressed=is_suppressed,
        history=gate.load_contact_history(
            session, person.phone if person else number, person.id if person else None, now=now
        ),
    )


def _lock_callback_and_leads_at(
    session: Session, number: str
) -> tuple[Callback | None, Lead | None, Lead | None]:
    """Return the open callback, the lead at a number, and the lead it was merged into, locked."""
    callback = find_open_callback_locked(session, number)
    at_number = {
        lead.phone: lead for lead in session.exec(LEADS_FOR_NUMBER, params={"number": number})
    }
    lead = at_number.get(number)
    into = lead.merged_into_id if lead else None
    survivor = session.get_one(Lead, into, with_for_update=True) if into else None
    person = survivor or lead
    if person and (callback.lead_id if callback else None) != (
        person.id if person.state == LeadState.OPEN else None
    ):
        # admitted, merged or taken apart while we waited
        callback = find_open_callback_locked(session, number)
    return callback, lead, survivor


def _write_records(
    session: Session, plans: Sequence[AdmissionPlan], *, actor: str, now: datetime
) -> list[AdmissionRecords | None]:
    """Write leads, consents and callbacks; None for what was only delivered again."""
    plans_to_write = [plan for plan in plans if plan.lead_columns is not None]
    leads = _write_leads(session, plans_to_write, now=now)
    for plan, lead in zip(plans_to_write, leads, strict=True):
        _record_consent(session, plan, lead)
        if not plan.facts.is_first_time:
            submission = plan.candidate.submission
            duplicates.discard_superseded_reviews(session, submission, now=now, actor=actor)
    to_ring = [
        plan.facts.survivor or lead for plan, lead in zip(plans_to_write, leads, strict=True)
    ]
    callbacks = _write_callbacks(session, plans_to_write, to_ring, actor=actor, now=now)
    written = iter(map(AdmissionRecords, leads, to_ring, callbacks))
    return [None if plan.lead_columns is None else next(written) for plan in plans]


def _write_leads(session: Session, plans: Sequence[AdmissionPlan], *, now: datetime) -> list[Lead]:
    """Create or update the lead at each request's number."""
    rows = [
        {"phone": plan.candidate.request.phone, "created_at": now, **plan.lead_columns}
        for plan in plans
        if plan.lead_columns is not None and plan.facts.lead is None
    ]
    new = {lead.phone: lead for lead in insert_returning(session, Lead, rows, key="phone")}
    for plan in plans:
        if plan.facts.lead:
            _set_columns(session, plan.facts.lead, plan.lead_columns or {})
    return [plan.facts.lead or new[plan.candidate.request.phone or ""] for plan in plans]


def _record_consent(session: Session, plan: AdmissionPlan, lead: Lead) -> None:
    """Record what was agreed to, once for a submission."""
    row = consent_row(plan.candidate.submission, lead, plan.candidate.request)
    if plan.facts.is_first_time:
        defer_insert(session, Consent, row)
    elif not plan.facts.is_consent_on_file:
        insert_if_absent(session, Consent, row)


def _write_callbacks(
    session: Session,
    plans: Sequence[AdmissionPlan],
    to_ring: Sequence[Lead],
    *,
    actor: str,
    now: datetime,
) -> list[Callback | None]:
    """Create the callbacks that are promised, and change the open ones."""
    rows = []
    for plan, lead in zip(plans, to_ring, strict=True):
        if plan.facts.callback:
            _set_columns(session, plan.facts.callback, plan.callback_columns)
            wake_after_commit(session, Wakeup.OFFER)
        elif plan.callback_columns:
            if lead.state == LeadState.CLOSED:
                reopened: dict[str, Any] = {"closed_at": None, "close_reason": None}
                advance(session, lead, "reopen", actor=actor, now=now, **reopened)
            rows.append({"lead_id": lead.id, **plan.callback_columns})
    created = insert_returning(session, Callback, rows, key="lead_id")
    new = {callback.lead_id: callback for callback in created}
    return [
        plan.facts.callback or new.get(lead.id) for plan, lead in zip(plans, to_ring, strict=True)
    ]


def _set_columns(session: Session, record: Lead | Callback, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(record, name, value)
    session.add(record)


def _apply_decision_and_holds(
    session: Session, plan: AdmissionPlan, record: AdmissionRecords, *, actor: str, now: datetime
) -> None:
    """Record what the gate said, and hold the callback where a person has to look first."""
    if record.callback is None:
        return
    if plan.decision:
        gate.record_decision(
            session,
            plan.decision,
            gate.GateMoment.SCHEDULING,
            lead=record.to_ring,
            callback=record.callback,
            now=now,
        )
        holds.replace_gate_holds(session, record.callback, plan.decision, by=actor, now=now)
    if limits := plan.candidate.request.limits:
        reason, answer = HoldReason.CONTACT_LIMITED, "; ".join(limits)
        holds.place_hold(session, record.callback, reason, by=actor, now=now, answer=answer)
    if plan.is_refusal_elsewhere:
        reason = HoldReason.REFUSED_ELSEWHERE
        holds.place_hold(session, record.callback, reason, by=actor, now=now)


def _reference_columns(
    session: Session, plan: AdmissionPlan, record: AdmissionRecords, *, actor: str, now: datetime
) -> dict[str, Any]:
    """Return whose a submission is from now on; a lead whose number said stop is suppressed."""
    if plan.event != "withhold":
        callback_id = record.callback.id if record.callback else None
        return {"lead_id": record.lead.id, "callback_id": callback_id}
    stopped = record.lead if plan.facts.is_number_suppressed else record.to_ring
    if stopped.state != LeadState.SUPPRESSED:  # it said stop before we knew whose it is
        ended = {"closed_at": now, "close_reason": CloseReason.OPT_OUT}
        advance(session, stopped, "suppress", actor=actor, now=now, **ended)
    return {"lead_id": stopped.id}


def _select_first_time_requests(
    session: Session, asked: Sequence[AdmissionCandidate]
) -> list[AdmissionCandidate]:
    """Return the candidates of whom nothing is stored yet.

    There is no lead and no suppression with the number, and no other submission that this one may
    repeat.
    """
    if not asked:
        return []
    numbers = Counter(candidate.request.phone for candidate in asked)
    parameters = {"numbers": list(numbers), "ids": [candidate.submission.id for candidate in asked]}
    rows = session.execute(KNOWN_OR_REPEATED, parameters).all()
    known, repeating = (
        {number for number, _ in rows},
        {submission_id for _, submission_id in rows},
    )
    return [
        candidate
        for candidate in asked
        if candidate.request.phone not in known
        and candidate.submission.id not in repeating
        and numbers[candidate.request.phone] == 1
    ]
