"""When somebody wishes to be called, in their own words, English or Spanish.

What is not understood is no wish: a person reads it. A wish is never inverted: where a refusal and
what it refuses cannot be told apart for certain, nothing is understood.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leads.free_text.call_time_words import (
    BESIDE_WISHED_TIME,
    LONGEST_TEXT,
    Token,
    TokenKind,
    hints_at_time,
    read_tokens,
)

DAY_MINUTES = 24 * 60
EVERY_DAY = frozenset(range(7))  # 0 is Monday
LONGEST_LOOK_AHEAD = 15  # days in which a wish comes round, or never


@dataclass(frozen=True)
class CallWindow:
    """Minutes of the local day, the last one excluded, on days of the week."""

    days: frozenset[int] = EVERY_DAY
    opens: int = 0
    closes: int = DAY_MINUTES

    def has(self, local: datetime) -> bool:
        """Whether a local time is in the window."""
        minute = local.hour * 60 + local.minute
        return local.weekday() in self.days and self.opens <= minute < self.closes

    @property
    def minutes(self) -> Iterator[tuple[int, int]]:
        """Every day and minute of it in the window."""
        return itertools.product(self.days, range(self.opens, self.closes))


ANY_TIME = CallWindow()


@dataclass(frozen=True)
class CallTimeWish:
    """When somebody wishes to be called: in one of the windows, and in none that they refuse.

    `first_day`: days from the day on which it was said, as 1 for tomorrow. `is_next_week`: from the
    Monday after it. `delay`: how long after it was said at the earliest. `zone`: by whose clock,
    where that was said; otherwise by that of each place in which they may be.
    """

    windows: tuple[CallWindow, ...] = (ANY_TIME,)
    refused: tuple[CallWindow, ...] = ()
    first_day: int = 0
    is_next_week: bool = False
    delay: timedelta = timedelta()
    zone: str = ""

    @property
    def is_any_time(self) -> bool:
        """Whether any time will do, at once too."""
        return self == CallTimeWish()

    @property
    def is_dated(self) -> bool:
        """Whether it counts from when it was said, as tomorrow does."""
        return bool(self.first_day or self.is_next_week or self.delay)

    @functools.cached_property
    def minutes_of_week(self) -> frozenset[tuple[int, int]]:
        """Every day and minute of it at which a call is wished."""
        wished = {minute for window in self.windows for minute in window.minutes}
        return frozenset(wished.difference(*(window.minutes for window in self.refused)))

    def is_met(self, at: datetime, zones: Iterable[str]) -> bool:
        """Whether a time of day fits, in every zone in which they may be."""
        return all(self._fits(at.astimezone(ZoneInfo(zone))) for zone in self._clocks(zones))

    def first_time(
        self, zones: Sequence[str], *, said_at: datetime, after: datetime | None = None
    ) -> datetime | None:
        """Return the first instant that fits in every zone, from `after` on; None if none does.

        Days such as tomorrow count from when it was said, by the clock on their wall.
        """
        zones = self._clocks(zones)
        at = max(after or said_at, said_at + self.delay)
        for zone in zones:
            at = max(at, self._opening_day(said_at, zone))
        at = at.astimezone(UTC)
        end = at + timedelta(days=LONGEST_LOOK_AHEAD)
        while at < end:
            if self.is_met(at, zones):
                return at
            at = min(self._next_change(at, ZoneInfo(zone)) for zone in zones)
        return None

    def _clocks(self, zones: Iterable[str]) -> Sequence[str]:
        return (self.zone,) if self.zone else tuple(zones)

    def _next_change(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return the next instant after this one at which a window opens or closes in a zone."""
        today = at.astimezone(zone).date()
        ends = {
            minute for one in (*self.windows, *self.refused) for minute in (one.opens, one.closes)
        }
        changes = (
            datetime.combine(today, time(minute // 60, minute % 60), zone).astimezone(UTC)
            for minute in sorted(ends - {0, DAY_MINUTES})
        )
        midnight = datetime.combine(today + timedelta(days=1), time(), zone).astimezone(UTC)
        return next((change for change in changes if change > at), midnight)

    def _fits(self, local: datetime) -> bool:
        return any(window.has(local) for window in self.windows) and not any(
            window.has(local) for window in self.refused
        )

    def _opening_day(self, said_at: datetime, zone: str) -> datetime:
        local = said_at.astimezone(ZoneInfo(zone))
        days = 7 - local.weekday() if self.is_next_week else self.first_day
        if not days:
            return said_at
        day = local.date() + timedelta(days=days)
        return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@functools.lru_cache(maxsize=4096)
def read_call_time(text: str) -> CallTimeWish | None:
    """Return when somebody wishes to be called, None where their words are not understood."""
    if len(text) > LONGEST_TEXT:
        return None  # what is not read may take back what is
    try:
        return _build_wish(_split_clauses(read_tokens(text)))
    except _AmbiguousError:
        return None


def is_stricter_wish(text: str, other: str) -> bool:
    """Whether one wish leaves fewer times of the week than the other, and none that are new.

    Nobody can tell of a wish that is not understood, or that counts from the day it was said.
    """
    wish, known = read_call_time(text), read_call_time(other)
    if wish is None or known is None or wish.is_dated or known.is_dated:
        return False
    if wish.zone != known.zone and not known.is_any_time:
        return False
    fewer, more = wish.minutes_of_week, known.minutes_of_week
    return fewer < more


def combine_call_times(said: Sequence[str]) -> str | None:
    """Return the words, one's or all together, that leave just the times which suit every one.

    None where there are none, or nobody can tell.
    """
    read = {words: read_call_time(words) for words in said}
    known = {words: wish for words, wish in read.items() if not (wish and wish.is_any_time)}
    if len(known) < len("ab"):
        return next(iter(known or read), "") if None not in known.values() else None
    wishes = [wish for wish in known.values() if wish and not wish.is_dated]
    if len(wishes) < len(known) or len({wish.zone for wish in wishes}) > 1:
        return None
    suiting = frozenset.intersection(*(wish.minutes_of_week for wish in wishes))
    for words in (*known, ", ".join(known), ". ".join(known)):
        wish = read_call_time(words)
        if wish and wish.minutes_of_week == suiting and not wish.is_dated:
            return words
    return None


def may_refuse_time(text: str) -> bool:
    """Whether a text may speak against some time, and says too unclearly which to plan by it.

    Whoever would be rung at once for it is looked at by a person first. Who does not care, does not
    know, or says nothing of time is not.
    """
    if read_call_time(text) is not None:
        return False
    if len(text) > LONGEST_TEXT:
        return True
    kinds = {token.kind for token in read_tokens(text)}
    if not kinds.isdisjoint((TokenKind.UNCLEAR, TokenKind.BAD, TokenKind.EXCEPT, TokenKind.TIME)):
        return True
    refuses_any = TokenKind.NOT in kinds and not kinds.isdisjoint((TokenKind.ANY, TokenKind.CALL))
    return refuses_any or hints_at_time(text)


class _AmbiguousError(Exception):
    """The words could mean the opposite of what was read."""


@dataclass
class _Clause:
    """What is said between commas: expressions of time, and whether they are wished or refused."""

    tokens: list[Token]
    joint: TokenKind | None = None  # what stands before it

    @property
    def times(self) -> list[Token]:
        return [token for token in self.tokens if token.kind is TokenKind.TIME]

    @property
    def speaks_of_refusal(self) -> bool:
        """Whether it names a time, and refuses it or another."""
        return bool(self.times) and self.has(TokenKind.NOT, TokenKind.BAD)

    @property
    def is_day_with_hours(self) -> bool:
        """Whether it names days, and hours of them."""
        return bool(_days_of(self.times) and _spans_of(self.times))

    @property
    def is_bound(self) -> bool:
        """Whether it names nothing but bounds."""
        return _are_bounds(self.times)

    @property
    def refuses_time(self) -> bool:
        """Whether it begins with a refusal, which a time follows."""
        said = [
            token.kind for token in self.tokens if token.kind in (TokenKind.NOT, TokenKind.TIME)
        ]
        return said[:1] == [TokenKind.NOT] and TokenKind.TIME in said

    def has(self, *kinds: TokenKind) -> bool:
        return any(token.kind in kinds for token in self.tokens)


JOINTS = (TokenKind.OR, TokenKind.COMMA, TokenKind.STOP, TokenKind.EXCEPT)


def _split_clauses(tokens: Iterable[Token]) -> list[_Clause]:
    clauses = [_Clause([])]
    said = list(tokens)
    for place, token in enumerate(said):
        if token.kind in JOINTS:
            clauses.append(_Clause([], token.kind))
        elif token.kind is TokenKind.NOT and (clauses[-1].refuses_time or clauses[-1].is_bound):
            clauses.append(_Clause([token], TokenKind.OR))  # "no evenings no weekends"
        elif token.is_bound and clauses[-1].speaks_of_refusal:
            clauses.append(_Clause([token], TokenKind.OR))  # "no mornings not before 2 pm"
        elif token.days and clauses[-1].is_day_with_hours and _has_hours(said[place:]):
            clauses.append(_Clause([token], TokenKind.OR))  # "Tue 9-12 Thu 2-4"
        else:
            clauses[-1].tokens.append(token)
    return _join_empty(clauses)


def _has_hours(tokens: Iterable[Token]) -> bool:
    """Whether hours are named before the next joint."""
    until_joint = itertools.takewhile(lambda token: token.kind not in JOINTS, tokens)
    return any(token.span for token in until_joint)


def _join_empty(clauses: Iterable[_Clause]) -> list[_Clause]:
    """Return the clauses that say something; of two joints in a row the stronger one counts."""
    kept: list[_Clause] = []
    pending: TokenKind | None = None
    for clause in clauses:
        joint = max((pending, clause.joint), key=_strength)
        if clause.tokens:
            kept.append(replace(clause, joint=joint))
            pending = None
        else:
            pending = joint
    return kept


def _strength(joint: TokenKind | None) -> int:
    return 0 if joint is None else 1 + (TokenKind.OR, *JOINTS[1:]).index(joint)


def _build_wish(clauses: Sequence[_Clause]) -> CallTimeWish | None:
    wished: list[list[Token]] = []
    refused: list[Token] = []
    windows: list[CallWindow] = []
    is_any = is_refusing = is_open = False
    _check_bounds(clauses)
    for clause in clauses:
        is_any |= clause.has(TokenKind.ANY)
        if clause.has(TokenKind.UNCLEAR, TokenKind.UNSURE):
            raise _AmbiguousError
        if not clause.times:
            _check_clause_without_time(clause)
            if clause.joint is TokenKind.EXCEPT:
                raise _AmbiguousError  # "any time except when I cook"
            is_refusing, is_open = False, clause.has(TokenKind.NOT, TokenKind.BAD)
            continue
        if is_open and not _stands_alone(clause):
            raise _AmbiguousError  # "not when I am at work, 8-4"
        is_open = False
        if clause.has(TokenKind.OTHER_NOT):
            raise _AmbiguousError  # "do not text in the evening"
        if _is_of_other_matter(clause):
            raise _AmbiguousError  # "7 to 3 I babysit"
        positive, negative = _split_polarity(
            clause, is_refusing=_carries(clause, is_refusing=is_refusing)
        )
        is_refusing = bool(negative) and not positive and not _is_complete(clause, negative)
        if _are_bounds(positive):
            windows += _windows_beyond(positive)
        elif positive:
            _append_group(wished, positive, clause.joint)
        refused += negative
        windows += _refused_windows(negative)
    wish = _combine(wished, windows, is_any=is_any or bool(refused or windows))
    zone = _find_zone(clauses)
    return _not_today(replace(wish, zone=zone), wished, refused) if wish else None


def _is_of_other_matter(clause: _Clause) -> bool:
    """Whether a clause says what happens at its time, and not whether it is a good one."""
    if _stands_alone(clause) or clause.joint is TokenKind.EXCEPT:
        return False
    said = (token.said for token in clause.tokens if token.kind is TokenKind.WORD)
    return any(word not in BESIDE_WISHED_TIME and not word.isdigit() for word in said)


def _find_zone(clauses: Iterable[_Clause]) -> str:
    """Return by whose clock the times are, or nothing. Raises _AmbiguousError for two clocks."""
    zones = {token.zone for clause in clauses for token in clause.tokens if token.zone}
    if len(zones) > 1:
        raise _AmbiguousError  # "12 EST or 9 PST"
    return "".join(zones)


def _check_bounds(clauses: Iterable[_Clause]) -> None:
    """Raise _AmbiguousError where nobody can tell whether a bound's refusal goes on."""
    for before, clause in itertools.pairwise(clauses):
        if before.is_bound and clause.joint is TokenKind.OR and _is_open_ended(clause):
            raise _AmbiguousError  # "not before 10 or after 7"


def _are_bounds(times: Sequence[Token]) -> bool:
    """Whether all of some times refuse what lies beyond them, by their own words."""
    return bool(times) and all(token.is_bound for token in times)


def _not_today(
    wish: CallTimeWish, wished: Iterable[Iterable[Token]], refused: Iterable[Token]
) -> CallTimeWish:
    """Return a wish without today, where today is refused and no part of it wished.

    Raises _AmbiguousError for a day that is both: "not today, tonight".
    """
    today = [token for token in refused if token.is_today]
    if not today:
        return wish
    if any(token.is_today for group in wished for token in group):
        if all(token.span for token in today):
            return wish  # "not this morning, this afternoon"
        raise _AmbiguousError
    return replace(wish, first_day=max(wish.first_day, 1))


def _check_clause_without_time(clause: _Clause) -> None:
    """Raise _AmbiguousError for a lone "no", and for a refusal of any time."""
    refuses = clause.has(TokenKind.NOT, TokenKind.BAD)
    if refuses and (clause.has(TokenKind.ANY) or not clause.has(TokenKind.WORD)):
        raise _AmbiguousError


def _carries(clause: _Clause, *, is_refusing: bool) -> bool:
    """Whether a refusal goes on in this clause: "no mornings or evenings".

    Raises _AmbiguousError where a comma leaves that open: "not mornings, evenings".
    """
    if clause.joint is TokenKind.EXCEPT:
        if clause.has(TokenKind.GOOD, TokenKind.CALL):
            raise _AmbiguousError  # "any time but preferably evenings"
        return True
    if not is_refusing or _stands_alone(clause) or clause.is_bound:
        return False
    if clause.joint is TokenKind.COMMA:
        raise _AmbiguousError
    return True


def _is_complete(clause: _Clause, refused: Sequence[Token]) -> bool:
    """Whether a refusal ends with its clause: "mornings no, evenings", "not today, Friday"."""
    return clause.tokens[-1].kind is TokenKind.NOT or all(token.is_today for token in refused)


def _stands_alone(clause: _Clause) -> bool:
    """Whether a clause says for itself whether its times are wished or refused."""
    says = (TokenKind.GOOD, TokenKind.NOT, TokenKind.ANY, TokenKind.CALL, TokenKind.BAD)
    return clause.joint is TokenKind.STOP or clause.has(*says)


def _is_open_ended(clause: _Clause) -> bool:
    """Whether a clause names nothing but a before or an after, and does not say how it is meant."""
    is_plain = bool(clause.times) and not _stands_alone(clause) and not clause.is_bound
    return is_plain and all(token.is_open_ended for token in clause.times)


def _split_polarity(clause: _Clause, *, is_refusing: bool) -> tuple[list[Token], list[Token]]:
    """Return the times that are wished in a clause, and those that are refused."""
    marks = [
        place
        for place, token in enumerate(clause.tokens)
        if token.kind in (TokenKind.NOT, TokenKind.BAD)
    ]
    places = [place for place, token in enumerate(clause.tokens) if token.kind is TokenKind.TIME]
    if is_refusing:
        if marks:
            raise _AmbiguousError  # refused twice
        return [], clause.times
    if not marks:
        return clause.times, []
    kinds = {clause.tokens[place].kind for place in marks}
    if kinds == {TokenKind.NOT, TokenKind.BAD} or len(marks) > 1:
        return _split_double(clause, marks, places)
    if _says_good_between(clause, marks[0]):
        raise _AmbiguousError  # "no evenings only mornings", "no evenings mornings ok"
    before = [clause.tokens[place] for place in places if place < marks[0]]
    after = [clause.tokens[place] for place in places if place > marks[0]]
    if clause.has(TokenKind.GOOD) and before and after:
        raise _AmbiguousError  # which of them is good?
    return (before, after) if after else ([], before)


def _says_good_between(clause: _Clause, mark: int) -> bool:
    """Whether something good is said after a refusal, beside one of the times that follow it."""
    kinds = [token.kind for token in clause.tokens[mark:]]
    first = kinds.index(TokenKind.TIME) if TokenKind.TIME in kinds else len(kinds)
    rest = kinds[first:]
    return TokenKind.GOOD in rest and rest.count(TokenKind.TIME) > 1


def _split_double(
    clause: _Clause, marks: Sequence[int], places: Sequence[int]
) -> tuple[list[Token], list[Token]]:
    """Return what two marks in one clause mean, where that is certain: all times are refused."""
    first_not = next((place for place in marks if clause.tokens[place].kind is TokenKind.NOT), None)
    has_bad = any(clause.tokens[place].kind is TokenKind.BAD for place in marks)
    if has_bad and first_not is not None:
        raise _AmbiguousError  # "I do not work on Mondays"
    if all(place > marks[0] for place in places) or all(place < marks[0] for place in places):
        return [], clause.times
    raise _AmbiguousError


def _append_group(groups: list[list[Token]], times: list[Token], joint: TokenKind | None) -> None:
    """Add wished times to what they narrow down, or as another possibility.

    Behind a comma, days with hours of their own narrow none: "weekdays after 5, Saturday mornings".
    """
    is_complete = groups and all(_days_of(one) and _spans_of(one) for one in (groups[-1], times))
    if groups and joint in (TokenKind.COMMA, None) and not is_complete:
        groups[-1] += times
    else:
        groups.append(list(times))


def _combine(
    groups: Sequence[Sequence[Token]], refused: Sequence[CallWindow], *, is_any: bool
) -> CallTimeWish | None:
    groups = _on_first_date(groups)
    tokens = [token for group in groups for token in group]
    if not tokens and not refused and not is_any:
        return None
    wish = CallTimeWish(
        windows=_merge_windows(groups) or (ANY_TIME,),
        refused=tuple(refused),
        first_day=min((token.first_day for token in tokens if token.is_dated), default=0),
        is_next_week=any(token.is_next_week for token in tokens),
        delay=max((token.delay for token in tokens), default=timedelta()),
    )
    return wish if _can_be_met(wish) else None


def _on_first_date(groups: Sequence[Sequence[Token]]) -> Sequence[Sequence[Token]]:
    """Return the possibilities of the first date that is named, and those without a date.

    "Tonight or tomorrow morning" is no wish for this morning.
    """
    dates = [
        max((token.first_day for token in group if token.is_dated), default=None)
        for group in groups
    ]
    named = [date for date in dates if date is not None]
    first = min(named, default=None)
    return [group for group, date in zip(groups, dates, strict=True) if date in (None, first)]


def _can_be_met(wish: CallTimeWish) -> bool:
    """Whether any time of the week is left."""
    wish = replace(wish, first_day=0, is_next_week=False, delay=timedelta())
    return wish.first_time(("UTC",), said_at=datetime(2026, 1, 5, tzinfo=UTC)) is not None


def _merge_windows(groups: Sequence[Sequence[Token]]) -> tuple[CallWindow, ...]:
    """Return the windows of all possibilities.

    Days and hours of different possibilities belong together where neither has both: "Monday or
    Tuesday, mornings or evenings", "Saturday or Sunday mornings".
    """
    parts = [(_days_of(group), _spans_of(group)) for group in groups]
    parts = [part for part in parts if part[0] or part[1]]
    if not any(days and spans for days, spans in parts):
        days = frozenset[int]().union(*(one for one, _ in parts))
        spans = [span for _, several in parts for span in several]
        return tuple(_product(days, spans)) if parts else ()
    windows: list[CallWindow] = []
    for place, (days, spans) in enumerate(parts):
        # Days without hours have those of the next that names some; hours the days before them.
        later = next((hours for _, hours in parts[place + 1 :] if hours), [])
        earlier = next((those for those, _ in reversed(parts[:place]) if those), frozenset[int]())
        windows += _product(days or earlier, spans or later)
    return tuple(windows)


def _product(days: frozenset[int], spans: Sequence[tuple[int, int]]) -> Iterator[CallWindow]:
    for opens, closes in spans or [(0, DAY_MINUTES)]:
        yield CallWindow(days or EVERY_DAY, opens, closes)


def _days_of(times: Iterable[Token]) -> frozenset[int]:
    return frozenset[int]().union(*(token.days for token in times))


def _spans_of(times: Iterable[Token]) -> list[tuple[int, int]]:
    """Return the hours that times name together: a clock narrows what it stands beside."""
    spans: list[tuple[int, int]] = []
    was_part = False
    for token in times:
        if token.span is None:
            continue
        overlap = _overlap(spans[-1], token.span) if spans else None
        if overlap and not (was_part and token.is_part):
            spans[-1] = overlap
        else:
            spans.append(token.span)
        was_part = token.is_part
    return spans


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int] | None:
    opens, closes = max(one[0], other[0]), min(one[1], other[1])
    return (opens, closes) if opens < closes else None


def _windows_beyond(bounds: Iterable[Token]) -> Iterator[CallWindow]:
    """Yield what bounds refuse, on every day: "not before 10" is refused until 10."""
    for bound in bounds:
        opens, closes = bound.span or (0, DAY_MINUTES)
        yield CallWindow(closes=opens)
        yield CallWindow(opens=closes)


def _refused_windows(times: Sequence[Token]) -> list[CallWindow]:
    """Return what is refused beside today.

    Raises _AmbiguousError for another day by its date, and for a refusal of a refusal.
    """
    if any(token.delay or token.is_next_week or token.first_day for token in times):
        raise _AmbiguousError
    if any(token.is_bound for token in times):
        raise _AmbiguousError  # "do not call me not before 2"
    lasting = [token for token in times if not token.is_today]
    if not lasting:
        return []
    spans = _spans_of([replace(token, span=token.refused or token.span) for token in lasting])
    spans += [token.other_half for token in lasting if token.other_half]
    return list(_product(_days_of(lasting), spans))
