"""A callback that was canceled by a mistake waits again as it did, for a quarter of an hour."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from leads.callbacks import completion, opt_out, reopening
from leads.callbacks.said_calls import CORRECTION_WINDOW
from leads.errors import NotAllowed, NotNow
from leads.i18n.messages import own_words
from leads.models.calls import Callback
from leads.models.enums import HoldReason
from leads.models.requests import Lead
from tests.conftest import NOW
from tests.support.people import (
    MINUTE,
    a_callback,
    a_supervisor,
    an_advisor,
    held_for,
    hold_back,
    lead_of,
    moves,
)

SOON = NOW + 5 * MINUTE


def canceled(session: Session, callback: Callback) -> Lead:
    completion.cancel_callback(session, callback, a_supervisor(session), reason="Oops", now=NOW)
    lead = lead_of(session, callback)
    assert (callback.state, lead.state) == ("cancelled", "closed")
    return lead


def test_it_is_due_and_held_as_it_was_and_the_trail_says_who(session: Session) -> None:
    callback = a_callback(session, misses=1)
    hold_back(session, callback, HoldReason.UNCLEAR_TEXT)
    due, promised = callback.due_at, callback.promised_at
    lead, sam = canceled(session, callback), a_supervisor(session)
    shown = reopening.list_undoable_cancellations(session, [lead.id], sam, now=SOON)
    assert shown == [(callback.id, NOW)]
    reopening.undo_cancellation(session, callback, sam, now=SOON)
    assert (callback.state, lead.state) == ("waiting", "open")
    assert (callback.due_at, callback.promised_at) == (due, promised)
    assert callback.misses == 1
    assert held_for(callback) == ["unclear_text"]
    assert callback.finished_at is None
    assert (callback.close_reason, callback.close_note) == (None, "")
    assert moves(session, callback)[-1].event == "undo_cancel"


def test_it_is_for_supervisors_and_for_a_quarter_of_an_hour(session: Session) -> None:
    callback = a_callback(session)
    lead, ana, sam = canceled(session, callback), an_advisor(session), a_supervisor(session)
    with pytest.raises(NotAllowed):
        reopening.list_undoable_cancellations(session, [lead.id], ana, now=SOON)
    with pytest.raises(NotAllowed):
        reopening.undo_cancellation(session, callback, ana, now=SOON)
    late = NOW + CORRECTION_WINDOW
    assert not reopening.list_undoable_cancellations(session, [lead.id], sam, now=late)
    with pytest.raises(NotNow, match="too late"):
        reopening.undo_cancellation(session, callback, sam, now=late)


def test_nobody_is_called_against_their_word_and_nobody_twice(session: Session) -> None:
    callback, sam = a_callback(session), a_supervisor(session)
    lead = canceled(session, callback)
    again = a_callback(session, lead, received_at=SOON)
    with pytest.raises(NotNow, match="asked again"):
        reopening.undo_cancellation(session, callback, sam, now=SOON)
    completion.cancel_callback(session, again, sam, reason="Twice", now=NOW)
    opt_out.stop_contact(session, lead.phone, reason=own_words("STOP"), actor="network", now=SOON)
    with pytest.raises(NotNow, match="opted out"):
        reopening.undo_cancellation(session, callback, sam, now=SOON)
