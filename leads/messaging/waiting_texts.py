"""Waiting texts: what only a person can answer, and what the person decides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leads.callbacks import holds, opt_out, promises
from leads.contact_rules import suppression
from leads.errors import LostRace, NotNow
from leads.free_text.danger import DangerKind
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.enums import TextMeaning
from leads.models.requests import Lead, TextMessage
from leads.people.permissions import Permission, actor_of, require_permission
from leads.phone_numbers import mask_phone


@dataclass(frozen=True)
class WaitingText:
    """One text that waits for a person, and what danger its words speak of.

    `lead_id` is None where nobody is known by its number, which is masked. `is_stopped`: something
    to the number is stopped. `is_promised`: a callback is open; `held_for` says why it waits, and
    `hold_ids` are of the holds that say so.
    """

    text_id: int
    received_at: datetime
    number: str
    lead_id: int | None
    name: str
    body: str
    meaning: TextMeaning
    danger: DangerKind | None
    is_stopped: bool
    is_promised: bool
    held_for: str
    hold_ids: frozenset[int]
    pictures: int = 0  # which nobody opens
    is_called_elsewhere: bool = False  # at the number of the file that theirs was merged into


def find_waiting_text(session: Session, text_id: int, supervisor: Advisor) -> WaitingText | None:
    """Return a text that waits for a person; None once it is seen to. Supervisors only."""
    require_permission(supervisor, Permission.SEE_REVIEW, (TextMessage, text_id))
    text = session.get(TextMessage, text_id)
    if text is None or not text.waits:
        return None
    lead = session.get_one(Lead, text.lead_id) if text.lead_id else None
    return _to_waiting_text(session, text, lead)


def settle_text(session: Session, text: TextMessage, supervisor: Advisor, *, now: datetime) -> None:
    """Say that a person has seen to a text; what it holds stays held."""
    _settle_locked_text(session, text, supervisor, "settle", now=now)


def reveal_text_number(
    session: Session, text: TextMessage, supervisor: Advisor, *, now: datetime
) -> str:
    """Return the number that a text came from, and record who wanted to see it."""
    require_permission(supervisor, Permission.SEE_NUMBER, text)
    record_event(session, text, "reveal", actor=actor_of(supervisor), now=now)
    return text.phone


def stop_contact_for_text(
    session: Session, text: TextMessage, supervisor: Advisor, *, now: datetime
) -> None:
    """Stop all contact with the number that a text came from, as it was meant."""
    _settle_locked_text(session, text, supervisor, "stop", now=now)
    reason, actor = Message(MessageKey.STOP_BY_TEXT), actor_of(supervisor)
    opt_out.stop_contact(session, text.phone, reason=reason, actor=actor, now=now)


def promise_call_for_text(
    session: Session,
    text: TextMessage,
    supervisor: Advisor,
    *,
    seen: Collection[int],
    now: datetime,
) -> None:
    """Lift what stops and holds calls to whoever sent a text, and promise a call, as they want.

    `seen`: the ids of the holds that the supervisor read. Raises LostRace where another has come,
    and NotNow where nobody is known by the number: there is nobody to promise a call to.
    """
    _settle_locked_text(session, text, supervisor, "call", now=now)
    actor = actor_of(supervisor)
    for callback in opt_out.find_open_callbacks(session, text.phone):
        session.refresh(callback, with_for_update=True)
        holds.lift_seen_holds(session, callback, seen, by=actor, now=now)
    if suppression.list_suppressions_in_force(session, text.phone):
        opt_out.lift_stop(session, text.phone, supervisor, now=now)  # locks leads
    promises.promise_call_by_text(
        session, text.phone, at=None, now=now, actor=actor, brand_id=text.brand_id
    )
    if not opt_out.find_open_callbacks(session, text.phone):
        raise NotNow(Phrase("No one has asked for a call from this number before."))


def _settle_locked_text(
    session: Session, text: TextMessage, supervisor: Advisor, event: str, *, now: datetime
) -> None:
    require_permission(supervisor, Permission.DECIDE_TEXT, text)
    session.refresh(text, with_for_update=True)
    if not text.waits:
        raise LostRace(Phrase("Someone else got there first: this text is already handled."))
    text.waits = False
    session.add(text)
    record_event(session, text, event, actor=actor_of(supervisor), now=now)


def _to_waiting_text(session: Session, text: TextMessage, lead: Lead | None) -> WaitingText:
    opened = opt_out.find_open_callbacks(session, text.phone)
    causes = [cause for one in opened for cause in holds.open_causes_of(session, one)]
    return WaitingText(
        text_id=text.id,
        received_at=text.received_at,
        number=mask_phone(text.phone),
        lead_id=lead.id if lead else None,
        name=lead.name if lead else "",
        body=text.body,
        meaning=text.meaning,
        danger=text.danger,
        is_stopped=bool(suppression.list_suppressions_in_force(session, text.phone)),
        is_promised=bool(opened),
        pictures=text.pictures,
        is_called_elsewhere=lead is not None and lead.merged_into_id is not None,
        held_for=holds.hold_sentence(list(dict.fromkeys(causes))),
        hold_ids=frozenset(cause.hold_id for cause in causes),
    )
