"""Waiting times of which some have not ended yet: Kaplan-Meier and Aalen-Johansen. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class End(StrEnum):
    """How a wait ended, as far as it has."""

    HAPPENED = "happened"
    STILL_WAITING = "still_waiting"  # right-censored: all we know is that it lasts longer
    WITHDRAWN = "withdrawn"  # the person took the request back: a competing risk
    NEVER = "never"  # we gave up: it will not happen, and nobody may forget that it did not


@dataclass(frozen=True)
class Wait:
    """One person's wait; for NEVER the length does not matter."""

    length: timedelta
    end: End


@dataclass(frozen=True)
class Percentiles:
    """None says: not reached. So many are still waiting that the figure does not exist yet."""

    p50: timedelta | None
    p90: timedelta | None
    p95: timedelta | None


def curve(waits: Sequence[Wait]) -> list[tuple[timedelta, float]]:
    """Return the Kaplan-Meier curve as (t, share still waiting after t), one point for each t at which it falls."""
    share, points = 1.0, []
    for at, happened, _, at_risk in _steps(waits):
        if happened:
            share *= 1 - happened / at_risk
            points.append((at, share))
    return points


def percentiles(waits: Sequence[Wait]) -> Percentiles:
    """Return the smallest t at which the share still waiting is at most 1 - q, for each q."""
    points = curve(waits)

    def percentile(q: float) -> timedelta | None:
        return next((at for at, share in points if share <= 1 - q + 1e-12), None)

    return Percentiles(percentile(0.5), percentile(0.9), percentile(0.95))


def probability(waits: Sequence[Wait]) -> float | None:
    """Return Aalen-Johansen's probability that it happens within the time observed, withdrawals competing.

    None when nobody waits.
    """
    if not waits:
        return None
    undecided, incidence = 1.0, 0.0
    for _, happened, withdrawn, at_risk in _steps(waits):
        incidence += undecided * happened / at_risk
        undecided *= 1 - (happened + withdrawn) / at_risk
    return incidence


def _steps(waits: Sequence[Wait]) -> list[tuple[timedelta, int, int, int]]:
    """Return (t, happened at t, withdrawn at t, at risk just before t), in order of t."""
    at_risk, steps = len(waits), []
    ended = sorted((wait for wait in waits if wait.end != End.NEVER), key=lambda wait: wait.length)
    for at, group in itertools.groupby(ended, key=lambda wait: wait.length):
        ends = [wait.end for wait in group]
        steps.append((at, ends.count(End.HAPPENED), ends.count(End.WITHDRAWN), at_risk))
        at_risk -= len(ends)
    return steps
