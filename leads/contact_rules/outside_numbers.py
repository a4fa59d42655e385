"""Outside numbers: whom we bring into a call with a lead, and whom never."""

from __future__ import annotations

from sqlmodel import Session

from leads import phone_numbers
from leads.contact_rules import own_numbers, suppression
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.models.enums import SuppressedChannel


def read_outside_number(session: Session, text: str) -> str:
    """Return the number of somebody who may be brought into a call, in E.164.

    Raises NotNow for a number of emergency services, because help would be sent to where our own
    number is registered; for one of ours, which would ring us; and for one that asked for no calls.
    """
    if phone_numbers.is_emergency_number(text):
        msg = Phrase("911 cannot be added to a call: help would be sent to us, not to them.")
        raise NotNow(msg)
    number = phone_numbers.normalize_phone_by_hand(text, "US")
    if number is None:
        raise NotNow(Phrase("This phone number cannot be called."))
    if own_numbers.is_own_number(session, number):
        raise NotNow(Phrase("This is one of our own numbers. Add a colleague instead."))
    if suppression.is_number_suppressed(session, number, SuppressedChannel.CALL):
        raise NotNow(Phrase("The person at this number asked not to be called."))
    return number
