"""Lets whoever opens a desk in the demo meet all that may come, whatever they do there.

Two people are held for them. The first writes in as soon as the desk is available, and is called
from it at once. Whenever its guest is free again they have, in this order, what they have not had
yet: a call, somebody who calls in, and the second person. Once nobody has the first one in hand any
more, that one texts; where that takes long, somebody does who was called before.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.callbacks import opt_out, queue
from leads.commands import demo_data
from leads.database.transactions import reader, transaction
from leads.errors import LeadsError
from leads.intake import processing
from leads.messaging import inbound_texts
from leads.messaging.inbound_texts import TextDelivery
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.dispositions import Disposition
from leads.models.enums import LeadState
from leads.models.requests import Lead, Submission
from leads.people import availability, presence

REPLY = "thank you. is there a group for parents too?"
HELD_PEOPLE = (
    {
        "name": "Marisol Vega",
        "message": "It is for my son. He says he is ready today. What do we do first?",
        "for_whom": "loved_one",
    },
    {"name": "Dana Whitfield", "message": "I have been sober for nine days. I need a plan."},
)
SAFE = {"consent": True, "safe_to_call": True, "safe_to_text": True, "any_hour": True}
FIRST_PERSON_TEXTS_WITHIN = timedelta(seconds=75)
CALLS_AGAIN_AFTER = timedelta(seconds=15)


@dataclass
class Visit:
    """What was played for one guest. `numbers`: those of the held people who have written in."""

    began_at: datetime
    numbers: list[str] = field(default_factory=list)
    called_in_at: datetime | None = None
    has_text: bool = False


@dataclass(frozen=True)
class Conversations:
    """Whether a guest has talked with somebody whom they called, and with somebody who called."""

    has_called: bool
    has_answered: bool


class RehearsedWelcome:
    """Plays a visit for everybody whose desk opens, the next of it whenever they are free."""

    def __init__(
        self, let_somebody_call: Callable[..., None], *, now: Callable[[], datetime]
    ) -> None:
        self._let_somebody_call, self._now = let_somebody_call, now
        self._visits: dict[int, Visit] = {}  # by advisor
        self._lines = itertools.count(int(now().timestamp()))

    def let_a_stranger_call(self) -> None:
        """Let somebody call in, unless a guest would get them before the people held for them.

        Whoever calls in goes first: so not while a guest is free, nor while nobody is.
        """
        now = self._now()
        with reader() as session:
            free = availability.list_available_advisors(session, now=now)
            by_phone = [presence.is_on_duty_by_phone_only(one, now=now) for one in free]
        if by_phone and all(by_phone):
            self._let_somebody_call()

    def welcome_guests(self) -> None:
        """Play what is due of every visit; nothing where the database is not the demo's."""
        now = self._now()
        with reader() as session:
            source_id = demo_data.find_demo_source(session)
            if source_id is None:
                return
            free = availability.list_available_advisors(session, now=now)
            guests = [one.id for one in free if not presence.is_on_duty_by_phone_only(one, now=now)]
            had = {
                guest: _read_conversations(
                    session, guest, since=self._visits.setdefault(guest, Visit(now)).began_at
                )
                for guest in guests
            }
        for guest, talked in had.items():
            with contextlib.suppress(LeadsError):  # busy meanwhile: in a second, then
                self._play_next_scene(source_id, guest, talked)
        for visit in self._visits.values():
            self._let_somebody_text(visit)

    def _play_next_scene(self, source_id: int, guest: int, had: Conversations) -> None:
        visit, now = self._visits[guest], self._now()
        is_anybody_left = len(visit.numbers) < len(HELD_PEOPLE)
        if not visit.numbers or (is_anybody_left and not had.has_called):
            self._bring_next_person(source_id, guest, visit)
        elif not had.has_answered:
            if visit.called_in_at is None or now >= visit.called_in_at + CALLS_AGAIN_AFTER:
                self._let_guest_be_called(guest)
                visit.called_in_at = now
        elif is_anybody_left:
            self._bring_next_person(source_id, guest, visit)

    def _bring_next_person(self, source_id: int, guest: int, visit: Visit) -> None:
        """Let the next of those who are held write in, and call them from the guest's desk.

        In one act: nobody else is offered them.
        """
        now, person = self._now(), HELD_PEOPLE[len(visit.numbers)]
        number = f"{demo_data.HELD_NUMBERS}{next(self._lines) % 100:02}"
        with transaction() as session:
            callback = _write_in(session, source_id, {"phone": number, **SAFE, **person}, now=now)
            queue.call_back_now(session, callback, session.get_one(Advisor, guest), now=now)
        visit.numbers.append(number)

    def _let_guest_be_called(self, guest: int) -> None:
        """Let somebody call in who reaches the guest: all others go to the back of the line."""
        now = self._now()
        with transaction() as session:
            for one in availability.list_available_advisors(session, now=now):
                if one.id != guest and presence.is_on_duty_by_phone_only(one, now=now):
                    presence.mark_advisor_idle(session, one, now=now)
        self._let_somebody_call(waits=True)

    def _let_somebody_text(self, visit: Visit) -> None:
        """Let the first person text whom nobody has in hand, or another one, late.

        What somebody writes who is still to be called is read at that call, and is not on the list.
        """
        if visit.has_text or not visit.numbers:
            return
        now, number = self._now(), visit.numbers[0]
        with transaction() as session:
            if opt_out.find_open_callbacks(session, number):
                if now < visit.began_at + FIRST_PERSON_TEXTS_WITHIN:
                    return
                number = _find_number_of_somebody_helped(session) or number
            inbound_texts.receive_text_message(
                session,
                number,
                REPLY,
                message_id="rehearsal-" + secrets.token_hex(8),
                now=now,
                beside=TextDelivery(to=demo_data.CALLER_ID),
            )
        visit.has_text = True


def _read_conversations(session: Session, advisor_id: int, *, since: datetime) -> Conversations:
    talked = select(CallAttempt.inbound_call_id).where(
        CallAttempt.advisor_id == advisor_id,
        col(CallAttempt.requested_at) >= since,
        col(CallAttempt.answered_at).is_not(None),
    )
    calls_in = session.exec(talked).all()
    return Conversations(
        has_called=any(one is None for one in calls_in),
        has_answered=any(one is not None for one in calls_in),
    )


def _write_in(
    session: Session, source_id: int, said: Mapping[str, object], *, now: datetime
) -> Callback:
    body = json.dumps(said).encode()
    submission = Submission(
        source_id=source_id,
        received_at=now,
        content_type="application/json",
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
    )
    session.add(submission)
    session.flush()
    processing.process_submission(session, submission, now=now)
    session.flush()
    return session.get_one(Callback, submission.callback_id)


def _find_number_of_somebody_helped(session: Session) -> str | None:
    """Return the number of whoever was helped last and was in no danger; None without anybody."""
    helped = (
        select(Lead.phone)
        .join(Callback, col(Callback.lead_id) == col(Lead.id))
        .where(Lead.state == LeadState.CLOSED, Callback.disposition == Disposition.HELPED)
        .where(col(Callback.danger).is_(None))
    )
    return session.exec(helped.order_by(col(Callback.id).desc()).limit(1)).first()
