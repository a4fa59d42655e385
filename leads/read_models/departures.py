"""Departures as read: where a person went who left an advisor's hands without their doing."""

from __future__ import annotations

from sqlmodel import Session, col, select

from leads.i18n.translatable import Phrase
from leads.lead_records import call_notes
from leads.lifecycle.state_tables import CallbackEvent
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import CLAIMED_CALLBACK, CallbackState
from leads.models.requests import Lead
from leads.models.watching import Transition
from leads.people.permissions import actor_of_id
from leads.person_names import masked_name

NO_NAME = Phrase("Someone without a name")
ENDINGS = (
    CallbackEvent.EXPIRE,
    CallbackEvent.RELEASE,
    CallbackEvent.CANCEL,
    CallbackEvent.HAND_BACK,
    CallbackEvent.MISS,
    CallbackEvent.EXHAUST,
    CallbackEvent.DISPOSE,
    CallbackEvent.RESCHEDULE,
)
"""What ends an advisor's time with a callback; a wrap-up's end asks a question of its own."""


def read_departure(session: Session, callback_id: int, advisor_id: int) -> tuple[Phrase, ...]:
    """Return why an advisor has a callback no more, where it is now, and what is kept.

    Nothing where the advisor did that, or where it is still theirs.
    """
    callback = session.get_one(Callback, callback_id)
    theirs = select(Transition).where(
        Transition.record == "callback",
        Transition.record_id == str(callback_id),
        col(Transition.event).in_(ENDINGS),
    )
    ending = session.exec(theirs.order_by(col(Transition.id).desc()).limit(1)).first()
    has_it = callback.advisor_id == advisor_id and callback.state in CLAIMED_CALLBACK
    if has_it or ending is None or ending.actor == actor_of_id(advisor_id):
        return ()
    name = masked_name(session.get_one(Lead, callback.lead_id).name) or NO_NAME
    if ending.event == CallbackEvent.EXPIRE:
        why = Phrase("Your time with {name} ran out.", name=name)
    elif ending.event in (CallbackEvent.RELEASE, CallbackEvent.CANCEL):
        why = Phrase("A colleague took over {name}.", name=name)
    else:
        return ()
    note = call_notes.find_own_note(session, callback_id, advisor_id)
    kept = (Phrase("Your notes are kept."),) if note and note.text.strip() else ()
    return (why, _where_they_are(session, callback), *kept)


def _where_they_are(session: Session, callback: Callback) -> Phrase:
    if callback.state == CallbackState.WAITING:
        if callback.is_held:
            return Phrase("They are held for review.")
        return Phrase("They are back in the queue and keep their place in it.")
    if callback.state in CLAIMED_CALLBACK and callback.advisor_id is not None:
        colleague = session.get_one(Advisor, callback.advisor_id)
        return Phrase("{name} has them now.", name=colleague.name)
    return Phrase("Their request is closed.")
