"""Admission: the lead, the consent and the callback that come of a request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from leads import person_search
from leads.callbacks import holds, shared_numbers
from leads.callbacks.asked_meanwhile import ASKED_CALL
from leads.callbacks.lead_closing import reopen_lead_if_closed
from leads.contact_rules import gate
from leads.database.bulk_rows import insert_if_absent, insert_returning
from leads.database.transactions import defer_insert
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.forms.request import FormRequest
from leads.free_text.danger import DangerKind
from leads.incidents import course
from leads.intake import duplicates, phone_warnings
from leads.intake.admission_facts import (
    lock_open_callbacks,
    read_facts_locked,
    select_first_time_requests,
)
from leads.intake.admission_plan import (
    FIRST_TIME,
    AdmissionCandidate,
    AdmissionPlan,
    consent_row,
    merge_places,
    plan_admission,
    plan_repeated_delivery,
)
from leads.intake.danger_floods import DangerFloods
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.transitions import Move, advance, advance_all
from leads.messaging import outgoing_texts
from leads.models.calls import Callback
from leads.models.enums import CloseReason, HoldReason, LeadState, TextTemplateKey
from leads.models.requests import AlsoSaid, Consent, Lead, Submission


@dataclass(frozen=True)
class AdmissionRecords:
    """The lead of a request, the lead to ring, and the open callback to them, if any."""

    lead: Lead
    to_ring: Lead
    callback: Callback | None


def admit_request(
    session: Session, candidate: AdmissionCandidate, *, actor: str, now: datetime
) -> str:
    """Admit a request: match it, withhold it, or promise a callback.

    Returns why it is not admitted and a person has to review it, or nothing.
    """
    if earlier := candidate.earlier_delivery:
        plan = plan_repeated_delivery(candidate, earlier)
    else:
        floods = DangerFloods.load(session, [candidate])
        facts = read_facts_locked(session, candidate, now=now)
        facts = replace(facts, is_of_flood=floods.is_of_flood(candidate))
        plan = plan_admission(candidate, facts, now=now)
        floods.put_back_others(session, [candidate])
    if plan.review_reason:
        candidate.submission.is_of_burst = plan.is_of_burst
        return plan.review_reason
    write_admissions(session, [plan], actor=actor, now=now)
    return ""


def admit_first_time_requests(
    session: Session, asked: Sequence[AdmissionCandidate], *, actor: str, now: datetime
) -> None:
    """Admit all requests at once of whose numbers nothing is known, and leave the others.

    It takes hardly more statements for all of them than for one. Beyond the budgets of new numbers
    they go to review, the latest ones. Raises IntegrityError when another transaction created one
    of these leads meanwhile.
    """
    first_time, budgets = select_first_time_requests(session, asked)
    floods = DangerFloods.load(session, first_time)
    plans = []
    for candidate in first_time:
        facts = replace(
            FIRST_TIME,
            is_over_budget=budgets.is_used_up(candidate),
            is_of_flood=floods.is_of_flood(candidate),
        )
        plan = plan_admission(candidate, facts, now=now)
        if not plan.review_reason:
            budgets.use_up_one(candidate)
        plans.append(plan)
    floods.put_back_others(session, first_time)
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
            _confirm_by_text(session, plan, record, now=now)
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
    lead = session.get_one(Lead, lead_id)
    if request.is_refused:
        for callback in lock_open_callbacks(session, lead.phone):
            callback.safe_from = callback.safe_until = None
            session.add(callback)
    session.refresh(lead, with_for_update=True)
    for wish in ("safe_to_call", "safe_to_voicemail", "safe_to_text"):
        if getattr(request, wish) is False:
            setattr(lead, wish, False)
    if request.consent is False:
        insert_if_absent(session, Consent, consent_row(submission, lead, request))


def _write_records(
    session: Session, plans: Sequence[AdmissionPlan], *, actor: str, now: datetime
) -> list[AdmissionRecords | None]:
    """Write leads, consents and callbacks; None for what was only delivered again."""
    plans_to_write = [plan for plan in plans if plan.lead_columns is not None]
    leads = _write_leads(session, plans_to_write, now=now)
    for plan, lead in zip(plans_to_write, leads, strict=True):
        _record_consent(session, plan, lead)
        _record_later_statements(session, plan)
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
    """Create or update the lead of each request."""
    rows = [
        {
            "phone": plan.candidate.request.phone,
            "nth_at_number": shared_numbers.next_place_at_number(plan.facts.others),
            "created_at": now,
            **plan.lead_columns,
        }
        for plan in plans
        if plan.lead_columns is not None and plan.facts.lead is None
    ]
    written = insert_returning(session, Lead, rows, key="phone")
    person_search.defer_search_words(session, written)
    new = {lead.phone: lead for lead in written}
    for plan in plans:
        if plan.facts.lead:
            _set_columns(session, plan.facts.lead, plan.lead_columns or {})
        if plan.facts.others:
            _add_place_to_others(session, plan)
    return [plan.facts.lead or new[plan.candidate.request.phone or ""] for plan in plans]


def _add_place_to_others(session: Session, plan: AdmissionPlan) -> None:
    """Let the place that a request states count for whoever else has its number."""
    request = plan.candidate.request
    if not (request.region or request.zip):
        return
    for other in plan.facts.others:
        other.further_places = merge_places(
            [other.region, other.zip], other.further_places, [[request.region, request.zip]]
        )
        session.add(other)


def _record_later_statements(session: Session, plan: AdmissionPlan) -> None:
    """Keep what a request says without proof and what is not applied, once, for a supervisor."""
    for said in plan.also_said:
        keep_later_statement(session, said.lead, plan.candidate.submission, said.fact, said.value)


def keep_later_statement(
    session: Session, lead: Lead, submission: Submission, fact: str, value: str
) -> None:
    """Keep what a submission says beside what a lead said first, until a supervisor decides."""
    row = {
        "lead_id": lead.id,
        "submission_id": submission.id,
        "fact": fact,
        "value": value,
        "at": submission.received_at,
        "decided_by": "",
        "reason": "",
        "accepted": False,
    }
    if insert_if_absent(session, AlsoSaid, row):
        wake_after_commit(session, Wakeup.DESK)


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
        if callback := plan.facts.callback:
            _set_columns(session, callback, plan.callback_columns)
            if asked := plan.asked_meanwhile:
                record_event(session, callback, ASKED_CALL, actor=actor, now=now, **asked)
            wake_after_commit(session, Wakeup.OFFER)
        elif plan.callback_columns:
            reopen_lead_if_closed(session, lead, actor=actor, now=now)
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
        holds.add_gate_holds(session, record.callback, plan.decision, by=actor, now=now)
    is_believed = record.callback.in_danger and not record.callback.is_of_burst
    if plan.candidate.dangers and is_believed:
        kind = plan.candidate.dangers[0]
        course.open_incident(session, record.callback, kind, by=actor, now=now)
    if DangerKind.HARM in plan.candidate.dangers:
        holds.place_hold(session, record.callback, HoldReason.HARM_DECIDE, by=actor, now=now)
    if limits := plan.limits:
        reason, answer = HoldReason.CONTACT_LIMITED, "; ".join(limits)
        holds.place_hold(session, record.callback, reason, by=actor, now=now, answer=answer)
    phone_warnings.protect_phone(session, plan, record.callback, actor=actor, now=now)
    if plan.is_refusal_elsewhere:
        reason = HoldReason.REFUSED_ELSEWHERE
        holds.place_hold(session, record.callback, reason, by=actor, now=now)


def _confirm_by_text(
    session: Session, plan: AdmissionPlan, record: AdmissionRecords, *, now: datetime
) -> None:
    """Text whoever was promised a call and agreed to texts that the request has come."""
    request = plan.candidate.request
    is_agreed = request.consent is True and request.safe_to_text is True
    is_quiet = plan.candidate.submission.is_test or plan.candidate.is_unread_of_burst
    if plan.event != "admit" or record.callback is None or not is_agreed or is_quiet:
        return
    key = TextTemplateKey.CONFIRMATION
    outgoing_texts.send_by_rule(session, record.callback, key, now=now)


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
