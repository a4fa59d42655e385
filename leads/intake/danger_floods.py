"""Danger floods: many new numbers of one sender, all with words of danger, go before nobody.

Invented words must not keep others waiting who are in danger. Whoever wrote them is called all the
same, in the order in which they came: a shelter's guests share one Wi-Fi, and a form tool sends
everybody's answers from its own address. So an address alone holds nobody, and a flood is alerted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from leads.intake.admission_plan import AdmissionCandidate
from leads.models.calls import Callback
from leads.models.enums import CallbackState, SubmissionState
from leads.models.requests import Lead, Submission
from leads.network_neighborhoods import neighborhood_of

MOST_IN_DANGER = 5
"""People in danger whom one neighborhood sends within the period, and who still go first.

More than twenty an hour are a tenth of what a form tool sends that brings two hundred, which is
beyond what most helplines get in a day. From one Wi-Fi they are not to be expected at all.
"""
FLOOD_PERIOD = timedelta(minutes=15)

# Made once: building a statement costs more than running it.
DANGER_LATELY = (
    sqlalchemy.select(
        *map(col, (Submission.ip, Submission.received_at, Lead.phone, Submission.callback_id))
    )
    .join(Lead, col(Lead.id) == col(Submission.lead_id))
    .where(
        col(Submission.state).in_((SubmissionState.ADMITTED, SubmissionState.DUPLICATE)),
        col(Submission.received_at) > bindparam("since"),
        col(Submission.danger).is_not(None),
        col(Submission.ip) != "",
    )
)


@dataclass(frozen=True)
class _DangerSent:
    """Words of danger that were sent for a number, and the callback that they led to, if any."""

    at: datetime
    phone: str
    callback_id: int | None = None


class DangerFloods:
    """Who lately sent words of danger, and for how many numbers."""

    def __init__(self) -> None:
        self._sent: defaultdict[str, list[_DangerSent]] = defaultdict(list)

    @classmethod
    def load(cls, session: Session, asked: Iterable[AdmissionCandidate]) -> Self:
        """Return what was sent around the time of candidates, they among it.

        It costs a query only where one of them speaks of danger.
        """
        floods, unread = cls(), [one for one in asked if _may_be_of_flood(one)]
        if not unread:
            return floods
        since = min(one.submission.received_at for one in unread) - FLOOD_PERIOD
        for address, at, phone, callback_id in session.execute(DANGER_LATELY, {"since": since}):
            floods._sent[neighborhood_of(address)].append(_DangerSent(at, phone, callback_id))
        for one in unread:
            sent = _DangerSent(one.submission.received_at, one.request.phone or "")
            floods._sent[neighborhood_of(one.submission.ip)].append(sent)
        return floods

    def include(self, candidate: AdmissionCandidate) -> bool:
        """Whether a candidate's words of danger are of a flood."""
        return _may_be_of_flood(candidate) and _is_flood(self._sent_beside(candidate))

    def put_back_others(self, session: Session, asked: Sequence[AdmissionCandidate]) -> None:
        """Let those go before nobody who came before it was clear that candidates are of a flood.

        Whoever was dialed meanwhile is left alone, and so is who is being dialed now.
        """
        ids = {
            sent.callback_id
            for one in asked
            if self.include(one)
            for sent in self._sent_beside(one)
            if sent.callback_id
        }
        if not ids:
            return
        first = select(Callback).where(
            col(Callback.id).in_(ids),
            Callback.state == CallbackState.WAITING,
            col(Callback.first_rung_at).is_(None),
            col(Callback.is_of_burst).is_(False),
        )
        waiting = first.order_by(col(Callback.id)).with_for_update(skip_locked=True)
        for callback in session.exec(waiting):
            callback.is_of_burst = True
            session.add(callback)

    def _sent_beside(self, candidate: AdmissionCandidate) -> list[_DangerSent]:
        at = candidate.submission.received_at
        sent = self._sent[neighborhood_of(candidate.submission.ip)]
        return [one for one in sent if abs(one.at - at) < FLOOD_PERIOD]


def put_back_if_flood(session: Session, callback: Callback, candidate: AdmissionCandidate) -> None:
    """Let a callback go before nobody for words of danger that its sender adds, if of a flood."""
    floods = DangerFloods.load(session, [candidate])
    if floods.include(candidate) and not callback.in_danger:
        callback.is_of_burst = True
        session.add(callback)
    floods.put_back_others(session, [candidate])


def _may_be_of_flood(candidate: AdmissionCandidate) -> bool:
    submission = candidate.submission
    return bool(submission.danger and submission.ip) and not candidate.is_read_by_person


def _is_flood(sent: Iterable[_DangerSent]) -> bool:
    return len({one.phone for one in sent}) > MOST_IN_DANGER
