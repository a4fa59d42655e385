"""Keypad webhooks: the menu of an advisor who left the conference, and what came of a call."""

from __future__ import annotations

from leads.calls import conference_news, keypad_menu, keypad_wrap_up, party_legs
from leads.calls.keypad_menu import KeypadMenu, MenuStep
from leads.i18n.translatable import Phrase
from leads.models.enums import Party
from notifications.twilio import (
    advisor_announcements,
    advisor_menus,
    call_documents,
    leg_news,
    twiml,
)
from notifications.twilio.signed_requests import TwilioRequest

ASKED_AGAIN = (
    MenuStep.NO_COLLEAGUE,
    MenuStep.NO_INTERPRETER,
    MenuStep.NO_THIRD_PARTY,
    MenuStep.UNKNOWN_KEY,
)


def answer_conference_end(hook: TwilioRequest) -> str:
    """Answer an advisor whose part in the conference is over, or who left it by pressing star.

    Which of the two it was nobody knows before news of the lead's leg had time to arrive. Who has
    hung up is gone at once, whoever was asked in as well: the other news of it may be lost, and
    somebody hear nobody.
    """
    if hook.is_call_over:
        leg_news.record_leg_status(hook, Party.ADVISOR, "ended")
        return twiml.hang_up_twiml()
    who = (hook.session, hook.attempt_id, hook.call_id)
    has_left = keypad_menu.leave_conference_for_menu(*who, now=hook.now)
    if has_left or party_legs.find_insider_leg(*who, now=hook.now):
        return twiml.look_again_twiml(action=hook.step_url("menu"))
    if keypad_menu.is_waiting_for_lead(*who):
        return call_documents.open_conference(hook)
    return _answer_end_of_call(hook)


def answer_star(hook: TwilioRequest) -> str:
    """Offer the menu to an advisor who pressed star, or say what came of a call that is over.

    A colleague whose call it is not comes back into it.
    """
    who = (hook.session, hook.attempt_id, hook.call_id)
    if menu := keypad_menu.read_menu(*who):
        return _menu_document(hook, menu)
    if leg_id := party_legs.find_insider_leg(*who, now=hook.now):
        return call_documents.join_party(hook, party_legs.find_leg_order(hook.session, leg_id))
    return _answer_end_of_call(hook)


def answer_menu_key(hook: TwilioRequest) -> str:
    """Do what a key in the menu asks for, and say so."""
    who, digit = (hook.session, hook.attempt_id, hook.call_id), hook.form.get("Digits", "")
    step = keypad_menu.apply_menu_digit(*who, digit, now=hook.now)
    if step == MenuStep.OVER:
        return _answer_end_of_call(hook)
    if step == MenuStep.HELP_ASKED:  # and then as if no key were pressed: back into the call
        return advisor_announcements.announce_and_go_on_twiml(
            advisor_announcements.HELP_ASKED,
            action=hook.step_url("menu/key"),
            language=hook.find_language(),
        )
    if step == MenuStep.HANDED_OVER:
        return call_documents.goodbye_document(hook, advisor_announcements.HANDED_OVER)
    menu = keypad_menu.read_menu(*who) if step in ASKED_AGAIN else None
    said = advisor_announcements.SAID_OF_MENU_STEP.get(step)
    return _menu_document(hook, menu, said) if menu else call_documents.open_conference(hook)


def answer_outcome_question(hook: TwilioRequest) -> str:
    """Ask an advisor who is rung a second time what came of their last call."""
    if keypad_wrap_up.is_keypad_wrap_up_needed(hook.session, hook.attempt_id, now=hook.now):
        return _ask_disposition(hook, advisor_announcements.SECOND_RING)
    return twiml.hang_up_twiml()


def answer_wrap_up_key(hook: TwilioRequest) -> str:
    """Record the disposition that the advisor said by a key; any unknown key is asked again."""
    if keypad_wrap_up.apply_keypad_digit(
        hook.session, hook.attempt_id, hook.form.get("Digits", ""), now=hook.now
    ):
        return call_documents.goodbye_document(hook, advisor_announcements.OUTCOME_RECORDED)
    if keypad_wrap_up.is_keypad_wrap_up_needed(hook.session, hook.attempt_id, now=hook.now):
        return _ask_disposition(hook, advisor_announcements.UNKNOWN_KEY)
    return twiml.hang_up_twiml()


def _menu_document(hook: TwilioRequest, menu: KeypadMenu, opening: Phrase | None = None) -> str:
    action = hook.step_url("menu/key")
    return advisor_menus.call_menu_twiml(
        menu, action=action, language=hook.find_language(), opening=opening
    )


def _ask_disposition(hook: TwilioRequest, opening: Phrase | None = None) -> str:
    action = hook.step_url("wrap-up")
    return advisor_menus.wrap_up_menu_twiml(
        action=action, language=hook.find_language(), opening=opening
    )


def _answer_end_of_call(hook: TwilioRequest) -> str:
    """Record that the call is over for its advisor, and say what they hear next."""
    attempt = conference_news.end_conversation_of_advisor(
        hook.session, hook.attempt_id, hook.call_id, now=hook.now
    )
    if attempt is None:
        return twiml.hang_up_twiml()
    if keypad_wrap_up.is_keypad_wrap_up_needed(hook.session, hook.attempt_id, now=hook.now):
        is_machine = keypad_wrap_up.may_machine_have_answered(hook.session, hook.attempt_id)
        return _ask_disposition(hook, advisor_announcements.MACHINE_HEARD if is_machine else None)
    result = attempt.result
    said = advisor_announcements.SAID_OF_RESULT.get(result) if result else None
    return call_documents.goodbye_document(hook, said) if said else twiml.hang_up_twiml()
