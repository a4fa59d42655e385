"""Label vocabulary: what a field's name or label says: which answer it asks for, and whose."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

WordSequence = tuple[str, ...]
ReaderParameters = ParamSpec("ReaderParameters")
ReaderResult = TypeVar("ReaderResult")

SELF, ANYBODY, CALLER, CLIENT, SPARE, SOMEBODY_ELSE = range(6)
"""Whose number a field asks for, the more likely the submitter's the smaller."""

LONGEST_TEXT = 1000  # characters of a label that are looked at
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
WORD, LETTERS, DIGITS = (re.compile(r"[^\W_]+"), re.compile(r"[^\W\d_]+"), re.compile(r"\d+"))
WORD_WITH_DIGIT = re.compile(r"(?<![^\W_])[^\W\d_]*\d[^\W_]*")
PHONE_SIGN = re.compile("[\u260e\u2706\U0001f4de\U0001f4f1\U0001f4f2]")
UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
HEX_ID = re.compile(r"(?<![^\W_])[0-9a-f]{7,}(?![^\W_])", re.IGNORECASE)
"""Of such letters alone no word is as long that says whose a number is."""
LEAST_LETTERS, LEAST_LETTERS_OF_ID = 2, 5
"""What has fewer letters beside its digits is no word: in a name, and in the id of a field."""
LONG_ID = 16  # characters
SHORTEST_PART, SHORTEST_GLUED, LONGEST_RUN = 4, 2, 40
"""Letters: what has no more is one word; of a word in a run of several; of such a run."""
OWNERS = (
    (SOMEBODY_ELSE, "other"),
    (SPARE, "spare"),
    (CLIENT, "client"),
    (CALLER, "caller"),
    (SELF, "self"),
)
WORD_BY_WORD = frozenset({"id"})  # the id of a contact or of a form is not that of a submission
LONGEST_LABEL = 30  # words; what is longer is a text that asks for nothing


@dataclass(frozen=True)
class FieldRoleVocabulary:
    """The words for one of our fields elsewhere."""

    alone: frozenset[WordSequence]
    vague: frozenset[WordSequence]
    exact: frozenset[WordSequence]
    within: frozenset[WordSequence]
    never: frozenset[str]


@dataclass(frozen=True)
class FieldRoleMatch:
    """The field of ours that a name or label asks for, and whether that is all it says."""

    role: str
    is_all: bool


def cache_short_texts(
    read: Callable[ReaderParameters, ReaderResult],
) -> Callable[ReaderParameters, ReaderResult]:
    """Cache a function of names and labels, which come again with each submission.

    Long texts, which are no names, are not kept.
    """
    remember = functools.lru_cache(maxsize=4096)
    cached: Callable[ReaderParameters, ReaderResult] = remember(read)  # type: ignore[assignment]

    @functools.wraps(read)
    def read_with_cache(
        *said: ReaderParameters.args, **how: ReaderParameters.kwargs
    ) -> ReaderResult:
        # texts, or words of a text
        is_a_name = sum(map(len, said)) <= LONGEST_TEXT  # type: ignore[arg-type]
        return (cached if is_a_name else read)(*said, **how)

    return read_with_cache


@cache_short_texts
def plain_words(text: str) -> WordSequence:
    """Return the words of a name or label, in lower case and without accents and numbers.

    `q13_phoneNumber` is phone, number, and so is `q2phone_number`; an id has no words.
    """
    named = _without_ids(text[:LONGEST_TEXT])
    plain = CAPITAL.sub(" ", named).lower().replace("#", " number ")
    if not plain.isascii():
        plain = PHONE_SIGN.sub(" phone ", plain)
        plain = "".join(
            c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c)
        )
    return tuple(
        word
        for written in WORD.findall(plain)
        for whole in ([written] if written.isalpha() else _words_beside_digits(written))
        for word in _words_run_together(whole)
    )


@cache_short_texts
def _words_run_together(written: str) -> WordSequence:
    """Return the words of a name for a phone or a call without a sign between, as `nocalls`."""
    may_be_several = SHORTEST_PART < len(written) <= LONGEST_RUN
    if not may_be_several or written in _words_never_split():
        return (written,)
    words = _split_run_together(written)
    is_phone_or_call = not _run_together_words("cores").isdisjoint(words)
    return words if is_phone_or_call else (written,)


@cache_short_texts
def _split_run_together(written: str) -> WordSequence:
    """Return the fewest known words that a text without a sign between consists of, or none."""
    known = _parts_run_together()
    splits: list[WordSequence] = [(written,)] if written in known else []
    for size in range(SHORTEST_GLUED, len(written) - 1):
        rest = _split_run_together(written[size:]) if written[:size] in known else ()
        splits.extend([(written[:size], *rest)] if rest else [])
    return min(splits, key=len, default=())


@functools.cache
def _run_together_words(name: str) -> frozenset[str]:
    return frozenset(_load_vocabulary()["run_together"][name])


@functools.cache
def _parts_run_together() -> frozenset[str]:
    asked = map(call_question_words, ("contact", "agreements", "states", "asks", "refuses"))
    longer = frozenset().union(number_owner_words("nouns"), *asked)
    listed = _run_together_words("cores") | _run_together_words("parts")
    return listed | {word for word in longer if len(word) >= SHORTEST_PART}


@functools.cache
def _words_never_split() -> frozenset[str]:
    """Return the words that have a meaning of their own, whatever stands in them."""
    asked = frozenset().union(*map(call_question_words, _load_vocabulary()["call_question"]))
    roles = (name for role in _role_vocabularies().values() for name in role.exact | role.within)
    names = (*roles, *vocabulary_phrases("own_phone", "helpers"))
    return (
        own_phone_words("words")
        | own_phone_words("joining")
        | asked
        | {word for name in names for word in name}
    )


def _words_beside_digits(written: str) -> list[str]:
    """Return the words of what has letters and digits: of an id, which has no known word, few."""
    words = LETTERS.findall(written)
    is_word = len(words) == 1 and written[0].isalpha()
    known = own_phone_words("asks") | own_phone_words("names")
    is_word = is_word or not known.isdisjoint(words)
    return [one for one in words if len(one) >= (LEAST_LETTERS if is_word else LEAST_LETTERS_OF_ID)]


def _without_ids(text: str) -> str:
    """Return a name without the ids in it: long hexadecimal ones, and digits after few letters."""
    plain = HEX_ID.sub(" ", UUID.sub(" ", text))
    if not any(map(str.isdecimal, plain)):
        return plain
    return WORD_WITH_DIGIT.sub(lambda word: "" if _is_id(word[0]) else word[0], plain)


def _is_id(word: str) -> bool:
    runs = len(DIGITS.findall(word))
    longest = max(map(len, LETTERS.findall(word)), default=0)
    is_long_id = len(word) >= LONG_ID and runs > LEAST_LETTERS
    return bool(longest) and runs > 1 and (longest < LEAST_LETTERS_OF_ID or is_long_id)


@cache_short_texts
def match_field_role(text: str) -> FieldRoleMatch | None:
    """Return which of our fields a name or label asks for."""
    said = plain_words(text)
    if not said or len(said) > LONGEST_LABEL:
        return None
    roles = {
        name: role
        for name, role in _role_vocabularies().items()
        if not role.never.intersection(said)
    }
    spoken = tuple(word for word in said if word not in _filler_words())
    for name, role in roles.items():
        is_called_so = said in role.exact or (spoken in role.exact and name not in WORD_BY_WORD)
        if is_called_so or (said in role.alone and not re.search(r"\d", text)):
            return FieldRoleMatch(name, is_all=True)
    vague = next((name for name, role in roles.items() if said in role.vague), "")
    if vague:
        return FieldRoleMatch(vague, is_all=False)
    there = possible_phrases_in(said)
    longest = {name: max(map(len, role.within & there), default=0) for name, role in roles.items()}
    name = max(longest, key=longest.__getitem__, default="")
    return FieldRoleMatch(name, is_all=False) if longest.get(name) else None


@cache_short_texts
def answer_owner(text: str) -> int:
    """Return whose answer a name or label asks for: the submitter's own, or somebody else's."""
    there = possible_phrases_in(without_helpers(plain_words(text)))
    owners = (owner for owner, name in OWNERS if vocabulary_phrases("owner", name) & there)
    return next(owners, ANYBODY)


@cache_short_texts
def asks_for_another(text: str) -> bool:
    """Whether a text begins with asking who somebody is, who is not the sender of the form."""
    start = plain_words(text)[:2]  # "who …", "a quién …"
    is_asked = not number_owner_words("asks_who").isdisjoint(start)
    return is_asked and not vocabulary_phrases("own_phone", "phrases") & possible_phrases_in(
        plain_words(text)
    )


def without_helpers(said: WordSequence) -> WordSequence:
    """Return the words of a name without those that say who of the helpline will call."""
    if vocabulary_phrases("own_phone", "reaching").isdisjoint(possible_phrases_in(said)):
        return said
    return tuple(_helper_pattern().sub("you", " ".join(said)).split())


@functools.cache
def _helper_pattern() -> re.Pattern[str]:
    """Return a pattern for "a counselor can reach you"; a counselor's phone is not meant."""
    helpers, reaching = (
        "|".join(sorted(_load_vocabulary()["own_phone"][name], key=len, reverse=True))
        for name in ("helpers", "reaching")
    )
    return re.compile(
        r"(?:(?<!\bof )(?<!\bde )(?<!\bdel )(?<!\bs )\b(?:one of our|an?|our|una?|nuestr[oa]) |"
        r"(?<=\bfor )|(?<=\bso )|(?<=\bthat )|(?<=\bwhere )|(?<=\bque )|(?<=\bel )(?<!\bde el ))"
        rf"(?:{helpers})(?: (?:can|to|will|may|should|could|use|pueda|puede|podra|va a|se)){{0,2}}"
        rf" (?:{reaching})\b"
    )


@cache_short_texts
def is_from_third_party_submitter(text: str) -> bool:
    """Whether a name or label asks for the answer of somebody who asks for another person."""
    return bool(vocabulary_phrases("owner", "senders") & possible_phrases_in(plain_words(text)))


@cache_short_texts
def is_non_person_group(group: str) -> bool:
    """Whether a group of fields is about the form, the company or the device, not a person."""
    return _is_group_named_in("things", group)


@cache_short_texts
def is_organization_group(group: str) -> bool:
    """Whether a group of fields is about a company, or somebody who works for the form's owner."""
    return _is_group_named_in("organisations", group)


@cache_short_texts
def split_phone_part(text: str) -> tuple[WordSequence, str] | None:
    """Return the rest of a name and the part of a phone number that it asks for.

    None where it asks for no part.
    """
    said = plain_words(text)
    for part, phrases in _phone_part_phrases().items():
        longest = max(
            (len(phrase) for phrase in phrases if said[-len(phrase) :] == phrase), default=0
        )
        if longest:
            return said[:-longest], part
    return None


def has_consent_phrase(kind: str, text: str) -> bool:
    """Whether a text has words of consent of a kind.

    Kinds are, for instance, asks, refuses, calls, voicemail, others and selling.
    """
    return bool(vocabulary_phrases("consent", kind) & possible_phrases_in(plain_words(text)))


@cache_short_texts
def has_number_owner_phrase(kind: str, text: str, *, is_all: bool = False) -> bool:
    """Whether a text has words of a kind about whose phone it is, or has nothing else.

    Kinds are, for instance, confirms, titles, roles, adversaries and own.
    """
    said = plain_words(text)
    there = {said} if is_all else possible_phrases_in(said)
    return bool(vocabulary_phrases("number_owner", kind) & there)


@cache_short_texts
def has_safety_phrase(kind: str, text: str) -> bool:
    """Whether a question has words of a kind about who else may hear or answer a call.

    Kinds are, for instance, while, private, overheard and danger.
    """
    return bool(vocabulary_phrases("safety", kind) & possible_phrases_in(plain_words(text)))


@functools.cache
def role_by_field_type() -> Mapping[str, str]:
    """Return the field of ours that each type that a tool declares stands for."""
    return {kind: role for role, kinds in _load_vocabulary()["types"].items() for kind in kinds}


@functools.cache
def field_types_of(role: str) -> frozenset[str]:
    """Return the types that tools declare for a kind of question."""
    return frozenset(_load_vocabulary()["boxes"][role])


def normalize_for_whom(text: str) -> str:
    """Return for whom somebody asks in our words, or in theirs where we have none."""
    said = " ".join(plain_words(text))
    matches = (
        ours
        for ours, theirs in _load_vocabulary()["whom"].items()
        if said in theirs or text.strip().lower() == ours
    )
    return next(matches, text)


@cache_short_texts
def possible_phrases_in(said: WordSequence) -> frozenset[WordSequence]:
    """Return the runs of words in a text that may be phrases of ours.

    Most words begin none.
    """
    sizes = _phrase_lengths_by_first_word()
    return frozenset(
        said[at : at + size] for at, word in enumerate(said) for size in sizes.get(word, ())
    )


@functools.cache
def _role_vocabularies() -> Mapping[str, FieldRoleVocabulary]:
    return {
        name: FieldRoleVocabulary(
            alone=_split_phrases(role.get("alone", ())),
            vague=_split_phrases(role.get("vague", ())),
            exact=_split_phrases(role["exact"]),
            within=_split_phrases(role["within"]),
            never=frozenset(role["never"]),
        )
        for name, role in _load_vocabulary()["role"].items()
    }


@functools.cache
def _phone_part_phrases() -> Mapping[str, frozenset[WordSequence]]:
    return {part: _split_phrases(phrases) for part, phrases in _load_vocabulary()["parts"].items()}


@functools.cache
def _phrase_lengths_by_first_word() -> Mapping[str, frozenset[int]]:
    """Return the lengths of our phrases, by the word that they begin with."""
    listed = (
        vocabulary_phrases(section, name)
        for section in (
            "owner",
            "consent",
            "safety",
            "own_phone",
            "number_owner",
            "call_question",
        )
        for name in _load_vocabulary()[section]
    )
    sizes: dict[str, set[int]] = {}
    for phrase in frozenset().union(
        *listed, *(role.within for role in _role_vocabularies().values())
    ):
        sizes.setdefault(phrase[0], set()).add(len(phrase))
    return {word: frozenset(lengths) for word, lengths in sizes.items()}


@functools.cache
def vocabulary_phrases(section: str, name: str) -> frozenset[WordSequence]:
    """Return a list of our phrases, each as its words."""
    return _split_phrases(_load_vocabulary()[section][name])


def _split_phrases(written: Iterable[str]) -> frozenset[WordSequence]:
    return frozenset(tuple(phrase.split()) for phrase in written)


@functools.cache
def own_phone_words(name: str) -> frozenset[str]:
    """Return one of the lists of words that may stand in the name of the sender's own phone."""
    return frozenset(_load_vocabulary()["own_phone"][name])


@functools.cache
def number_owner_words(name: str) -> frozenset[str]:
    """Return one of the lists of words about whose phone it is."""
    return frozenset(_load_vocabulary()["number_owner"][name])


@functools.cache
def call_question_words(name: str) -> frozenset[str]:
    """Return one of the lists of words of questions whether somebody may be called."""
    return frozenset(_load_vocabulary()["call_question"][name])


def _is_group_named_in(kind: str, group: str) -> bool:
    return not set(plain_words(group.rpartition(".")[2])).isdisjoint(
        _load_vocabulary()["owner"][kind]
    )


@functools.cache
def _filler_words() -> frozenset[str]:
    return frozenset(_load_vocabulary()["fillers"])


@functools.cache
def _load_vocabulary() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
