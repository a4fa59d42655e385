"""A language that somebody texts is wished for as one that they chose in a form."""

from __future__ import annotations

from sqlmodel import Session, select

from leads.callbacks import callback_offers
from leads.database.transactions import write_deferred_inserts
from leads.lead_records import timeline
from leads.messaging import inbound_texts, text_templates
from leads.models.enums import TextTemplateKey
from leads.models.helplines import Brand
from leads.models.requests import FactChange, TextMessage
from tests.conftest import NOW
from tests.support.people import HOUR, NUMBER, a_callback, a_lead, moves, on_duty


def texts(session: Session, said: str, message_id: str = "SM1") -> TextMessage:
    inbound_texts.receive_text_message(session, NUMBER, said, message_id=message_id, now=NOW)
    return session.exec(select(TextMessage).where(TextMessage.message_id == message_id)).one()


def test_who_texts_in_which_language_is_rung_by_whoever_speaks_it(session: Session) -> None:
    lead = a_lead(session, NUMBER, language="en")
    callback = a_callback(session, lead)
    assert not texts(session, "Spanish please").waits
    assert lead.language == "es"
    changes = [
        (one.fact, one.before, one.after, one.by) for one in session.exec(select(FactChange))
    ]
    assert changes == [("language", "en", "es", "network")]
    on_duty(session, idle_since=NOW - HOUR)
    spanish = on_duty(session)
    spanish.languages = ["en", "es"]
    session.flush()
    [attempt] = callback_offers.offer_due_callbacks(session, 5, now=NOW)
    assert attempt.advisor_id == spanish.id
    assert callback.match == "matched"
    # What goes out to them by text is in Spanish, too.
    brand = session.exec(select(Brand)).one()
    words = text_templates.render_text(session, brand, lead, TextTemplateKey.THANKS)
    assert words == "Gracias. Recibimos su mensaje."


def test_it_is_noted_once_and_in_the_file_of_the_person(session: Session) -> None:
    kept = a_lead(session, name="Mary")
    lead = a_lead(session, NUMBER, name="Mary", merged_into_id=kept.id, state="closed")
    texts(session, "hablo español")
    texts(session, "en español por favor", "SM2")
    write_deferred_inserts(session)
    assert (kept.language, lead.language) == ("es", "")
    [move] = [move for move in moves(session, kept) if move.event == "correct"]
    [change] = session.exec(select(FactChange))
    assert move.changes == {"corrected": {"language": change.id}}
    entries = timeline.read_timeline(session, [kept, lead])
    assert any("Spanish" in entry.said for entry in entries)
