"""The account of disclosures: who was told what of a person, when, why and by what right.

A line is never changed: who knows more of it adds one that takes its place.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from leads.database.wakeups import Wakeup, wake_after_commit
from leads.helplines import call_presets
from leads.lifecycle.audit_trail import record_event
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.disclosure_words import DisclosureBasis, DisclosureWay, NoticeWay
from leads.models.disclosures import Disclosure
from leads.models.requests import Lead
from leads.people.permissions import actor_of_id
from leads.phone_numbers import format_phone


@dataclass(frozen=True)
class DisclosureFacts:
    """What is said of one disclosure: to whom, what, why, by what right, and with which notice."""

    recipient: str
    basis: DisclosureBasis
    information: str = ""
    purpose: str = ""
    consent_id: int | None = None
    notice: NoticeWay = NoticeWay.NONE


@dataclass(frozen=True)
class LineOrigin:
    """How a disclosure came about: `leg_id` in which call, `corrects_id` in place of which line."""

    way: DisclosureWay
    at: datetime
    leg_id: int | None = None
    corrects_id: int | None = None


def add_disclosure_line(
    session: Session,
    lead_id: int,
    facts: DisclosureFacts,
    origin: LineOrigin,
    *,
    actor: str,
    now: datetime,
) -> Disclosure:
    """Add a line to the account of a person; `actor` is who of us told, as the trail names them."""
    line = Disclosure(
        lead_id=lead_id, recorded_by=actor, recorded_at=now, **asdict(facts), **asdict(origin)
    )
    session.add(line)
    session.flush()
    if origin.way is not DisclosureWay.EXPORT:  # which has an event of its own
        lead = session.get_one(Lead, lead_id)
        record_event(session, lead, "disclosure", actor=actor, now=now, disclosure=line.id)
    wake_after_commit(session, Wakeup.DESK)
    return line


def note_outsider_in_call(
    session: Session, attempt: CallAttempt, leg: CallLeg, *, now: datetime
) -> None:
    """Add the line that somebody of another house is in a call about a person.

    By what right, and what they are told, the advisor has to say. Idempotent.
    """
    if session.exec(select(Disclosure.id).where(Disclosure.leg_id == leg.id)).first():
        return
    callback = session.get_one(Callback, attempt.callback_id)
    presets = call_presets.list_presets(session, callback.brand_id)
    name = next((one.name for one in presets if one.phone == leg.phone), "")
    recipient = ", ".join(filter(None, (name, format_phone(leg.phone))))
    add_disclosure_line(
        session,
        callback.lead_id,
        DisclosureFacts(recipient, DisclosureBasis.NOT_STATED),
        LineOrigin(DisclosureWay.CALL, now, leg_id=leg.id),
        actor=actor_of_id(attempt.advisor_id),
        now=now,
    )


def list_disclosure_lines(session: Session, lead_ids: Collection[int]) -> list[Disclosure]:
    """Return the lines in force of a person's files, the latest disclosure first."""
    theirs = _in_force().where(col(Disclosure.lead_id).in_(lead_ids))
    return list(session.exec(theirs.order_by(col(Disclosure.at).desc(), col(Disclosure.id).desc())))


def list_unstated_lines(
    session: Session, *, lead_id: int | None = None, advisor_id: int | None = None
) -> list[tuple[Disclosure, CallLeg]]:
    """Return the lines of which nobody has said by what right, with the leg of who was told.

    Of one person, or of an advisor's calls.
    """
    unstated = _in_force().where(Disclosure.basis == DisclosureBasis.NOT_STATED)
    unstated = unstated.join(CallLeg, col(CallLeg.id) == col(Disclosure.leg_id))
    if lead_id is not None:
        unstated = unstated.where(Disclosure.lead_id == lead_id)
    if advisor_id is not None:
        mine = select(CallAttempt.id).where(CallAttempt.advisor_id == advisor_id)
        unstated = unstated.where(col(CallLeg.attempt_id).in_(mine))
    rows = session.execute(unstated.add_columns(CallLeg).order_by(col(Disclosure.id)))
    return [(line, leg) for line, leg in rows]


def _in_force() -> Any:
    """Return the query for lines in whose place there is no other."""
    later = aliased(Disclosure)
    return select(Disclosure).where(
        ~select(later.id).where(later.corrects_id == Disclosure.id).exists()
    )
