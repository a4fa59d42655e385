"""Danger raising: what somebody writes while they wait puts their callback first."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import holds
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.free_text.danger import DangerKind, all_dangers, first_danger
from leads.incidents import course
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, HoldReason
from leads.models.requests import Lead


def raise_callback_by_words(
    session: Session, lead: Lead, words: str, *, by: str, now: datetime
) -> DangerKind | None:
    """Put the open callbacks to a person first where their words speak of danger.

    Each has an incident from then on. Of violence or a threat they are held, for a person decides
    how to reach them. The file may have been merged into another one. Returns the danger, with or
    without a callback.
    """
    kinds = all_dangers(words)
    if not kinds:
        return None
    theirs = (
        select(Callback)
        .where(
            Callback.lead_id == (lead.merged_into_id or lead.id),
            col(Callback.state).in_(OPEN_CALLBACK),
        )
        .order_by(col(Callback.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for callback in session.exec(theirs).all():
        callback.danger = first_danger([*kinds, callback.danger])
        callback.danger_at = now
        session.add(callback)
        course.open_incident(session, callback, kinds[0], by=by, now=now)
        if DangerKind.HARM in kinds:
            holds.place_hold(session, callback, HoldReason.HARM_DECIDE, by=by, now=now)
        wake_after_commit(session, Wakeup.OFFER)
    return kinds[0]
