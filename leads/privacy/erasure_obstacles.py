"""Erasure obstacles: why a person cannot be erased at this moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlmodel import Session, col, select

from leads.i18n.translatable import Phrase
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    CLAIMED_CALLBACK,
    LIVE_ATTEMPT,
    LIVE_INBOUND,
    OutboxState,
    TextStatus,
    VoicemailState,
)
from leads.models.inbound import InboundCall
from leads.models.incidents import Incident
from leads.models.outbox import Outbox
from leads.models.requests import Lead, OutgoingText
from leads.models.voicemails import Voicemail
from leads.privacy.legal_holds import is_on_legal_hold

ERASED_BEFORE = Phrase("Their data were erased before.")
HELD = Phrase("A legal hold is in force: nothing in this file can be erased.")
ON_A_CALL = Phrase("They are on a call with us right now. Try again when it has ended.")
ASSIGNED = Phrase("An advisor is handling this callback: wait until it is finished.")
INCIDENT_OPEN = Phrase("An incident about them is open: close it first.")
VOICEMAIL_EXPECTED = Phrase("A voicemail of theirs is still on its way. Try again in an hour.")
TEXT_ON_ITS_WAY = Phrase("A text to them is being sent. Try again in a few minutes.")


def list_obstacles(session: Session, files: Sequence[Lead]) -> list[Phrase]:
    """Return why the files of a person cannot be erased now, nothing where they can."""
    return list(_iterate_obstacles(session, [file.id for file in files], files))


def _iterate_obstacles(
    session: Session, ids: Sequence[int], files: Sequence[Lead]
) -> Iterator[Phrase]:
    theirs = select(Callback.id).where(col(Callback.lead_id).in_(ids))
    calls = select(InboundCall.id).where(
        col(InboundCall.lead_id).in_(ids) | col(InboundCall.callback_id).in_(theirs)
    )
    if files[0].erased_at:
        yield ERASED_BEFORE
    if is_on_legal_hold(session, files):
        yield HELD
    live = select(CallAttempt.id).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
    on_line = calls.where(col(InboundCall.state).in_(LIVE_INBOUND))
    if _is_any(session, live.where(col(CallAttempt.callback_id).in_(theirs)), on_line):
        yield ON_A_CALL
    elif _is_any(session, theirs.where(col(Callback.state).in_(CLAIMED_CALLBACK))):
        yield ASSIGNED
    incidents = select(Incident.id).where(col(Incident.callback_id).in_(theirs))
    if _is_any(session, incidents.where(col(Incident.closed_at).is_(None))):
        yield INCIDENT_OPEN
    left = select(Voicemail.id).where(col(Voicemail.inbound_call_id).in_(calls))
    if _is_any(session, left.where(Voicemail.state == VoicemailState.EXPECTED)):
        yield VOICEMAIL_EXPECTED
    if _is_any(session, *_select_texts_on_their_way(session, ids)):
        yield TEXT_ON_ITS_WAY


def _select_texts_on_their_way(session: Session, ids: Sequence[int]) -> Iterator[Any]:
    """Return the queries for texts that may be sent at this moment, or were, as far as we know."""
    texts = select(OutgoingText.id).where(col(OutgoingText.lead_id).in_(ids))
    yield texts.where(OutgoingText.status == TextStatus.UNKNOWN)
    ordered = session.exec(texts.where(OutgoingText.status == TextStatus.ORDERED)).all()
    keys = [f"text:{number}" for number in ordered]
    in_hand = (OutboxState.SENDING, OutboxState.UNKNOWN)
    yield select(Outbox.id).where(col(Outbox.key).in_(keys), col(Outbox.state).in_(in_hand))


def _is_any(session: Session, *queries: Any) -> bool:
    return any(session.exec(query.limit(1)).first() is not None for query in queries)
