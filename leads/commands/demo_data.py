"""Believable leads and two days of history, made by the verbs that real ones go through."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks import callback_offers, queue
from leads.calls import attempt_steps, keypad_wrap_up, offers, placement, progress
from leads.calls.legs import LegReport
from leads.database.transactions import transaction
from leads.errors import BadConfiguration
from leads.helplines import brands_and_sources, phone_lines
from leads.i18n import languages
from leads.intake import processing, raw_inbox
from leads.intake.raw_inbox import Arrival
from leads.messaging import inbound_texts, text_delivery
from leads.messaging.inbound_texts import TextDelivery
from leads.messaging.text_delivery import TextReport
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole, LegStatus, Party, TextStatus
from leads.models.helplines import Brand, Source
from leads.models.requests import Lead, OutgoingText
from leads.outbox import call_orders, orders
from leads.people import competence, passwords, presence, shifts, staff
from leads.people.permissions import OPERATOR

BRAND, SOURCE = "Harbor Line", "Harbor website"
ADVISORS = (
    ("Ana Ruiz", "ana"),
    ("Ben Carter", "ben"),
    ("Chloe Nguyen", "chloe"),
    ("Dev Patel", "dev"),
)
SUPERVISOR = ("Sam Lee", "sam")
# printed for whoever tries the demo, in a database of its own
PASSWORD = "rehearsal only"  # noqa: S105
DOMAIN = "demo.example"
CALLER_ID = "+13155550001"
HELD_NUMBERS = "+151855501"  # nobody has them: of those who are held for whoever opens a desk
HISTORY = timedelta(hours=26)
STILL_WAITING = timedelta(minutes=13)
LEADS = 70
DUTY = timedelta(hours=12)
DEMO_ZONE = "America/New_York"
DEMO_SHIFTS = (("08:00", "16:00"), ("12:00", "20:00"), ("09:00", "17:00"))
MOST_ORDERS = 10  # of one call

FIRST_NAMES = (
    "Jordan",
    "Maria",
    "Chris",
    "Taylor",
    "Sam",
    "Denise",
    "Luis",
    "Pat",
    "Robin",
    "Casey",
    "Elena",
    "Tyrone",
    "Rosa",
)
LAST_NAMES = (
    "Reyes",
    "Walker",
    "Johnson",
    "Nguyen",
    "Brooks",
    "Ortiz",
    "Murphy",
    "Hall",
    "Price",
    "Diaz",
    "Cole",
    "Foster",
)
AREA_CODES = (212, 315, 305, 404, 312, 512, 602, 303, 415, 206, 702, 615)
MESSAGES = (
    "I would like to talk to someone about options.",
    "It is for my brother. I do not know where to start.",
    "Please call, I am ready to talk.",
    "I have insurance questions.",
    "",
    "I am a case manager with a client who is ready today.",
)


NOT_DIALABLE, NOT_SAFE = (51, 68), (46, 69)  # few: what a guest looks for is to be seen at once
IN_DANGER, DANGER_MESSAGE = 66, "I do not want to live anymore. Please call me."
DANGER_WAIT = timedelta(seconds=40)  # whoever tries the demo is not to meet them first
REPLIES = ("ok thank you", "he is asking for help now, can somebody call me after 5?")


@dataclass(frozen=True)
class DemoRequest:
    """One person's form, and when it came."""

    received_at: datetime
    body: dict[str, Any]


def fill_demo_database(*, now: datetime) -> dict[str, Any]:
    """Fill an installation for a rehearsal; returns who may sign in.

    Does nothing the second time.
    """
    password_hash = passwords.hash_new_password(PASSWORD)
    with transaction() as session:
        others = (
            session.exec(select(Brand).where(Brand.name != BRAND)).first()
            or session.exec(
                select(Advisor).where(~col(Advisor.email).endswith(f"@{DOMAIN}"))
            ).first()
        )
        if others:
            msg = (
                "The demo fills a database of its own: this one is somebody's. Set DATABASE_URL "
                "to another."
            )
            raise BadConfiguration(msg)
        fresh = session.exec(select(Brand).where(Brand.name == BRAND)).first() is None
        source_id = _add_demo_helpline_and_staff(session, password_hash, now=now) if fresh else 0
    if fresh:
        chance = random.Random(3)  # noqa: S311 - the same demo for everybody
        for scene in _generate_demo_requests(chance, now):
            _play_demo_request(scene, source_id, chance, now)
        _play_replies(now)
    with transaction() as session:
        for advisor in session.exec(select(Advisor).where(Advisor.role == AdvisorRole.ADVISOR)):
            presence.put_on_duty(session, advisor, until=now + DUTY, now=now)
    return {"sign_in": f"{SUPERVISOR[1]}@{DOMAIN}", "password": PASSWORD}


def find_demo_source(session: Session) -> int | None:
    """Return the id of the demo's source of forms; None in a database of somebody's."""
    of_demo = select(Source.id).join(Brand).where(Brand.name == BRAND, Source.name == SOURCE)
    return session.exec(of_demo).first()


def _add_demo_helpline_and_staff(session: Session, password_hash: str, *, now: datetime) -> int:
    brand = brands_and_sources.add_brand(
        session,
        BRAND,
        operator="Harbor Community Health",
        caller_id=CALLER_ID,
        now=now,
    )
    answering = phone_lines.read_inbound_settings(session, brand.id)
    answering.takes_voicemail = True
    session.add(answering)
    source = brands_and_sources.add_source(session, SOURCE, brand_name=BRAND, now=now)
    people = [(*person, AdvisorRole.ADVISOR) for person in ADVISORS] + [
        (*SUPERVISOR, AdvisorRole.SUPERVISOR)
    ]
    for number, (name, account, role) in enumerate(people):
        colleague = staff.add_staff_member(
            session,
            name,
            email=f"{account}@{DOMAIN}",
            phone_number=f"+1315555019{number}",
            role=role,
            password_hash=password_hash,
            actor=OPERATOR,
            now=now,
        )
        if role is AdvisorRole.ADVISOR:
            _plan_demo_shifts(session, colleague, number, now=now)
    return source.id


def _plan_demo_shifts(session: Session, colleague: Advisor, number: int, *, now: datetime) -> None:
    """Let every other advisor speak Spanish as well, and one begin when another is in mid-shift."""
    spoken = ("en", "es") if number % 2 else ("en",)
    competence.set_competence(
        session, colleague, OPERATOR, spoken=spoken, skills=(), gender="", now=now
    )
    begins, ends = DEMO_SHIFTS[number % len(DEMO_SHIFTS)]
    hours = {"begins": begins, "ends": ends, "zone": DEMO_ZONE}
    shifts.add_weekly_shifts(session, colleague, OPERATOR, weekdays=range(5), **hours, now=now)


def _generate_demo_requests(chance: random.Random, now: datetime) -> Iterator[DemoRequest]:
    """The last ones came minutes ago and still wait, fewer than there are to call them."""
    fresh = [0.3, 1, 2, 4]
    past = [chance.uniform(15, HISTORY.total_seconds() / 60) for _ in range(LEADS - len(fresh))]
    for number, minutes in enumerate(sorted([*past, *fresh], reverse=True)):
        name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
        body = {
            "id": f"demo-{number}",
            "name": name,
            "phone": f"+1{chance.choice(AREA_CODES)}555{100 + number:04d}"
            if number not in NOT_DIALABLE
            else "call me",
            "email": f"{name.split(maxsplit=1)[0].lower()}@{DOMAIN}",
            "message": DANGER_MESSAGE if number == IN_DANGER else chance.choice(MESSAGES),
            "for_whom": chance.choice(("self", "self", "loved_one", "professional")),
            "any_hour": chance.random() < 0.75,  # noqa: PLR2004 - three in four
            "safe_to_call": number not in NOT_SAFE,
            "safe_to_voicemail": chance.random() < 0.4,  # noqa: PLR2004 - two in five
            "safe_to_text": number % 3 == 0,
            "best_time": chance.choice(("", "", "evening", "afternoon")),
            "consent": True,
            "consent_text": languages.default_consent_text("en", brand=BRAND),
            "campaign": chance.choice(("search", "social", "partner site")),
        }
        yield DemoRequest(now - timedelta(minutes=minutes), body)


def _play_demo_request(
    scene: DemoRequest, source_id: int, chance: random.Random, now: datetime
) -> None:
    at = scene.received_at
    body = json.dumps(scene.body).encode()
    raw_inbox.store_arrivals([Arrival(source_id, at, "application/json", body)])
    processing.process_received_submissions(now=lambda: at)
    if at < now - STILL_WAITING:
        with transaction() as session:
            _deliver_texts(session, at)
    while at < now - STILL_WAITING:
        at += timedelta(seconds=chance.expovariate(1 / 150))
        with transaction() as session:
            if not _play_demo_call(session, chance, at):
                return
    if scene.body["message"] == DANGER_MESSAGE:
        with transaction() as session:
            _play_demo_call(session, chance, at + DANGER_WAIT, lasts=DANGER_WAIT)


def _play_demo_call(
    session: Session, chance: random.Random, at: datetime, *, lasts: timedelta | None = None
) -> bool:
    """One call of the past, from the offer to the keys pressed after it.

    False when nothing was due. `lasts`: how long they are rung, and then talk and are helped; None:
    by chance.
    """
    queue.expire_leases(session, now=at)
    advisor = chance.choice(
        list(session.exec(select(Advisor).where(Advisor.role == AdvisorRole.ADVISOR)))
    )
    presence.put_on_duty(session, advisor, until=at + timedelta(minutes=1), now=at)
    attempt = callback_offers.offer_next_callback(session, now=at)
    if attempt is None:
        return False
    advisor_call, lead_call = f"past-{attempt.id}", f"past-{attempt.id}-lead"
    _carry_out_orders(session, at)
    placement.record_placed_calls(session, {attempt.id: advisor_call}, now=at)
    offers.advisor_accepted(session, attempt.id, advisor_call, now=at + timedelta(seconds=9))
    attempt_steps.mark_lead_dialed(session, attempt, now=at + timedelta(seconds=9))
    _carry_out_orders(session, at + timedelta(seconds=9))
    answered = lasts is not None or chance.random() < 0.65  # noqa: PLR2004 - two in three
    ends = [LegStatus.IN_PROGRESS, LegStatus.COMPLETED] if answered else [LegStatus.NO_ANSWER]
    for status in ends:
        at += lasts or timedelta(seconds=chance.uniform(15, 400))
        progress.apply_leg_report(
            session, LegReport(attempt.id, Party.LEAD, lead_call, status, status, 0), now=at
        )
    _carry_out_orders(session, at)
    presence.put_on_duty(session, advisor, until=at + timedelta(minutes=5), now=at)
    if answered:
        key = "1" if lasts else chance.choice("111112223456")
        keypad_wrap_up.apply_keypad_digit(session, attempt.id, key, now=at + timedelta(seconds=20))
    presence.take_off_duty(session, advisor, now=at + timedelta(minutes=5))
    return True


def _deliver_texts(session: Session, at: datetime) -> None:
    """Let the texts of the past have arrived."""
    for order in text_delivery.take_wanted_texts(session, MOST_ORDERS, now=at):
        arrived = TextReport(f"past-{order.text_id}", TextStatus.DELIVERED)
        text_delivery.record_text_handed(session, order, arrived, now=at + timedelta(seconds=4))


def _play_replies(now: datetime) -> None:
    """Let the people who were texted last write back, so that a thread goes both ways."""
    with transaction() as session:
        texted = select(Lead.phone).join(OutgoingText, col(OutgoingText.lead_id) == Lead.id)
        arrived = texted.where(OutgoingText.status == TextStatus.DELIVERED)
        latest = session.exec(arrived.order_by(col(OutgoingText.id).desc())).all()
        numbers = dict.fromkeys(latest)  # each of them once
        for place, (number, words) in enumerate(zip(numbers, REPLIES, strict=False)):
            inbound_texts.receive_text_message(
                session,
                number,
                words,
                message_id=f"demo-reply-{place}",
                now=now - STILL_WAITING / 4,
                beside=TextDelivery(to=CALLER_ID),
            )


def _carry_out_orders(session: Session, at: datetime) -> None:
    """Settle what was ordered of the phone network by then: nobody is rung for the past."""
    due = call_orders.take_due_orders(session, MOST_ORDERS, now=at)
    orders.mark_orders_sent(session, *(item.row.id for item in due), now=at)
