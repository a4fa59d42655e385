"""A form that was discarded by a mistake waits again where it did, for a quarter of an hour."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from leads.callbacks.said_calls import CORRECTION_WINDOW
from leads.errors import NotAllowed, NotNow
from leads.i18n.messages import own_words
from leads.intake import discard_undo, review
from leads.lifecycle.transitions import advance
from tests.conftest import NOW
from tests.support.people import MINUTE, a_submission, a_supervisor, an_advisor, moves

SOON, LATE = NOW + 5 * MINUTE, NOW + CORRECTION_WINDOW


@pytest.mark.parametrize("state", ["needs_review", "withheld", "refused"])
def test_it_waits_where_it_did_for_what_it_did(session: Session, state: str) -> None:
    sam, reading = a_supervisor(session), {"name": "Ana"}
    form = a_submission(session, state=state, reason=own_words("Look."), reading=reading)
    review.discard_submission(session, form, sam, reason="spam", now=NOW)
    assert (form.state, form.reason) == ("discarded", "spam")
    assert [one.before for one in moves(session, form)] == [state]
    assert discard_undo.may_undo_discard(session, form.id, sam, now=SOON)
    discard_undo.undo_discard(session, form, sam, now=SOON)
    assert (form.state, form.reason) == (state, "Look.")
    assert form.reading == reading
    assert [one.actor for one in moves(session, form)] == [f"advisor:{sam.id}"] * 2
    review.discard_submission(session, form, sam, reason="spam", now=SOON)  # and again


def test_it_is_for_supervisors_and_for_a_quarter_of_an_hour(session: Session) -> None:
    form, sam, ana = (
        a_submission(session, state="refused"),
        a_supervisor(session),
        an_advisor(session),
    )
    review.discard_submission(session, form, sam, reason="spam", now=NOW)
    assert len(moves(session, form)) == 1
    with pytest.raises(NotAllowed):
        discard_undo.undo_discard(session, form, ana, now=SOON)
    assert not discard_undo.may_undo_discard(session, form.id, sam, now=LATE)
    with pytest.raises(NotNow, match="too late"):
        discard_undo.undo_discard(session, form, sam, now=LATE)


def test_what_a_rule_or_a_sender_discarded_stays_so(session: Session) -> None:
    form, sam = a_submission(session, state="needs_review"), a_supervisor(session)
    advance(session, form, "discard", actor="intake", now=NOW, reason=own_words("A test."))
    assert len(moves(session, form)) == 1
    with pytest.raises(NotNow):
        discard_undo.undo_discard(session, form, sam, now=SOON)
