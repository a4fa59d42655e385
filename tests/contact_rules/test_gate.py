"""The gate: every reason not to ring somebody, alone and together, and until when it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest
from sqlmodel import Session, select

from leads.contact_rules import gate, suppression
from leads.contact_rules.gate import Decision, GateMoment
from leads.contact_rules.gate_rules import REFUSAL_SENTENCES, ContactChannel, RefusalReason
from leads.database.transactions import write_deferred_inserts
from leads.errors import LeadsError, NotNow, Suppressed
from leads.i18n.messages import Message, MessageKey, dump_message, load_message, own_words
from leads.i18n.translatable import translate
from leads.models.calls import GateDecision
from leads.models.requests import Consent, Lead
from tests.conftest import NOW
from tests.support.people import (
    HOUR,
    NUMBER,
    a_callback,
    a_lead,
    a_submission,
    an_advisor,
    an_attempt,
)

ALLOWED = Decision(
    allowed=True,
    reasons=(),
    not_before=None,
    rules=(
        "suppression",
        "consent",
        "safe-to-call",
        "number-policy",
        "us-federal-hours",
        "attempt-cap",
    ),
    channel=ContactChannel.CALL,
)
NIGHT = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)  # ten in the evening in New York
MORNING = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)  # eight in New York
SECOND = timedelta(seconds=1)


def test_whoever_asked_to_be_rung_may_be_rung_by_day(session: Session) -> None:
    assert _ask(session, a_lead(session), NOW) == ALLOWED
    assert ALLOWED.sentence == "They can be contacted now."


def test_a_suppressed_number_may_not_be_contacted_until_that_is_lifted(session: Session) -> None:
    lead = a_lead(session, any_hour=True)
    assert suppression.suppress_number(
        session, lead.phone, reason=Message(MessageKey.STOP_BY_TEXT), actor="network", now=NOW
    )
    assert not suppression.suppress_number(
        session, lead.phone, reason=own_words("again"), actor="network", now=NOW
    )
    _is_refused(_ask(session, lead, NOW), RefusalReason.SUPPRESSED)
    assert suppression.lift_suppression(session, lead.phone, actor="advisor:1", now=NOW)
    assert not suppression.lift_suppression(session, lead.phone, actor="advisor:1", now=NOW)
    assert _ask(session, lead, NOW).allowed


def test_a_refusal_is_in_force_until_it_is_lifted(session: Session) -> None:
    for said in ([], [None], [True]):
        assert _ask(session, _who_said(session, said), NOW) == ALLOWED
    for said in ([False], [True, False], [None, False], [False, True], [False, None]):
        lead = _who_said(session, said)
        _is_refused(_ask(session, lead, NOW), RefusalReason.NO_CONSENT)
        for consent in session.exec(select(Consent).where(Consent.lead_id == lead.id)):
            consent.lifted_at = NOW
        session.flush()
        assert _ask(session, lead, NOW) == ALLOWED


def test_what_protects_one_person_protects_whoever_else_is_at_the_number(
    session: Session,
) -> None:
    refused = _who_said(session, [False])
    unsafe = a_lead(session, safe_to_call=False)
    for first, reason in (
        (refused, RefusalReason.NO_CONSENT),
        (unsafe, RefusalReason.NOT_SAFE_TO_CALL),
    ):
        second = a_lead(session, first.phone, nth_at_number=2, safe_to_call=True)
        _is_refused(_ask(session, second, NOW), reason)
        assert _ask(session, a_lead(session), NOW) == ALLOWED


def test_the_hours_of_every_place_that_was_named_count(session: Session) -> None:
    evening_in_new_york = NOW + 9 * HOUR  # 21:00, six in the evening in California
    lead = a_lead(session, "+13105550142", region="CA", further_places=[["HI", ""]])
    assert _ask(session, lead, evening_in_new_york).allowed
    lead.further_places = [["HI", ""], ["NY", ""]]
    assert not _ask(session, lead, evening_in_new_york).allowed
    morning_in_california = NOW
    assert not _ask(session, lead, morning_in_california).allowed  # seven in Hawaii


def test_a_number_that_is_not_safe_to_call_is_not_called(session: Session) -> None:
    for never_said_no in (None, True):
        assert _ask(session, a_lead(session, safe_to_call=never_said_no), NOW) == ALLOWED
    _is_refused(
        _ask(session, a_lead(session, safe_to_call=False), NOW), RefusalReason.NOT_SAFE_TO_CALL
    )


def test_at_night_a_call_waits_for_the_morning(session: Session) -> None:
    lead = a_lead(session)
    for asked, opens in (
        (MORNING - SECOND, MORNING),
        (MORNING, None),
        (MORNING + 13 * HOUR - SECOND, None),
        (MORNING + 13 * HOUR, MORNING + 24 * HOUR),
        (datetime(2026, 3, 8, 3, 0, tzinfo=UTC), datetime(2026, 3, 8, 12, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 3, 0, tzinfo=UTC), datetime(2026, 11, 1, 13, 0, tzinfo=UTC)),
    ):
        decision = _ask(session, lead, asked)
        assert (decision.allowed, decision.not_before) == (opens is None, opens)


@pytest.mark.parametrize(
    ("phone", "where", "opens"),
    [
        (
            "+19075550142",
            {},
            datetime(2026, 3, 3, 18, 0, tzinfo=UTC),
        ),  # Alaska has two zones, one an hour behind
        (NUMBER, {"region": "Hawaii"}, datetime(2026, 3, 3, 18, 0, tzinfo=UTC)),
        (NUMBER, {"zip": "96813"}, datetime(2026, 3, 3, 18, 0, tzinfo=UTC)),
        ("+493012345678", {}, None),
        ("+493012345678", {"zip": "96813"}, datetime(2026, 3, 3, 18, 0, tzinfo=UTC)),
        ("+18085550142", {"region": "Florida"}, datetime(2026, 3, 3, 18, 0, tzinfo=UTC)),
        (NUMBER, {"city": "Honolulu, HI"}, datetime(2026, 3, 3, 18, 0, tzinfo=UTC)),
    ],
)
def test_the_lead_s_own_clock_decides(
    session: Session, phone: str, where: dict[str, str], opens: datetime | None
) -> None:
    decision = _ask(session, a_lead(session, phone, **where), NOW)
    assert decision.not_before == opens
    assert decision.reasons == ((RefusalReason.QUIET_HOURS,) if opens else ())


def test_whoever_asks_for_any_hour_is_rung_at_any_hour(session: Session) -> None:
    decision = _ask(session, a_lead(session), NIGHT, any_hour=True)
    assert decision.allowed
    assert decision.rules == (
        "suppression",
        "consent",
        "safe-to-call",
        "number-policy",
        "wish-any-hour",
        "attempt-cap",
    )


@pytest.mark.parametrize(
    ("ages", "waits"),
    [
        ([1, 2], None),
        ([1, 2, 23], 1),
        ([1, 2, 3], 21),
        ([1, 2, 24], None),
        ([1, 2, 3, 4], 21),
        ([1, 2, 25, 26, 27], None),
        ([0, 0, 0], 24),
    ],
)
def test_a_number_is_rung_three_times_a_day_at_most(
    session: Session, ages: list[int], waits: int | None
) -> None:
    lead = a_lead(session)
    _was_rung(session, lead.phone, ages)
    decision = _ask(session, lead, NOW, any_hour=True)
    assert decision.not_before == (NOW + waits * HOUR if waits else None)
    assert decision.reasons == ((RefusalReason.ATTEMPT_CAP,) if waits else ())
    if waits:
        lifted = NOW + waits * HOUR
        assert not _ask(session, lead, lifted - SECOND, any_hour=True).allowed
        assert _ask(session, lead, lifted, any_hour=True).allowed


def test_calls_count_for_the_number_whoever_they_were_meant_for(session: Session) -> None:
    lead, namesake = a_lead(session), a_lead(session)
    _was_rung(session, lead.phone, [1, 2, 3], by_way_of=namesake)
    _is_refused(_ask(session, lead, NOW), RefusalReason.ATTEMPT_CAP, until=NOW + 21 * HOUR)
    assert _ask(session, namesake, NOW) == ALLOWED


def test_ringing_an_advisor_costs_the_lead_nothing(session: Session) -> None:
    lead = a_lead(session)
    for _ in range(4):
        an_attempt(
            session, a_callback(session), an_advisor(session), phone=lead.phone, state="missed"
        )
    assert _ask(session, lead, NOW) == ALLOWED


def test_two_reasons_that_pass_hold_until_the_later_one(session: Session) -> None:
    lead = a_lead(session)
    _was_rung(session, lead.phone, [1, 2, 3])
    decision = _ask(session, lead, NIGHT)
    _is_refused(
        decision, RefusalReason.QUIET_HOURS, RefusalReason.ATTEMPT_CAP, until=NOW + 21 * HOUR
    )
    assert NOW + 21 * HOUR > MORNING


def test_a_reason_that_only_a_person_can_change_has_no_end(session: Session) -> None:
    lead = a_lead(session, safe_to_call=False)
    suppression.suppress_number(
        session, lead.phone, reason=Message(MessageKey.SAID_SO), actor="advisor:1", now=NOW
    )
    decision = _ask(session, lead, NIGHT)
    _is_refused(
        decision,
        RefusalReason.SUPPRESSED,
        RefusalReason.NOT_SAFE_TO_CALL,
        RefusalReason.QUIET_HOURS,
    )
    assert decision.sentence == (
        "This number is on the do-not-contact list. "
        "They said it is not safe to call this number. "
        "It is outside their calling hours."
    )


def test_every_answer_is_stored_with_its_moment_and_its_rules(session: Session) -> None:
    callback = a_callback(session)
    lead, attempt = (
        session.get_one(Lead, callback.lead_id),
        an_attempt(session, callback, an_advisor(session)),
    )
    for moment in GateMoment:
        gate.decide_and_record(session, callback, lead, moment, now=NOW)
    refused = gate.decide_and_record(
        session, callback, lead, GateMoment.DIAL, now=NIGHT, attempt=attempt
    )
    write_deferred_inserts(session)
    *allowed, last = session.exec(select(GateDecision).order_by(GateDecision.id)).all()
    assert [row.moment for row in allowed] == list(GateMoment)
    for row in allowed:
        assert row.allowed is True
        assert row.reasons == []
        assert row.rules == list(ALLOWED.rules)
        assert row.channel == "call"
        assert row.asked_at == NOW
        assert row.not_before is None
        assert row.attempt_id is None
    assert last.allowed is False
    assert last.reasons == ["quiet_hours"]
    assert last.not_before == refused.not_before
    assert last.lead_id == lead.id
    assert last.callback_id == callback.id
    assert last.attempt_id == attempt.id


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        ((RefusalReason.SUPPRESSED,), Suppressed),
        ((RefusalReason.QUIET_HOURS, RefusalReason.SUPPRESSED), Suppressed),
        ((RefusalReason.QUIET_HOURS,), NotNow),
        ((RefusalReason.NO_CONSENT, RefusalReason.ATTEMPT_CAP), NotNow),
    ],
)
def test_a_person_who_may_not_ring_now_is_told_why(
    reasons: tuple[RefusalReason, ...], error: type[LeadsError]
) -> None:
    refusal = gate.refusal_error(
        Decision(
            allowed=False, reasons=reasons, not_before=None, rules=(), channel=ContactChannel.CALL
        )
    )
    assert type(refusal) is error
    assert all(REFUSAL_SENTENCES[reason] in str(refusal) for reason in reasons)


@pytest.mark.parametrize(
    ("channel", "wish", "reason"),
    [
        (ContactChannel.TEXT, "safe_to_text", RefusalReason.NOT_SAFE_TO_TEXT),
        (ContactChannel.VOICEMAIL, "safe_to_voicemail", RefusalReason.NOT_SAFE_TO_VOICEMAIL),
    ],
)
def test_a_text_and_a_voicemail_need_a_yes_of_their_own(
    session: Session, channel: ContactChannel, wish: str, reason: RefusalReason
) -> None:
    for said in (None, False):
        lead = a_lead(session, **{wish: said})
        _is_refused(_ask(session, lead, NOW, channel), reason)
    lead = a_lead(session, **{wish: True})
    assert _ask(session, lead, NOW, channel).allowed
    _is_refused(_ask(session, lead, NIGHT, channel), RefusalReason.QUIET_HOURS, until=MORNING)
    _was_rung(session, lead.phone, [1, 2, 3])
    if channel is ContactChannel.VOICEMAIL:  # the call in which it is left has counted
        assert _ask(session, lead, NOW, channel).allowed
    else:
        cap = RefusalReason.ATTEMPT_CAP
        _is_refused(_ask(session, lead, NOW, channel), cap, until=MORNING + HOUR)


def test_a_state_that_caps_calls_is_named_with_the_cap(session: Session) -> None:
    lead = a_lead(session, "+18135550142")
    assert _ask(session, lead, NOW).refused_by == ()
    _was_rung(session, lead.phone, [1, 2, 3])
    assert _ask(session, lead, NOW).refused_by == ("attempt-cap", "us-fl-hours")


def test_nobody_is_told_a_time_at_night(session: Session) -> None:
    lead = a_lead(session)
    _was_rung(session, lead.phone, [14, 15, 16])  # the cap is lifted at eight hours from noon
    decision = _ask(session, lead, NOW)
    assert decision.not_before == NOW + 8 * HOUR
    evening = NOW + 8 * HOUR + timedelta(minutes=59)
    _was_rung(session, lead.phone, [13])
    later = _ask(session, lead, evening)
    _is_refused(later, RefusalReason.ATTEMPT_CAP, until=MORNING)


def test_where_no_hour_is_open_everywhere_a_person_decides(session: Session) -> None:
    for number, where in (("+14015550142", {"region": "Guam"}), ("+870773111632", {})):
        decision = _ask(session, a_lead(session, number, **where), NOW)
        assert RefusalReason.PLACE_UNKNOWN in decision.reasons
        assert decision.needs_person


def _ask(
    session: Session,
    lead: Lead,
    now: datetime,
    channel: ContactChannel = ContactChannel.CALL,
    *,
    any_hour: bool = False,
) -> Decision:
    return gate.may_contact(session, lead.phone, channel, lead=lead, any_hour=any_hour, now=now)


def _is_refused(decision: Decision, *reasons: RefusalReason, until: datetime | None = None) -> None:
    assert decision.allowed is False
    assert decision.reasons == reasons
    assert decision.not_before == until


def _who_said(session: Session, said: list[bool | None]) -> Lead:
    lead = a_lead(session)
    for granted in said:
        submission = a_submission(session)
        session.add(
            Consent(
                submission_id=submission.id,
                lead_id=lead.id,
                phone=lead.phone,
                granted=granted,
                given_at=NOW,
            )
        )
        session.flush()
    return lead


def _was_rung(
    session: Session, phone: str, hours_ago: list[int], *, by_way_of: Lead | None = None
) -> None:
    callback = a_callback(session, by_way_of, state="completed")
    advisor = an_advisor(session)
    for age in hours_ago:
        an_attempt(session, callback, advisor, phone=phone, state="ended", rung_at=NOW - age * HOUR)


def test_what_was_asked_about_one_channel_is_not_stored_as_another(session: Session) -> None:
    callback = a_callback(session)
    lead = session.get_one(Lead, callback.lead_id)
    future = StrEnum("future", {"LETTER": "letter"})
    for channel in (*ContactChannel, *future):
        decision = replace(ALLOWED, channel=channel)
        gate.record_decision(
            session, decision, GateMoment.CLICK, lead=lead, callback=callback, now=NOW
        )
    asked = gate.may_contact(session, lead.phone, ContactChannel.CALL, lead=lead, now=NOW)
    assert asked.channel == ContactChannel.CALL
    write_deferred_inserts(session)
    stored = session.exec(select(GateDecision.channel).order_by(GateDecision.id)).all()
    assert stored == ["call", "text", "voicemail", "letter"]


def test_why_not_can_be_said_in_spanish_even_after_it_was_stored() -> None:
    alone, together = (
        load_message(dump_message(decision.refusal))
        for decision in (
            replace(ALLOWED, allowed=False, reasons=reasons)
            for reasons in (
                (RefusalReason.ATTEMPT_CAP,),
                (RefusalReason.NO_CONSENT, RefusalReason.QUIET_HOURS),
            )
        )
    )
    assert (
        translate("es", alone)
        == "Se llamó o se envió un mensaje a este número 3 veces en las últimas 24 horas."
    )
    said = translate("es", together)
    assert said.startswith("No aceptó recibir llamadas")
    assert said.endswith("horario de llamadas.")
