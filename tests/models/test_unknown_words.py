"""Words that another version of us stored: what they are read as, and that no page fails of one."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, SQLModel, col, select

from leads.alerting import escalation
from leads.callbacks import completion, due_order, holds
from leads.contact_rules import gate
from leads.contact_rules.gate_rules import ContactChannel
from leads.database.transactions import write_deferred_inserts
from leads.errors import FailureKind
from leads.free_text.danger import DangerKind
from leads.i18n.translatable import translate
from leads.lead_records import lead_file
from leads.lifecycle.audit_trail import record_event
from leads.models.calls import Callback, Hold
from leads.models.disclosure_words import (
    ConsentProof,
    ConsentScope,
    DisclosureBasis,
    DisclosureWay,
    NoticeWay,
)
from leads.models.dispositions import Disposition
from leads.models.enums import (
    AdvisorRole,
    AlertKind,
    AnsweredBy,
    CallbackOrigin,
    CallDoubt,
    CloseReason,
    DestinationStop,
    EscalationStep,
    HoldReason,
    MatchReason,
    NoticeMethod,
    OutreachWay,
    OutsideHoursChoice,
    Party,
    Presence,
    Result,
    SuppressedChannel,
    TextFault,
    TextMeaning,
    TextStatus,
    TextTemplateKey,
)
from leads.models.fields import EnumText
from leads.models.incident_words import IncidentOutcome, IncidentStepKind
from leads.models.privacy_case_words import (
    PrivacyCaseKind,
    PrivacyOutcome,
    PrivacyStepKind,
)
from leads.models.watching import Alert, Transition
from leads.read_models import callback_board
from tests.conftest import NOW
from tests.support.people import HOUR, a_callback, a_supervisor, hold_back, lead_of, release_as_read

WORD = "of_another_version"
READ_AS: dict[str, StrEnum] = {
    "advisor.role": AdvisorRole.UNKNOWN,
    "advisor.presence": Presence.OFFLINE,
    "alert.kind": AlertKind.UNKNOWN,
    "alert.step": EscalationStep.CALL,  # the last one: it goes no further
    "brand_disposition.disposition": Disposition.UNRECORDED,
    "call_attempt.doubt": CallDoubt.UNKNOWN,
    "call_attempt.result": Result.UNKNOWN,
    "call_leg.answered_by": AnsweredBy.UNKNOWN,
    "call_leg.party": Party.UNKNOWN,
    "call_preset.party": Party.UNKNOWN,
    "callback.close_reason": CloseReason.UNKNOWN,
    "callback.danger": DangerKind.UNSPECIFIED,
    "callback.disposition": Disposition.UNRECORDED,
    "callback.origin": CallbackOrigin.REQUEST,
    "callback.match": MatchReason.UNKNOWN,
    "disclosure.basis": DisclosureBasis.OTHER,
    "disclosure.notice": NoticeWay.NONE,
    "disclosure.way": DisclosureWay.OTHER,
    "disclosure_consent.proof": ConsentProof.UNKNOWN,  # which covers nothing
    "disclosure_consent.scope": ConsentScope.UNKNOWN,
    "hold.reason": HoldReason.UNKNOWN,
    "inbound_settings.outside_hours": OutsideHoursChoice.MESSAGE,  # which offers nothing
    "incident.kind": DangerKind.UNSPECIFIED,
    "incident.outcome": IncidentOutcome.UNKNOWN,
    "incident_step.step": IncidentStepKind.UNKNOWN,
    "lead.close_reason": CloseReason.UNKNOWN,
    "destination.stopped_because": DestinationStop.UNKNOWN,
    "outbox.failure": FailureKind.UNKNOWN,
    "outgoing_text.fault": TextFault.UNKNOWN,
    "outgoing_text.status": TextStatus.UNKNOWN,  # nobody sends it again
    "outgoing_text.template": TextTemplateKey.FREE_WORDS,
    "outreach.way": OutreachWay.OTHER,
    "suppression.channel": SuppressedChannel.ALL,  # the strictest
    "privacy_case.kind": PrivacyCaseKind.BREACH,  # whose clock is the law's
    "privacy_case.outcome": PrivacyOutcome.UNKNOWN,
    "privacy_step.kind": PrivacyStepKind.NOTE,
    "submission.danger": DangerKind.UNSPECIFIED,
    "text_message.danger": DangerKind.UNSPECIFIED,
    "text_message.meaning": TextMeaning.WORDS,  # a person reads them
    "text_template.key": TextTemplateKey.FREE_WORDS,  # nobody says it
}
REFUSED = {
    "api_token.basis_kind",
    "arrival_look.kind",
    "call_attempt.state",
    "call_leg.audience",
    "call_leg.status",
    "callback.state",
    "destination.basis_kind",
    "inbound_call.state",
    "voicemail.state",
    "lead.state",
    "outbox.kind",
    "outbox.state",
    "shift_change.kind",
    "sign_in.kind",
    "submission.state",
}
COLUMNS: dict[str, Any] = {
    str(column): column.type
    for table in SQLModel.metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, EnumText)
}
HELD = "Needs review: this version does not know the reason."


def _hold_for_unknown(session: Session, callback: Callback, *words: str) -> None:
    """Hold a callback as a newer release does, for reasons that this one has no words for."""
    for word in words:
        hold_back(session, callback, "call_lost")
        named = text("UPDATE hold SET reason = :word WHERE reason = 'call_lost'")
        session.execute(named, {"word": word})
        session.expire_all()


def _stored_holds(session: Session, *, lifted: bool) -> list[str]:
    rows = session.execute(text("SELECT reason, lifted_at FROM hold ORDER BY id"))
    return [reason for reason, lifted_at in rows if bool(lifted_at) is lifted]


def test_each_column_of_words_says_what_an_unknown_one_is_read_as() -> None:
    dialect = sqlite.dialect()
    assert set(COLUMNS) == READ_AS.keys() | REFUSED
    for name, unknown in READ_AS.items():
        assert COLUMNS[name].process_result_value(WORD, dialect) is unknown, name
        assert COLUMNS[name].process_result_value(None, dialect) is None, name
    for name in REFUSED:
        with pytest.raises(ValueError, match=WORD):
            COLUMNS[name].process_result_value(WORD, dialect)
    for kind in COLUMNS.values():
        with pytest.raises(ValueError, match=WORD):  # nobody writes one
            kind.process_bind_param(WORD, dialect)


def test_a_hold_that_nobody_knows_is_on_the_board_and_only_a_person_lifts_it(
    session: Session,
) -> None:
    callback, sam = a_callback(session), a_supervisor(session)
    _hold_for_unknown(session, callback, "of_tomorrow", "of_the_day_after")
    [row] = callback_board.list_open_callbacks(session, sam, now=NOW)
    assert row.hold == f"{HELD} {HELD}"
    assert HoldReason.UNKNOWN not in holds.GATE_HOLDS
    fine = gate.may_contact(
        session,
        lead_of(session, callback).phone,
        ContactChannel.CALL,
        lead=lead_of(session, callback),
        now=NOW,
    )
    holds.replace_gate_holds(session, callback, fine, by="test", now=NOW)
    assert callback.is_held
    assert _stored_holds(session, lifted=False) == ["of_tomorrow", "of_the_day_after"]
    assert not due_order.lock_due_callbacks(session, 9, now=NOW + HOUR)
    release_as_read(session, callback, sam, now=NOW)
    assert (callback.is_held, _stored_holds(session, lifted=False)) == (False, [])
    assert _stored_holds(session, lifted=True) == ["of_tomorrow", "of_the_day_after"]


@pytest.mark.parametrize("reason", ["attempt_cap", "other"])
def test_a_hold_without_the_values_of_its_sentence_is_shown_all_the_same(
    session: Session, reason: str
) -> None:
    callback = a_callback(session)
    _hold_for_unknown(session, callback, reason)
    session.exec(select(Hold)).one().values = {"of": "another version"}
    session.flush()
    assert holds.hold_sentence(holds.open_causes_of(session, callback)) == HELD


def test_an_alert_of_an_unknown_kind_is_neither_closed_nor_told(session: Session) -> None:
    sam = a_supervisor(session)
    alert = Alert(kind=AlertKind.UNTOLD, since=NOW, opened_at=NOW)
    session.add(alert)
    session.flush()
    session.execute(text("UPDATE alert SET kind = :word"), {"word": WORD})
    session.execute(text("UPDATE alert SET acknowledged_by = :sam"), {"sam": sam.id})
    session.expire(alert)
    assert escalation.list_current_alerts(session, now=NOW) == []
    escalation.evaluate_alerts(session, ways=tuple(NoticeMethod), now=NOW + HOUR)
    session.refresh(alert)
    assert (alert.kind, alert.closed_at) == (AlertKind.UNKNOWN, None)
    assert session.scalar(text("SELECT count(*) FROM outbox")) == 0


def test_a_file_is_read_whose_history_has_unknown_words(session: Session) -> None:
    callback, sam = a_callback(session), a_supervisor(session)
    lead = lead_of(session, callback)
    lead_file.correct_lead_facts(session, lead, {"name": "Jo"}, sam, now=NOW)
    completion.cancel_callback(session, callback, sam, reason="They found help.", now=NOW)
    helped, merged = Disposition.HELPED, CloseReason.MERGED
    record_event(session, callback, "dispose", actor="test", now=NOW, disposition=helped)
    record_event(session, lead, "close", actor="test", now=NOW, close_reason=merged)
    write_deferred_inserts(session)
    for move in session.exec(select(Transition).where(col(Transition.actor) == "test")):
        move.changes = dict.fromkeys(move.changes, WORD)
        session.add(move)
    record_event(session, lead, "part", actor="test", now=NOW, into=1)
    write_deferred_inserts(session)
    session.execute(text("UPDATE fact_change SET fact = :word"), {"word": WORD})
    session.execute(text("UPDATE lead SET close_reason = :word"), {"word": WORD})
    session.execute(text("UPDATE callback SET close_reason = :word"), {"word": WORD})
    session.expire_all()
    file = lead_file.read_lead_file(session, lead.id, sam, now=NOW)
    assert file
    said = [entry.said for entry in file.entries]
    assert said.count("unknown") == 2
    assert any(line.startswith(f"{WORD}: ") for line in said)


def test_what_is_unknown_is_said_in_spanish() -> None:
    sentence = holds.HOLD_SENTENCES[HoldReason.UNKNOWN]
    assert translate("es", sentence) == "Necesita revisión: esta versión no conoce el motivo."
