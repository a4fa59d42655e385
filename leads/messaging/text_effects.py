"""Text effects: what is done at once because somebody texted it, and what waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import (
    conversations,
    danger_raising,
    holds,
    opt_out,
    promises,
    shared_numbers,
)
from leads.contact_rules import suppression
from leads.contact_rules.lead_wishes import lead_location
from leads.free_text.danger import DangerKind, all_dangers
from leads.free_text.stated_times import read_stated_time
from leads.free_text.wishes import is_courtesy
from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.audit_trail import SystemActor, record_event
from leads.models.enums import CallbackState, HoldReason, TextMeaning
from leads.models.requests import Lead, TextMessage

STOP_BY_TEXT = Message(MessageKey.STOP_BY_TEXT)


def act_on_text(session: Session, text: TextMessage, *, now: datetime) -> bool:
    """Do what a stored text asks for; returns whether a person has to look at it besides.

    Words of danger put an open callback first, and a person reads them whatever else they ask for:
    after a stop within them, a supervisor decides whether and how somebody reaches out. After a
    threat no phone goes on ringing. What the same phone took back meanwhile is not done.
    """
    waits = not is_taken_back(session, text) and _do_what_is_asked(session, text, now)
    if text.danger is None:
        return waits
    if DangerKind.HARM in all_dangers(text.body):
        opt_out.hold_pending_calls(
            session, text.phone, HoldReason.HARM_DECIDE, actor=SystemActor.NETWORK, now=now
        )
    for lead in shared_numbers.list_leads_at_number(session, text.phone):
        danger_raising.raise_callback_by_words(
            session, lead, text.body, by=SystemActor.NETWORK, now=now
        )
    return True


def is_taken_back(session: Session, text: TextMessage) -> bool:
    """Whether the same phone asked for something else after a text that comes here late.

    A stop that the network told of by refusing a text of ours takes back an older START as well.
    """
    taken_back_by = TAKEN_BACK_BY.get(text.meaning, ())
    if any(later.meaning in taken_back_by for later in list_later_texts(session, text)):
        return True
    return text.meaning is TextMeaning.START and any(
        stop.since > text.received_at and stop.reason != STOP_BY_TEXT
        for stop in suppression.list_suppressions_in_force(session, text.phone)
    )


def list_later_texts(session: Session, text: TextMessage) -> Sequence[TextMessage]:
    """Return what the same phone sent after a text: something only where that came here late."""
    later = select(TextMessage).where(
        TextMessage.phone == text.phone, col(TextMessage.received_at) > text.received_at
    )
    return session.exec(later).all()


def _do_what_is_asked(session: Session, text: TextMessage, now: datetime) -> bool:
    """Do what a text asks for; what may be out of date, where it comes here late, is a person's."""
    if text.received_at < now and _may_be_out_of_date(session, text):
        return True
    return EFFECTS[text.meaning](session, text, now)


def _may_be_out_of_date(session: Session, text: TextMessage) -> bool:
    """Whether an advisor may have agreed on another time since, or a stop may be the last word.

    The network lists texts with whole seconds: which was the last within one is not known.
    """
    if text.meaning in (TextMeaning.CALL, TextMeaning.LATER):
        return conversations.is_answered_since(session, text.phone, text.received_at)
    stops_at_once = select(TextMessage.id).where(
        TextMessage.phone == text.phone,
        TextMessage.received_at == text.received_at,
        col(TextMessage.meaning).in_(STOPS),
    )
    return text.meaning is TextMeaning.START and session.exec(stops_at_once).first() is not None


def _stop_everything(session: Session, text: TextMessage, now: datetime) -> bool:
    opt_out.stop_contact(
        session, text.phone, reason=STOP_BY_TEXT, actor=SystemActor.NETWORK, now=now
    )
    return False


def _stop_texts_by_text(session: Session, text: TextMessage, now: datetime) -> bool:
    opt_out.stop_texts(session, text.phone, reason=STOP_BY_TEXT, actor=SystemActor.NETWORK, now=now)
    return False


def _stop_calls_by_text(session: Session, text: TextMessage, now: datetime) -> bool:
    """Calls end; whoever still has a promise of ours is answered by a person, in another way."""
    opt_out.stop_calls(session, text.phone, reason=STOP_BY_TEXT, actor=SystemActor.NETWORK, now=now)
    return bool(opt_out.find_open_callbacks(session, text.phone))


def _lift_stop_by_text(session: Session, text: TextMessage, now: datetime) -> bool:
    """Lift the stop that this number gave; a person sees whether they want to be called."""
    if opt_out.lift_stop_of_person(session, text.phone, actor=SystemActor.NETWORK, now=now):
        for lead in shared_numbers.list_leads_at_number(session, text.phone):
            record_event(
                session,
                lead,
                "consent_by_text",
                actor=SystemActor.NETWORK,
                now=now,
                text_message=text.id,
            )
    return True


def _call_back(session: Session, text: TextMessage, now: datetime) -> bool:
    """Promise a callback, or bring it forward; a person looks where that cannot be."""
    at = _stated_time(session, text, now)
    is_promised = promises.promise_call_by_text(
        session, text.phone, at=at, now=now, brand_id=text.brand_id
    )
    return _hold_for_other_number(session, text, now) or not is_promised


def _call_later(session: Session, text: TextMessage, now: datetime) -> bool:
    """Put the callback off to the time that they name, or hold it until a person has chosen one."""
    due_at = _stated_time(session, text, now)
    if due_at:
        is_put_off = promises.put_off_by_text(session, text.phone, due_at=due_at, now=now)
        return _hold_for_other_number(session, text, now) or not is_put_off
    return _hold_for(HoldReason.ASKED_LATER)(session, text, now)


def _hold_for_other_number(session: Session, text: TextMessage, now: datetime) -> bool:
    """Hold what is promised to be called at another number than a text came from; whether any is.

    Their files were merged: a person decides which of the two to call.
    """
    opened = opt_out.find_open_callbacks(session, text.phone)
    elsewhere = [one for one in opened if session.get_one(Lead, one.lead_id).phone != text.phone]
    for callback in elsewhere:
        reason = HoldReason.OTHER_NUMBER
        holds.place_hold(session, callback, reason, by=SystemActor.NETWORK, now=now)
    return bool(elsewhere)


def _hold_for(reason: HoldReason) -> Callable[[Session, TextMessage, datetime], bool]:
    """Return the effect that holds what was promised to this number until a person has read it."""

    def hold_for_person(session: Session, text: TextMessage, now: datetime) -> bool:
        opt_out.hold_pending_calls(session, text.phone, reason, actor=SystemActor.NETWORK, now=now)
        return True

    return hold_for_person


def _show_to_person(_session: Session, _text: TextMessage, _now: datetime) -> bool:
    return True


def _read_at_call(session: Session, text: TextMessage, now: datetime) -> bool:
    """Leave words to the advisor who calls next; a person has to read them where nobody will.

    Nor can a time that they name wait for that call, which may come at another.
    """
    opened = opt_out.find_open_callbacks(session, text.phone)
    if any(callback.state == CallbackState.WAITING for callback in opened):
        return _stated_time(session, text, now) is not None
    return not opened and (text.pictures > 0 or not is_courtesy(text.body))


EFFECTS: Mapping[TextMeaning, Callable[[Session, TextMessage, datetime], bool]] = {
    TextMeaning.STOP: _stop_everything,
    TextMeaning.STOP_TEXTS: _stop_texts_by_text,
    TextMeaning.STOP_CALLS: _stop_calls_by_text,
    TextMeaning.START: _lift_stop_by_text,
    TextMeaning.HELP: _show_to_person,
    TextMeaning.CALL: _call_back,
    TextMeaning.LATER: _call_later,
    TextMeaning.WRONG_PERSON: _hold_for(HoldReason.WRONG_PERSON),
    TextMeaning.UNCLEAR: _hold_for(HoldReason.UNCLEAR_TEXT),
    TextMeaning.WORDS: _read_at_call,
}
"""What each meaning leads to, at once."""

STOPS = (TextMeaning.STOP, TextMeaning.STOP_CALLS, TextMeaning.STOP_TEXTS)
OTHER_TIMES = (
    *(TextMeaning.CALL, TextMeaning.LATER, TextMeaning.WRONG_PERSON),
    *(TextMeaning.STOP, TextMeaning.STOP_CALLS),
)
TAKEN_BACK_BY: Mapping[TextMeaning, Collection[TextMeaning]] = {
    **dict.fromkeys(STOPS, (TextMeaning.START,)),
    TextMeaning.START: STOPS,
    **dict.fromkeys((TextMeaning.CALL, TextMeaning.LATER), OTHER_TIMES),
}
"""After which later texts of the same phone what a meaning leads to is not done any more."""


def _stated_time(session: Session, text: TextMessage, now: datetime) -> datetime | None:
    """Return the time that a text names, as seen from where and when its writer may be."""
    leads = shared_numbers.list_leads_at_number(session, text.phone)
    lead = shared_numbers.find_last_asker(session, leads) or Lead(phone=text.phone)
    stated = read_stated_time(text.body, now=text.received_at, zone=lead_location(lead).zone)
    return stated and max(stated, now)
