"""Helpline scope: which rows belong to which helplines, and who is shown or may touch them.

No query and no verb has rules of its own: a session that reads for somebody is limited by this
table, and a verb asks it about the row that it is for. A kind of row that is in neither table here
belongs to nobody who does not serve every helpline; a test wants each of them to be in one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, event, or_, select
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlmodel import Session, SQLModel, col

from leads.database.bulk_rows import table_of
from leads.models.calls import (
    CallAttempt,
    Callback,
    CallLeg,
    GateDecision,
    Hold,
    IntakeAnswer,
    Note,
    ProviderEvent,
)
from leads.models.disclosures import Disclosure, DisclosureConsent
from leads.models.emergency_access import EmergencyAccess
from leads.models.helplines import (
    Brand,
    BrandDisposition,
    CallPreset,
    EmergencyNumber,
    HoursChange,
    Source,
    TextTemplate,
)
from leads.models.inbound import HelplineNumber, InboundCall, InboundSettings
from leads.models.incidents import HoursOverride, Incident, IncidentStep
from leads.models.legal_holds import LegalHold
from leads.models.person_work import Outreach, Task
from leads.models.privacy_cases import PrivacyCase, PrivacyStep
from leads.models.requests import (
    AlsoSaid,
    Consent,
    FactChange,
    Lead,
    LeadWord,
    Merge,
    OutgoingText,
    Submission,
    TextMessage,
)
from leads.models.retention import RetentionMark
from leads.models.voicemails import Voicemail, VoicemailPlay
from leads.models.watching import Alert

Helplines = Collection[int]
RowKey = tuple[type[SQLModel], int | str]
"""A row by its kind and id, for a verb that has not read it."""
Rule = Callable[[Helplines], ColumnElement[bool]]

OVER_ALL_HELPLINES: Mapping[str, Any] = {"over_all_helplines": True}
"""The execution options of a query that protects a number, whoever it asked for help."""


def _columns(kind: type[SQLModel]) -> Any:
    """Return a table's columns under a name of its own, so that no query takes them for its own."""
    return table_of(kind).alias().c


def _of_brand(brand_id: Any) -> Rule:
    return lambda helplines: col(brand_id).in_(helplines)


def _of_brand_or_nobody(brand_id: Any) -> Rule:
    return lambda helplines: or_(col(brand_id).is_(None), col(brand_id).in_(helplines))


def _of_record(owner_id: Any, kind: type[SQLModel]) -> Rule:
    """Return the rule of rows that belong where the record does whose id they have."""

    def is_served(helplines: Helplines) -> ColumnElement[bool]:
        owner = _columns(kind)
        return col(owner_id).in_(select(owner.id).where(_ids_served(kind, owner, helplines)))

    return is_served


def _ids_served(kind: type[SQLModel], row: Any, helplines: Helplines) -> ColumnElement[bool]:
    """Return the condition that a row of a kind which others belong to is served."""
    is_served: ColumnElement[bool]
    if kind in (Callback, InboundCall, Source):
        is_served = row.brand_id.in_(helplines)
    elif kind is PrivacyCase:
        is_served = row.lead_id.in_(_leads_served(helplines))
    else:
        owner_kind, owner_id = OWNERS[kind]
        owner = _columns(owner_kind)
        served = _ids_served(owner_kind, owner, helplines)
        is_served = row[owner_id].in_(select(owner.id).where(served))
    return is_served


def _is_lead_served(helplines: Helplines) -> ColumnElement[bool]:
    return col(Lead.id).in_(_leads_served(helplines))


def _of_lead(lead_id: Any) -> Rule:
    return lambda helplines: col(lead_id).in_(_leads_served(helplines))


def _leads_served(helplines: Helplines) -> Any:
    """Return the query for whoever asked one of these helplines for help, by whatever way."""
    promised, sent, source = _columns(Callback), _columns(Submission), _columns(Source)
    called, texted = _columns(InboundCall), _columns(TextMessage)
    by_form = select(sent.lead_id).join_from(
        sent.id.table, source.id.table, source.id == sent.source_id
    )
    return sqlalchemy.union(
        select(promised.lead_id).where(promised.brand_id.in_(helplines)),
        by_form.where(source.brand_id.in_(helplines), sent.lead_id.is_not(None)),
        *(
            select(one.lead_id).where(one.brand_id.in_(helplines), one.lead_id.is_not(None))
            for one in (called, texted)
        ),
    )


def _is_text_served(helplines: Helplines) -> ColumnElement[bool]:
    return or_(
        col(TextMessage.brand_id).in_(helplines),
        col(TextMessage.lead_id).in_(_leads_served(helplines)),
    )


OWNERS: Mapping[type[SQLModel], tuple[type[SQLModel], str]] = {
    Submission: (Source, "source_id"),
    CallAttempt: (Callback, "callback_id"),
    Incident: (Callback, "callback_id"),
    Voicemail: (InboundCall, "inbound_call_id"),
}
"""Where the records belong that others belong to: with which record, by which of their columns."""
RULES: Mapping[type[SQLModel], Rule] = {
    Brand: _of_brand(Brand.id),
    Source: _of_brand(Source.brand_id),
    BrandDisposition: _of_brand(BrandDisposition.brand_id),
    TextTemplate: _of_brand(TextTemplate.brand_id),
    EmergencyNumber: _of_brand(EmergencyNumber.brand_id),
    HoursChange: _of_brand(HoursChange.brand_id),
    CallPreset: _of_brand(CallPreset.brand_id),
    HelplineNumber: _of_brand(HelplineNumber.brand_id),
    InboundSettings: _of_brand(InboundSettings.brand_id),
    Callback: _of_brand(Callback.brand_id),
    InboundCall: _of_brand(InboundCall.brand_id),
    OutgoingText: _of_brand(OutgoingText.brand_id),
    Alert: _of_brand_or_nobody(Alert.brand_id),
    TextMessage: _is_text_served,
    Lead: _is_lead_served,
    Task: _of_lead(Task.lead_id),
    PrivacyCase: _of_lead(PrivacyCase.lead_id),  # about nobody: of who serves every helpline
    Outreach: _of_lead(Outreach.lead_id),
    FactChange: _of_lead(FactChange.lead_id),
    LeadWord: _of_lead(LeadWord.lead_id),
    LegalHold: _of_lead(LegalHold.lead_id),
    RetentionMark: _of_lead(RetentionMark.lead_id),
    Merge: _of_lead(Merge.lead_id),
    Disclosure: _of_lead(Disclosure.lead_id),
    DisclosureConsent: _of_lead(DisclosureConsent.lead_id),
    EmergencyAccess: _of_lead(EmergencyAccess.lead_id),
    GateDecision: _of_lead(GateDecision.lead_id),
    Submission: _of_record(Submission.source_id, Source),
    Consent: _of_record(Consent.submission_id, Submission),
    AlsoSaid: _of_record(AlsoSaid.submission_id, Submission),
    CallAttempt: _of_record(CallAttempt.callback_id, Callback),
    Hold: _of_record(Hold.callback_id, Callback),
    HoursOverride: _of_record(HoursOverride.callback_id, Callback),
    Incident: _of_record(Incident.callback_id, Callback),
    IntakeAnswer: _of_record(IntakeAnswer.callback_id, Callback),
    PrivacyStep: _of_record(PrivacyStep.case_id, PrivacyCase),
    Note: _of_record(Note.callback_id, Callback),
    CallLeg: _of_record(CallLeg.attempt_id, CallAttempt),
    ProviderEvent: _of_record(ProviderEvent.attempt_id, CallAttempt),
    IncidentStep: _of_record(IncidentStep.incident_id, Incident),
    Voicemail: _of_record(Voicemail.inbound_call_id, InboundCall),
    VoicemailPlay: _of_record(VoicemailPlay.voicemail_id, Voicemail),
}
"""Of each kind of row that belongs to a helpline, the condition that it is one of these."""
OF_NO_HELPLINE = frozenset(
    {
        "destination",  # which admins alone see, as the next
        "api_token",
        "event_cursor",
        "advisor",  # colleagues, and how they get in
        "known_browser",
        "lockout",
        "on_call",
        "recovery_code",
        "shift_change",
        "sign_in",
        "weekly_shift",
        "audit_entry",  # ids and codes, which admins alone see
        "audit_key",
        "audit_link",
        "audit_trim",
        "transition",  # found by the record that it is about
        "confirmed_number",  # of a number, whoever it asked for help
        "suppression",
        "helpline_operator",  # an id and a day
        "arrival_look",  # how the desk works
        "backup_taken",
        "beat",
        "data_key",
        "lookup_key",
        "outbox",
        "packed_day",  # whole days of figures, of which the reader takes those it may
        "sealing_task",
    }
)
"""The tables whose rows belong to no helpline."""


@contextlib.contextmanager
def limited_to_helplines(session: Session, helplines: Helplines | None) -> Iterator[None]:
    """Limit whatever a session reads meanwhile to what belongs to these helplines.

    None limits nothing. What reads protection by number goes past it, by OVER_ALL_HELPLINES.
    """
    if helplines is None:
        yield
        return

    def add_limit(state: ORMExecuteState) -> None:
        if state.is_select and not state.execution_options.get("over_all_helplines"):
            state.statement = state.statement.options(*limits)

    limits = _limits(tuple(sorted(helplines)))
    event.listen(session, "do_orm_execute", add_limit)
    try:
        yield
    finally:
        event.remove(session, "do_orm_execute", add_limit)


def served_clause(kind: type[SQLModel], helplines: Helplines | None) -> ColumnElement[bool]:
    """Return the condition that a row of a kind belongs to one of these helplines, if any."""
    if helplines is None:
        return sqlalchemy.true()
    rule = RULES.get(kind)
    return rule(helplines) if rule else sqlalchemy.false()


def is_row_served(session: Session, about: SQLModel | RowKey, helplines: Helplines) -> bool:
    """Whether a row belongs to one of these helplines."""
    kind, key = about if isinstance(about, tuple) else (type(about), _key_of_row(about))
    column = sqlalchemy.inspect(kind).primary_key[0]
    found = select(column).where(column == key, served_clause(kind, helplines))
    return session.execute(found.execution_options(**OVER_ALL_HELPLINES)).first() is not None


def find_helplines_of_leads(session: Session, lead_ids: Collection[int]) -> frozenset[int]:
    """Return the ids of all helplines that these people asked for help, by whatever way."""
    sent, source = _columns(Submission), _columns(Source)
    by_form = select(source.brand_id).join_from(
        sent.id.table, source.id.table, source.id == sent.source_id
    )
    others = (
        select(one.brand_id).where(one.lead_id.in_(lead_ids), one.brand_id.is_not(None))
        for one in (_columns(Callback), _columns(InboundCall), _columns(TextMessage))
    )
    found = sqlalchemy.union(by_form.where(sent.lead_id.in_(lead_ids)), *others)
    return frozenset(session.execute(found).scalars())


def _key_of_row(row: SQLModel) -> Any:
    return getattr(row, sqlalchemy.inspect(type(row)).primary_key[0].name)


@lru_cache(maxsize=256)
def _limits(helplines: tuple[int, ...]) -> tuple[Any, ...]:
    return tuple(
        with_loader_criteria(kind, rule(helplines), include_aliases=True)
        for kind, rule in RULES.items()
    )
