"""Reasons kept as sentences with a submission: recognised again, so that a screen can say them in its language.

What forms and intake write there is listed here once more; a test keeps both lists the same.
"""

from __future__ import annotations

import functools
import re
import string

from leads.phrase import Phrase

TEST_IS_FINE = Phrase("A test from here: a real one would go into the queue.")

PLAIN = (
    TEST_IS_FINE,
    Phrase("The form tool says that this is a test."),
    Phrase("The form was not finished: its sender has not asked for a call yet."),
    Phrase("The form tool says that a submission was deleted."),
    Phrase("The form tool says that a submission was changed, and that submission never came here."),
    Phrase("The form tool says that a submission was changed: it has another phone number now."),
    Phrase("Something in it could not be processed."),
    Phrase("No field is known to hold their phone number, but one value looks like a number. Please check it."),
    Phrase("An earlier submission had the same id and another phone number."),
    Phrase("An earlier submission had the same id and other words, and its callback is over. Do they ask again?"),
    Phrase("Its source is paused."),
    Phrase("The phone number cannot be dialled."),
    Phrase("Only somebody else's number is in it, and that person did not ask to be called."),
    Phrase("There is no phone number in it."),
    Phrase("This number asked not to be contacted."),
    Phrase("The request is not signed with this source's secret."),
    Phrase("The form tool may tell of something else here: a person has to see whether it is a request."),
    Phrase("Very many submissions came within a minute, and nothing proves where this one comes from."),
)
WITH_VALUES = (
    Phrase("A test from here. A real one would wait for a person: {reason}", reason=""),
    Phrase("The form tool says that submission {number} was changed.", number=""),
    Phrase("The same as submission {number}, which waits for a person.", number=""),
    Phrase("Delivered before as submission {number}.", number=""),
    Phrase("Sent before as submission {number}.", number=""),
    Phrase("Sent again as submission {number}.", number=""),
    Phrase("The form tool calls this “{word}”: a person has to see whether it is a request.", word=""),
)


def recalled(reason: str) -> str:
    """Return the phrase that a stored reason was made of; a person's own words stay as they are."""
    for template, pattern in _patterns():
        if found := pattern.fullmatch(reason):
            return Phrase(template, **{name: recalled(value) for name, value in found.groupdict().items()})
    return next((phrase for phrase in PLAIN if phrase == reason), reason)


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((phrase.template, re.compile(_pattern(phrase.template), re.DOTALL)) for phrase in WITH_VALUES)


def _pattern(template: str) -> str:
    parts = string.Formatter().parse(template)
    return "".join(re.escape(text) + (f"(?P<{name}>.+)" if name else "") for text, name, _, _ in parts)
