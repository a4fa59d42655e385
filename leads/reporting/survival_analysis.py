"""Survival analysis of waits of which some have not ended: Kaplan-Meier and Aalen-Johansen.

Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

ROUNDING = 1e-12
SHARES = (0.5, 0.9, 0.95)


class WaitEnd(StrEnum):
    """How a wait ended, as far as it has."""

    HAPPENED = "happened"
    STILL_WAITING = "still_waiting"  # right-censored: all we know is that it lasts longer
    WITHDRAWN = "withdrawn"  # the person took the request back: a competing risk
    NEVER = "never"  # we gave up: it will not happen, and nobody may forget that it did not


WAIT_END_CODES = {end: code for code, end in enumerate(WaitEnd)}


@dataclass(frozen=True)
class Wait:
    """One person's wait; for NEVER the length does not matter."""

    length: timedelta
    end: WaitEnd


@dataclass(frozen=True, eq=False)
class Waits:
    """Many people's waits, as columns: how long, and the code of how each ended."""

    lengths: npt.NDArray[np.timedelta64]
    ends: npt.NDArray[np.int8]

    def __len__(self) -> int:
        """Return how many waits there are."""
        return len(self.ends)

    def __getitem__(self, which: npt.NDArray[np.generic]) -> Waits:
        """Return some of the waits, by a mask or by their places."""
        return Waits(self.lengths[which], self.ends[which])


@dataclass(frozen=True)
class Percentiles:
    """Percentiles of waits; None says "not reached".

    So many are still waiting then that the figure does not exist yet.
    """

    p50: timedelta | None
    p90: timedelta | None
    p95: timedelta | None


class _EventTable(NamedTuple):
    """The waits by the length at which they ended, in order.

    For each length: how many ended as asked, how many were withdrawn, and how many were at risk
    just before.
    """

    at: npt.NDArray[np.timedelta64]
    happened: npt.NDArray[np.int64]
    withdrawn: npt.NDArray[np.int64]
    at_risk: npt.NDArray[np.int64]


def waits_from_list(waits: Sequence[Wait]) -> Waits:
    """Return single waits as columns."""
    lengths = np.array([wait.length for wait in waits], dtype="timedelta64[us]")
    return Waits(lengths, np.array([WAIT_END_CODES[wait.end] for wait in waits], dtype=np.int8))


def kaplan_meier_curve(waits: Waits, *, most: int | None = None) -> list[tuple[timedelta, float]]:
    """Return the Kaplan-Meier curve as points (t, share still waiting after t).

    There is one point for each t at which the curve falls; with `most`, about so many of them,
    evenly chosen, the last one included.
    """
    at, shares = _survival_curve_drops(waits)
    step = -(-len(at) // most) if most else 1
    shown = (
        np.unique(np.append(np.arange(0, len(at), step), len(at) - 1)) if step > 1 else slice(None)
    )
    return list(zip(at[shown].tolist(), shares[shown].tolist(), strict=True))


def kaplan_meier_percentiles(waits: Waits) -> Percentiles:
    """Return the smallest t at which the share still waiting is at most 1 - q, for each q."""
    at, shares = _survival_curve_drops(waits)
    reached = [int(np.sum(shares > 1 - q + ROUNDING)) for q in SHARES]
    return Percentiles(*(at[number].item() if number < len(at) else None for number in reached))


def aalen_johansen_probability(waits: Waits) -> float | None:
    """Return Aalen-Johansen's probability that waits end as asked within the time observed.

    Withdrawals are competing risks. None when nobody waits.
    """
    if not len(waits):
        return None
    steps = _tabulate_wait_ends(waits)
    undecided = np.cumprod(1 - (steps.happened + steps.withdrawn) / steps.at_risk)
    before = np.concatenate(([1.0], undecided[:-1]))
    return float((before * steps.happened / steps.at_risk).sum())


def _survival_curve_drops(
    waits: Waits,
) -> tuple[npt.NDArray[np.timedelta64], npt.NDArray[np.floating[Any]]]:
    steps = _tabulate_wait_ends(waits)
    falls = steps.happened > 0
    return steps.at[falls], np.cumprod(1 - steps.happened / steps.at_risk)[falls]


def _tabulate_wait_ends(waits: Waits) -> _EventTable:
    """Return the table of the lengths at which waits ended.

    Whoever was given up on stays at risk for ever: only the others' waits end.
    """
    ended = waits[waits.ends != WAIT_END_CODES[WaitEnd.NEVER]]
    order = np.argsort(ended.lengths.view(np.int64))  # as numbers: numpy sorts them faster
    at, ends = ended.lengths[order], ended.ends[order]
    first = np.flatnonzero(np.concatenate((at[:1] == at[:1], at[1:] != at[:-1])))
    happened, withdrawn = (
        _count_true_per_group(ends == WAIT_END_CODES[end], first)
        for end in (WaitEnd.HAPPENED, WaitEnd.WITHDRAWN)
    )
    return _EventTable(at[first], happened, withdrawn, len(waits) - first)


def _count_true_per_group(
    which: npt.NDArray[np.bool_], first: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return how many values are true in each group, by the places at which the groups begin."""
    so_far = np.concatenate(([0], np.cumsum(which)))
    return np.asarray(np.diff(so_far[np.append(first, len(which))]))
