"""What a supervisor must hear of before somebody is lost: submissions that grow old, and sources that went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.models import Source, Submission, SubmissionState

PATIENCE = timedelta(minutes=5)  # nothing that a person or a rule has to decide grows older unheard
REFUSED_LATELY = timedelta(days=1)
HABIT = timedelta(days=28)
ENOUGH = 20  # submissions, before a source has a habit
SILENT_FOR = 1.5  # times the longest silence that was usual
SHORTEST_SILENCE = timedelta(hours=1)
IN_A_ROW = 5  # submissions without a number, where nearly all had one
NEARLY_ALL = 0.8


@dataclass(frozen=True)
class Alert:
    """One thing to look at: the sentence, and since when it is so."""

    sentence: str
    since: datetime


def read(session: Session, *, now: datetime) -> list[Alert]:
    """Return what needs a supervisor now, oldest first. It ends by itself when the cause does."""
    found = [*_growing_old(session, now), *_refused(session, now)]
    for source in session.exec(select(Source).where(col(Source.paused_at).is_(None)).order_by(col(Source.id))):
        found += _of_source(session, source, now)
    return sorted(found, key=lambda alert: alert.since)


def _growing_old(session: Session, now: datetime) -> Iterator[Alert]:
    waiting: dict[str, str] = {
        SubmissionState.RECEIVED: "Submissions that were not processed for five minutes: {}. Is the scheduler running?",
        SubmissionState.NEEDS_REVIEW: "Submissions that wait for a person for more than five minutes: {}.",
        SubmissionState.WITHHELD: "People who once said stop and wrote again: {}. Somebody has to decide.",
    }
    old = select(Submission.state, func.count(), func.min(Submission.received_at)).group_by(col(Submission.state))
    old = old.where(col(Submission.state).in_(waiting), col(Submission.received_at) < now - PATIENCE)
    for state, count, since in session.exec(old):
        yield Alert(waiting[state].format(count), since)


def _refused(session: Session, now: datetime) -> Iterator[Alert]:
    """A secret that was pasted wrongly refuses everybody: a person has to hear of it at once."""
    lately = select(Source.name, func.count(), func.min(Submission.received_at)).group_by(Source.name)
    lately = lately.join(Source, col(Source.id) == col(Submission.source_id))
    lately = lately.where(
        Submission.state == SubmissionState.REFUSED, col(Submission.received_at) > now - REFUSED_LATELY
    )
    for name, count, since in session.exec(lately):
        yield Alert(
            f"{name}: {count} submissions failed their signature. Compare the secret with the form tool's.", since
        )


def _of_source(session: Session, source: Source, now: datetime) -> Iterator[Alert]:
    recent = select(Submission.received_at, Submission.reading, Submission.state).where(
        Submission.source_id == source.id, col(Submission.received_at) > now - HABIT
    )
    rows = session.exec(recent.order_by(col(Submission.received_at).desc()).limit(10 * ENOUGH)).all()
    times = [received_at for received_at, _, _ in rows]
    if len(times) >= ENOUGH and now - times[0] > max(SHORTEST_SILENCE, SILENT_FOR * _longest_gap(times)):
        yield Alert(f"{source.name}: nothing came for longer than ever. Send a test from the form.", times[0])
    read = [(at, bool(reading.get("phone"))) for at, reading, state in rows if state != SubmissionState.REFUSED]
    if len(read) >= ENOUGH and _lost_its_numbers([has_number for _, has_number in read]):
        yield Alert(
            f"{source.name}: the last {IN_A_ROW} submissions had no phone number. Was a field renamed?",
            read[IN_A_ROW - 1][0],
        )


def _longest_gap(newest_first: Sequence[datetime]) -> timedelta:
    return max(later - earlier for later, earlier in pairwise(newest_first))


def _lost_its_numbers(newest_first: Sequence[bool]) -> bool:
    lately, before = newest_first[:IN_A_ROW], newest_first[IN_A_ROW:]
    return not any(lately) and sum(before) >= NEARLY_ALL * len(before)
