"""Text messages that people send to the helpline's number."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from leads import closing, suppression
from leads.db import journal, write_journal
from leads.models import Lead, Transition
from leads.phrase import Phrase

RECEIVED = "text"  # a move that changes no state
NETWORK = "network"


def receive(session: Session, number: str, body: str, *, message_id: str, now: datetime) -> None:
    """Stop means stop, for calls as well. Whatever somebody we know writes is kept in their file, each message once."""
    if suppression.is_stop(body):
        closing.stop_contact(session, number, reason=Phrase("STOP by text"), actor=NETWORK, now=now)
    lead = session.exec(select(Lead).where(Lead.phone == number)).first()
    if lead is None or _is_known(session, lead, message_id):
        return
    about = {"record": "lead", "record_id": str(lead.id), "event": RECEIVED, "actor": NETWORK, "at": now}
    changes = {"message": message_id, "said": body.replace("\0", "")}
    journal(session, Transition, about | {"before": lead.state, "after": lead.state, "changes": changes})


def _is_known(session: Session, lead: Lead, message_id: str) -> bool:
    write_journal(session)
    told = select(Transition).where(Transition.record == "lead", Transition.record_id == str(lead.id))
    texts = session.exec(told.where(Transition.event == RECEIVED))
    return any(text.changes["message"] == message_id for text in texts)
