"""Text wishes: what somebody texts of whom they want to talk to, noted as a form's answer is."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from leads.database.wakeups import Wakeup, wake_after_commit
from leads.free_text.spoken_languages import read_language_wish
from leads.i18n import languages
from leads.lifecycle.audit_trail import SystemActor, record_event
from leads.messaging.text_effects import list_later_texts
from leads.models.requests import FactChange, Lead, TextMessage


def note_language_wish(session: Session, lead: Lead, text: TextMessage, *, now: datetime) -> None:
    """Note the language that somebody asks for in a text, with what was there before.

    The last word counts, as of forms: it decides neither whether nor when a phone rings.
    """
    wished = read_language_wish(text.body)
    if not wished or any(map(read_language_wish, _later_words(session, text))):
        return
    lead = session.get_one(Lead, lead.merged_into_id or lead.id, with_for_update=True)
    if wished == languages.find_spoken_language(lead.language):
        return
    change = FactChange(
        lead_id=lead.id,
        fact="language",
        before=lead.language,
        after=wished,
        by=SystemActor.NETWORK,
        at=now,
    )
    lead.language = wished
    session.add_all([lead, change])
    session.flush()
    corrected = {"language": change.id}
    record_event(session, lead, "correct", actor=SystemActor.NETWORK, now=now, corrected=corrected)
    wake_after_commit(session, Wakeup.OFFER)


def _later_words(session: Session, text: TextMessage) -> list[str]:
    return [later.body for later in list_later_texts(session, text)]
