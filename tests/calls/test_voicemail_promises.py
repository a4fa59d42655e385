"""Who is called back for a message that they left, and from when on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from leads.callbacks import opt_out
from leads.calls import voicemail_promises
from leads.database.transactions import write_deferred_inserts
from leads.i18n.messages import own_words
from leads.messaging.recorded_sound import HeardSound
from leads.models.calls import Callback
from leads.models.enums import CallbackOrigin
from leads.models.inbound import InboundCall
from leads.models.requests import Lead
from leads.models.voicemails import Voicemail
from leads.models.watching import Transition
from tests.conftest import NOW
from tests.support.people import (
    MINUTE,
    NUMBER,
    a_callback,
    a_lead,
    a_voicemail,
    an_inbound_call,
    held_for,
)

SPOKEN, SILENT = HeardSound(9, is_empty=False), HeardSound(9, is_empty=True)
LATER = NOW + 5 * MINUTE


def left(session: Session, **of_call: object) -> Voicemail:
    call = an_inbound_call(session, state="voicemail", **of_call)
    return a_voicemail(
        session, call, provider_recording_id="RE1", recorded_at=NOW, seconds=SPOKEN.seconds
    )


def keeps(session: Session, voicemail: Voicemail, sound: HeardSound = SPOKEN) -> list[Callback]:
    for _ in range(2):
        voicemail_promises.keep_and_promise(session, voicemail.id, b"sealed", sound, now=LATER)
    session.flush()
    return list(session.exec(select(Callback)).all())


def says_stop(session: Session, *, now: datetime) -> None:
    reason = own_words("by e-mail")
    opt_out.stop_contact(session, NUMBER, reason=reason, actor="advisor:1", now=now)


def test_a_stranger_is_promised_a_call_from_when_they_rang(session: Session) -> None:
    voicemail = left(session)
    [callback] = keeps(session, voicemail)
    assert (callback.origin, callback.state) == (CallbackOrigin.CALLED_BACK, "waiting")
    assert callback.received_at == callback.promised_at == NOW
    assert callback.due_at == NOW
    lead = session.get_one(Lead, callback.lead_id)
    assert (lead.phone, lead.safe_to_call) == (NUMBER, True)
    assert voicemail.callback_id == callback.id
    assert session.exec(select(InboundCall.lead_id)).one() == lead.id


@pytest.mark.parametrize(
    ("phone", "sound"), [(NUMBER, SILENT), ("", SPOKEN)], ids=["silence", "withheld"]
)
def test_nobody_is_called_for_silence_or_at_no_number(
    session: Session, phone: str, sound: HeardSound
) -> None:
    assert keeps(session, left(session, phone=phone), sound) == []


def test_who_waits_already_has_asked_again(session: Session) -> None:
    before = a_callback(session, a_lead(session, phone=NUMBER))
    brand_id = before.brand_id
    [callback] = keeps(session, left(session, brand_id=brand_id))
    assert (callback.id, callback.origin) == (before.id, CallbackOrigin.REQUEST)
    assert callback.asked_again == 1


def test_a_stop_is_not_lifted_by_a_message(session: Session) -> None:
    a_lead(session, phone=NUMBER)
    says_stop(session, now=NOW - MINUTE)
    [callback] = keeps(session, left(session))
    assert callback.is_held
    assert held_for(callback)


def test_a_stop_after_they_rang_is_their_last_word(session: Session) -> None:
    lead = a_lead(session, phone=NUMBER)
    voicemail = left(session)
    says_stop(session, now=NOW + timedelta(seconds=20))
    assert keeps(session, voicemail) == []
    session.refresh(lead)
    assert lead.safe_to_call is None


def test_a_shared_phone_makes_nobody_safe_to_call(session: Session) -> None:
    mary = a_lead(session, phone=NUMBER, name="Mary")
    john = a_lead(session, phone=NUMBER, name="John", nth_at_number=2)
    assert len(keeps(session, left(session))) == 1
    for lead in (mary, john):
        session.refresh(lead)
        assert lead.safe_to_call is None


def test_whoever_is_alone_at_a_number_is_noted_as_safe_with_a_trace(session: Session) -> None:
    lead = a_lead(session, phone=NUMBER)
    voicemail = left(session)
    keeps(session, voicemail)
    write_deferred_inserts(session)
    noted = session.exec(select(Transition).where(Transition.event == "safe_by_call")).one()
    assert (noted.record, noted.record_id) == ("lead", str(lead.id))
    assert noted.changes == {"inbound_call": voicemail.inbound_call_id}


@pytest.mark.parametrize("is_safe", [None, True])
def test_who_waited_and_said_nothing_is_treated_as_if_they_had_hung_up(
    session: Session, *, is_safe: bool | None
) -> None:
    lead = a_lead(session, phone=NUMBER, safe_to_call=is_safe)
    before = a_callback(session, lead, state="cancelled", origin="call", closed_at=NOW)
    callbacks = keeps(
        session,
        left(session, brand_id=before.brand_id, lead_id=lead.id, callback_id=before.id),
        SILENT,
    )
    promised = [one for one in callbacks if one.id != before.id]
    origins = [CallbackOrigin.CALLED_BACK] if is_safe else []
    assert [one.origin for one in promised] == origins


def test_a_no_to_calls_that_is_on_file_is_decided_by_a_person(session: Session) -> None:
    lead = a_lead(session, phone=NUMBER, safe_to_call=False)
    [callback] = keeps(session, left(session))
    assert callback.is_held
    session.refresh(lead)
    assert lead.safe_to_call is False


def test_our_troubles_with_a_recording_cost_nobody_their_call(session: Session) -> None:
    voicemail = left(session)
    early = NOW + MINUTE
    voicemail_promises.promise_without_sound(session, voicemail, now=early)
    assert session.exec(select(Callback)).all() == []
    voicemail_promises.promise_without_sound(session, voicemail, now=LATER)
    [callback] = keeps(session, voicemail)
    assert callback.asked_again == 0
    assert callback.origin == CallbackOrigin.CALLED_BACK
