"""Stated ages: whoever says that they are a child, which an advisor reads before the call. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import plain_words

ADULT = 18
YOUNGEST = 7  # what is less is a count of something else
LONGEST_STATEMENT = 4000  # characters that are looked at
AGE_QUESTION = re.compile(
    r"(?:your |my |su |tu |mi )?(?:age|edad)(?: in years| en anos)?|how old are you|"
    r"(?:cual es su |cual es tu )edad|cuantos anos tienes?(?: usted)?"
)
NUMBER = re.compile(r"\d{1,3}")
AGE = r"(?P<age>\d{1,2})"
IN_OWN_WORDS = re.compile(
    rf"\b(?:i\s?[\u2019']?\s?a?m|i just turned)\s+(?:only |just |a )?{AGE}"
    r"(?=\s*(?:$|[;!?)]|\.(?!\d)|,(?!\s?\d{1,3}\b(?!-))|y/?o\b|y\.o|(?:years?|yrs?)[- ]old|"
    r"and (?:i|my|he|she|scared|need)\b|but\b|so\b|please\b|male\b|female\b|girl\b|boy\b))|"
    rf"\b(?:tengo|acabo de cumplir|cumpl\u00ed)\s+(?:solo |apenas )?{AGE.replace('age', 'edad')}"
    r"\s+a\u00f1os(?! (?:sobri|limpi|sin|de |en |con|casad|consum|tom|beb|us))|"
    r"\b(?:i[\u2019']?\s?a?m a minor|soy menor(?: de edad)?)\b",
    re.IGNORECASE,
)
SAID_BY_ANOTHER = re.compile(
    r"(?<!\bi )\b(?:says?|said|dice|dijo)(?: that| que)?[^\w.!?]*$", re.IGNORECASE
)
"""Before words of an age that is not the writer's: "my son says I'm 15"."""


def collect_ages_of_children(items: Iterable[FormField]) -> list[str]:
    """Return each answer by which whoever asks says to be under age, with its question."""
    said = (f"{item.title} {words}" for item in items for words in _words_of_child(item))
    return list(dict.fromkeys(said))


def _words_of_child(item: FormField) -> Iterator[str]:
    is_asked = AGE_QUESTION.fullmatch(" ".join(plain_words(item.label or item.key)))
    for value in item.values:
        text = text_of(value)[:LONGEST_STATEMENT]
        if is_asked and NUMBER.fullmatch(text.strip()) and int(text) < ADULT:
            yield text.strip()
        for match in IN_OWN_WORDS.finditer(text):
            if _is_child(match) and not SAID_BY_ANOTHER.search(text, 0, match.start()):
                yield match[0]


def _is_child(match: re.Match[str]) -> bool:
    age = match["age"] or match["edad"]
    return age is None or YOUNGEST <= int(age) < ADULT
