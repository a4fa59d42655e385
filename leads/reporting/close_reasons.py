"""Close reasons: how callbacks end other than by a conversation.

We gave up, and why, or the person said "stop", and how fast that took effect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import SystemActor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CloseReason, SuppressedChannel
from leads.models.labels import CLOSE_REASON_LABELS
from leads.models.requests import Lead, Suppression
from leads.reporting import filters
from leads.reporting.figure_definition import define_figure
from leads.reporting.filters import EVERYBODY, ReportFilter

TRIES_USED_UP = Phrase("no answer: out of attempts")
NO_REASON = Phrase("no reason given")
LABELS_WITHOUT_NOTE: Mapping[CloseReason, Phrase] = {
    reason: label
    for reason, label in CLOSE_REASON_LABELS.items()
    if reason not in (CloseReason.CANCELLED, CloseReason.IMPORTED)  # these ask for a note
}


@dataclass(frozen=True)
class OptOut:
    """One person's "stop".

    `since` is when they said it, `silent_after` how long until the last call was over;
    `rung_after`: a phone was rung after it.
    """

    since: datetime
    silent_after: timedelta = timedelta()
    rung_after: bool = False


@dataclass(frozen=True)
class OptOuts:
    """Every "stop" of a period, in order of time."""

    each: tuple[OptOut, ...]

    @property
    def longest_until_silent(self) -> timedelta:
        """The longest that a phone could still ring or a call went on after "stop"."""
        return max((one.silent_after for one in self.each), default=timedelta())

    @property
    def rung_after(self) -> int:
        """How many people were rung after their "stop"."""
        return sum(one.rung_after for one in self.each)


@define_figure(
    Phrase("From opt-out to no more calls"),
    Phrase(
        "From the opt-out until the last call to that number ended: 0 unless a call was in "
        "progress. The number goes on the do-not-contact list the moment we hear it. "
        "Called afterward: always 0 while the opt-out is in force. A breakdown counts "
        "people who had asked there before; a number that never asked is counted only in "
        "the total."
    ),
)
def read_opt_outs(
    session: Session,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    only: ReportFilter = EVERYBODY,
) -> OptOuts:
    said = [
        Suppression.since >= start,
        Suppression.since < end,
        Suppression.since <= now,
        Suppression.channel != SuppressedChannel.TEXT,  # calls are welcome
        Suppression.actor != SystemActor.ERASURE,  # nobody said stop
    ]
    if only != EVERYBODY:
        theirs = select(Callback.id).join(Lead, col(Lead.id) == Callback.lead_id)
        theirs = theirs.where(
            Lead.phone == Suppression.phone, Callback.received_at <= Suppression.since
        )
        said.append(filters.apply_report_filter(theirs, only).exists())
    stopped = (
        select(Suppression.id, Suppression.since).where(*said).order_by(col(Suppression.since))
    )
    opt_outs = {number: OptOut(since) for number, since in session.exec(stopped)}
    later = select(Suppression.id, CallAttempt.rung_at, CallAttempt.ended_at).where(
        CallAttempt.phone == Suppression.phone,
        *said,
        col(CallAttempt.rung_at) <= now,
        col(CallAttempt.ended_at) > col(Suppression.since),
        or_(
            col(Suppression.lifted_at).is_(None),
            col(CallAttempt.rung_at) < col(Suppression.lifted_at),
        ),
    )
    for number, rung_at, ended_at in session.exec(later):
        if rung_at and ended_at:
            opt_outs[number] = _include_later_call(opt_outs[number], rung_at, ended_at)
    return OptOuts(tuple(opt_outs.values()))


def callbacks_by_close_reason(
    session: Session, callback_ids: Sequence[int]
) -> dict[str, list[int]]:
    """Return these cancelled callbacks by the reason that a supervisor gave for cancelling them."""
    ids_by_reason: dict[str, list[int]] = {}
    for first in range(0, len(callback_ids), 500):
        chosen = select(Callback.id, Callback.close_reason, Callback.close_note)
        chosen = chosen.where(col(Callback.id).in_(callback_ids[first : first + 500]))
        for number, reason, note in session.exec(chosen):
            label = LABELS_WITHOUT_NOTE.get(CloseReason(reason)) if reason else None
            ids_by_reason.setdefault(note or label or NO_REASON, []).append(number)
    return ids_by_reason


def _include_later_call(opt_out: OptOut, rung_at: datetime, ended_at: datetime) -> OptOut:
    return OptOut(
        opt_out.since,
        max(opt_out.silent_after, ended_at - opt_out.since),
        opt_out.rung_after or rung_at > opt_out.since,
    )
