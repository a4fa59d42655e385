"""Retention: what was kept for as long as the plan says goes, class by class, and is counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from leads.audit import chain
from leads.config.retention_plan import RetentionClass, RetentionPlan, load_retention_plan
from leads.database.transactions import reader, transaction, write_deferred_inserts
from leads.errors import BadConfiguration, NotAllowed, NotNow
from leads.lead_records import disclosure_consents, privacy_cases
from leads.lifecycle.audit_log import record_access
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.audit import AuditEntry
from leads.models.calls import Callback
from leads.models.disclosures import DisclosureConsent
from leads.models.enums import AdvisorRole, AuditKind, LeadState, SubmissionState, TextMeaning
from leads.models.inbound import InboundCall
from leads.models.legal_holds import LegalHold
from leads.models.privacy_case_words import PrivacyCaseKind, PrivacyOutcome
from leads.models.privacy_cases import PrivacyCase
from leads.models.requests import Lead, Submission, TextMessage
from leads.models.retention import RetentionMark
from leads.models.voicemails import Voicemail
from leads.models.watching import Transition
from leads.people.permissions import OPERATOR
from leads.privacy import legal_holds, retention
from leads.privacy.data_classes import DataClass, classify_columns
from leads.privacy.retention import DeletedBatch
from notifications.clock_jobs import delete_what_is_not_kept
from tests.conftest import NOW
from tests.support.disclosures import a_whole_consent
from tests.support.people import (
    DAY,
    NUMBER,
    a_callback,
    a_lead,
    a_submission,
    a_supervisor,
    an_advisor,
    an_inbound_call,
)
from tests.support.whole_person import MARK, a_whole_person, find_left

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + 40 * DAY
YEAR = 365 * DAY


def plan_of(**days: int) -> RetentionPlan:
    """Return a plan that keeps what is not named forever."""
    return RetentionPlan(
        {kept: timedelta(days=days[kept]) if kept in days else None for kept in RetentionClass}
    )


def delete(plan: RetentionPlan, *, now: datetime = LATER) -> list[DeletedBatch]:
    return retention.delete_expired_content(plan, now=lambda: now)


def a_person_of_before(session: Session, number: str = NUMBER) -> Lead:
    lead = a_whole_person(session, number)
    lead.closed_at = NOW
    session.add(lead)
    return lead


def previewed(plan: RetentionPlan, *, now: datetime = LATER) -> dict[str, int]:
    with reader() as session:
        shown = retention.preview_retention(session, plan, OPERATOR, now=now)
    return {str(one.kept): one.people + one.rows for one in shown if one.before}


LEFT_AFTER = {
    "recordings": ("voicemail", "sealed", Voicemail),
    "bodies": ("submission", "body", Submission),
    "calls": ("inbound_call", "phone", InboundCall),
    "words": ("text_message", "body", TextMessage),
}
GOES_FROM = {
    "recordings": {"voicemail"},
    "bodies": {"submission"},
    "calls": {"inbound_call", "call_attempt", "call_leg"},
}
"""The tables that lose something; words go from whichever have some."""
CLASSES = {
    "recordings": {DataClass.RECORDING},
    "bodies": {DataClass.BODY, DataClass.IDENTITY},
    "calls": {DataClass.CONTACT},
    "words": {DataClass.WORDS},
}


@pytest.mark.parametrize("kept", LEFT_AFTER)
def test_a_class_is_deleted_after_its_time_and_nothing_else(kept: str) -> None:
    table, column, _kind = LEFT_AFTER[kept]
    with transaction() as session:
        a_person_of_before(session)
        for voicemail in session.exec(select(Voicemail)):
            voicemail.settled_at = NOW
        before = find_left(session, MARK, NUMBER)
    plan = plan_of(**{kept: 30})
    assert column in before[table]
    assert previewed(plan) == {kept: 1}
    assert previewed(plan, now=NOW + 29 * DAY) == {kept: 0}
    assert delete(plan, now=NOW + 29 * DAY) == []
    [batch] = delete(plan)
    assert (batch.kept, batch.people) == (kept, 1)
    with reader() as session:
        left = find_left(session, MARK, NUMBER)
        counts = session.exec(select(Transition).where(Transition.record == "retention")).one()
    gone = {name: {*columns} - {*left.get(name, [])} for name, columns in before.items()}
    assert column in gone[table]
    lost = {name for name, columns in gone.items() if columns}
    assert lost == GOES_FROM.get(kept, lost)
    assert {classify_columns(name)[one] for name in gone for one in gone[name]} <= CLASSES[kept]
    assert counts.changes == {"people": 1, "rows": batch.rows}
    assert (counts.actor, counts.record_id) == ("clock", kept)
    assert delete(plan) == []
    assert previewed(plan) == {kept: 0}


def test_a_person_is_erased_after_the_time_of_people() -> None:
    with transaction() as session:
        lead_id = a_person_of_before(session).id
    [batch] = delete(plan_of(people=30))
    assert batch.people == 1
    with reader() as session:
        assert session.get_one(Lead, lead_id).erased_at == LATER
        assert find_left(session, MARK, NUMBER) == {}


def test_who_waits_wrote_since_or_is_held_keeps_everything() -> None:
    with transaction() as session:
        a_callback(session, a_lead(session, name=MARK))
        wrote = a_lead(session, name=MARK, phone=NUMBER, state=LeadState.CLOSED, closed_at=NOW)
        session.add(
            TextMessage(
                lead_id=wrote.id,
                phone=NUMBER,
                message_id="SM1",
                body=MARK,
                meaning=TextMeaning.WORDS,
                received_at=LATER - DAY,
            )
        )
        held, survivor = (
            a_lead(session, name=MARK, state=LeadState.CLOSED, closed_at=NOW) for _ in range(2)
        )
        held.merged_into_id = survivor.id
        sam = a_supervisor(session)
        hold = legal_holds.place_legal_hold(session, held, sam, reason="c", now=NOW)
        hold_id, survivor_id, wrote_id = hold.id, survivor.id, wrote.id
    plan = plan_of(people=30, words=30, bodies=30, calls=30)
    assert delete(plan) == []
    assert set(previewed(plan).values()) == {0}
    with transaction() as session:
        admin = an_advisor(session, AdvisorRole.ADMIN)
        legal_holds.lift_legal_hold(session, session.get_one(LegalHold, hold_id), admin, now=NOW)
    assert {batch.kept for batch in delete(plan)} == {"people", "words", "bodies", "calls"}
    with reader() as session:
        assert session.get_one(Lead, survivor_id).erased_at == LATER
        assert session.get_one(Lead, wrote_id).name == MARK


def test_it_goes_on_where_it_was_stopped_and_again_after_a_new_request() -> None:
    with transaction() as session:
        for _ in range(retention.PEOPLE_AT_ONCE + 3):
            a_lead(session, best_time=MARK, state=LeadState.CLOSED, closed_at=NOW)
    plan = plan_of(words=30)
    heard: list[DeletedBatch] = []
    [first] = retention.delete_expired_content(plan, now=lambda: LATER, report=heard.append, most=1)
    assert first.people == retention.PEOPLE_AT_ONCE
    assert heard == [first]
    assert previewed(plan) == {"words": 3}
    delete_what_is_not_kept(plan, now=lambda: LATER)
    assert previewed(plan) == {"words": 0}
    with transaction() as session:
        leads = session.exec(select(Lead)).all()
        assert {lead.best_time for lead in leads} == {""}
        leads[0].best_time, leads[0].closed_at = MARK, LATER + DAY  # they asked again
    assert previewed(plan, now=LATER + 40 * DAY) == {"words": 1}


def test_what_nobody_was_ever_put_to_goes_too() -> None:
    with transaction() as session:
        a_submission(session, state=SubmissionState.DISCARDED, body=MARK.encode())
        a_submission(session, state=SubmissionState.NEEDS_REVIEW, body=MARK.encode())
        an_inbound_call(session, state="abandoned", phone=NUMBER)
    plan = plan_of(bodies=30, calls=30)
    assert previewed(plan) == {"bodies": 1, "calls": 1}
    assert len(delete(plan)) == 2
    with reader() as session:
        assert find_left(session, NUMBER) == {}
        bodies = session.exec(select(Submission.body).order_by(col(Submission.id))).all()
    assert bodies == [b"", MARK.encode()]


def test_the_trail_is_kept_for_its_time_and_longer_under_a_hold() -> None:
    with transaction() as session:
        free, held, sam = a_lead(session), a_lead(session), a_supervisor(session)
        admin, held_id = an_advisor(session, AdvisorRole.ADMIN), held.id
        for lead in (free, held):
            hold = legal_holds.place_legal_hold(session, lead, sam, reason="c", now=NOW)
            if lead is free:
                legal_holds.lift_legal_hold(session, hold, admin, now=NOW)
    assert previewed(plan_of(audit=30)) == {"audit": 2}
    [batch] = delete(plan_of(audit=30))
    assert batch.rows == 2
    with reader() as session:
        of_leads = select(Transition.record_id).where(Transition.record == "lead")
        assert session.exec(of_leads).all() == [str(held_id)]


def a_look(session: Session, *, at: datetime) -> None:
    """An entry of the audit log, and its link."""
    subject = TrailSubject("lead", "1")
    record_access(session, AuditKind.OPEN, subject, actor="advisor:1", now=at)
    write_deferred_inserts(session)
    chain.seal_new_entries(session)


def test_the_log_of_looks_is_kept_for_its_time_and_longer_under_any_hold() -> None:
    with transaction() as session:
        sam, admin = a_supervisor(session), an_advisor(session, AdvisorRole.ADMIN)
        a_look(session, at=NOW)
        a_look(session, at=LATER)
        hold = legal_holds.place_legal_hold(session, a_lead(session), sam, reason="c", now=LATER)
    assert previewed(plan_of(audit=30)) == {"audit": 0}
    assert delete(plan_of(audit=30)) == []
    with transaction() as session:
        with pytest.raises(NotNow):
            chain.trim_old_entries(session, before=LATER, actor="operator", now=LATER)
        legal_holds.lift_legal_hold(session, session.get_one(LegalHold, hold.id), admin, now=LATER)
    assert previewed(plan_of(audit=30)) == {"audit": 1}
    assert [batch.rows for batch in delete(plan_of(audit=30))] == [1]
    with reader() as session:
        assert [entry.at for entry in session.exec(select(AuditEntry).limit(1))] == [LATER]


def test_figures_stay() -> None:
    counted = select(func.count(), func.min(col(Callback.received_at))).select_from(Callback)
    with transaction() as session:
        a_person_of_before(session)
        before = session.exec(counted).one()
    delete(plan_of(words=1, bodies=1, calls=1, people=1, audit=1))
    with reader() as session:
        assert session.exec(counted).one() == before


def test_only_admins_see_what_is_deleted(session: Session) -> None:
    with pytest.raises(NotAllowed):
        retention.preview_retention(session, plan_of(), a_supervisor(session), now=NOW)
    admin = an_advisor(session, AdvisorRole.ADMIN)
    assert len(retention.preview_retention(session, plan_of(), admin, now=NOW)) == len(
        RetentionClass
    )


def test_nothing_is_deleted_before_the_operator_has_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with transaction() as session:
        a_person_of_before(session)
    much_later = NOW + 20 * YEAR
    shipped = load_retention_plan()
    delete_what_is_not_kept(shipped, now=lambda: much_later)
    assert previewed(shipped, now=much_later)["bodies"] == 1
    (tmp_path / "retention.toml").touch()
    delete_what_is_not_kept(load_retention_plan(), now=lambda: much_later)
    assert previewed(shipped, now=much_later)["bodies"] == 0


def test_an_operators_file_replaces_what_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = load_retention_plan()
    assert None not in shipped.keep.values()
    own = tmp_path / "own.toml"
    own.write_text('[keep]\nbodies = 90\npeople = "forever"\n')
    plan = load_retention_plan(str(own))
    assert plan.keep[RetentionClass.BODIES] == timedelta(days=90)
    assert plan.keep[RetentionClass.PEOPLE] is None
    assert plan.keep[RetentionClass.WORDS] == shipped.keep[RetentionClass.WORDS]
    monkeypatch.chdir(tmp_path)
    own.rename("retention.toml")
    assert load_retention_plan() == plan


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("[keep]\nbodies = 0", "1 to"),
        ("[keep]\nbodies = true", "1 to"),
        ('[keep]\nbodies = "long"', "forever"),
        ("[keep]\nletters = 3", "may name"),
        ("keep = 3", "may name"),
        ("[keep", "no TOML"),
        (None, "no file"),
    ],
)
def test_a_mistake_in_it_is_a_sentence(tmp_path: Path, said: str | None, why: str) -> None:
    path = tmp_path / "own.toml"
    if said is not None:
        path.write_text(said)
    with pytest.raises(BadConfiguration, match=why):
        load_retention_plan(str(path))


def test_what_a_consent_to_disclose_says_is_kept_until_it_has_been_over_for_that_long() -> None:
    with transaction() as session:
        lead, sam = a_person_of_before(session), a_supervisor(session)
        said = a_whole_consent(recipient=MARK, expires_on=None, expires_with="none")
        consent = disclosure_consents.record_disclosure_consent(session, lead, sam, said, now=NOW)
        consent_id = consent.id
    delete(plan_of(words=30))
    with transaction() as session:
        consent = session.get_one(DisclosureConsent, consent_id)
        assert consent.recipient == MARK
        consent.revoked_at = NOW + DAY
        session.delete(
            session.exec(select(RetentionMark).where(RetentionMark.kept == "words")).one()
        )
    delete(plan_of(words=30))
    with reader() as session:
        assert session.get_one(DisclosureConsent, consent_id).recipient == ""


def test_what_a_privacy_case_says_goes_once_it_has_been_closed_for_that_long() -> None:
    with transaction() as session:
        sam = a_supervisor(session)
        cases = [
            privacy_cases.record_privacy_case(
                session, sam, PrivacyCaseKind.BREACH, told=MARK, told_by=MARK, known_at=NOW, now=NOW
            )
            for _ in range(2)
        ]
        done = PrivacyOutcome.NO_BREACH
        privacy_cases.close_privacy_case(session, cases[0], sam, done, told=MARK, now=NOW)
    [batch] = delete(plan_of(words=30))
    assert batch.rows == 2  # the closed one and what was said as it was closed
    with reader() as session:
        assert session.exec(select(PrivacyCase.words).order_by(PrivacyCase.id)).all() == ["", MARK]
