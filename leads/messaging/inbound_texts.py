"""Inbound texts: messages that people send to a helpline's number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.callbacks import opt_out
from leads.contact_rules import suppression
from leads.database.transactions import defer_insert, write_deferred_inserts
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.i18n.messages import Message, MessageKey
from leads.models.requests import Lead
from leads.models.watching import Transition

TEXT_RECEIVED_EVENT = "text"  # a move that changes no state
NETWORK = "network"


def receive_text_message(
    session: Session, number: str, body: str, *, message_id: str, now: datetime
) -> None:
    """Store a text that somebody sent; a stop word suppresses the number, for calls as well.

    What a lead writes is kept in the lead's file, each message once. Idempotent on `message_id`.
    """
    if suppression.is_stop_message(body):
        opt_out.stop_contact(
            session, number, reason=Message(MessageKey.STOP_BY_TEXT), actor=NETWORK, now=now
        )
    lead = session.exec(select(Lead).where(Lead.phone == number)).first()
    if lead is None or message_id in (
        move.changes["message"] for move in _text_transitions(session, lead)
    ):
        return
    about = {
        "record": "lead",
        "record_id": str(lead.id),
        "event": TEXT_RECEIVED_EVENT,
        "actor": NETWORK,
        "at": now,
    }
    changes = {"message": message_id, "said": body.replace("\0", "")}
    defer_insert(
        session, Transition, about | {"before": lead.state, "after": lead.state, "changes": changes}
    )
    wake_after_commit(session, Wakeup.DESK)


def texts_from_person(session: Session, lead: Lead) -> list[tuple[datetime, str]]:
    """Return what a lead texted, from this number or one whose file was merged into it."""
    return [(move.at, move.changes["said"]) for move in _text_transitions(session, lead)]


def _text_transitions(session: Session, lead: Lead) -> Sequence[Transition]:
    write_deferred_inserts(session)
    files = select(Lead.id).where(or_(col(Lead.id) == lead.id, col(Lead.merged_into_id) == lead.id))
    told = select(Transition).where(
        Transition.record == "lead", Transition.event == TEXT_RECEIVED_EVENT
    )
    return session.exec(
        told.where(col(Transition.record_id).in_(list(map(str, session.exec(files)))))
    ).all()
