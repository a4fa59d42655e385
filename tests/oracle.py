"""Kaplan and Meier by somebody else: what our percentiles have to agree with."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import pytest
from lifelines import KaplanMeierFitter
from lifelines.exceptions import ApproximationWarning

FAR = 10.0**9  # minutes: whoever was given up on is never reached, as late as one looks


def by_lifelines(waits: Sequence[tuple[float, bool]]) -> list[float | None]:
    """Return P50, P90 and P95 of (length, whether it happened)."""
    curve = KaplanMeierFitter().fit([wait for wait, _ in waits], [happened for _, happened in waits])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ApproximationWarning)  # said of every curve; at its steps it is exact
        found = [float(curve.percentile(share)) for share in (0.5, 0.1, 0.05)]
    return [at if at < FAR else None for at in found]


def about(found: Sequence[float | None]) -> list[Any]:
    return [at if at is None else pytest.approx(at) for at in found]
