"""Texts over real HTTP: what Twilio delivers has its effect on a call that is ringing."""

from __future__ import annotations

from sqlmodel import select

from leads.database.transactions import reader
from leads.models.calls import Callback
from leads.models.enums import CallbackState
from leads.models.requests import TextMessage
from tests.support.people import held_for
from tests.support.running_desk import Desk
from tests.support.twilio_double import TwilioDouble

NUMBER, STRANGER = "+13155550142", "+13155550199"
FORM = {"name": "Mary", "phone": "(315) 555-0142", "consent": "yes", "any_hour": "yes"}


def test_what_is_texted_while_the_phone_rings_ends_the_call(
    desk: Desk, twilio: TwilioDouble
) -> None:
    desk.http.post(desk.opens(), json=FORM)
    call = twilio.wait_for_call()
    twilio.moves(call, "ringing")
    assert twilio.receives_text(NUMBER, "no calls please, text me").status_code == 200
    twilio.wait_until_hung_up(call)
    with reader() as session:
        callback = session.exec(select(Callback)).one()
        assert callback.state == CallbackState.WAITING
        assert "stopped_calls" in held_for(callback)
    assert twilio.receives_text(NUMBER, "ya no me escriban tampoco, ALTO").status_code == 200
    assert twilio.receives_text(STRANGER, "llámenme por favor").status_code == 200
    status = desk.command("status")
    assert status["callback"] == {"cancelled": 1}
    assert status["limbo"] == 0
    with reader() as session:
        texts = session.exec(select(TextMessage).order_by(TextMessage.id)).all()
        assert [text.meaning for text in texts] == ["stop_calls", "stop", "call"]
        assert [text.waits for text in texts] == [True, False, True]
    assert "Traceback" not in desk.printed()
