"""Voicemails that nobody has listened to, that are not here, or that are still at the network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.alerting.alert_condition import AlertCondition
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import KEPT_VOICEMAIL, AlertKind, VoicemailState
from leads.models.voicemails import Voicemail

UNHEARD_FOR = timedelta(minutes=5)  # no machine can say how urgent it is
NOT_HERE_FOR = timedelta(minutes=10)
NOT_DELETED_FOR = timedelta(hours=1)


def voicemail_conditions(session: Session, *, now: datetime) -> Iterator[AlertCondition]:
    """Yield what supervisors have to hear of voicemails, for all helplines together."""
    state, open_ones = col(Voicemail.state), col(Voicemail.settled_at).is_(None)
    unheard = _count_voicemails(
        col(Voicemail.fetched_at),
        now - UNHEARD_FOR,
        open_ones & state.in_(KEPT_VOICEMAIL) & col(Voicemail.is_empty).is_(False),
    )
    not_here = _count_voicemails(
        col(Voicemail.recorded_at),
        now - NOT_HERE_FOR,
        open_ones & state.in_((VoicemailState.EXPECTED, VoicemailState.FAILED)),
    )
    not_deleted = _count_voicemails(
        col(Voicemail.fetched_at), now - NOT_DELETED_FOR, state == VoicemailState.FETCHED
    )
    for kind, about, key, patience, query in (
        (AlertKind.VOICEMAIL, "", MessageKey.VOICEMAILS_WAIT, UNHEARD_FOR, unheard),
        (AlertKind.RECORDING, "fetch", MessageKey.VOICEMAILS_NOT_HERE, NOT_HERE_FOR, not_here),
        (
            AlertKind.RECORDING,
            "delete",
            MessageKey.RECORDINGS_NOT_DELETED,
            NOT_DELETED_FOR,
            not_deleted,
        ),
    ):
        count, since, newest = session.exec(query).one()
        if count:
            text = Message(key, count=count)
            yield AlertCondition(kind, about, text, since, newest + patience, count=count)


def _count_voicemails(at: Any, before: datetime, which: Any) -> Any:
    return select(func.count(), func.min(at), func.max(at)).where(at <= before, which)
