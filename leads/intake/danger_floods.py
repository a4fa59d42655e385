"""Danger floods: more new numbers with words of danger than is plausible go before nobody.

They are of one sender, or of one source whatever the addresses. Invented words must not keep others
waiting who are in danger. Whoever wrote them is called all the same, in the order in which they
came: a shelter's guests share one Wi-Fi, and a form tool sends everybody's answers from its own
address. So an address alone holds nobody, and a flood is alerted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from leads.contact_rules.danger_limits import (
    FLOOD_PERIOD,
    MOST_IN_DANGER,
    Sender,
    most_in_danger_of,
)
from leads.intake.admission_plan import AdmissionCandidate
from leads.models.calls import Callback
from leads.models.enums import CallbackState, SubmissionState
from leads.models.requests import Lead, Submission
from leads.network_neighborhoods import neighborhood_of

# Made once: building a statement costs more than running it.
DANGER_LATELY = (
    sqlalchemy.select(
        col(Submission.source_id),
        *map(col, (Submission.ip, Submission.received_at, Lead.phone, Submission.callback_id)),
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
    neighborhood: str
    callback_id: int | None = None


class DangerFloods:
    """Who lately sent words of danger, and for how many numbers."""

    def __init__(self) -> None:
        self._sent: defaultdict[Sender, list[_DangerSent]] = defaultdict(list)

    @classmethod
    def load(cls, session: Session, asked: Iterable[AdmissionCandidate]) -> Self:
        """Return what was sent around the time of candidates, they among it.

        It costs a query only where one of them speaks of danger.
        """
        floods, unread = cls(), [one for one in asked if _may_be_of_flood(one)]
        if not unread:
            return floods
        since = min(one.submission.received_at for one in unread) - FLOOD_PERIOD
        lately = session.execute(DANGER_LATELY, {"since": since})
        for source_id, address, at, phone, callback_id in lately:
            floods._add(source_id, _DangerSent(at, phone, neighborhood_of(address), callback_id))
        for one in unread:
            submission, phone = one.submission, one.request.phone or ""
            sent = _DangerSent(submission.received_at, phone, neighborhood_of(submission.ip))
            floods._add(one.source.id, sent)
        return floods

    def _add(self, source_id: int, sent: _DangerSent) -> None:
        self._sent[source_id].append(sent)
        self._sent[sent.neighborhood].append(sent)

    def is_of_flood(self, candidate: AdmissionCandidate) -> bool:
        """Whether a candidate's words of danger are part of a flood."""
        return bool(self._flood_around(candidate))

    def put_back_others(self, session: Session, asked: Sequence[AdmissionCandidate]) -> None:
        """Let those go before nobody who came before it was clear that candidates are of a flood.

        Whoever was dialed meanwhile is left alone, and so is who is being dialed now.
        """
        ids = {
            sent.callback_id
            for one in asked
            for sent in self._flood_around(one)
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

    def _flood_around(self, candidate: AdmissionCandidate) -> list[_DangerSent]:
        """Return what was sent in the flood that a candidate is of; nothing without a flood.

        The flood of one sender makes none of its source: others there go first as ever.
        """
        if not _may_be_of_flood(candidate):
            return []
        source = candidate.source
        near = self._sent_beside(candidate, neighborhood_of(candidate.submission.ip))
        if _count_people(near) > MOST_IN_DANGER:
            return near
        others = _without_floods(self._sent_beside(candidate, source.id))
        most = most_in_danger_of(source.new_numbers_per_hour)
        return others if _count_people(others) > most else []

    def _sent_beside(self, candidate: AdmissionCandidate, sender: Sender) -> list[_DangerSent]:
        at = candidate.submission.received_at
        return [one for one in self._sent[sender] if abs(one.at - at) < FLOOD_PERIOD]


def put_back_if_flood(session: Session, callback: Callback, candidate: AdmissionCandidate) -> None:
    """Let a callback go before nobody for words of danger that its sender adds, if of a flood."""
    floods = DangerFloods.load(session, [candidate])
    if floods.is_of_flood(candidate) and not callback.in_danger:
        callback.is_of_burst = True
        session.add(callback)
    floods.put_back_others(session, [candidate])


def _may_be_of_flood(candidate: AdmissionCandidate) -> bool:
    submission = candidate.submission
    return bool(submission.danger and submission.ip) and not candidate.is_read_by_person


def _count_people(sent: Iterable[_DangerSent]) -> int:
    return len({one.phone for one in sent})


def _without_floods(sent: Iterable[_DangerSent]) -> list[_DangerSent]:
    """Return what was sent without the senders of whom each alone is a flood."""
    by_sender: defaultdict[str, list[_DangerSent]] = defaultdict(list)
    for one in sent:
        by_sender[one.neighborhood].append(one)
    few = (theirs for theirs in by_sender.values() if _count_people(theirs) <= MOST_IN_DANGER)
    return [one for theirs in few for one in theirs]
