"""Text threads: what was texted with a person, both ways, and what may be answered now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from leads.free_text.wishes import is_courtesy
from leads.i18n.translatable import Phrase
from leads.messaging import outgoing_texts, text_answers, text_templates
from leads.messaging.text_parts import count_parts
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import TextFault, TextMeaning, TextStatus, TextTemplateKey
from leads.models.helplines import Brand
from leads.models.requests import Lead, OutgoingText, TextMessage
from leads.people.actor_names import read_names_by_actor

LONGEST_THREAD = 100


@dataclass(frozen=True)
class ThreadText:
    """One text of a thread.

    `status` is None of what they sent. `by`: who sent ours, where a person did. `is_new`: it is
    theirs, and nobody has talked to them or answered since.
    """

    at: datetime
    body: str
    status: TextStatus | None = None
    fault: TextFault | None = None
    problem: str = ""
    by: str = ""
    parts: int = 1
    pictures: int = 0
    is_new: bool = False


@dataclass(frozen=True)
class QuickAnswer:
    """Something that a helpline may text a person now, in the words that would be sent."""

    key: TextTemplateKey
    body: str
    parts: int


@dataclass(frozen=True)
class TextThread:
    """The texts with a person, newest first, and what may be answered.

    `refusal`: why nobody may text them now. `callback_id`: the promise that an answer is about.
    """

    callback_id: int
    texts: tuple[ThreadText, ...]
    answers: tuple[QuickAnswer, ...]
    refusal: Phrase | None

    @property
    def new_count(self) -> int:
        """How many of their texts nobody has answered."""
        return sum(text.is_new for text in self.texts)


def read_thread_of_lead(session: Session, lead: Lead, *, now: datetime) -> TextThread | None:
    """Return the texts with a lead; None where no helpline ever promised them a call."""
    callback = text_answers.find_latest_callback(session, lead)
    return read_thread(session, callback, now=now) if callback else None


def read_thread(
    session: Session, callback: Callback, *, most: int = LONGEST_THREAD, now: datetime
) -> TextThread:
    """Return the texts with whoever a callback is promised to, the latest ones."""
    lead = session.get_one(Lead, callback.lead_id)
    brand = session.get_one(Brand, callback.brand_id)
    files = session.exec(
        select(Lead.id).where(or_(col(Lead.id) == lead.id, col(Lead.merged_into_id) == lead.id))
    ).all()
    texts = [*_their_texts(session, files, most), *_our_texts(session, files, most)]
    answers = [
        QuickAnswer(key, body, count_parts(body))
        for key in text_templates.QUICK_ANSWERS
        if (body := text_templates.render_text(session, brand, lead, key))
    ]
    return TextThread(
        callback.id,
        tuple(sorted(texts, key=lambda text: text.at, reverse=True)[:most]),
        tuple(answers),
        outgoing_texts.may_text_now(session, callback, now=now),
    )


def _their_texts(session: Session, files: Sequence[int], most: int) -> Iterator[ThreadText]:
    answered_at = _last_answer_at(session, files)
    theirs = select(TextMessage).where(col(TextMessage.lead_id).in_(files))
    for text in session.exec(theirs.order_by(col(TextMessage.id).desc()).limit(most)):
        yield ThreadText(
            text.received_at,
            text.body,
            pictures=text.pictures,
            is_new=is_asking(text) and (answered_at is None or text.received_at > answered_at),
        )


def is_asking(text: TextMessage) -> bool:
    """Whether a text is more than a yes, a thank you or a stop, which nobody answers."""
    return text.meaning is not TextMeaning.STOP and (
        text.pictures > 0 or not is_courtesy(text.body)
    )


def _our_texts(session: Session, files: Sequence[int], most: int) -> Iterator[ThreadText]:
    names = read_names_by_actor(session)
    ours = select(OutgoingText).where(col(OutgoingText.lead_id).in_(files))
    for text in session.exec(ours.order_by(col(OutgoingText.id).desc()).limit(most)):
        yield ThreadText(
            text.ordered_at,
            text.body,
            text.status,
            text.fault,
            text.problem,
            names.get(text.ordered_by, ""),
            text.parts,
        )


def _last_answer_at(session: Session, files: Sequence[int]) -> datetime | None:
    """Return when a person last talked to somebody, or texted them."""
    talked = (
        select(func.max(CallAttempt.answered_at))
        .join(Callback, col(Callback.id) == col(CallAttempt.callback_id))
        .where(col(Callback.lead_id).in_(files))
    )
    texted = select(func.max(OutgoingText.ordered_at)).where(
        col(OutgoingText.lead_id).in_(files), OutgoingText.ordered_by != outgoing_texts.SYSTEM
    )
    instants = [session.exec(one).one() for one in (talked, texted)]
    return max((at for at in instants if at), default=None)
