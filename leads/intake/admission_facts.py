"""Admission facts: what is on file about whoever asks, read and locked before the plan is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import Integer, String, and_, bindparam, cast, exists, func, null, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, union_all

from leads.callbacks import shared_numbers
from leads.callbacks.asked_meanwhile import ASKED_BESIDE
from leads.contact_rules import kept_stops, own_numbers, suppression
from leads.contact_rules.contact_history import load_contact_history
from leads.intake import duplicates, phone_warnings
from leads.intake.admission_plan import AdmissionCandidate, AdmissionFacts
from leads.intake.new_number_budgets import (
    BUDGET_PERIOD,
    NewNumberBudgets,
    load_budgets,
    select_promised_lately,
)
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, LeadState, SubmissionState
from leads.models.helplines import Brand
from leads.models.inbound import HelplineNumber
from leads.models.requests import Consent, Lead, Submission, Suppression

DROPPED_STATES = (SubmissionState.DISCARDED, SubmissionState.REFUSED)

# Made once: building a statement costs more than running it.
_LEAD_HAS_NUMBER = col(Lead.phone) == bindparam("number")

_LEAD_IDS_TO_CALL = select(func.coalesce(Lead.merged_into_id, Lead.id)).where(_LEAD_HAS_NUMBER)

_IS_OPEN_FOR_NUMBER = and_(
    col(Callback.lead_id).in_(_LEAD_IDS_TO_CALL), col(Callback.state).in_(OPEN_CALLBACK)
)

_CALLBACKS_LOCKED = (
    select(Callback)
    .order_by(col(Callback.id))
    .with_for_update()
    .execution_options(populate_existing=True)
)

OPEN_CALLBACKS_FOR_NUMBER = _CALLBACKS_LOCKED.where(_IS_OPEN_FOR_NUMBER)

CALLBACK_AMONG_OPEN_ONES = _CALLBACKS_LOCKED.where(
    col(Callback.id).in_(
        union_all(
            select(Callback.id).where(_IS_OPEN_FOR_NUMBER),
            select(bindparam("callback_id", type_=Integer)),
        )
    )
)

LEADS_FOR_NUMBER = (
    select(Lead)
    .where(or_(_LEAD_HAS_NUMBER, col(Lead.id).in_(_LEAD_IDS_TO_CALL)))
    .order_by(col(Lead.id))  # as merging does
    .with_for_update()
    .execution_options(populate_existing=True)
)

ON_FILE = select(
    exists(select(Consent.id).where(Consent.submission_id == bindparam("submission_id"))),
    suppression.number_suppressed_clause(bindparam("number")),
    exists(select(Suppression.id).where(col(Suppression.number_hash) == bindparam("number_hash"))),
)

_NULL_NUMBER, _NULL_ID = cast(null(), String), cast(null(), Integer)

_NO_COUNT = (
    _NULL_ID.label("source_id"),
    _NULL_ID.label("brand_id"),
    _NULL_ID.label("promised"),
)


def _select_number(column: Any) -> Any:
    """Return the query for the numbers of a column that are among those asked about."""
    known = sqlalchemy.select(column.label("number"), _NULL_ID.label("submission_id"), *_NO_COUNT)
    return known.where(column.in_(bindparam("numbers")))


def _select_kept_hashes() -> Any:
    """Return the query for the hashes asked about by which a stop is kept."""
    kept = cast(col(Suppression.number_hash), String).label("number")
    found = sqlalchemy.select(kept, _NULL_ID.label("submission_id"), *_NO_COUNT)
    return found.where(col(Suppression.number_hash).in_(bindparam("hashes")))


_KNOWN_NUMBERS = (
    _select_number(col(Lead.phone)),
    _select_number(col(Suppression.phone)).where(col(Suppression.lifted_at).is_(None)),
    _select_kept_hashes(),
    _select_number(col(Advisor.phone)),
    _select_number(col(Brand.caller_id)),
    _select_number(col(HelplineNumber.phone)),
    _select_number(own_numbers.PROCESS_CALLER_ID),
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
        sqlalchemy.select(_NULL_NUMBER, col(Submission.id), *_NO_COUNT)
        .join(_OTHER_SUBMISSION, and_(*same))
        .where(among_these, *another)
    )


# One after the other: with "or" SQLite would go through all of a source. What was promised lately
# is counted on the way, so that a budget costs no query of its own.
KNOWN_OR_REPEATED = union_all(
    *_KNOWN_NUMBERS,
    *map(_submissions_sharing_column, ("vendor_id", "delivery_id", "content_sha256")),
    select_promised_lately(_NULL_NUMBER, _NULL_ID),
)


def lock_open_callbacks(session: Session, number: str | None) -> Sequence[Callback]:
    """Return, locked, the open callbacks to whoever has a number.

    A callback may be to another number of the same person, whose files were merged.

    Whoever moves a callback locks it before its lead: so does admission, or the two wait for each
    other.
    """
    return session.exec(OPEN_CALLBACKS_FOR_NUMBER, params={"number": number}).all()


def lock_callback_among_open_ones(
    session: Session, callback_id: int, number: str | None
) -> Callback:
    """Return a callback, locked together with the open ones to whoever has a number.

    All are locked by one statement, in order: whoever locked the one and then the others might wait
    for somebody who locked them in order.
    """
    parameters = {"callback_id": callback_id, "number": number}
    locked = session.exec(CALLBACK_AMONG_OPEN_ONES, params=parameters).all()
    return next(callback for callback in locked if callback.id == callback_id)


def read_facts_locked(
    session: Session, candidate: AdmissionCandidate, *, now: datetime
) -> AdmissionFacts:
    """Return what is known of whoever asks; their callback and their leads are locked."""
    submission, number = candidate.submission, candidate.request.phone or ""
    callbacks, leads = _lock_open_callbacks_and_leads(session, number)
    at_number = [lead for lead in leads if lead.phone == number]
    asked = candidate.source.brand_id
    of_operator = shared_numbers.list_leads_of_operator(session, at_number, asked)
    lead = shared_numbers.find_person_at_number(session, of_operator, candidate.request.name)
    into = lead.merged_into_id if lead else None
    survivor = next((one for one in leads if one.id == into), None)
    person = survivor or lead
    own = [one for one in callbacks if person and one.lead_id == person.id]
    callback = next((one for one in own if one.brand_id == asked), None)
    is_consent_on_file, is_suppressed = _read_consent_and_stops(session, submission.id, number)
    is_new = lead is None and not candidate.is_decided_by_person
    return AdmissionFacts(
        is_over_budget=is_new and load_budgets(session, candidate).is_used_up(candidate),
        lead=lead,
        others=tuple(other for other in at_number if other is not lead),
        survivor=survivor,
        callback=callback,
        further=tuple(one for one in callbacks if one is not callback),
        is_consent_on_file=is_consent_on_file,
        is_double=callback is not None
        and callback.state in ASKED_BESIDE
        and duplicates.is_double(session, submission),
        is_number_suppressed=is_suppressed,
        is_put_off=phone_warnings.is_put_off_by_text(session, number, callbacks, asked, now=now),
        history=load_contact_history(session, person.phone if person else number, now=now),
    )


def _read_consent_and_stops(session: Session, submission_id: int, number: str) -> tuple[bool, bool]:
    """Return whether a submission's consent is on file, and whether its number is suppressed.

    What was kept of somebody who was erased and had this number is in force for it again.
    """
    parameters = {
        "number": number,
        "submission_id": submission_id,
        "number_hash": kept_stops.hash_number(session, number),
    }
    is_on_file, is_suppressed, is_kept = session.execute(ON_FILE, parameters).one()
    if is_kept:
        kept_stops.restore_kept_stops(session, [number])
        is_suppressed = suppression.is_number_suppressed(session, number)
    return is_on_file, is_suppressed


def _lock_open_callbacks_and_leads(
    session: Session, number: str
) -> tuple[Sequence[Callback], Sequence[Lead]]:
    """Return the open callbacks to whoever has a number, and those leads, locked.

    Leads into whose files theirs were merged are among them.
    """
    callbacks = lock_open_callbacks(session, number)
    leads = list(session.exec(LEADS_FOR_NUMBER, params={"number": number}))
    merged_meanwhile = {lead.merged_into_id for lead in leads} - {
        None,
        *(lead.id for lead in leads),
    }
    leads += [session.get_one(Lead, into, with_for_update=True) for into in merged_meanwhile]
    is_open = {lead.id for lead in leads if lead.state == LeadState.OPEN}
    if is_open != {callback.lead_id for callback in callbacks}:
        # admitted, merged or taken apart while we waited
        callbacks = lock_open_callbacks(session, number)
    return callbacks, leads


def select_first_time_requests(
    session: Session, asked: Sequence[AdmissionCandidate]
) -> tuple[list[AdmissionCandidate], NewNumberBudgets]:
    """Return the candidates of whom nothing is stored yet, and what their budgets still hold.

    There is no lead with the number, no suppression with it or its hash, it is none of ours, and
    there is no other submission that this one may repeat.
    """
    if not asked:
        return [], NewNumberBudgets()
    numbers = Counter(candidate.request.phone for candidate in asked)
    hashes = {number: kept_stops.hash_number(session, number or "") for number in numbers}
    parameters = {
        "numbers": list(numbers),
        "hashes": list(hashes.values()),
        "ids": [candidate.submission.id for candidate in asked],
        "since": min(one.submission.received_at for one in asked) - BUDGET_PERIOD,
    }
    rows = session.execute(KNOWN_OR_REPEATED, parameters).all()
    known, repeating = ({row.number for row in rows}, {row.submission_id for row in rows})
    budgets = NewNumberBudgets(
        (row.source_id, row.brand_id, row.promised) for row in rows if row.source_id is not None
    )
    first_time = [
        candidate
        for candidate in asked
        if known.isdisjoint((candidate.request.phone, str(hashes[candidate.request.phone])))
        and candidate.submission.id not in repeating
        and numbers[candidate.request.phone] == 1
    ]
    return first_time, budgets
