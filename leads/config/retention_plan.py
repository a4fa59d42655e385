"""The retention plan: for how long each kind of content is kept."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from leads.errors import BadConfiguration

SHIPPED = Path(__file__).with_name("retention.toml")
OWN_FILE = "retention.toml"
FOREVER = "forever"
LONGEST = 36_500  # days: beyond it, say forever


class RetentionClass(StrEnum):
    """What is kept for a time of its own; the order in which it is deleted."""

    RECORDINGS = "recordings"
    BODIES = "bodies"
    WORDS = "words"
    CALLS = "calls"
    PEOPLE = "people"
    AUDIT = "audit"


@dataclass(frozen=True)
class RetentionPlan:
    """For how long each class is kept; None of what is kept forever.

    `is_decided`: whether the operator has a file of their own. Until then nothing is deleted, and
    the plan says what would be.
    """

    keep: Mapping[RetentionClass, timedelta | None]
    is_decided: bool = True

    def deletes_before(self, kept: RetentionClass, now: datetime) -> datetime | None:
        """Return the instant up to which a class is deleted; None where all of it is kept."""
        length = self.keep[kept]
        return now - length if length is not None else None


def load_retention_plan(own: str = "") -> RetentionPlan:
    """Return the shipped plan with what an operator's own file replaces.

    `own`: its path; where none is named, `retention.toml` of the working directory counts, if there
    is one. Raises BadConfiguration for a file that says something else.
    """
    path = Path(own or OWN_FILE)
    if own and not path.is_file():
        msg = f"RETENTION_FILE: there is no file {own}."
        raise BadConfiguration(msg)
    is_decided = path.is_file()
    said = _read_keep(SHIPPED) | (_read_keep(path) if is_decided else {})
    keep = {kept: _parse_length(kept, said[kept]) for kept in RetentionClass}
    return RetentionPlan(keep, is_decided)


def _read_keep(path: Path) -> dict[str, Any]:
    try:
        keep = tomllib.loads(path.read_text("utf-8")).get("keep", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        msg = f"{path.name} is no TOML: {wrong}."
        raise BadConfiguration(msg) from None
    if not isinstance(keep, dict) or set(keep) - set(RetentionClass):
        msg = f"{path.name}: [keep] may name {', '.join(RetentionClass)}, and nothing else."
        raise BadConfiguration(msg)
    return keep


def _parse_length(kept: RetentionClass, said: Any) -> timedelta | None:
    if said == FOREVER:
        return None
    if isinstance(said, int) and not isinstance(said, bool) and 1 <= said <= LONGEST:
        return timedelta(days=said)
    msg = f'{OWN_FILE}: {kept} must be a number of days, 1 to {LONGEST}, or "{FOREVER}".'
    raise BadConfiguration(msg)
