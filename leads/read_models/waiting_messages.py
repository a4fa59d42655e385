"""Waiting messages as read: texts, voicemails and later statements that a person decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, union_all
from sqlmodel import Session, col

from leads.i18n.translatable import Phrase
from leads.lead_records import transition_words
from leads.lead_records.visible_people import masked_person
from leads.messaging import voicemails
from leads.models.advisors import Advisor
from leads.models.enums import UNDECIDED, SubmissionState
from leads.models.helplines import Brand, Source
from leads.models.inbound import InboundCall
from leads.models.labels import TEXT_MEANING_LABELS
from leads.models.requests import AlsoSaid, Lead, Submission, TextMessage
from leads.models.voicemails import Voicemail
from leads.people.permissions import Permission, require_permission
from leads.phone_numbers import mask_phone, withheld_phone
from leads.read_models.work_kinds import WorkKind


@dataclass(frozen=True)
class WaitingMessage:
    """Something that came in and waits for a person.

    `who` is masked; `is_again`: they had written to us, or called us, before. `submission_state`:
    how a form stands.
    """

    kind: WorkKind
    record_id: int
    who: str
    why: str
    brand: str
    since: datetime
    lead_id: int | None = None
    is_dangerous: bool = False
    is_again: bool = False
    submission_state: SubmissionState | None = None


def list_waiting_messages(session: Session, supervisor: Advisor) -> list[WaitingMessage]:
    """Return what came in and waits for a person, but for forms. Supervisors only."""
    require_permission(supervisor, Permission.SEE_REVIEW)
    return [
        *_waiting_texts(session),
        *_waiting_voicemails(session),
        *_waiting_statements(session),
    ]


def count_waiting_messages(session: Session) -> tuple[int, datetime | None]:
    """Return how many messages wait for a person, and when the oldest of them came in."""
    waiting = (
        select(col(Submission.received_at)).where(col(Submission.state).in_(UNDECIDED)),
        select(col(TextMessage.received_at)).where(col(TextMessage.waits).is_(True)),
        select(col(Voicemail.received_at)).where(voicemails.waits_for_listener_clause()),
        select(col(AlsoSaid.at)).where(col(AlsoSaid.decided_at).is_(None)),
    )
    came_at = union_all(*waiting).subquery()
    count, oldest = session.execute(select(func.count(), func.min(came_at.c[0]))).one()
    return count, oldest


def _waiting_texts(session: Session) -> Iterator[WaitingMessage]:
    waiting = (
        select(TextMessage, Lead, col(Brand.name))
        .outerjoin(Lead, col(Lead.id) == col(TextMessage.lead_id))
        .outerjoin(Brand, col(Brand.id) == col(TextMessage.brand_id))
        .where(col(TextMessage.waits).is_(True))
        .order_by(col(TextMessage.id))
    )
    for text, lead, brand in session.execute(waiting):
        yield WaitingMessage(
            WorkKind.TEXT,
            text.id,
            masked_person(lead.name, lead.phone) if lead else mask_phone(text.phone),
            TEXT_MEANING_LABELS[text.meaning],
            brand or "",
            text.received_at,
            text.lead_id,
            is_dangerous=text.danger is not None,
            is_again=lead is not None,
        )


def _waiting_voicemails(session: Session) -> Iterator[WaitingMessage]:
    waiting = (
        select(col(Voicemail.id), col(Voicemail.received_at), InboundCall, Lead, col(Brand.name))
        .join(InboundCall, col(InboundCall.id) == col(Voicemail.inbound_call_id))
        .join(Brand, col(Brand.id) == col(InboundCall.brand_id))
        .outerjoin(Lead, col(Lead.id) == col(InboundCall.lead_id))
        .where(voicemails.waits_for_listener_clause())
        .order_by(col(Voicemail.id))
    )
    for number, at, call, lead, brand in session.execute(waiting):
        yield WaitingMessage(
            WorkKind.VOICEMAIL,
            number,
            masked_person(lead.name, lead.phone)
            if lead
            else mask_phone(call.phone or withheld_phone(call.id)),
            Phrase("No one has listened to it yet."),
            brand,
            at,
            call.lead_id,
            is_again=lead is not None,
        )


def _waiting_statements(session: Session) -> Iterator[WaitingMessage]:
    undecided = (
        select(AlsoSaid, Lead, col(Brand.name))
        .join(Lead, col(Lead.id) == col(AlsoSaid.lead_id))
        .join(Submission, col(Submission.id) == col(AlsoSaid.submission_id))
        .join(Source, col(Source.id) == col(Submission.source_id))
        .join(Brand, col(Brand.id) == col(Source.brand_id))
        .where(col(AlsoSaid.decided_at).is_(None))
        .order_by(col(AlsoSaid.id))
    )
    for statement, lead, brand in session.execute(undecided):
        fact = transition_words.fact_label(statement.fact)
        yield WaitingMessage(
            WorkKind.STATEMENT,
            statement.id,
            masked_person(lead.name, lead.phone),
            Phrase("Conflicting answers: {fact}", fact=fact),
            brand,
            statement.at,
            lead.id,
            is_again=True,
        )
