"""Texted numbers: a call to the very number that somebody texted from, whose file was merged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from leads.callbacks import opt_out
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.lead_records import merging
from leads.messaging import waiting_texts
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.requests import Lead, TextMessage
from leads.people.permissions import Permission, require_permission


def call_texted_number(
    session: Session,
    text: TextMessage,
    supervisor: Advisor,
    *,
    seen: Collection[int],
    now: datetime,
) -> None:
    """Part the file of the number that a text came from, and promise the call there, not elsewhere.

    What was to be called at the other number, with its danger and its incident, is called here: it
    is one person, as whoever merged the files said. `seen` and errors: as in
    `promise_call_for_text`, and NotNow where the files are not merged, or an advisor is at it.
    """
    require_permission(supervisor, Permission.DECIDE_TEXT, text)
    lead = session.get_one(Lead, text.lead_id) if text.lead_id else None
    if lead is None or lead.merged_into_id is None:
        raise NotNow(Phrase("These files are not merged."))
    survivor_id = lead.merged_into_id
    promised = opt_out.find_open_callbacks(session, text.phone)
    merging.unmerge_leads(session, lead, supervisor, now=now)
    taken = {one.brand_id for one in _open_callbacks_of(session, text.phone, lead.id)}
    for callback in promised:
        if callback.lead_id == survivor_id and callback.brand_id not in taken:
            merging.give_promise_to_lead(session, callback, lead, supervisor, now=now)
    waiting_texts.promise_call_for_text(session, text, supervisor, seen=seen, now=now)


def _open_callbacks_of(session: Session, number: str, lead_id: int) -> list[Callback]:
    opened = opt_out.find_open_callbacks(session, number)
    return [callback for callback in opened if callback.lead_id == lead_id]
