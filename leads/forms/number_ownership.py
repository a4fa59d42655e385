"""Number ownership: whether every word of a field's name is understood as the sender's own phone.

A number is dialed only where it is. What nobody understands is shown to a person: a list of other
people would never be complete, and each gap would ring somebody who did not ask.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from leads.forms.label_vocabulary import (
    LONGEST_TEXT,
    cache_short_texts,
    number_owner_words,
    own_phone_words,
    plain_words,
    possible_phrases_in,
    vocabulary_phrases,
    without_helpers,
)

TAG = re.compile(r"<[^<>]{1,200}>")
_PEOPLE = "contact|person|people|party|applicant|adult|guest|caller|user|lead|customer|visitor"
ANOTHER_PERSON = re.compile(
    rf"(?<![a-z])(?:p|(?:{_PEOPLE})s?[ _#\-]*|contact[a-z]+[ _#\-]*)[2-9](?!\d)|"
    rf"(?<![a-z\d])[2-9](nd|rd|th|do|da|ro|ra|to)?[ _\-]*(?:{_PEOPLE})(?![a-z])",
    re.IGNORECASE,
)
"""The second contact is somebody else; a contact's second phone is not."""
LOVED_ONE = "lo"
PART_OF_FORM = re.compile(
    r"(?<![^\W_])(?:step|page|part|section|screen|slide|tab|panel|question|paso|p[aá]gina|parte|"
    r"secci[oó]n|pantalla|pregunta)[ _\-]?\d{1,2}(?!\d)"
    r"(?: (?:of|de) \d{1,2}(?!\d))?",
    re.IGNORECASE,
)
"""Where in a form a field stands, with its number: a "step phone" may be a stepmother's."""
WHOLE_GROUPS = {("person",), ("persona",)}


@cache_short_texts
def is_own_phone_name(name: str) -> bool:
    """Whether every word of a name or label is understood as the sender's own phone."""
    return not is_of_second_person(name) and _has_only_words_of(name)


def is_of_second_person(name: str) -> bool:
    """Whether a name, a group or a section is the second contact's, the third caller's, or so."""
    return ANOTHER_PERSON.search(name[:LONGEST_TEXT]) is not None


@cache_short_texts
def is_own_name_or_email(name: str) -> bool:
    """Whether every word of a name or label may ask for the sender's own name or e-mail address."""
    return _has_only_words_of(name, "names")


@cache_short_texts
def asks_for_own_phone(name: str) -> bool:
    """Whether a name that is understood as the sender's own phone asks for one in so many words."""
    said = plain_words(name)
    has_words = len(said) > 1 and not own_phone_words("asks").isdisjoint(said)
    return has_words and is_own_phone_name(name)


@cache_short_texts
def is_own_phone_group(group: str) -> bool:
    """Whether every word of a group's path may stand above the sender's own phone.

    A whole group `person` is whoever sent the form; among other words that is anybody.
    """
    groups = (name for name in group.split(".") if plain_words(name) not in WHOLE_GROUPS)
    return all(_has_only_words_of(name, "around") and not _is_vague(name) for name in groups)


def _is_vague(group: str) -> bool:
    """Whether a group's name says which of several things it is, and not of whom."""
    said, vague = plain_words(group), own_phone_words("vague_groups")
    return bool(said) and (vague | own_phone_words("joining")).issuperset(said)


@cache_short_texts
def is_own_phone_section(title: str) -> bool:
    """Whether every word of a section's titles may stand above the sender's own phone."""
    return _has_only_words_of(title, "around", "titles")


def _has_only_words_of(name: str, *lists: str) -> bool:
    """Whether a name has only words of an own phone and of these lists, or phrases known whole."""
    if len(name) > LONGEST_TEXT:
        return False
    shown = html.unescape(TAG.sub(" ", name))
    said = without_helpers(plain_words(PART_OF_FORM.sub(" ", shown)) or plain_words(shown))
    joining = own_phone_words("joining")
    if said and joining.issuperset(said):
        return False
    beside = frozenset().union(*map(own_phone_words, lists))
    if _stands_for_anybody(said) or _singles_out_a_person(said, beside):
        return False
    words = own_phone_words("words") | joining | beside
    there = possible_phrases_in(said)
    if vocabulary_phrases("own_phone", "misleading") & there:
        return False
    phrases, at = vocabulary_phrases("own_phone", "phrases") & there, 0
    while at < len(said):
        here = (len(phrase) for phrase in phrases if said[at : at + len(phrase)] == phrase)
        size = max(here, default=0) or (1 if said[at] in words else 0)
        if not size:
            return False
        at += size
    return True


def _stands_for_anybody(said: Sequence[str]) -> bool:
    """Whether a phone's name begins with letters that may be anybody's, and says no more.

    `lo_phone_number` is a loved one's, wherever its letters stand.
    """
    initials = own_phone_words("initials")
    plain = number_owner_words("nouns") | own_phone_words("plain") | initials
    has_initials = bool(said) and (said[0] in initials or LOVED_ONE in said)
    return has_initials and plain.issuperset(said)


def _singles_out_a_person(said: Sequence[str], beside: frozenset[str]) -> bool:
    """Whether what stands next to a word for who sends a form makes somebody else of it.

    A "caller phone" is the sender's; "night caller", "user you want", "the contact" are not.
    """
    people, contacts, articles = map(own_phone_words, ("people", "contacts", "articles"))
    before = beside | people | own_phone_words("beside_people")
    after = before | own_phone_words("after_people")
    for last, word, following in zip(("", *said), said, (*said[1:], ""), strict=False):
        is_introduced, is_followed = last in before, following in after
        if word in people and not ((is_introduced or not last) and (is_followed or not following)):
            return True
        if word in contacts and last in articles and not is_followed:
            return True
    return False
