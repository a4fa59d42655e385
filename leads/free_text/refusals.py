"""Refusals: what people's words say against being called, in English and Spanish.

One vocabulary for the answers of forms, the labels of their boxes, messages, and the columns and
close reasons of tables. Pure.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from leads.free_text.normalization import Vocabulary, build_vocabulary, with_letters_for_digits

LONGEST_TEXT = 20_000  # characters that are looked at
LONGEST_QUESTION = 400
LONGEST_BARE = 8  # words of a refusal of calls that says no more
MOST_REMEMBERED = 4096  # questions, which come again with each submission; answers are not kept
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
APOSTROPHES = re.compile(r"(?<=\w)['\u2019\u2018`\u00b4](?=\w)")
EMAIL_WORD = re.compile(r"\be ?mail")
INITIALS = re.compile(r"(?<![^\W_])[a-z](?:[./ -][a-z]){2,}\.?(?![^\W_])")
"""Letters of a word or an abbreviation, each by itself: `D.N.C.`"""
CLAUSE_END = re.compile(r"\s*[.,;:!?()\[\]\n\r\"\u201c\u201d\u2026\u00bf\u00a1|]+\s*")
WORD_START = r"(?<!\w)(?=[\w|])"
"""Where a refusal may begin: without it each alternative is tried at every letter."""
BETWEEN_WORDS = re.compile(r"[^\w|]+|_+")


class ContactLimit(StrEnum):
    """What somebody's words say against a call, the widest first."""

    NO_CONTACT = "no_contact"
    NO_CALLS = "no_calls"
    ONLY_OTHER_WAY = "only_other_way"  # a text, a letter or the like, and no call
    OTHER_WAY_PREFERRED = "other_way_preferred"


class ContactWay(StrEnum):
    """A way of contact that people name."""

    CALL = "call"
    TEXT = "text"
    EMAIL = "email"
    MAIL = "mail"
    OTHER = "other"
    ANY = "any"


def _remember_questions(read: Callable[[str], bool]) -> Callable[[str], bool]:
    """Cache a function of questions, which come again with each submission; long ones are not."""
    remember = functools.lru_cache(maxsize=MOST_REMEMBERED)(read)

    @functools.wraps(read)
    def read_with_cache(question: str) -> bool:
        return remember(question) if len(question) <= LONGEST_QUESTION else read(question)

    return read_with_cache


def read_contact_limit(text: str) -> ContactLimit | None:
    """Return what a text says against a call; None where it says nothing.

    A time of day at which not to call is none, nor is somebody else who is not to be rung.
    """
    said = _clauses_about_contact(text)
    if not said:
        return None
    said_limits = (
        one for one in ContactLimit if _section_pattern(one.value, "anywhere").search(said)
    )
    limit = next(said_limits, None)
    if limit is ContactLimit.OTHER_WAY_PREFERRED and _names_call_besides(said):
        return None
    return limit


def says_only_no_calls(text: str) -> bool:
    """Whether a clause of an answer says no and names a call, and has no words that say more.

    Not for the names of fields: "phone no" is a number.
    """
    refuses, calls, beside = map(_bare_words, ("refuses", "calls", "beside"))
    correct = _bare_vocabulary().correct_slip
    previous: frozenset[str] = frozenset()
    for said in (frozenset(clause.split()) for clause in plain_clauses(text).split(" | ")):
        whole = said | previous if said <= refuses else said  # "call? no"
        if not refuses.isdisjoint(said) and len(whole) <= LONGEST_BARE:
            spelled = frozenset(map(correct, whole))
            if spelled <= refuses | calls | beside and not calls.isdisjoint(spelled):
                return True
        previous = said
    return False


def is_opt_out_reason(text: str) -> bool:
    """Whether the reason of an end, or a status, says that the person wants no calls.

    A preference for another way is none, nor is a number that is wrong.
    """
    said = _without_ignored(plain_clauses(text))
    if any(_section_pattern("ended", "whole").fullmatch(clause) for clause in said.split(" | ")):
        return True
    if _section_pattern("ended", "anywhere").search(said):
        return True
    return any(
        _section_pattern(limit.value, "anywhere").search(said)
        for limit in ContactLimit
        if limit is not ContactLimit.OTHER_WAY_PREFERRED
    )


def is_stop_wording(text: str) -> bool:
    """Whether a reason or a status refuses all calls: who wants another way instead is no such."""
    limit = read_contact_limit(text)
    return limit is not ContactLimit.ONLY_OTHER_WAY and is_opt_out_reason(text)


def named_ways(text: str) -> frozenset[ContactWay]:
    """Return the ways of contact that a text names."""
    said = plain_clauses(text)
    named = set()
    for way, joined in _joined_ways():
        said, count = joined.subn(" ", said)
        if count:
            named.add(way)
    said = _ways_pattern("any_time").sub(" ", said)
    named.update(way for way in ContactWay if _ways_pattern(way.value).search(said))
    return frozenset(named)


def leaves_calls_out(chosen: Iterable[str]) -> bool:
    """Whether the ways of contact that somebody chose, or wrote, leave no room for a call."""
    texts = list(chosen)
    if any(read_contact_limit(text) for text in texts):
        return True
    named = frozenset().union(*map(named_ways, texts))
    return ContactWay.CALL not in named and bool(named - {ContactWay.ANY})


def includes_calls(forbidden: Iterable[str]) -> bool:
    """Whether the ways of contact that somebody forbids have calls among them."""
    named = frozenset().union(*map(named_ways, forbidden))
    return ContactWay.CALL in named or ContactWay.ANY in named


def names_no_way(text: str) -> bool:
    """Whether an answer says that none of the ways will do."""
    clauses = plain_clauses(text).split(" | ")
    return any(_ways_pattern("none", is_whole=True).fullmatch(clause) for clause in clauses)


@_remember_questions
def asks_for_ways(question: str) -> bool:
    """Whether a question is answered by the ways in which somebody wants to be contacted."""
    return _is_question("ways", question) and not _is_question("not_ways", question)


@_remember_questions
def asks_for_safe_ways(question: str) -> bool:
    """Whether a question about ways of contact asks for those that are safe."""
    return _is_question("safe", question)


@_remember_questions
def asks_for_permission(question: str) -> bool:
    """Whether a question asks by yes or no whether calls are welcome."""
    return (
        _is_question("permission", question)
        and not _is_question("not_permission", question)
        and ContactWay.CALL in named_ways(question)
        and not asks_for_forbidden_ways(question)
    )


@_remember_questions
def asks_for_forbidden_ways(question: str) -> bool:
    """Whether a question is answered by the ways in which somebody must not be contacted."""
    return _is_question("forbidden", question)


@functools.lru_cache(maxsize=2)  # one answer is asked several questions, one after the other
def plain_clauses(text: str) -> str:
    """Return a text in lower case, without accents and apostrophes, with ` | ` between clauses."""
    lower = CAPITAL.sub(" ", ADDRESS.sub(" ", text[:LONGEST_TEXT])).casefold()
    if not lower.isascii():
        parts = unicodedata.normalize("NFKD", lower)
        lower = "".join(sign for sign in parts if not unicodedata.combining(sign))
    lower = with_letters_for_digits(lower)
    lower = INITIALS.sub(lambda letters: re.sub(r"[^a-z]", "", letters[0]), lower)
    lower = APOSTROPHES.sub("", lower).replace("/", " or ").replace("&", " and ")
    clauses = CLAUSE_END.sub(" | ", lower)
    words = BETWEEN_WORDS.sub(" ", clauses).strip(" |")
    return EMAIL_WORD.sub("email", words)


def _is_question(kind: str, question: str) -> bool:
    """Whether a question is of a kind; forms ask the same ones again and again."""
    return bool(_question_pattern(kind).search(_plain_question(question[:LONGEST_QUESTION])))


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def _plain_question(question: str) -> str:
    return plain_clauses(question).replace(" |", "")


@functools.cache
def _bare_vocabulary() -> Vocabulary:
    return build_vocabulary(_bare_words("calls"), _bare_words("refuses") | _bare_words("beside"))


@functools.cache
def _bare_words(name: str) -> frozenset[str]:
    return frozenset(_load_refusal_words()["bare_refusal"][name].split("|"))


def _names_call_besides(said: str) -> bool:
    return bool(_section_pattern("other_way_preferred", "call_named").search(said))


def _clauses_about_contact(text: str) -> str:
    """Return the clauses that may say something about contact, without what only looks like it."""
    clauses = plain_clauses(text).split(" | ")
    sign = _section_pattern("signs", "anywhere")
    return _without_ignored(" | ".join(filter(sign.search, clauses)))


def _without_ignored(said: str) -> str:
    return _section_pattern("ignored", "anywhere").sub("", said)


@functools.cache
def _section_pattern(section: str, name: str) -> re.Pattern[str]:
    listed = _load_refusal_words()[section][name]
    patterns = [listed] if isinstance(listed, str) else listed
    either = "|".join(f"(?:{_with_words(pattern)})" for pattern in patterns)
    return re.compile(either if section == "signs" else f"{WORD_START}(?:{either})")


@functools.cache
def _question_pattern(kind: str) -> re.Pattern[str]:
    return re.compile(_load_refusal_words()["questions"][kind])


@functools.cache
def _ways_pattern(name: str, *, is_whole: bool = False) -> re.Pattern[str]:
    pattern = _load_refusal_words()["ways"][name]
    return re.compile(pattern if is_whole or name == "any_time" else rf"\b(?:{pattern})\b")


@functools.cache
def _joined_ways() -> tuple[tuple[ContactWay, re.Pattern[str]], ...]:
    return tuple(
        (ContactWay(way), re.compile(pattern))
        for way, pattern in _load_refusal_words()["ways"]["joined"]
    )


def _with_words(pattern: str) -> str:
    """Put the lists of words in the place of their names."""
    words: Mapping[str, str] = _load_refusal_words()["words"]
    return re.sub(r"\{([a-z]+)\}", lambda name: words[name[1]], pattern)


@functools.cache
def _load_refusal_words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
