"""What must hold however often a process died: looked at when everything has come to rest.

Each person sends one form, from a number of their own, and perhaps again where no answer came.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from leads.database.transactions import reader
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    CLAIMED_CALLBACK,
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    AttemptState,
    CallbackState,
    HoldReason,
    LeadState,
    Result,
    SubmissionState,
)
from leads.models.requests import Lead, Submission
from tests.support import call_truth
from tests.support.people import held_for
from tests.support.twilio_simulator import Simulator

OUTAGE = ("webhook", "alert 11200", "somebody heard nothing", "a lead heard nothing")
"""How problems begin that a process that is away causes, whatever it does later."""

ANSWER_LOST = "before an advisor had pressed a key"
"""How it ends where the key was recorded, and the process died before the network heard so."""


@dataclass
class Looked:
    """What was found: how much there was of each thing, and a sentence for each broken promise."""

    figures: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)  # a form that was taken, or a person
    twice: list[str] = field(default_factory=list)  # a call, a promise
    untrue: list[str] = field(default_factory=list)  # what is said of calls, or where they wait

    @property
    def broken(self) -> list[str]:
        return [*self.lost, *self.twice, *self.untrue]


def look_at_promises(
    given: Collection[str], twilio: Simulator, *, now: datetime, allowed: Collection[str] = OUTAGE
) -> Looked:
    """Look at every promise. `given`: the numbers whose forms were answered with 200."""
    looked = Looked()
    with reader() as session:
        _look_at_forms(session, given, looked)
        looked.untrue += _look_at_queue(session)
        looked.twice += _look_at_calls(session, twilio)
        _count_attempts(session, looked)
    for problem in call_truth.list_untruths(twilio, now=now, allowed=tuple(allowed)):
        if problem.endswith(ANSWER_LOST):
            continue
        is_twice = "twice" in problem or "times" in problem
        if not problem.startswith("callback is still wrap_up"):
            (looked.twice if is_twice else looked.untrue).append(problem)
    return looked


def _look_at_forms(session: Session, given: Collection[str], looked: Looked) -> None:
    """Every 200 has its submission, which was read, and its person, who is promised one call."""
    stored: Counter[str] = Counter()
    for body, state in session.exec(select(Submission.body, Submission.state)):
        stored[json.loads(body)["phone"]] += 1
        if state == SubmissionState.RECEIVED:
            looked.lost.append("a form was stored and never read")
    people = Counter(session.exec(select(Lead.phone)).all())
    promised = select(Lead.phone).join(Callback, col(Callback.lead_id) == col(Lead.id))
    promises = Counter(session.exec(promised).all())
    looked.figures.update(forms=len(given), stored=stored.total(), promises=promises.total())
    looked.lost += [f"{one}: 200 and no submission" for one in given if not stored[one]]
    looked.lost += [f"{one}: 200 and no promise" for one in given if not promises[one]]
    for number in {*people, *promises}:
        if people[number] > 1 or promises[number] > 1:
            said = f"{people[number]} people and {promises[number]} promises"
            looked.twice.append(f"{number}: {said} of one form")


def _look_at_queue(session: Session) -> Iterator[str]:
    """Every open lead is in exactly one state of the queue, and nobody else is in one."""
    open_of: Counter[int] = Counter()
    live = Counter(
        session.exec(
            select(CallAttempt.callback_id).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
        ).all()
    )
    for callback in session.exec(select(Callback)):
        open_of[callback.lead_id] += callback.state in OPEN_CALLBACK
        if live[callback.id] != (callback.state == CallbackState.CALLING):
            yield f"callback {callback.id} is {callback.state} with {live[callback.id]} live calls"
        has_advisor = callback.advisor_id is not None
        if callback.state in OPEN_CALLBACK and has_advisor != (callback.state in CLAIMED_CALLBACK):
            yield f"callback {callback.id} is {callback.state}, its advisor {callback.advisor_id}"
    for lead in session.exec(select(Lead)):
        if open_of[lead.id] != (lead.state == LeadState.OPEN):
            yield f"lead {lead.id} is {lead.state} with {open_of[lead.id]} open callbacks"


def _look_at_calls(session: Session, twilio: Simulator) -> Iterator[str]:
    """No number was called twice for one decision: that is an attempt, which dials it once.

    Where nobody can tell whether a phone rang, none does again before a person has looked.
    """
    attempts: defaultdict[str, list[CallAttempt]] = defaultdict(list)
    for attempt in session.exec(select(CallAttempt).order_by(col(CallAttempt.requested_at))):
        attempts[attempt.phone].append(attempt)
    for number, theirs in attempts.items():
        dialed, decided = len(twilio.legs_to(number)), len(theirs)
        if dialed > decided:
            yield f"{number} was called {dialed} times for {decided} decisions"
        lost = next((one for one in theirs if one.state == AttemptState.LOST and one.rung_at), None)
        if lost is None:
            continue
        if lost is not theirs[-1]:
            yield f"{number} was called after a call that may have rung"
        callback = session.get_one(Callback, lost.callback_id)
        is_held = HoldReason.CALL_LOST in held_for(callback)
        if callback.state in OPEN_CALLBACK and not is_held:
            yield f"{number} may have rung, and nobody has to look first"


def _count_attempts(session: Session, looked: Looked) -> None:
    for state, result in session.exec(select(CallAttempt.state, CallAttempt.result)):
        looked.figures["attempts"] += 1
        looked.figures["conversations"] += result == Result.CONVERSATION
        looked.figures["lost calls, said so"] += state == AttemptState.LOST
