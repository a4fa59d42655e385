"""What an advisor says in one tap counts a moment later.

A mistaken tap would close somebody's request for good.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from leads.callbacks.queue import WRAP_UP
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.words import CallbackState, Disposition
from leads.people.permissions import Permission, require, require_claimed_by

UNDO_WINDOW = timedelta(seconds=20)  # enough to press a button, says WCAG 2.2.1


def propose_disposition(
    session: Session,
    callback: Callback,
    advisor: Advisor,
    disposition: Disposition,
    *,
    now: datetime,
) -> None:
    """Let the wrap-up end with this disposition in a moment.

    Until then it can be taken back, and nobody else is rung.

    Whatever happens to the advisor's screen in the meantime, the clock ends it so.
    """
    _set_pending_disposition(session, callback, advisor, disposition, until=now + UNDO_WINDOW)


def undo_disposition(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> None:
    """It was a mistake: there is as much time to wrap up as at the beginning."""
    _set_pending_disposition(session, callback, advisor, None, until=now + WRAP_UP)


def _set_pending_disposition(
    session: Session,
    callback: Callback,
    advisor: Advisor,
    disposition: Disposition | None,
    *,
    until: datetime,
) -> None:
    require(advisor, Permission.TAKE_CALLBACKS)
    session.refresh(callback, with_for_update=True)
    require_claimed_by(callback, advisor)
    if callback.state != CallbackState.WRAP_UP:
        msg = Phrase("It is too late for that: what came of it is on record.")
        raise NotNow(msg)
    callback.disposition, callback.lease_until = disposition, until
    session.add(callback)
    wake_after_commit(session, Wakeup.DESK)
