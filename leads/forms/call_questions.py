"""Call questions: fields that ask whether somebody may be called, and whether we know a yes.

A yes, a way that is a call, a time and a number are understood. Whatever else is said under such a
name is no agreement: a person reads it. So does a question about calls with a word that we do not
know, unless its answer is a fact: "would a call get you in trouble?"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    cache_short_texts,
    call_question_words,
    has_consent_phrase,
    own_phone_words,
    plain_words,
    possible_phrases_in,
    vocabulary_phrases,
)
from leads.forms.yes_no_answers import (
    agrees_in_so_many_words,
    has_refusing_sign,
    is_condition,
    is_plain_answer,
    parse_consent_answer,
    parse_yes_no,
)
from leads.free_text.call_times import may_refuse_time, read_call_time
from leads.free_text.normalization import with_letters_for_digits
from leads.free_text.refusals import (
    ContactWay,
    includes_calls,
    leaves_calls_out,
    named_ways,
    names_no_way,
    read_contact_limit,
    says_only_no_calls,
)

LONGEST_CONDITION, LEAST_WORDING = 25, 4
"""Words: what is longer is the wording of a box, what is shorter no wording at all."""
LEAST_DIGITS = 7  # of a number or a date
NOTE_MARK = "*"
LISTS = ("contact", "agreements", "states", "asks", "refuses", "ways", "beside", "alone")
WHAT = frozenset({"what", "which"})
NOUNS = frozenset(
    {"contact", "contacts", "phone", "telephone", "number", "contacto", "telefono"}
)  # fmt: skip
"""Names of numbers and of people, too, where no other word stands beside them."""
PHONES, PHONE_CONTACT = frozenset({"phone", "telephone", "telefono"}), ("phone", "contact")
DONE = frozenset(
    {"called", "phoned", "contacted", "reached", "llamado", "contactado", "contactada"}
)
"""Said of what happened, where nothing is to be done."""
ABOUT_A_PERSON = frozenset({"contact", "contacts", "phone", "phones", "contacto", "telefono"})
"""Outermost groups of facts about somebody, of which one may be called a status."""
NAMED_SO = frozenset({"call", "called"})  # "what can we call you?" asks for a name
ALLOWING = frozenset(
    {"allow", "allowed", "allows", "permit", "permitted", "permits", "permitir", "permite",
     "permitido", "permitida", "permitidas", "permitidos"}
)  # fmt: skip
KEPT_BY_ALLOWING = frozenset({"donotphone", "donotbulkphone"})
"""Names without the word for it that a common system answers by Allow and Do Not Allow."""
NOT_ALLOWED = re.compile(
    r"(?:do )?not (?:allow(?:ed)?|permit(?:ted)?)|disallow(?:ed)?|prohibited|"
    r"no (?:permitir|permitid[oa])|prohibid[oa]"
)
NUMBERS = frozenset({"line", "number", "numbers"})
BY, TO_WHOM = frozenset({"by", "via", "through", "por"}), frozenset({"me", "you", "le", "te"})
TO_BE = frozenset({"be", "being", "ser"})


class CallQuestion(StrEnum):
    """What the name of a field asks about being contacted."""

    YES_ALLOWS = "yes_allows"
    YES_REFUSES = "yes_refuses"
    CHOICE = "choice"  # only by its answer is it about ways of contact
    WAYS_REFUSED = "ways_refused"  # the same, and these ways are refused
    CALL_ME = "call_me"  # may be answered by a name, or by anything: a no refuses it
    UNKNOWN = "unknown"  # about calls, with words that we do not know


ASKING = (CallQuestion.YES_ALLOWS, CallQuestion.CALL_ME)


def asks_about_calls(name: str) -> bool:
    """Whether a name asks whether somebody may be called, or refuses it."""
    asked = _question_in(name)
    return asked in {CallQuestion.YES_ALLOWS, CallQuestion.YES_REFUSES}


def speaks_of_calls(name: str) -> bool:
    """Whether a name asks anything about being called, also in words that we do not know."""
    return _question_in(name) not in {None, CallQuestion.CALL_ME}


def says_when_to_call(text: str) -> bool:
    """Whether an answer to when to call is a time, leaves the time open, or welcomes any call."""
    if plain_words(text) in vocabulary_phrases("call_question", "any_time"):
        return True
    is_welcome = _welcomes_calls(text) and not (_is_bound(text) or may_refuse_time(text))
    return is_welcome or read_call_time(text) is not None


def is_agreement_understood(text: str) -> bool:
    """Whether an answer to a question for consent is a no, or a yes of which no word is unknown."""
    return parse_consent_answer(text) is False or _welcomes_calls(text)


def is_refused_by_name(item: FormField) -> bool:
    """Whether a field asks whether calls are refused, so that a yes to it is a no."""
    return CallQuestion.YES_REFUSES in _questions_of(item)


def refuses_call_by_answer(item: FormField) -> bool:
    """Whether a no, in whatever words, is said to being called."""
    is_asked = any(one in ASKING for one in _questions_of(item))
    return is_asked and any(parse_consent_answer(value) is False for value in item.values)


def has_unclear_answer(item: FormField) -> bool:
    """Whether a field asks about being called, and its answer is not understood to welcome it."""
    if item.is_blank:
        return False
    return any(_is_unclear(question, item) for question in _questions_of(item))


def asks_unknown_question(item: FormField) -> bool:
    """Whether a field asks about calls in words that we do not know, and a fact is no answer."""
    is_asked = CallQuestion.UNKNOWN in _questions_of(item)
    return is_asked and not all(map(_is_answer_to_anything, _answers_of(item)))


def says_not_allowed(text: str) -> bool:
    """Whether an answer to what speaks against calls says that they are not allowed, no more."""
    return NOT_ALLOWED.fullmatch(" ".join(plain_words(text))) is not None


def _is_unclear(question: CallQuestion, item: FormField) -> bool:
    texts = _answers_of(item)
    match question:
        case CallQuestion.YES_ALLOWS:
            is_plain_no = any(parse_consent_answer(value) is False for value in item.values)
            is_known = is_plain_no or any(map(_welcomes_calls, texts))
            return any(map(_is_bound, texts)) or not is_known
        case CallQuestion.YES_REFUSES:
            is_open = _leaves_calls_open(item, texts) or _allows_what_is_not_allowed(item, texts)
            return not (all(map(_is_plain, texts)) or is_open)
        case CallQuestion.CHOICE:
            has_ways = any(named_ways(text) - {ContactWay.ANY} for text in texts)
            return any(map(names_no_way, texts)) or (has_ways and leaves_calls_out(texts))
        case CallQuestion.WAYS_REFUSED:
            return includes_calls(texts)
        case CallQuestion.CALL_ME:
            return any(map(_is_bound, texts)) or leaves_calls_out(texts)
        case CallQuestion.UNKNOWN:
            return False  # who knows what else the field is decides: see `asks_unknown_question`


def _answers_of(item: FormField) -> list[str]:
    """Return the answers of a field in letters: "0ut" is no time."""
    return [with_letters_for_digits(text.lower()) for text in map(text_of, item.values) if text]


def _leaves_calls_open(item: FormField, forbidden: Sequence[str]) -> bool:
    """Whether the ways that are forbidden, where the question names no call, have none either."""
    ways = frozenset().union(*map(named_ways, forbidden))
    is_open = ContactWay.CALL not in named_ways(f"{item.key} {item.label}")
    return is_open and bool(ways) and not ways & {ContactWay.CALL, ContactWay.ANY}


def _allows_what_is_not_allowed(item: FormField, texts: Sequence[str]) -> bool:
    """Whether an answer is the opposite of its refusal: "Do not allow phone calls: Allow"."""
    said = plain_words(item.label or item.key)
    is_about_allowing = not ALLOWING.isdisjoint(said) or "".join(said) in KEPT_BY_ALLOWING
    return is_about_allowing and ALLOWING.issuperset(texts)


def _is_bound(text: str) -> bool:
    """Whether somebody's words limit calls, or agree on a condition."""
    is_spoken = len(text.split()) <= LONGEST_CONDITION
    return is_spoken and (
        read_contact_limit(text) is not None or says_only_no_calls(text) or is_condition(text)
    )


def _is_plain(text: str) -> bool:
    """Whether a text says yes, no or nothing, or when that was said."""
    return parse_yes_no(text) is not None or names_no_way(text) or is_fact(text)


def is_fact(text: str) -> bool:
    """Whether a text is a number, a date or an address, and says nothing about calls."""
    return "@" in text or "://" in text or sum(map(str.isdigit, text)) >= LEAST_DIGITS


def _welcomes_calls(text: str) -> bool:
    """Whether a text is understood as a yes to a call."""
    said = plain_words(text)
    if is_fact(text) or (parse_consent_answer(text) is True and _is_whole_yes(text)):
        return True
    if said in vocabulary_phrases("call_question", "understood"):
        return True
    if {ContactWay.CALL, ContactWay.ANY} & named_ways(text):
        return True
    is_wording = len(said) >= LEAST_WORDING and has_consent_phrase("asks", text)
    return is_wording or read_call_time(text) is not None


def _is_whole_yes(text: str) -> bool:
    """Whether every word that stands beside a yes is understood, too, or it is a box's wording."""
    if is_plain_answer(text) or agrees_in_so_many_words(text):
        return True
    said = frozenset(plain_words(text))
    known = own_phone_words("words").union(*map(call_question_words, (*LISTS, "with_yes")))
    return known.issuperset(said) and not (NOTE_MARK in text or has_refusing_sign(text))


def _questions_of(item: FormField) -> tuple[CallQuestion, ...]:
    """Return what the name or path and the label of a field ask about being contacted."""
    named = _question_in(item.path)
    labelled = _question_in(item.label) if item.label else None
    return tuple(question for question in (named, labelled) if question)


@cache_short_texts
def _question_in(name: str) -> CallQuestion | None:
    said = _words_of_question(name)
    if not said:
        return _question_in_other_words(name)
    words = frozenset(said)
    contact, agreements, states, asks, refuses, ways, beside, alone = map(
        call_question_words, LISTS
    )
    calls = words & contact - (DONE if words.isdisjoint(TO_BE) else frozenset())
    asks_for_more = words & asks or words & agreements
    is_only = words & ways and words & {"only", "solo"}
    is_of_another_way = words & ways and ContactWay.CALL not in named_ways(" ".join(said))
    asks_for_name = words & WHAT and calls <= NAMED_SO
    is_no_question = asks_for_name or words <= NOUNS | {"state"}
    is_call_me = words & {"me", "back"}
    is_bare_no = len(said) > 1 and words & refuses and words <= refuses | beside
    readings = (
        (CallQuestion.CALL_ME, words <= PHONES),
        (CallQuestion.YES_REFUSES, is_only),
        (None, is_of_another_way or (is_no_question and said != PHONE_CONTACT)),
        (CallQuestion.YES_REFUSES, calls and _refuses_contact(said, refuses, contact)),
        (CallQuestion.YES_ALLOWS, calls and (asks_for_more or words & states)),
        (CallQuestion.YES_ALLOWS, words & agreements and words & states),
        (CallQuestion.CHOICE, asks_for_more and not words & (states | refuses | {"in"})),
        (CallQuestion.WAYS_REFUSED, is_bare_no),
        (CallQuestion.CALL_ME, calls and is_call_me and words <= contact | alone),
        (CallQuestion.YES_ALLOWS, calls and words <= contact | alone),
        (CallQuestion.YES_ALLOWS, calls - NOUNS - NAMED_SO and not words & NUMBERS),
    )
    return next((question for question, is_meant in readings if is_meant), None)


def _question_in_other_words(name: str) -> CallQuestion | None:
    """Return what a name with a word that we do not know asks about calls.

    It asks nothing where another word tells that it is about something else.
    """
    said = plain_words(name if " " in name else name.rpartition(".")[2])
    if said[-1:] and said[-1] in BY and not TO_WHOM.isdisjoint(said):
        return CallQuestion.CHOICE  # "Get back to me by"
    is_about_calls = vocabulary_phrases("call_question", "speaks") & possible_phrases_in(said)
    is_about_others = not call_question_words("other").isdisjoint(said)
    return CallQuestion.UNKNOWN if is_about_calls and not is_about_others else None


def _is_answer_to_anything(text: str) -> bool:
    """Whether a text is a fact or a time, or welcomes a call in words of its own."""
    if is_fact(text) or text.isdecimal() or read_call_time(text) is not None:
        return True
    return ContactWay.CALL in named_ways(text) and not _is_bound(text)


def _words_of_question(name: str) -> tuple[str, ...]:
    """Return the words of a name or path as far back as all of them are those of a question."""
    helpers = (word for phrase in vocabulary_phrases("own_phone", "helpers") for word in phrase)
    known = frozenset(helpers).union(*map(call_question_words, LISTS))
    said: tuple[str, ...] = ()
    parts = name.split(".") if " " not in name else [name]
    for at in range(len(parts) - 1, -1, -1):
        words = plain_words(parts[at])
        is_person = at == 0 and len(parts) > 1 and set(words) <= ABOUT_A_PERSON
        if not known.issuperset(words) or is_person:
            return said if at < len(parts) - 1 else ()
        said = (*words, *said)
    return said


def _refuses_contact(
    said: tuple[str, ...], refuses: frozenset[str], contact: frozenset[str]
) -> bool:
    """Whether a word that refuses stands before the contact it refuses, or closes the name."""
    first = next((at for at, word in enumerate(said) if word in contact), len(said))
    is_before = not refuses.isdisjoint((*said[:first], *(refuses & contact).intersection(said)))
    is_behind = said[-1] in refuses - {"no", "out"}  # "phone no" is a number
    return is_before or is_behind or said[-2:] == ("opt", "out")
