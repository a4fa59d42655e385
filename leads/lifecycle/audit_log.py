"""The audit log's only writer: who looked at whom, and who came in, in ids and codes.

The audit trail says what was changed; this log, what was seen and by whom it was entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from leads.database.transactions import defer_insert
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.audit import AuditEntry
from leads.models.enums import AuditKind

ORIGIN = "origin of what is asked"
NOBODY = "nobody"  # who is not known, such as whoever fails to sign in
NOTHING = TrailSubject("", "")
LONGEST_ADDRESS = 60


@dataclass(frozen=True)
class Origin:
    """From where somebody asks: their session, its address and browser, and the page."""

    sign_in_id: int | None = None
    address: str = ""
    browser: str = ""
    view: str = ""


def set_origin(session: Session, origin: Origin) -> None:
    """Keep with a transaction from where it is asked for; only an edge knows."""
    session.info[ORIGIN] = origin


def record_access(
    session: Session,
    kind: AuditKind,
    subject: TrailSubject = NOTHING,
    *,
    actor: str,
    now: datetime,
    **details: int | str,
) -> None:
    """Write down that somebody saw or did something, for the commit.

    `details`: numbers and codes of ours, never what a person wrote or is called.
    """
    origin: Origin = session.info.get(ORIGIN) or Origin()
    entry: dict[str, Any] = {
        "at": now,
        "kind": kind,
        "actor": actor,
        "view": origin.view,
        "record": subject.record,
        "record_id": subject.record_id,
        "sign_in_id": origin.sign_in_id,
        "address": origin.address[:LONGEST_ADDRESS],
        "browser": origin.browser,
        "details": details,
    }
    defer_insert(session, AuditEntry, entry)
