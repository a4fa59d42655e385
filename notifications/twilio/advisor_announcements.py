"""Announcements: what an advisor hears on the phone of what became of a call, or of a key.

A voicemail may be listening: nobody is named.
"""

from __future__ import annotations

from twilio.twiml.voice_response import VoiceResponse

from leads.calls.keypad_menu import MenuStep
from leads.i18n.translatable import Phrase
from leads.models.enums import Result
from notifications.twilio.spoken_sentences import say_sentences

CALL_OVER = Phrase("That call has ended. Thank you.")
CALL_FAILED = Phrase("This call could not be connected. It is back in the queue.")
JOINING_FAILED = Phrase("This call could not be connected.")
NOT_PLACED = Phrase(
    "The phone network did not place the call. It does not count as an attempt, and a supervisor "
    "gets an alert."
)
UNKNOWN_KEY = Phrase("That key is not an option.")
MACHINE_HEARD = Phrase("A machine may have answered that call.")
SECOND_RING = Phrase("You hung up before recording the outcome of your last call.")
CALLER_GONE = Phrase("They have hung up.")
NOT_REACHED = Phrase("They did not answer. They will be called again.")
HELP_ASKED = Phrase("The supervisors see that you need help.")
HANDED_OVER = Phrase("Your colleague has the call now. Thank you.")
NOBODY_ELSE = Phrase("No one else joined. They are back with you.")
OUTCOME_RECORDED = Phrase("Thank you. The outcome is recorded.")
SAID_OF_RESULT = {
    Result.CARRIER_ERROR: NOT_PLACED,
    Result.LEAD_NO_ANSWER: NOT_REACHED,
    Result.LEAD_BUSY: NOT_REACHED,
    Result.LEAD_UNREACHABLE: NOT_REACHED,
    Result.CALLER_HUNG_UP: CALLER_GONE,
}
"""What an advisor hears whose call came to nothing. After a conversation there is silence."""
SAID_OF_MENU_STEP = {
    MenuStep.NO_COLLEAGUE: Phrase("No colleague is free."),
    MenuStep.NO_INTERPRETER: Phrase("No interpreter can be called now."),
    MenuStep.NO_THIRD_PARTY: Phrase("They cannot be called now."),
    MenuStep.UNKNOWN_KEY: UNKNOWN_KEY,
}
"""What an advisor hears of a key that they pressed in the menu; the lead hears the hold sound.

Nothing is said to who is back in the call: somebody would wait there in silence meanwhile.
"""


def announcement_twiml(sentence: Phrase, *, language: str) -> str:
    """Say a sentence to an advisor in a conference, who stays in it."""
    response = VoiceResponse()
    say_sentences(response, sentence, language=language)
    return str(response)


def announce_and_go_on_twiml(sentence: Phrase, *, action: str, language: str) -> str:
    """Say a sentence to the advisor, and then ask what comes next."""
    response = VoiceResponse()
    say_sentences(response, sentence, language=language)
    response.redirect(action, method="POST")
    return str(response)


def goodbye_twiml(sentence: Phrase, *, language: str) -> str:
    """Say a sentence to the advisor and hang up."""
    response = VoiceResponse()
    say_sentences(response, sentence, language=language)
    response.hangup()
    return str(response)
