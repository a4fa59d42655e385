"""Kaplan and Meier by somebody else: what our percentiles have to agree with."""

from __future__ import annotations

import functools
import importlib
import warnings
from collections.abc import Sequence
from typing import Any

import pytest

ROUNDING = 1e-9  # it multiplies logarithms: a half may be a little more than a half
FAR = 10.0**9  # minutes: whoever was given up on is never reached, as late as one looks


def by_lifelines(waits: Sequence[tuple[float, bool]]) -> list[float | None]:
    """Return P50, P90 and P95 of (length, whether it happened)."""
    curve = (
        _lifelines()
        .KaplanMeierFitter()
        .fit([wait for wait, _ in waits], [happened for _, happened in waits])
    )
    steps = [
        (float(at), float(still)) for at, still in curve.survival_function_[curve.label].items()
    ]
    reached = [
        next((at for at, still in steps if still <= share + ROUNDING), FAR)
        for share in (0.5, 0.1, 0.05)
    ]
    return [at if at < FAR else None for at in reached]


def about(found: Sequence[float | None]) -> list[Any]:
    return [at if at is None else pytest.approx(at) for at in found]


def by_aalen_johansen(waits: Sequence[tuple[float, int]]) -> float:
    """Return how likely it is to have happened by the end.

    A wait is (length, 0 still waiting, 1 happened, 2 withdrawn).
    """
    curve = _lifelines().AalenJohansenFitter(calculate_variance=False, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it shakes ties apart, and says so
        curve.fit([wait for wait, _ in waits], [end for _, end in waits], event_of_interest=1)
    return float(curve.cumulative_density_.iloc[-1, 0])


@functools.cache
def _lifelines() -> Any:
    """More than a second's work, which one test process in two never needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("lifelines")
