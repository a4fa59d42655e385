"""The menus of the phone: what an advisor without a desk does by its keys, in a call and after it.

A voicemail may be listening: nobody is named.
"""

from __future__ import annotations

from twilio.twiml.voice_response import Gather, VoiceResponse

from leads.calls.keypad_menu import KeypadMenu
from leads.i18n.translatable import Phrase
from notifications.twilio.spoken_sentences import say_sentences

SECONDS_TO_CHOOSE, SECONDS_TO_WRAP_UP = 8, 15
ON_HOLD = Phrase("They are on hold.")
CONNECT_EVERYONE = Phrase("To connect everyone, press 1.")
ADD_COLLEAGUE = Phrase("To add a colleague, press 2.")
ASK_SUPERVISOR = Phrase("To ask a supervisor for help, press 3.")
ADD_INTERPRETER = Phrase("To add an interpreter, press 4.")
TRANSFER_CALL = Phrase("To transfer the call to your colleague, press 5.")
ADD_FROM_LIST = Phrase("To add someone from your list, press 6.")
END_CALL = Phrase("To end the call, press 9.")
WRAP_UP_KEYS = Phrase(
    "Press 1 if they were helped, 2 if you referred them, 3 to call again tomorrow, 4 if it was "
    "the wrong person, 5 if they opted out, 6 if a machine answered."
)


def call_menu_twiml(
    menu: KeypadMenu, *, action: str, language: str, opening: Phrase | None = None
) -> str:
    """Offer the advisor what the keys do; without a key they go back into the call."""
    offered = (
        (CONNECT_EVERYONE, True),
        (ADD_COLLEAGUE, True),
        (ASK_SUPERVISOR, True),
        (ADD_INTERPRETER, menu.has_interpreter),
        (TRANSFER_CALL, menu.has_taker),
        (ADD_FROM_LIST, menu.has_third_party),
        (END_CALL, True),
    )
    response = VoiceResponse()
    gather = Gather(
        input="dtmf",
        num_digits=1,
        timeout=SECONDS_TO_CHOOSE,
        action=action,
        method="POST",
        action_on_empty_result=True,
    )
    said = [opening, ON_HOLD] if opening else [ON_HOLD]
    keys = [sentence for sentence, is_offered in offered if is_offered]
    say_sentences(gather, *said, *keys, language=language)
    response.append(gather)
    return str(response)


def wrap_up_menu_twiml(*, action: str, language: str, opening: Phrase | None = None) -> str:
    """Ask the advisor on the phone for the disposition of the conversation."""
    response = VoiceResponse()
    gather = Gather(
        input="dtmf", num_digits=1, timeout=SECONDS_TO_WRAP_UP, action=action, method="POST"
    )
    said = [opening, WRAP_UP_KEYS] if opening else [WRAP_UP_KEYS]
    say_sentences(gather, *said, language=language)
    response.append(gather)
    response.hangup()
    return str(response)
