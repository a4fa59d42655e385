"""Phone warnings: what is said against ringing a phone holds for whoever else waits by it.

It rings for whoever is near it, in any name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import completion, due_order, holds
from leads.contact_rules import gate
from leads.free_text.call_risks import CallRisk, find_call_risks
from leads.free_text.danger import DangerKind
from leads.intake.admission_plan import AdmissionPlan
from leads.lifecycle.state_tables import SubmissionEvent
from leads.models.calls import Callback, Hold
from leads.models.enums import CallbackState, HoldReason, TextMeaning
from leads.models.requests import Lead, TextMessage


def protect_phone(
    session: Session, plan: AdmissionPlan, callback: Callback, *, actor: str, now: datetime
) -> None:
    """Let what a request says against ringing its phone count for every callback to it.

    Another helpline's callback may hold the new one, and is never changed by it.
    """
    _share_warnings_of_phone(session, plan, callback, actor=actor, now=now)
    _take_back_refused_calls(session, plan, callback, actor=actor, now=now)
    _ask_gate_for_others(session, plan, callback, actor=actor, now=now)


def is_put_off_by_text(
    session: Session, number: str, callbacks: Sequence[Callback], brand_id: int, *, now: datetime
) -> bool:
    """Whether the last wish in a text from a phone puts off what a helpline promised to it.

    A text comes from whoever has the phone; a form may be anybody's.
    """
    waiting = [one for one in callbacks if one.brand_id == brand_id and one.due_at > now]
    if not waiting:
        return False
    texts = select(TextMessage.meaning).where(
        TextMessage.phone == number,
        col(TextMessage.meaning).in_((TextMeaning.CALL, TextMeaning.LATER)),
        col(TextMessage.received_at) >= min(one.received_at for one in waiting),
    )
    last = session.exec(texts.order_by(col(TextMessage.id).desc()).limit(1)).first()
    return last == TextMeaning.LATER


def _share_warnings_of_phone(
    session: Session, plan: AdmissionPlan, callback: Callback, *, actor: str, now: datetime
) -> None:
    """Hold the others whose phone a request warns of, and a new callback to a phone warned of.

    Another helpline's callback may hold this one, and is never held by it.
    """
    request, further = plan.candidate.request, plan.facts.further
    to_hold: list[Callback] = []
    if request.limits or DangerKind.HARM in plan.candidate.dangers:
        to_hold = [one for one in further if one.brand_id == callback.brand_id]
    elif (
        plan.event == SubmissionEvent.ADMIT
        and not plan.facts.is_first_time
        and (
            plan.facts.is_put_off
            or holds.is_any_warned_of(session, further)
            or _was_condition_stated(session, request.phone)
        )
    ):
        to_hold = [callback]
    for one in to_hold:
        holds.place_hold(session, one, HoldReason.WARNED_AT_PHONE, by=actor, now=now)


def _was_condition_stated(session: Session, number: str | None) -> bool:
    """Whether somebody at a number ever said who hears a call, or when or how it may be made.

    Their request may be long over: only a person can tell whether that still holds.
    """
    stated = (
        select(Hold.values)
        .join(Callback, col(Callback.id) == col(Hold.callback_id))
        .join(Lead, col(Lead.id) == col(Callback.lead_id))
        .where(Lead.phone == number, Hold.reason == HoldReason.CONTACT_LIMITED)
    )
    answers = (str(values.get("answer", "")) for values in session.exec(stated))
    risks = {risk for answer in answers for risk in find_call_risks(answer)}
    return not risks <= {CallRisk.TAKEN_BACK, CallRisk.NOT_A_REQUEST}


def _take_back_refused_calls(
    session: Session, plan: AdmissionPlan, callback: Callback, *, actor: str, now: datetime
) -> None:
    """End a call of the helpline that rings a phone which a request says must not ring.

    The next time the gate or a hold keeps it from ringing.
    """
    request, further = plan.candidate.request, plan.facts.further
    if not (request.is_refused or DangerKind.HARM in plan.candidate.dangers):
        return
    for one in (callback, *further):
        if one.brand_id == callback.brand_id and one.state != CallbackState.WAITING:
            completion.take_back_ringing_call(session, one, actor=actor, now=now)


def _ask_gate_for_others(
    session: Session, plan: AdmissionPlan, callback: Callback, *, actor: str, now: datetime
) -> None:
    """Put off or hold whoever waits by a phone for what a request says of it.

    The time that is shown is one at which they may be called.
    """
    request = plan.candidate.request
    if not (request.region or request.zip or request.best_time or request.is_refused):
        return
    for one in plan.facts.further:
        if one.brand_id != callback.brand_id or one.state != CallbackState.WAITING:
            continue
        if request.is_refused:
            one.safe_from = one.safe_until = None
            session.add(one)
            session.flush()
        decision = gate.decide_and_record(
            session,
            one,
            session.get_one(Lead, one.lead_id),
            gate.GateMoment.SCHEDULING,
            now=now,
            at=max(one.due_at, now),
        )
        if not decision.allowed:
            due_order.defer_callback(session, one, decision, by=actor, now=now)
