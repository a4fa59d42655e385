"""The undo window: a disposition chosen by one tap counts 20 seconds later.

A mistaken tap would close somebody's request for good.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from leads.callbacks.completion import require_final_disposition
from leads.callbacks.wrap_up_time import wrap_up_time_at_desk
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackState
from leads.people.permissions import Permission, require_claimed_by, require_permission

UNDO_WINDOW = timedelta(seconds=20)  # enough to press a button, says WCAG 2.2.1


def propose_disposition(
    session: Session,
    callback: Callback,
    advisor: Advisor,
    disposition: Disposition,
    *,
    now: datetime,
) -> None:
    """Let the wrap-up end with this disposition when the undo window is over.

    Until then the advisor can take it back and rings nobody else. The clock ends the wrap-up even
    if the advisor's screen is gone. Raises NotNow for "call again".
    """
    require_final_disposition(disposition)
    _set_pending_disposition(session, callback, advisor, disposition, until=now + UNDO_WINDOW)


def undo_disposition(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> None:
    """Take a proposed disposition back, and give the advisor the whole time to wrap up again."""
    until = now + wrap_up_time_at_desk(session, callback)
    _set_pending_disposition(session, callback, advisor, None, until=until)


def _set_pending_disposition(
    session: Session,
    callback: Callback,
    advisor: Advisor,
    disposition: Disposition | None,
    *,
    until: datetime,
) -> None:
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    session.refresh(callback, with_for_update=True)
    require_claimed_by(callback, advisor)
    if callback.state != CallbackState.WRAP_UP:
        msg = Phrase("Too late to undo: the outcome is on record.")
        raise NotNow(msg)
    callback.disposition, callback.lease_until = disposition, until
    session.add(callback)
    wake_after_commit(session, Wakeup.DESK)
