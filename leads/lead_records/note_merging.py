"""Note merging: what the same notes become when they were written in two places at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

TOKEN = re.compile(r"\s+|\S+")


def merge_notes(base: str, mine: str, theirs: str) -> str:
    """Return one text that has every word which either side added to `base`, or changed.

    Where both changed the same words, both of their versions stand there, the other's first. A word
    goes only if one side removed it and the other left it as it was.
    """
    if mine in (theirs, base):
        return theirs
    if theirs == base:
        return mine
    known, *sides = (TOKEN.findall(text) for text in (base, theirs, mine))
    ranges = [_changed_range(known, side) for side in sides]
    (start, end), (other_start, other_end) = ranges
    if other_end <= start and ranges[0] != ranges[1]:
        sides.reverse()
        ranges.reverse()
    elif end > other_start:  # both changed the same words
        ranges = [(min(start, other_start), max(end, other_end))] * 2
    first, second = (
        _version_of(known, side, *changed) for side, changed in zip(sides, ranges, strict=True)
    )
    between = known[ranges[0][1] : ranges[1][0]]
    return _join_apart([known[: ranges[0][0]], first, between, second, known[ranges[1][1] :]])


def _changed_range(base: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Return from where to where `base` was changed: before and after it both are alike."""
    shorter = min(len(base), len(other))
    start = _count_alike(base[:shorter], other[:shorter])
    end = _count_alike(base[::-1][: shorter - start], other[::-1][: shorter - start])
    return start, len(base) - end


def _count_alike(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=True)
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _version_of(base: Sequence[str], side: Sequence[str], start: int, end: int) -> Sequence[str]:
    """Return what stands on one side in place of a range of `base`."""
    return side[start : len(side) - (len(base) - end)]


def _join_apart(pieces: Iterable[Sequence[str]]) -> str:
    """Join pieces of different texts, so that the last word of one and the next stay two."""
    text = ""
    for piece in map("".join, pieces):
        is_apart = not text or not piece or text[-1].isspace() or piece[0].isspace()
        text += piece if is_apart else f"\n{piece}"
    return text
