"""Lets whoever opens a desk in the demo be the first who is called, and meet all that may come.

Two people are held for them: one writes in as soon as the desk is available. After that call they
text, and somebody else calls in; after that one the second of them writes. Each time the colleagues
go to the back of the line.
"""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from leads.commands import demo_data
from leads.database.transactions import reader, transaction
from leads.intake import raw_inbox
from leads.intake.raw_inbox import Arrival
from leads.messaging import inbound_texts
from leads.messaging.inbound_texts import TextDelivery
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.requests import Lead
from leads.people import availability, presence

NUMBERS = "+151855501"  # that nobody has
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


@dataclass
class Visit:
    """What is played for one guest, as far as it was played."""

    began_at: datetime
    scenes: Iterator[str | None]  # each says who has to be called before the next
    calls: int | None = None  # offered to them when the last scene was played; None before it
    awaited: str | None = ""  # a number; empty for anybody's, None: there is no next scene


class RehearsedWelcome:
    """Plays a visit for everybody whose desk opens, a scene whenever they are free again."""

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
        with transaction() as session:
            source_id = demo_data.find_demo_source(session)
            if source_id is None:
                return
            free = availability.list_available_advisors(session, now=now)
            at_desks = [one for one in free if not presence.is_on_duty_by_phone_only(one, now=now)]
            due = [
                visit
                for guest in at_desks
                if (visit := self._find_due_visit(session, guest, source_id, now=now))
            ]
            if due:
                for colleague in free:
                    if colleague not in at_desks:
                        presence.mark_advisor_idle(session, colleague, now=now)
        for visit in due:
            visit.awaited = next(visit.scenes)

    def _find_due_visit(
        self, session: Session, guest: Advisor, source_id: int, *, now: datetime
    ) -> Visit | None:
        """Return a guest's visit if they had the call of its last scene, and another one comes."""
        visit = self._visits.setdefault(guest.id, Visit(now, self._play_scenes(source_id)))
        offered = select(func.count()).where(
            CallAttempt.advisor_id == guest.id, col(CallAttempt.requested_at) >= visit.began_at
        )
        calls = session.exec(offered).one()
        if visit.awaited is None or calls == visit.calls:
            return None
        if visit.awaited and not _was_ever_rung(session, visit.awaited):
            return None  # what the guest had was somebody else's call
        visit.calls = calls
        return visit

    def _play_scenes(self, source_id: int) -> Iterator[str | None]:
        first, second = (f"{NUMBERS}{next(self._lines) % 100:02}" for _ in HELD_PEOPLE)
        self._write_in(source_id, first, HELD_PEOPLE[0])
        yield first
        self._text_back(first)
        self._let_somebody_call(waits=True)
        yield ""
        self._write_in(source_id, second, HELD_PEOPLE[1])
        yield None

    def _write_in(self, source_id: int, number: str, person: Mapping[str, str]) -> None:
        body = json.dumps({"phone": number, **SAFE, **person}).encode()
        raw_inbox.store_arrivals([Arrival(source_id, self._now(), "application/json", body)])

    def _text_back(self, number: str) -> None:
        with transaction() as session:
            inbound_texts.receive_text_message(
                session,
                number,
                REPLY,
                message_id="rehearsal-" + secrets.token_hex(8),
                now=self._now(),
                beside=TextDelivery(to=demo_data.CALLER_ID),
            )


def _was_ever_rung(session: Session, number: str) -> bool:
    called = select(CallAttempt.id).join(Callback).join(Lead).where(Lead.phone == number)
    return session.exec(called).first() is not None
