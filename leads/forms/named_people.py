"""Named people: whose names stand beside a number, and whether it is theirs or the sender's.

A name is the sender's where its field says so, or says of nobody else.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from leads.forms.field_roles import LEAST_DIGITS, FieldRoleCandidate, FieldRoleCandidates
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    CLIENT,
    SELF,
    SOMEBODY_ELSE,
    answer_owner,
    cache_short_texts,
    has_number_owner_phrase,
    normalize_for_whom,
    number_owner_words,
    plain_words,
    vocabulary_phrases,
)
from leads.forms.number_ownership import is_own_phone_name
from leads.forms.owner_answers import NAMES, is_adversary
from leads.forms.yes_no_answers import parse_yes_no

CONTACT = "contact"
ABOUT = frozenset({"details", "information", "info", "about", "datos", "informacion", "sobre"})
NO_CONTACT = frozenset({"none", "n/a", "na", "ninguno", "ninguna", "unknown", "-"})
CUSTOMERS = frozenset({"customer", "customers"})
CALLING = re.compile(r"[a-z]{3,}(?:ist|ian|or|er|ista|ico|ica|ero|era|dora)")
"""What many words for somebody's work end in."""
PERSONS_NAME = re.compile(r"(?:[^\W\d_a-z][\w.'\u2019-]*[ ,]+){1,3}[^\W\d_a-z][\w.'\u2019-]*$")
PERSON_WORDS = (
    "contact", "contacto", "caller", "user", "usuario", "customer", "visitor", "guest", "lead",
)  # fmt: skip
"""Whom a form calls so is its sender, unless it asks for the sender's name besides."""
ROLES_OF_RELATIVES = ("", "for_whom")
LETTERS_OF_NAME = re.compile(r"[^\W\d_][\w.'\u2019-]*(?:[ ,]+[^\W\d_][\w.'\u2019-]*){0,3}")
LAST_DIGITS = 10
"""By so many of its last digits a number is the same, whatever stands before them."""
NAME_WORDS = frozenset({"name", "nombre", "fullname"})


def is_customer_of_another(number: FormField, claims: FieldRoleCandidates) -> bool:
    """Whether a customer's number stands beside the name of who serves them: "Pharmacist: Jo Lee".

    A shop's customer fills out the form; a pharmacist's is whom somebody else fills it out about.
    """
    if CUSTOMERS.isdisjoint(plain_words(f"{number.key} {number.label}")):
        return False
    return any(
        claim.role in ("", *NAMES)
        and PERSONS_NAME.match(text_of(claim.item.value))
        and any(map(_is_calling, plain_words(f"{claim.item.key} {claim.item.label}")))
        for claim in claims.all
    )


def is_below_anothers_name(number: FieldRoleCandidate, claims: FieldRoleCandidates) -> bool:
    """Whether the number follows somebody else's name, and another own field may be the sender's.

    In "Respondent's name, Phone, Name, Phone 2" what stands below a name is that person's.
    """
    place = (number.item.group, number.item.section)
    beside = [claim for claim in claims.all if (claim.item.group, claim.item.section) == place]
    named = [_is_name_of_sender(claim) for claim in beside if claim.place < number.place]
    above = [is_sender for is_sender in named if is_sender is not None]
    return above[-1:] == [False] and any(
        claim.is_own_phone and claim.item.value != number.item.value for claim in beside
    )


def is_beside_anothers_name_alone(number: FieldRoleCandidate, claims: FieldRoleCandidates) -> bool:
    """Whether the only names in a form are others', so that nobody knows whose a "Phone" is.

    "Your phone" is the sender's, whoever is named; a student may fill out a form that says so.
    """
    if number.owner == SELF:
        return False
    named = [
        claim
        for role in NAMES
        for claim in claims.for_role(role)
        if not claim.item.is_blank and not claims.is_in_unrelated_group(claim.item)
    ]
    if any(claim.is_submitters and claim.is_own_name for claim in named):
        return False
    return any(claim.owner != CLIENT for claim in named) or any(map(_names_relative, claims.all))


def _names_relative(claim: FieldRoleCandidate) -> bool:
    """Whether a field called by no more than a word for somebody else is answered with a name.

    As in "Spouse: Leo Park"; what "Spouse: no" and "Loved one: my brother" say is no name.
    """
    if claim.is_submitters or claim.role not in ROLES_OF_RELATIVES or claim.item.is_blank:
        return False
    answer = text_of(claim.item.value)
    is_name = LETTERS_OF_NAME.fullmatch(answer) and parse_yes_no(answer) is None
    is_relation = answer_owner(answer) == SOMEBODY_ELSE or normalize_for_whom(answer) != answer
    if not is_name or is_relation or answer.casefold() in NO_CONTACT:
        return False
    return any(map(_is_word_for_another, (claim.item.key, claim.item.label)))


@cache_short_texts
def _is_word_for_another(name: str) -> bool:
    """Whether a name has no other words than one for another person and those around it."""
    around = number_owner_words("names_of")
    said = tuple(word for word in plain_words(name) if word not in around)
    others = vocabulary_phrases("owner", "other") - vocabulary_phrases("owner", "other_things")
    return said in others


def is_below_contact(number: FieldRoleCandidate, claims: FieldRoleCandidates) -> bool:
    """Whether a number called no more than "Phone" follows a contact, such as an emergency contact.

    Whose phone is asked for by itself has another one; "your phone" is nobody else's.
    """
    if number.owner == SELF:
        return False
    place = (number.item.group, number.item.section)
    beside = [claim for claim in claims.all if (claim.item.group, claim.item.section) == place]
    if any(claim.role == "phone" and not claim.is_submitters for claim in beside):
        return False
    above = [claim for claim in beside if claim.place < number.place]
    named = (_names_contact(claim.item) or _is_name_of_sender(claim) for claim in reversed(above))
    return next(filter(None, named), None) is CONTACT


def _names_contact(item: FormField) -> str:
    """Return `CONTACT` where a field is called by a word for a contact, and names one."""
    answer = text_of(item.value)
    if not answer and any(map(_is_heading_about_another, (item.key, item.label))):
        return CONTACT
    is_name = not any(map(str.isdigit, answer)) and parse_yes_no(answer) is None
    is_one = any(map(_is_contact, (item.key, item.label)))
    return CONTACT if is_one and is_name and answer.casefold() not in NO_CONTACT else ""


def _is_heading_about_another(name: str) -> bool:
    """Whether a name is that of a section about another, as "Spouse details" is."""
    is_heading = not ABOUT.isdisjoint(plain_words(name))
    return is_heading and answer_owner(name) == SOMEBODY_ELSE


@cache_short_texts
def _is_contact(name: str) -> bool:
    """Whether a name has no other words than one for a contact and those around it."""
    said = plain_words(name)
    if has_number_owner_phrase("third_parties", name, is_all=True):
        return True
    around = number_owner_words("names_of")
    kept = " ".join(word for word in said if word not in around)
    whole = " ".join(word for word in said if word not in around - {"contact", "de", "of"})
    return any(
        has_number_owner_phrase("third_parties", text, is_all=True) for text in (kept, whole)
    )


def _is_name_of_sender(claim: FieldRoleCandidate) -> bool | None:
    """Whether a field names the sender, or somebody else; None where it names nobody."""
    if claim.role in (*NAMES, "last_name", "email"):
        return claim.is_submitters and claim.is_own_name
    is_name = not claim.is_submitters and PERSONS_NAME.match(text_of(claim.item.value))
    is_anothers = is_name or any(map(is_adversary, (claim.item.key, claim.item.label)))
    return False if is_anothers else None


def _is_calling(word: str) -> bool:
    """Whether a word is what somebody does for others, and none for who sends a form."""
    return bool(CALLING.fullmatch(word)) and not is_own_phone_name(word)


def is_of_other_name(claims: FieldRoleCandidates) -> bool:
    """Whether the number is a contact's (or so), whose name is another than the sender's."""
    given, phones = _given_by_sender(claims)
    return any(
        _has_other_name(word, given, {item.group for item in phones})
        for word in PERSON_WORDS
        if phones and all(_names_word(word, item) for item in phones)
    )


def _given_by_sender(
    claims: FieldRoleCandidates,
) -> tuple[list[FieldRoleCandidate], list[FormField]]:
    """Return the answers that may be the sender's, and the fields with their own phone."""
    given = [claim for claim in claims.all if claim.is_submitters and not claim.item.is_blank]
    return given, [claim.item for claim in given if claim.role == "phone" and claim.is_own_phone]


def _has_other_name(word: str, given: Sequence[FieldRoleCandidate], groups: set[str]) -> bool:
    """Whether in these groups the name of a contact (or so) is another than the sender's."""
    own: set[str] = set()
    theirs: set[str] = set()
    for claim in given:
        is_theirs = _names_word(word, claim.item)
        is_name = claim.role in NAMES and claim.is_own_name
        is_name = is_name or (is_theirs and not claim.role and _asks_name_of_person(claim.item))
        if is_name and claim.item.group in groups:
            names = theirs if is_theirs else own
            names.add(plain_answer(text_of(claim.item.value)))
    return tell_apart(own, theirs)


def _asks_name_of_person(item: FormField) -> bool:
    """Whether a field asks for a name, such as "User name", and a person's name is answered."""
    asked = NAME_WORDS.intersection(plain_words(f"{item.key} {item.label}"))
    return bool(asked) and PERSONS_NAME.match(text_of(item.value)) is not None


def is_sent_for_another(claims: FieldRoleCandidates) -> bool:
    """Whether beside the name of whoever filled out the form another name has the number.

    As in "Submitted by: Ana Ruiz, Name: Leo Park, Phone".
    """
    given, phones = _given_by_sender(claims)
    if not phones or any(map(_names_sender, phones)):
        return False
    groups = {item.group for item in phones}
    near = [claim for claim in given if claim.item.group in groups]
    senders = {
        plain_answer(text_of(claim.item.value))
        for claim in near
        if PERSONS_NAME.match(text_of(claim.item.value))
        and (_asks_who_sends(claim.item) if not claim.role else claim.role == "name")
        and _names_sender(claim.item)
    }
    return tell_apart(senders, _names_of_nobody_else(near)) if senders else False


def _names_of_nobody_else(claims: Sequence[FieldRoleCandidate]) -> set[str]:
    """Return the whole names in fields that do not say whose they are, as "Name" does."""
    open_names = {
        role: [
            plain_answer(text_of(claim.item.value))
            for claim in claims
            if claim.role == role and claim.is_own_name and not _names_sender(claim.item)
        ]
        for role in (*NAMES, "last_name")
    }
    parts = zip(open_names["first_name"], open_names["last_name"], strict=False)
    return {*open_names["name"], *map(" ".join, parts)}


def _names_sender(item: FormField) -> bool:
    """Whether a field says that it is about whoever fills out the form."""
    return has_number_owner_phrase("senders", f"{item.key} {item.label}")


def _asks_who_sends(item: FormField) -> bool:
    """Whether a field asks for nothing but who fills out the form, as "Submitted by" does."""
    names = filter(None, (item.key, item.label))
    return any(has_number_owner_phrase("senders", name, is_all=True) for name in names)


def _names_word(word: str, item: FormField) -> bool:
    return word in plain_words(f"{item.key} {item.label}")


def tell_apart(some: set[str], others: set[str]) -> bool:
    """Whether none of the answers is among the others, or a fuller form of one of them."""
    return bool(some and others) and not any(
        set(one.split()) <= set(other.split()) or set(other.split()) <= set(one.split())
        for one, other in itertools.product(some, others)
    )


def plain_answer(text: str) -> str:
    """Return a name without capitals, and a number by its last digits, however it is written."""
    digits = "".join(filter(str.isdecimal, text))
    is_number = len(digits) >= LEAST_DIGITS and "@" not in text
    return digits[-LAST_DIGITS:] if is_number else " ".join(text.casefold().split())
