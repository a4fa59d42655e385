"""Later statements: what was said without proof beside what was said first, for a supervisor.

What protects somebody is loosened here and nowhere else but by the sender's own link.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks import holds
from leads.contact_rules import gate
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadSubmission, LostRace
from leads.i18n.translatable import Phrase
from leads.intake import admission_facts
from leads.lead_records import lead_file, stated_places, transition_words
from leads.lead_records.protections import CONSENT, SAFETY_WISHES, refusals_in_force
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, CallbackState
from leads.models.helplines import Source
from leads.models.requests import AlsoSaid, FactChange, Lead, Submission
from leads.people.permissions import Permission, actor_of, require_permission
from leads.person_facts import FILE_LABELS

ANY_HOUR = "any_hour"
PROTECTIVE = (CONSENT, ANY_HOUR, *SAFETY_WISHES)
"""Facts that are loosened for a reason only, which is recorded."""

NOT_SAID = Phrase("not given")
ANSWERS = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True)
class StatementToDecide:
    """What was said first and what was said later of one fact; a supervisor decides which holds."""

    statement_id: int
    lead_id: int
    name: str
    fact: str
    label: str
    first: str
    later: str
    said_by: str
    source: str
    at: datetime

    @property
    def needs_reason(self) -> bool:
        """Whether accepting the later statement loosens what protects somebody."""
        return self.fact in PROTECTIVE


def list_statements_to_decide(
    session: Session, supervisor: Advisor, *, lead_ids: Iterable[int] | None = None
) -> list[StatementToDecide]:
    """Return the later statements that nobody has decided yet, oldest first. Supervisors only.

    `lead_ids`: those that contradict these leads; all without it.
    """
    require_permission(supervisor, Permission.DECIDE_STATEMENT)
    return read_undecided_statements(session, lead_ids=lead_ids)


def read_undecided_statements(
    session: Session, *, lead_ids: Iterable[int] | None = None
) -> list[StatementToDecide]:
    """Return the later statements that nobody has decided yet, for whoever may read the file."""
    undecided = (
        select(AlsoSaid, Lead, Submission, Source)
        .join(Lead, col(Lead.id) == col(AlsoSaid.lead_id))
        .join(Submission, col(Submission.id) == col(AlsoSaid.submission_id))
        .join(Source, col(Source.id) == col(Submission.source_id))
        .where(col(AlsoSaid.decided_at).is_(None))
        .order_by(col(AlsoSaid.id))
    )
    if lead_ids is not None:
        undecided = undecided.where(col(AlsoSaid.lead_id).in_(list(lead_ids)))
    return [_to_decide(*row) for row in session.exec(undecided)]


def accept_statement(
    session: Session, statement: AlsoSaid, supervisor: Advisor, *, reason: str = "", now: datetime
) -> None:
    """Let a later statement replace the first one, because a supervisor has seen both.

    Raises BadSubmission where it loosens what protects somebody and no reason is given, LostRace
    where somebody else has decided.
    """
    require_permission(supervisor, Permission.DECIDE_STATEMENT, statement)
    lead = session.get_one(Lead, statement.lead_id)
    callbacks = _lock_for_decision(session, lead, statement)
    if statement.fact in FILE_LABELS:
        lead_file.correct_lead_facts(
            session, lead, {statement.fact: statement.value}, supervisor, now=now
        )
    else:
        asked = session.get_one(Submission, statement.submission_id).callback_id
        _loosen_fact(session, lead, statement.fact, supervisor, asked, reason=reason, now=now)
        _end_times_of_statement(lead, statement.fact, callbacks)
    _close_statement(session, statement, supervisor, reason=reason, accepted=True, now=now)
    stated_places.refresh_further_places(session, lead.phone)
    _ask_gate_again(session, callbacks, supervisor, now=now)


def leave_statement(
    session: Session, statement: AlsoSaid, supervisor: Advisor, *, reason: str = "", now: datetime
) -> None:
    """Leave what was said first: the later statement counts no more, not for the hours either."""
    require_permission(supervisor, Permission.DECIDE_STATEMENT, statement)
    lead = session.get_one(Lead, statement.lead_id)
    _lock_for_decision(session, lead, statement)
    _close_statement(session, statement, supervisor, reason=reason, accepted=False, now=now)
    stated_places.refresh_further_places(session, lead.phone)


def lift_protection(
    session: Session, lead: Lead, fact: str, supervisor: Advisor, *, reason: str, now: datetime
) -> None:
    """Loosen what protects a lead and their number, because a supervisor heard that it is over.

    Raises BadSubmission without a reason.
    """
    require_permission(supervisor, Permission.DECIDE_STATEMENT, lead)
    callbacks = _lock_for_decision(session, lead)
    _loosen_fact(session, lead, fact, supervisor, None, reason=reason, now=now)
    _end_times_of_statement(lead, fact, callbacks)
    _ask_gate_again(session, callbacks, supervisor, now=now)


def _to_decide(
    statement: AlsoSaid, lead: Lead, submission: Submission, source: Source
) -> StatementToDecide:
    first: Any = (
        "no" if statement.fact in (CONSENT, ANY_HOUR) else getattr(lead, statement.fact, "")
    )
    return StatementToDecide(
        statement_id=statement.id,
        lead_id=lead.id,
        name=lead.name,
        fact=statement.fact,
        label=transition_words.fact_label(statement.fact),
        first=first if isinstance(first, str) else ANSWERS[first],
        later=statement.value,
        said_by=str(submission.reading.get("name") or ""),
        source=source.shown_name,
        at=statement.at,
    )


def _lock_for_decision(
    session: Session, lead: Lead, statement: AlsoSaid | None = None
) -> list[Callback]:
    """Lock the open callbacks at the lead's number, then the lead; returns the callbacks."""
    callbacks = list(admission_facts.lock_open_callbacks(session, lead.phone))
    session.refresh(lead, with_for_update=True)
    if statement:
        session.refresh(statement, with_for_update=True)
        if statement.decided_at:
            raise LostRace(Phrase("Someone else got there first: this is already decided."))
    return callbacks


def _close_statement(
    session: Session,
    statement: AlsoSaid,
    supervisor: Advisor,
    *,
    reason: str,
    accepted: bool,
    now: datetime,
) -> None:
    statement.decided_at, statement.decided_by = now, actor_of(supervisor)
    statement.accepted, statement.reason = accepted, reason.strip()
    session.add(statement)
    lead, event = session.get_one(Lead, statement.lead_id), "accept" if accepted else "leave"
    record_event(
        session, lead, f"{event}_statement", actor=actor_of(supervisor), now=now, said=statement.id
    )
    wake_after_commit(session, Wakeup.DESK)


def _loosen_fact(
    session: Session,
    lead: Lead,
    fact: str,
    supervisor: Advisor,
    callback_id: int | None,
    *,
    reason: str,
    now: datetime,
) -> None:
    """Let a fact protect no more, and keep who said so and why."""
    if not reason.strip():
        raise BadSubmission(Phrase("Give a reason: no protection is removed without one."))
    actor, before = actor_of(supervisor), "no"
    if fact == CONSENT:
        for refusal in session.exec(refusals_in_force(lead.phone)):
            refusal.lifted_at, refusal.lifted_by = now, actor
            session.add(refusal)
    elif fact == ANY_HOUR:
        _let_ring_at_any_hour(session, session.get_one(Callback, callback_id), now=now)
    elif fact in SAFETY_WISHES:
        before = ANSWERS[getattr(lead, fact)]
        setattr(lead, fact, True)
        session.add(lead)
    else:
        raise BadSubmission(Phrase("These cannot be corrected: {fields}.", fields=fact))
    change = FactChange(
        lead_id=lead.id, fact=fact, before=before, after="yes", by=actor, at=now, why=reason.strip()
    )
    session.add(change)
    session.flush()
    record_event(session, lead, "correct", actor=actor, now=now, corrected={fact: change.id})


def _end_times_of_statement(lead: Lead, fact: str, callbacks: Iterable[Callback]) -> None:
    """Let no safe time bind the lead's callbacks any more, where a call is safe at any time."""
    for callback in callbacks:
        if fact == "safe_to_call" and callback.lead_id == lead.id:
            callback.safe_from = callback.safe_until = None


def _let_ring_at_any_hour(session: Session, callback: Callback, *, now: datetime) -> None:
    """Let an open callback be rung at any hour: at once, where it only waits for the day."""
    if callback.state not in OPEN_CALLBACK:
        return
    waits_for_day = callback.misses == 0 and callback.disposition is None
    if not callback.any_hour and waits_for_day:
        callback.due_at = min(callback.due_at, now)
    callback.any_hour = True
    session.add(callback)


def _ask_gate_again(
    session: Session, callbacks: Iterable[Callback], supervisor: Advisor, *, now: datetime
) -> None:
    """Hold each waiting callback for what the gate says from now on, and let it go otherwise."""
    session.flush()
    for callback in callbacks:
        if callback.state != CallbackState.WAITING:
            continue
        lead = session.get_one(Lead, callback.lead_id)
        decision = gate.decide_and_record(session, callback, lead, gate.GateMoment.CLICK, now=now)
        by = actor_of(supervisor)
        holds.replace_gate_holds(session, callback, decision, by=by, now=now)
        wake_after_commit(session, Wakeup.OFFER)
