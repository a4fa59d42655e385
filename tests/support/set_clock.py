"""A clock that a test sets, for what asks the time by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.conftest import NOW


@dataclass
class SetClock:
    """Says the time that it is set to, until it is set again."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at
