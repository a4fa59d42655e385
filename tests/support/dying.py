"""Where a process of the tests dies or stands still: before or after a function that it calls.

`DIE_AT=leads.intake.raw_inbox:store_arrivals after 1` in a desk's environment; the number says at
which of the calls. `STAND_AT` stops it there, until it is told to go on. The product knows nothing
of either.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import os
import signal
from collections.abc import Mapping
from typing import Any

DIE_AT, STAND_AT = "DIE_AT", "STAND_AT"
SIGNALS = {DIE_AT: signal.SIGKILL, STAND_AT: signal.SIGSTOP}


def end_at_points(environment: Mapping[str, str]) -> None:
    """Let this process die, or stand still, where its environment says."""
    for word, number in SIGNALS.items():
        if point := environment.get(word):
            _signal_at(point, number)


def _signal_at(point: str, what: signal.Signals) -> None:
    place, when, number = point.split()
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for one in owners:
        owner = getattr(owner, one)
    real, calls = getattr(owner, name), itertools.count(1)

    @functools.wraps(real)
    def dying(*given: Any, **named: Any) -> Any:
        is_last = next(calls) == int(number)
        if is_last and when == "before":
            os.kill(os.getpid(), what)
        outcome = real(*given, **named)
        if is_last:
            os.kill(os.getpid(), what)
        return outcome

    setattr(owner, name, dying)
