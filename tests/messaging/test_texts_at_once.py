"""A text and the advisor's key at the same moment: whoever is first, nobody is left on a call."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from leads.calls import attempt_steps, offers
from leads.database.transactions import reader, transaction
from leads.errors import LostRace
from leads.messaging import inbound_texts
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import LIVE_ATTEMPT, CallbackState, OutboxKind
from leads.models.outbox import Outbox
from tests.conftest import NOW
from tests.support.people import NUMBER, a_call, a_callback, a_lead, held_for
from tests.support.races import at_once


@pytest.mark.parametrize("said", ["wrong number", "no calls, text me"])
def test_the_key_and_the_text_leave_no_call_and_a_held_callback(
    database: str,  # noqa: ARG001 - where it is
    said: str,
) -> None:
    with transaction() as session:
        attempt_id = a_call(session, a_callback(session, a_lead(session, phone=NUMBER))).id
        attempt_steps.mark_call_placed(session, session.get_one(CallAttempt, attempt_id), now=NOW)

    def act(number: int) -> None:
        if number:
            _deliver_until_taken(said)
        else:
            with transaction() as session:
                offers.advisor_accepted(session, attempt_id, "CA1", now=NOW)

    [accepted, delivered] = at_once(2, act)
    assert delivered is None
    assert accepted is None or isinstance(accepted, LostRace)
    with reader() as session:
        _require_silence(session)


def _deliver_until_taken(said: str) -> None:
    """Deliver a text as Twilio does: again, where we could not take it."""
    for _ in range(3):
        try:
            with transaction() as session:
                inbound_texts.receive_text_message(session, NUMBER, said, message_id="SM", now=NOW)
        except LostRace:
            continue
        return


def _require_silence(session: Session) -> None:
    callback = session.exec(select(Callback)).one()
    attempt = session.exec(select(CallAttempt)).one()
    assert (callback.state, callback.advisor_id) == (CallbackState.WAITING, None)
    assert held_for(callback)
    assert attempt.state not in LIVE_ATTEMPT
    orders = session.exec(select(Outbox.kind).where(Outbox.kind == OutboxKind.HANG_UP)).all()
    assert orders == [OutboxKind.HANG_UP]
