"""Wishes: what somebody wants of the desk when they text it, in their own words. Pure.

Words become concepts (`wishes.toml`), and rules are patterns over these (`wish_rules.py`). What
they cannot decide and yet speaks of stopping is unclear: a person reads it.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from leads.free_text import concepts, normalization
from leads.free_text import wish_rules as rules
from leads.free_text.concepts import ConceptTable


class Wish(StrEnum):
    """What somebody wants of the desk."""

    STOP = "stop"  # no more contact by any means
    STOP_TEXTS = "stop_texts"  # calls are welcome
    STOP_CALLS = "stop_calls"  # texts are welcome
    START = "start"
    HELP = "help"
    CALL = "call"
    LATER = "later"  # nothing is revoked
    WRONG_PERSON = "wrong_person"


@dataclass(frozen=True)
class WishReading:
    """What a text asks of the desk: a wish, or none in ordinary talk.

    `is_unclear`: it may ask us to stop, and only a person can tell.
    """

    wish: Wish | None = None
    is_unclear: bool = False


CALL, TEXT, CONTACT = "CALL", "TEXT", "CONTACT"  # concepts: two channels, and any
ONE_CHANNEL = ((TEXT, CALL, Wish.STOP_TEXTS), (CALL, TEXT, Wish.STOP_CALLS))
"""Which is closed, which is left open, and what that is."""
TALK = WishReading()
UNCLEAR = WishReading(is_unclear=True)

LONGEST_TEXT = 400  # words that are read: whoever wants something says so in fewer
LONGEST_KEYWORD = 4  # words
SHORTEST_SLIP = 4  # letters of a keyword that is known with a slip of the finger
SHORTEST_SLIPPED = 3  # letters of what was typed instead
MOST_BESIDE_SLIP = 3  # words
BESIDE_KEYWORD = ((), ("NOW",), ("AND",), ("THIS",), ("ME",), ("EVERYTHING",), ("AGAIN",))
COURTESY = frozenset({concepts.CLAUSE_END, "?", "OK", "NOT"})
REPORTED = frozenset(
    {"SAID", "asked", "asks", "requested", "requests", "begged", "pidio", "pide", "wants"}
)
"""What begins to tell what somebody said."""
MOST_CONCEPTS_UNCLEAR = 9  # a longer text that no rule decides is talk


def is_courtesy(text: str) -> bool:
    """Whether a text says nothing but yes, no, thanks or hello."""
    return COURTESY.issuperset(_concepts_of(normalization.canonical_words(text)))


def cries_for_help(text: str) -> bool:
    """Whether a text that asks for help wants a person's: "help me" is more than HELP."""
    words = normalization.canonical_words(text)[:LONGEST_TEXT]
    return any(
        words[start : start + len(cry)] == cry
        for cry in _read_vocabulary().cries
        for start in range(len(words))
    )


def interpret_text(text: str) -> WishReading:
    """Return what a text asks of the desk, or that a person has to tell."""
    words = normalization.canonical_words(text)
    if keyword := _read_keyword(words[:LONGEST_TEXT]):
        return WishReading(keyword)
    meant = _concepts_of(words)
    if COURTESY.issuperset(meant):
        return TALK
    return _read_concepts("".join(f"{concept} " for concept in meant))


def is_stop_keyword(text: str) -> bool:
    """Whether a text is nothing but a word by which people stop us: STOP, "unsubscribe", baja."""
    return _read_keyword(normalization.canonical_words(text)[:LONGEST_TEXT]) is Wish.STOP


def tells_of_stop(text: str) -> bool:
    """Whether words about somebody, such as why a request ended, say that they asked us to stop.

    Without a word of asking they may say what became of the request: "never called back".
    """
    meant = _concepts_of(normalization.canonical_words(text))
    return not REPORTED.isdisjoint(meant) and interpret_text(text).wish is Wish.STOP


def _concepts_of(words: Sequence[str]) -> list[str]:
    return _read_vocabulary().table.concepts_of(words[:LONGEST_TEXT])


def _read_concepts(meant: str) -> WishReading:
    if _asks_to_start(meant):
        return WishReading(Wish.START)
    if refusal := _read_refusal(meant):
        rest = rules.STOP_UNTOLD.sub("# ", meant)
        if rest != meant:
            return _read_beside_stop_untold(rest)
        return UNCLEAR if _is_refused_in_part(meant, refusal) else WishReading(refusal)
    wish = _read_other_wish(meant)
    if wish in {Wish.CALL, None} and (
        _may_have_stopped_us(meant) or rules.UNSAFE_TO_REACH.search(meant)
    ):
        return UNCLEAR
    if wish:
        return WishReading(wish)
    return _read_undecided(meant)


def _read_beside_stop_untold(rest: str) -> WishReading:
    """Return what is wished beside "I never told you to stop"; a person reads it alone."""
    reading = _read_concepts(rest)
    return reading if reading.wish else UNCLEAR


def _read_undecided(meant: str) -> WishReading:
    if _may_be_over(meant) or rules.MAY_BE_HEARD.search(meant):
        return UNCLEAR
    is_short = meant.count(" ") <= MOST_CONCEPTS_UNCLEAR
    if is_short and (wish := _guess_short_wish(meant)):
        return WishReading(wish)
    is_about_others = "THIRD " in meant or "APPOINTMENT " in meant
    is_no_refusal = is_about_others or meant.endswith("? | ") or rules.UNWELL.search(meant)
    speaks_of_it = rules.SPEAKS_OF_STOPPING.search(meant) or rules.ENDS_IN_STOP.search(meant)
    may_be_stop = is_short and not is_no_refusal and speaks_of_it
    return UNCLEAR if may_be_stop else TALK


def _guess_short_wish(meant: str) -> Wish | None:
    """Return the wish of a short text that has the words of one, in whatever order."""
    words = frozenset(meant.split())
    for wish, all_of, none_of in rules.SHORT_WISHES:
        if none_of.isdisjoint(words) and not any(one_of.isdisjoint(words) for one_of in all_of):
            return Wish(wish)
    return None


def _asks_to_start(meant: str) -> bool:
    """Whether a text surely asks to be contacted again, or takes an earlier stop back.

    What lifts a stop is certain only where nothing else in the text refuses.
    """
    if "HOW " in meant or "CALLED |" in meant:
        return False
    if rules.CONTINUES.fullmatch(meant):
        return True
    starts = list(_find_starts(meant, _matches_of_start(meant)))
    rest = _parts_without(starts, meant)
    told = list(_find_stops_told(rest))
    rest = _parts_without(told, rest)
    if told and not rules.ASKS_WHY.search(rest):
        takes_back = list(_find_starts(rest, rules.TAKES_BACK.finditer(rest)))
        starts, rest = starts + takes_back, _parts_without(takes_back, rest)
    return bool(starts) and not _is_anything_refused(rest)


@functools.lru_cache(maxsize=4)
def _matches_of_start(meant: str) -> tuple[re.Match[str], ...]:
    return tuple(rules.STARTS.finditer(meant))


def _find_starts(meant: str, asked: Iterable[re.Match[str]]) -> Iterator[str]:
    """Yield the words that ask to be contacted again, where no negation stands over them."""
    for match in asked:
        words = match.group()
        after = meant[match.end() :]
        clause = "" if words.startswith("| ") else meant[: match.start()]
        is_negated = rules.ENDS_WITH_NO.search(clause) or rules.HAS_A_NO.search(words)
        is_ours = not (rules.TO_SOMEBODY_ELSE.search(words) or rules.OF_SOMEBODY_ELSE.match(after))
        if is_ours and not is_negated:
            yield words


def _may_have_stopped_us(meant: str) -> bool:
    """Whether somebody told us to stop, now or once, and no rule decides what they say of it."""
    if rules.STOPS_AT_HEAD.match(meant) or any(_find_stops_told(meant)):
        return True
    asked = () if "HOW " in meant else _matches_of_start(meant)
    return any(rules.ENDS_WITH_NO.search(meant[: match.start()]) for match in asked)


def _find_stops_told(meant: str) -> Iterator[str]:
    """Yield the words that say that they told us to stop, which nobody else told them."""
    for told in rules.STOPPED_BEFORE.finditer(meant):
        before = meant[: told.start()]
        is_denied = before.endswith(("CAN ", "NOT ", "NOT I "))
        if not is_denied and not rules.ABOUT_SOMEBODY.search(before):
            yield told.group()


def _parts_without(parts: Iterable[str], meant: str) -> str:
    for words in parts:
        meant = meant.replace(words, "# ", 1)
    return meant


def _is_anything_refused(meant: str) -> bool:
    return _is_refused_wholly(meant) or any(_find_refusals(meant))


def _may_be_over(meant: str) -> bool:
    """Whether they may have changed their mind, or have help already: no stop, and no wish."""
    over = rules.MAY_BE_OVER.search(meant)
    return over is not None and not rules.STILL_ASKS.search(meant.replace(over.group(), "", 1))


def _is_refused_in_part(meant: str, refusal: Wish) -> bool:
    """Whether what reads as a stop is one of a place, or a condition: "not at work anymore"."""
    if refusal is not Wish.STOP or _is_refused_wholly(meant):
        return False
    return rules.REFUSED_IN_PART.search(meant) is not None


def _read_other_wish(meant: str) -> Wish | None:
    if rules.WRONG_PERSON.search(rules.WRONG_FOR_THEM.sub("", meant)) or _is_not_who_was_named(
        meant
    ):
        return Wish.WRONG_PERSON
    if rules.PUTS_OFF.search(meant) and not rules.NO_DELAY.search(meant):
        return Wish.LATER
    if rules.ASKS_WHO.search(meant):
        return Wish.HELP
    return Wish.CALL if _asks_for_call(meant) else None


@dataclass(frozen=True)
class _Refusal:
    """One channel or several that are refused, the words that say so, and how it goes on."""

    channels: frozenset[str]
    words: str
    after: str

    @property
    def is_for_now(self) -> bool:
        """Whether a time or a reason stands beside it; "stop calling now" is none."""
        if self.words.endswith("| "):
            return False
        ends_now = self.words.startswith("STOP") and rules.ENDS_NOW.match(self.after)
        return not ends_now and rules.FOR_NOW.match(self.after) is not None

    @property
    def is_forever(self) -> bool:
        """Whether it says "ever again"."""
        return rules.FOREVER.search(self.words + self.after.partition("|")[0]) is not None


def _read_refusal(meant: str) -> Wish | None:
    """Return which stop a text is, or that it only puts off; None where nothing is refused."""
    if match := rules.ONE_NOT_THE_OTHER.search(meant):
        return Wish.STOP_CALLS if match["closed"] == CALL else Wish.STOP_TEXTS
    refusals = list(_find_refusals(meant))
    is_whole = _is_refused_wholly(meant)
    if not refusals and not is_whole:
        return _read_contrast(meant) or _read_only_channel(meant)
    return _stop_of(meant, refusals, is_whole=is_whole)


def _stop_of(meant: str, refusals: list[_Refusal], *, is_whole: bool) -> Wish | None:
    never_asked = all(one.words.startswith("NEVERASKED") for one in refusals)
    if not is_whole and never_asked and rules.WRONG_PERSON.search(meant):
        return None
    rest = _parts_without((refusal.words for refusal in refusals), meant)
    rest = rules.TO_SOMEBODY_ELSE.sub("", rest)
    opened = {name for name, pattern in rules.OPEN_CHANNEL.items() if pattern.search(rest)}
    if rules.TALKS.search(rest):
        opened.add(CALL)
    is_for_now = any(one.is_for_now for one in refusals) or (
        not opened and ("BUSY " in meant or "LATER " in rest)
    )
    if is_for_now and not is_whole and not any(one.is_forever for one in refusals):
        return Wish.LATER
    closed = {CONTACT} if is_whole else set[str]().union(*(one.channels for one in refusals))
    for channel, other, wish in ONE_CHANNEL:
        if closed == {channel} and (other in opened or _speaks_well_of(other, rest)):
            return wish
    return (is_whole and _read_contrast(meant)) or Wish.STOP


def _speaks_well_of(channel: str, meant: str) -> bool:
    """Whether a channel is named where nothing is refused, asked or told of somebody else."""
    parts = (part.split() for part in rules.TURN.split(meant))
    return any(channel in part and rules.UNWELCOME.isdisjoint(part) for part in parts)


def _read_contrast(meant: str) -> Wish | None:
    """Return the stop of the channel that is spoken against where the other is left open."""
    for channel, other, wish in ONE_CHANNEL:
        against = rules.AGAINST[channel].search(meant)
        if against and rules.OPEN_CHANNEL[other].search(meant.replace(against.group(), "| # ", 1)):
            return wish
        spoken_ill = rules.SPOKEN_ILL[channel].search(meant)
        if spoken_ill and _speaks_well_of(other, meant.replace(spoken_ill.group(), "| # ", 1)):
            return wish
    return None


def _find_refusals(meant: str) -> Iterator[_Refusal]:
    for match in rules.REFUSED.finditer(meant):
        words, after = match.group(), meant[match.end() :]
        clause = meant[: match.start()].rpartition("| ")[2]
        if not _is_refused_to_us(clause, words, after) or _is_left_open(clause, words):
            continue
        if also := rules.AND_ALSO.match(after):
            words, after = words + also.group(), after[also.end() :]
        yield _Refusal(_channels_of(words), words, after)


def _is_refused_to_us(clause: str, refused: str, after: str) -> bool:
    """Whether what is refused is ours: not somebody else's calls, nor a call to somebody else."""
    if refused.startswith(("REMOVE", "CANCEL", "take")):
        return not rules.OF_SOMEBODY_ELSE.match(after)
    if refused.startswith("STOP") and clause in ("", "YOU "):
        return True
    if refused.startswith("STOP") and rules.ENDS_WITH_THING.search(clause):
        return True
    is_elsewhere = rules.OF_SOMEBODY_ELSE.match(after) and "OK |" not in after
    is_asked = refused.startswith("NOT") and after.startswith(("yet", "| ? "))
    is_awaited = clause.endswith("YOU ") and after.startswith(("BACK", "ME BACK"))
    if rules.ABOUT_SOMEBODY.search(clause) or is_elsewhere or is_asked or is_awaited:
        return False
    wants = any(concept in refused for concept in ("WANT", "AGREE", "YOU"))
    if rules.NOT_ASKED_OF_US.search(clause) and not wants and not refused.startswith("SICK"):
        return bool(rules.YOU_WILL_NOT.search(clause)) and refused.startswith("STOP")
    return True


def _is_left_open(clause: str, refused: str) -> bool:
    """Whether what looks refused is left open: "cancel the texts but not the call"."""
    is_excepted = refused.startswith(("NOT CALL", "NOT TEXT", "ISNT CALL", "ISNT TEXT"))
    is_told_instead = rules.AND_INSTEAD.search(refused) is not None
    return is_told_instead or (is_excepted and rules.ENDS_WITH_EXCEPTION.search(clause) is not None)


def _is_refused_wholly(meant: str) -> bool:
    for match in rules.REFUSED_WHOLLY.finditer(meant):
        clause = meant[: match.start()].rpartition("| ")[2] + match.group().removesuffix("| ")
        is_over = match.group().endswith("| ")
        is_ours = is_over or not rules.OF_SOMEBODY_ELSE.match(meant[match.end() :])
        is_about_habit = rules.HABIT.search(match.group()) or (
            clause.startswith("I ") and match.group().startswith(("REMOVE", "LOSE"))
        )
        if is_ours and not is_about_habit and not rules.ABOUT_SOMEBODY.search(clause):
            return True
    return False


def _read_only_channel(meant: str) -> Wish | None:
    for channel, _, wish in ONE_CHANNEL:
        only = rules.WITHOUT_THE_OTHER[channel].search(meant)
        if only and not meant[: only.start()].endswith("THIRD "):
            return wish
    if rules.FOR_THIS_TIME.search(meant):
        return None
    if rules.CANNOT_TALK.search(meant) and rules.OPEN_CHANNEL[TEXT].search(meant):
        return Wish.STOP_CALLS
    if rules.CANNOT_READ.search(meant) and rules.OPEN_CHANNEL[CALL].search(meant):
        return Wish.STOP_TEXTS
    return None


def _channels_of(words: str) -> frozenset[str]:
    """Return the channels that are named; what is sent is a text, where nothing else is said."""
    return frozenset({CALL, TEXT, CONTACT}.intersection(words.split())) or frozenset({TEXT})


def _is_not_who_was_named(meant: str) -> bool:
    return any(
        match["asked"] or (match["name"] or match["absent"]) not in _read_vocabulary().not_names
        for match in rules.NOT_SOMEBODY.finditer(meant)
    )


def _asks_for_call(meant: str) -> bool:
    for match in rules.ASKS_CALL.finditer(meant):
        clause = meant[: match.start()].rpartition("| ")[2]
        is_ours = not rules.OF_SOMEBODY_ELSE.match(meant[match.end() :])
        is_about_somebody = rules.ABOUT_SOMEBODY.search(clause) and not (
            rules.FROM_OUR_STAFF.search(clause)
        )
        is_refused = match.group().startswith("WANT") and clause.endswith(("NOT ", "NOT I "))
        if is_ours and not is_about_somebody and not is_refused and "DOES " not in clause:
            return True
    return False


def _read_keyword(words: Iterable[str]) -> Wish | None:
    """Return the wish of a text that is a keyword and what adds nothing to it."""
    table, keywords = _read_vocabulary().table, _read_vocabulary().keywords
    said = [word for word in words if word not in concepts.MARKS]
    wishes, start = list[Wish](), 0
    if 1 < len(said) <= MOST_BESIDE_SLIP and keywords.get(("".join(said),)) is Wish.STOP:
        return Wish.STOP  # "sto p": a slip only ever stops
    while start < len(said):
        for length in range(min(LONGEST_KEYWORD, len(said) - start), 0, -1):
            phrase = tuple(said[start : start + length])
            wish = keywords.get(phrase)
            if wish or table.concepts_by_phrase.get(phrase) in BESIDE_KEYWORD:
                wishes += [wish] if wish else []
                break
        else:
            length = 1
            if len(said) > MOST_BESIDE_SLIP or not (wish := _slipped_keyword(said[start])):
                return None
            wishes.append(wish)
        start += length
    return wishes[0] if len(set(wishes)) == 1 else None  # "help me stop" is no keyword


def _slipped_keyword(word: str) -> Wish | None:
    """Return the wish of the keyword that a word is, but for one slip of a finger."""
    table, keywords = _read_vocabulary().table, _read_vocabulary().keywords
    if (
        len(word) < SHORTEST_SLIPPED
        or (word,) in table.concepts_by_phrase
        or word in table.slips.words
    ):
        return None
    slips = (
        wish
        for (keyword, *more), wish in keywords.items()
        if not more and len(keyword) >= SHORTEST_SLIP and _differs_by_one_slip(word, keyword)
    )
    return next(slips, None)


def _differs_by_one_slip(word: str, meant: str) -> bool:
    """Whether a letter is too many, too few, another, or exchanged with the next."""
    short, long = sorted((word, meant), key=len)
    if len(long) - len(short) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = long[:at] + long[at + 1 : at + 2] + long[at : at + 1] + long[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or short == swapped


@dataclass(frozen=True)
class _WishVocabulary:
    """What `wishes.toml` lists."""

    table: ConceptTable
    keywords: Mapping[concepts.Phrase, Wish]
    not_names: frozenset[str]
    cries: frozenset[concepts.Phrase]


@functools.cache
def _read_vocabulary() -> _WishVocabulary:
    read = tomllib.loads(Path(__file__).with_name("wishes.toml").read_text("utf-8"))
    keywords = {
        concepts.canonical_phrase(entry): Wish(wish)
        for wish, listed in read["keywords"].items()
        for entry in concepts.split_entries(listed)
    }
    table = concepts.build_concept_table(read["concepts"], read["slips"]["known"].split())
    cries = map(concepts.canonical_phrase, concepts.split_entries(read["cries"]["words"]))
    not_names = frozenset(read["not_names"]["words"].split())
    return _WishVocabulary(table, keywords, not_names, frozenset(cries))
