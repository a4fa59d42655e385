"""Call control by the keys of a phone, for an advisor who has no desk open.

Star leads out of the conference and into the menu. The lead is on hold meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from leads.callbacks.wish_matching import AdvisorWishes
from leads.calls import (
    attempt_steps,
    conference_news,
    danger_calls,
    hand_overs,
    legs,
    offers,
    parties,
    party_legs,
)
from leads.errors import NotNow
from leads.helplines import call_presets
from leads.i18n import languages
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import AttemptState, Party
from leads.models.helplines import CallPreset
from leads.models.requests import Lead
from leads.people import availability


class MenuStep(StrEnum):
    """What a key in the menu has led to."""

    BACK = "back"  # in the call, with the lead
    COLLEAGUE_RUNG = "colleague_rung"  # in the call, with the lead on hold
    INTERPRETER_RUNG = "interpreter_rung"  # likewise
    THIRD_PARTY_RUNG = "third_party_rung"  # likewise
    HELP_ASKED = "help_asked"  # in the menu still: the lead stays on hold while they are told
    NO_COLLEAGUE = "no_colleague"  # in the menu still
    NO_INTERPRETER = "no_interpreter"
    NO_THIRD_PARTY = "no_third_party"
    UNKNOWN_KEY = "unknown_key"
    HANDED_OVER = "handed_over"  # the call goes on without this phone
    OVER = "over"  # of the call, whoever ended it


BACK_IN_THE_CALL = (
    MenuStep.BACK,
    MenuStep.COLLEAGUE_RUNG,
    MenuStep.INTERPRETER_RUNG,
    MenuStep.THIRD_PARTY_RUNG,
)


@dataclass(frozen=True)
class KeypadMenu:
    """What the menu offers beside what it always does."""

    has_interpreter: bool
    has_third_party: bool
    has_taker: bool  # somebody of us who talks with the lead


@dataclass(frozen=True)
class _Conversation:
    attempt: CallAttempt
    advisor: Advisor
    leg: CallLeg  # the advisor's


def leave_conference_for_menu(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> bool:
    """Put the lead on hold, because their advisor may have pressed star; False if they cannot have.

    The conference may be over as well, of which the lead's leg tells later: a hold does no harm.
    """
    conversation = _find_conversation(session, attempt_id, provider_call_id)
    if conversation is None:
        return False
    _note_in_menu(session, conversation, is_in_menu=True, now=now)
    party_legs.note_party_heard(session, conversation.attempt, conversation.leg, now=now)
    parties.hold_lead_meanwhile(session, conversation.attempt, conversation.advisor, now=now)
    return True


def is_waiting_for_lead(session: Session, attempt_id: str, provider_call_id: str) -> bool:
    """Whether an advisor who left the conference by star is still waiting for the lead there."""
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    return (
        attempt is not None
        and attempt.state == AttemptState.RINGING_LEAD
        and offers.has_keypad_menu(session, attempt_id, provider_call_id)
    )


def read_menu(session: Session, attempt_id: str, provider_call_id: str) -> KeypadMenu | None:
    """Return the menu of an advisor whose conversation goes on; None for any other."""
    conversation = _find_conversation(session, attempt_id, provider_call_id)
    if conversation is None:
        return None
    callback = session.get_one(Callback, conversation.attempt.callback_id)
    presets = call_presets.list_presets(session, callback.brand_id)
    parties_on_list = {preset.party for preset in presets}
    return KeypadMenu(
        has_interpreter=Party.INTERPRETER in parties_on_list,
        has_third_party=Party.THIRD_PARTY in parties_on_list,
        has_taker=bool(hand_overs.list_takers(session, conversation.attempt)),
    )


def apply_menu_digit(
    session: Session, attempt_id: str, provider_call_id: str, digit: str, *, now: datetime
) -> MenuStep:
    """Do what a key in the menu asks for, once; no key at all leads back into the call.

    Whoever is in the call again has pressed it before: the network asks anew, as its answer was
    late or lost.
    """
    conversation = _find_conversation(session, attempt_id, provider_call_id)
    if conversation is None:
        return MenuStep.OVER
    if not conversation.leg.is_in_menu:
        return MenuStep.BACK
    do = VERBS_BY_KEY.get(digit)
    step = do(session, conversation, now) if do else MenuStep.UNKNOWN_KEY
    if step in BACK_IN_THE_CALL:
        _note_in_menu(session, conversation, is_in_menu=False, now=now)
        party_legs.note_entering(session, conversation.attempt, conversation.leg, now=now)
    return step


def _note_in_menu(
    session: Session, conversation: _Conversation, *, is_in_menu: bool, now: datetime
) -> None:
    leg = conversation.leg
    leg.is_in_menu = is_in_menu
    leg.joined_at = leg.joined_at or now  # whatever news was lost, they were in the conference
    session.add(leg)


def _find_conversation(
    session: Session, attempt_id: str, provider_call_id: str
) -> _Conversation | None:
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    if attempt is None or attempt.state != AttemptState.BRIDGED:
        return None
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    if leg is None or not offers.has_keypad_menu(session, attempt_id, provider_call_id):
        return None
    return _Conversation(attempt, session.get_one(Advisor, attempt.advisor_id), leg)


def _bring_back(session: Session, of: _Conversation, now: datetime) -> MenuStep:
    parties.hold_lead(session, of.attempt, of.advisor, is_on_hold=False, now=now)
    return MenuStep.BACK


def _ask_in_colleague_by_key(session: Session, of: _Conversation, now: datetime) -> MenuStep:
    for colleague in availability.list_available_advisors(session, now=now):
        if not colleague.phone or availability.is_phone_in_call(session, colleague.phone):
            continue
        try:
            parties.ask_in_colleague(session, of.attempt, of.advisor, colleague, now=now)
        except NotNow:  # somebody else has rung them since
            continue
        return MenuStep.COLLEAGUE_RUNG
    return MenuStep.NO_COLLEAGUE


def _ask_for_help_by_key(session: Session, of: _Conversation, now: datetime) -> MenuStep:
    danger_calls.ask_for_supervisor(session, of.attempt, of.advisor, now=now)
    return MenuStep.HELP_ASKED


def _ask_in_interpreter(session: Session, of: _Conversation, now: datetime) -> MenuStep:
    is_rung = _ask_in_preset(session, of, Party.INTERPRETER, now=now)
    return MenuStep.INTERPRETER_RUNG if is_rung else MenuStep.NO_INTERPRETER


def _ask_in_third_party(session: Session, of: _Conversation, now: datetime) -> MenuStep:
    is_rung = _ask_in_preset(session, of, Party.THIRD_PARTY, now=now)
    return MenuStep.THIRD_PARTY_RUNG if is_rung else MenuStep.NO_THIRD_PARTY


def _ask_in_preset(session: Session, of: _Conversation, party: Party, *, now: datetime) -> bool:
    preset = _preset_for_call(session, of.attempt, party)
    if preset is None:
        return False
    try:
        parties.ask_in_outsider(session, of.attempt, of.advisor, party, preset.phone, now=now)
    except NotNow:  # their phone is in a call, or asked for none since
        return False
    return True


def _hand_over_by_key(session: Session, of: _Conversation, now: datetime) -> MenuStep:
    takers = hand_overs.list_takers(session, of.attempt)
    if not takers:
        return MenuStep.UNKNOWN_KEY
    _bring_back(session, of, now)
    try:
        parties.hand_over(session, of.attempt, of.advisor, takers[0], now=now)
    except NotNow:  # they have somebody else in hand
        parties.hold_lead_meanwhile(session, of.attempt, of.advisor, now=now)
        return MenuStep.NO_COLLEAGUE
    return MenuStep.HANDED_OVER


def _end_call_by_key(session: Session, of: _Conversation, now: datetime) -> MenuStep:
    conference_news.end_conversation_of_advisor(
        session, of.attempt.id, str(of.leg.provider_call_id), now=now
    )
    return MenuStep.OVER


def _preset_for_call(session: Session, attempt: CallAttempt, party: Party) -> CallPreset | None:
    """Return whom a key brings in: the first who speaks the lead's language, else the first."""
    callback = session.get_one(Callback, attempt.callback_id)
    wanted = AdvisorWishes.of_lead(session.get_one(Lead, callback.lead_id)).language
    presets = call_presets.list_presets(session, callback.brand_id)
    theirs = [one for one in presets if one.party == party]
    return min(
        theirs,
        key=lambda one: languages.find_spoken_language(one.language) != wanted,
        default=None,
    )


VERBS_BY_KEY: Mapping[str, Callable[[Session, _Conversation, datetime], MenuStep]] = {
    "": _bring_back,
    "1": _bring_back,
    "2": _ask_in_colleague_by_key,
    "3": _ask_for_help_by_key,
    "4": _ask_in_interpreter,
    "5": _hand_over_by_key,
    "6": _ask_in_third_party,
    "9": _end_call_by_key,
}
