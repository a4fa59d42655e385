"""Who serves some helplines sees, and can do something about, nobody of the others.

No page says so: these tests go through every table and every verb, and pages have one way to read.
"""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, func, text
from sqlalchemy.orm import aliased, object_session
from sqlmodel import Session, SQLModel, col, select

from leads.alerting import on_call
from leads.callbacks import callback_offers, queue
from leads.database.transactions import reader, write_deferred_inserts
from leads.errors import BadConfiguration, LeadsError, NotAllowed, NotNow
from leads.free_text.danger import DangerKind
from leads.helplines import brands_and_sources, source_settings
from leads.i18n.messages import own_words
from leads.intake import source_test
from leads.intake.csv_import import run as csv_import_run
from leads.lead_records import lead_file
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor
from leads.models.calls import Callback, CallLeg
from leads.models.disclosure_words import (
    ConsentProof,
    ConsentScope,
    DisclosureBasis,
    DisclosureWay,
    NoticeWay,
)
from leads.models.disclosures import Disclosure, DisclosureConsent
from leads.models.emergency_access import EmergencyAccess
from leads.models.enums import (
    AdvisorRole,
    AlertKind,
    AuditKind,
    DigestFrequency,
    NoticeMethod,
    Party,
    SubmissionState,
    TextMeaning,
)
from leads.models.helpline_scope import (
    OF_NO_HELPLINE,
    RULES,
    is_row_served,
    limited_to_helplines,
)
from leads.models.helplines import Brand, BrandDisposition, CallPreset, HoursChange, Source
from leads.models.incidents import HoursOverride, Incident
from leads.models.legal_holds import LegalHold
from leads.models.person_work import Task
from leads.models.privacy_cases import PrivacyCase
from leads.models.requests import AlsoSaid, Lead, Submission, TextMessage
from leads.models.watching import Alert, Transition
from leads.people import looks, permissions, staff
from leads.read_models import callback_board, work_list
from leads.read_models.work_filter import WorkFilter
from leads.reporting import cohort, digest
from leads.reporting.filters import ReportFilter
from leads.reporting.service_report import ReportQuestion
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    HOUR,
    a_callback,
    a_claim,
    a_lead,
    a_source,
    a_supervisor,
    a_voicemail,
    an_advisor,
    an_attempt,
    an_inbound_call,
    moves,
    on_duty,
)
from tests.support.verbs import OF_ONE_WHO_IS_IN, VERBS, actor_argument_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SECRET_NAME = "Wilhelmina"
ALERTED = "brand:2"
IMPORTED = b"phone,received_at\n3155550142,2026-02-01T10:00Z\n"
WHERE_NOBODY_IS_ASKED = "no longer assigned to you|not on a call|call has ended|no helpline"


def a_second_helpline(session: Session) -> Source:
    """Another helpline, which answers for somebody else."""
    a_source(session)
    brands_and_sources.add_brand(session, "Valley Line", operator="Valley Clinic", now=NOW)
    return brands_and_sources.add_source(session, "Valley", brand_name="Valley Line", now=NOW)


def of_first_alone(session: Session, person: Advisor) -> Advisor:
    """Somebody who serves the first helpline and no other."""
    person.helplines = [a_source(session).brand_id]
    session.add(person)
    session.flush()
    return person


def everything_of(session: Session, source: Source) -> dict[str, Any]:
    """One row of each kind that verbs are about, of somebody who asked at this source."""

    def kept(row: Any) -> Any:
        session.add(row)
        session.flush()
        return row

    brand = session.get_one(Brand, source.brand_id)
    lead = a_lead(session, name=SECRET_NAME)
    callback = a_callback(session, lead, source=source)
    body = {"body": b"{}", "body_sha256": "0" * 64, "received_at": NOW}
    submission = kept(
        Submission(source_id=source.id, lead_id=lead.id, state=SubmissionState.NEEDS_REVIEW, **body)
    )
    attempt = an_attempt(session, callback, an_advisor(session))
    call = an_inbound_call(session, brand_id=brand.id, lead_id=lead.id)
    own = BrandDisposition(brand_id=brand.id, disposition="helped", english="x", created_at=NOW)
    text = {
        "phone": lead.phone,
        "message_id": "SM1",
        "body": SECRET_NAME,
        "received_at": NOW,
        "meaning": TextMeaning.WORDS,
    }
    said = {"fact": "safe_to_call", "value": "true", "at": NOW}
    task = {"words": SECRET_NAME, "advisor_id": attempt.advisor_id, "created_by": "x"}
    case = {"words": SECRET_NAME, "known_at": NOW, "due_at": NOW, "recorded_by": "x"}
    preset = {"party": Party.THIRD_PARTY, "name": "x", "phone": "+13155550199"}
    hours = {"reason": "x", "asked_by": attempt.advisor_id, "asked_at": NOW}
    opened = {"reason": SECRET_NAME, "opened_at": NOW, "ends_at": NOW + HOUR}
    override = {"reason": "x", "asked_by": attempt.advisor_id, "asked_at": NOW}
    rows = [
        brand,
        source,
        lead,
        callback,
        submission,
        attempt,
        kept(own),
        kept(CallLeg(attempt_id=attempt.id, party=Party.LEAD, phone=lead.phone)),
        kept(Incident(callback_id=callback.id, kind=DangerKind.NOW, opened_at=NOW, opened_by="x")),
        kept(PrivacyCase(lead_id=lead.id, kind="breach", recorded_at=NOW, **case)),
        kept(Task(lead_id=lead.id, due_at=NOW, created_at=NOW, **task)),
        kept(
            TextMessage(
                lead_id=lead.id,
                brand_id=brand.id,
                waits=True,
                **text,
            )
        ),
        kept(
            Alert(
                kind=AlertKind.OVERDUE,
                about=ALERTED,
                brand_id=brand.id,
                sentence=own_words("x"),
                since=NOW,
                opened_at=NOW,
            )
        ),
        a_voicemail(session, call),
        kept(LegalHold(lead_id=lead.id, reason="x", placed_at=NOW, placed_by="x")),
        kept(EmergencyAccess(lead_id=lead.id, advisor_id=attempt.advisor_id, **opened)),
        kept(AlsoSaid(lead_id=lead.id, submission_id=submission.id, **said)),
        kept(CallPreset(brand_id=brand.id, created_at=NOW, **preset)),
        kept(HoursChange(brand_id=brand.id, **hours)),
        kept(HoursOverride(callback_id=callback.id, starts_at=NOW, **override)),
    ]
    return {type(row).__name__: row for row in [*rows, *disclosures_of(session, lead)]} | {
        "TakenFile": looks.TakenFile(
            AuditKind.EXPORT,
            TrailSubject.of_kind(Lead, lead.id),
            permissions.Permission.EXPORT_LEAD_DATA,
        )
    }


def disclosures_of(session: Session, lead: Lead) -> list[Any]:
    """A consent of somebody, and whom somebody told of them."""
    by = {"recorded_by": "x", "recorded_at": NOW}
    words = dict.fromkeys(("patient", "discloser", "recipient", "information", "purpose"), "x")
    rows: list[Any] = [
        DisclosureConsent(
            lead_id=lead.id,
            scope=ConsentScope.UNKNOWN,
            proof=ConsentProof.UNKNOWN,
            how_to_revoke="x",
            signed_on=NOW.date(),
            **words,
            **by,
        ),
        Disclosure(
            lead_id=lead.id,
            at=NOW,
            way=DisclosureWay.OTHER,
            basis=DisclosureBasis.OTHER,
            notice=NoticeWay.NONE,
            recipient="x",
            **by,
        ),
    ]
    session.add_all(rows)
    session.flush()
    return rows


IDS = {
    "brand_id": "Brand",
    "source_id": "Source",
    "lead_id": "Lead",
    "submission_id": "Submission",
    "callback_id": "Callback",
    "voicemail_id": "Voicemail",
    "text_id": "TextMessage",
    "own_id": "BrandDisposition",
    "preset_id": "CallPreset",
    "change_id": "HoursChange",
    "override_id": "HoursOverride",
}


def given_to(verb: Callable[..., Any], person: Advisor, rows: dict[str, Any]) -> dict[str, Any]:
    """What a verb is given that somebody tries about these rows."""
    plain = {"datetime": NOW, "int": 1, "bool": False, "Session": object_session(person)}
    work = {"callback": "Callback", "form": "Submission", "text": "TextMessage"}
    lists = {
        "lead_ids": [rows["Lead"].id],
        "keys": [f"{kind}-{rows[record].id}" for kind, record in work.items()],
    }
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(verb).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        kind = str(parameter.annotation)
        if name in IDS:
            given[name] = rows[IDS[name]].id
        elif name in lists:
            given[name] = lists[name]
        elif kind in rows:
            given[name] = rows[kind]
        elif name == "number":
            given[name] = rows["Lead"].phone
        elif name in PLAIN:
            given[name] = PLAIN[name]
        elif kind in plain:
            given[name] = plain[kind]
        elif parameter.default is inspect.Parameter.empty:
            given[name] = rows["Brand"].name if kind == "str" else [1]
    return {**given, actor_argument_of(verb): person}


ABOUT_COLLEAGUES = {
    "competence.set_competence",
    "digest.choose_digests",
    "known_browsers.start_session_in_browser",
    "on_call.add_on_call_shift",
    "on_call.clear_on_call_shifts",
    "on_call.remove_on_call_shift",
    "presence.put_on_duty",
    "presence.put_on_shift_duty",
    "presence.set_advisor_available",
    "presence.set_advisor_away",
    "presence.take_off_duty",
    "sessions.start_session",
    "shift_plan.read_shift_pattern",
    "shift_plan.read_shift_week",
    "shifts.add_day_off",
    "shifts.add_extra_shift",
    "shifts.add_weekly_shifts",
    "shifts.end_shift_change",
    "shifts.offer_shift",
    "shifts.remove_weekly_shift",
    "shifts.set_ringing_on_shifts",
    "shifts.take_shift",
    "shifts.withdraw_shift_offer",
    "staff.add_staff_member",
    "staff.deactivate_staff_member",
    "staff.invite_staff_member",
    "staff.reactivate_staff_member",
    "staff.reset_second_factor",
    "staff.sign_out_staff_member",
    "supervisor_notices.enqueue_test_notice",
    "television_access.create_television_code",
    "television_access.end_television_session",
}
"""What is about nobody who asked for help; for colleagues there is a test below."""
OPENS_ON_RECORD = {"emergency_access.open_in_emergency"}
"""What is for somebody of another helpline: it has tests of its own."""
PROTECTS_BY_NUMBER = {"opt_out.stop_contact_as_told"}
"""What anybody may do who is told it, whoever else the person asked."""
IN_TRANSACTIONS_OF_THEIR_OWN = {"run.import_csv_rows", "source_test.send_source_test"}
"""What reads another transaction than this test's: each has a test below."""
SHOWS_FIGURES = {"service_report.read_service_report"}
ADDS_TO_A_HELPLINE = {"source_settings.add_source_as_supervisor"}
ELSEWHERE = (
    SHOWS_FIGURES
    | ADDS_TO_A_HELPLINE
    | ABOUT_COLLEAGUES
    | PROTECTS_BY_NUMBER
    | OPENS_ON_RECORD
    | IN_TRANSACTIONS_OF_THEIR_OWN
)
PLAIN = {
    "only": WorkFilter(),
    "digits": "0142",
    "kind": AlertKind.OVERDUE,
    "about": ALERTED,
    "question": ReportQuestion(NOW.date(), NOW.date(), "UTC", HOUR, ReportFilter()),
}


@ONE_DATABASE
@pytest.mark.parametrize("name", sorted(set(VERBS) - OF_ONE_WHO_IS_IN - ELSEWHERE))
def test_no_verb_shows_or_changes_anything_of_another_helpline(session: Session, name: str) -> None:
    """Each is refused, or does as if the other helpline were not there."""
    verb, source = VERBS[name], a_second_helpline(session)
    rows, sam = everything_of(session, source), of_first_alone(session, a_supervisor(session))
    given = given_to(verb, sam, rows)
    before = events(session)
    try:
        with limited_to_helplines(session, permissions.served_helplines(sam)):
            shown = verb(**given)
    except LeadsError as problem:
        refusal = problem
    else:
        refusal, told = None, repr(shown)
    if refusal:  # or it is about a callback or call in somebody's own hands, and finds none
        is_about_none = re.search(WHERE_NOBODY_IS_ASKED, str(refusal))
        assert isinstance(refusal, NotAllowed) or is_about_none, refusal
        return
    assert looks.find_looks(shown) == set()
    assert not [word for word in (SECRET_NAME, "Valley", rows["Lead"].phone) if word in told]
    assert events(session) == before


def events(session: Session) -> int:
    """How many events of anything but colleagues are in the audit trail."""
    write_deferred_inserts(session)
    of_others = select(func.count(col(Transition.id))).where(Transition.record != "advisor")
    return session.exec(of_others).one()


def test_a_source_is_added_to_a_helpline_that_one_serves(session: Session) -> None:
    sam = of_first_alone(session, a_supervisor(session))
    a_second_helpline(session)
    for brand_name, is_refused in (("Harbor Line", False), ("Valley Line", True)):
        with pytest.raises(NotAllowed) if is_refused else contextlib.nullcontext():
            source_settings.add_source_as_supervisor(
                session, sam, "New", brand_name=brand_name, now=NOW
            )


def test_an_import_and_a_test_go_to_sources_that_one_serves(session: Session) -> None:
    sam = of_first_alone(session, a_supervisor(session))
    second = a_second_helpline(session)
    session.commit()
    with pytest.raises(BadConfiguration, match="There is no helpline Valley Line"):
        csv_import_run.import_csv_rows(IMPORTED, actor=sam, brand_name="Valley Line", now=NOW)
    with pytest.raises(NotAllowed, match="do not serve"):
        source_test.send_source_test(second.id, sam, public_url="http://localhost", now=NOW)
    with reader() as checked:
        assert checked.exec(select(func.count(col(Submission.id)))).one() == 0


@ONE_DATABASE
def test_who_serves_all_is_shown_the_same_rows(session: Session) -> None:
    """The walk above would find nothing wrong with verbs that show nobody at all."""
    rows = everything_of(session, a_second_helpline(session))
    boss = a_supervisor(session)
    told = repr(work_list.read_work_list(session, boss, now=NOW))
    assert SECRET_NAME in told
    assert "Valley Line" in told
    file = lead_file.read_lead_file(session, rows["Lead"].id, boss, now=NOW)
    assert file is not None
    assert file.facts["name"] == SECRET_NAME


def test_every_table_is_of_a_helpline_or_of_none() -> None:
    """Of what is in neither list nobody is shown a row who does not serve every helpline."""
    tables = set(SQLModel.metadata.tables)
    ruled = {str(kind.__tablename__) for kind in RULES}
    assert ruled | OF_NO_HELPLINE == tables
    assert not ruled & OF_NO_HELPLINE


def test_each_row_of_another_helpline_is_refused_and_ones_own_is_not(session: Session) -> None:
    """On both databases, of each kind that belongs to a helpline, in a list and by itself."""
    rows = everything_of(session, source := a_second_helpline(session))
    theirs, others = [source.brand_id], [a_source(session).brand_id]
    for kind in RULES:
        row = rows.get(kind.__name__)
        if row is not None:
            assert is_row_served(session, row, theirs), kind
            assert not is_row_served(session, row, others), kind
        for helplines, most in ((theirs, len(rows)), (others, 1)):
            with limited_to_helplines(session, helplines):
                found = session.exec(select(func.count()).select_from(kind)).one()
            assert found <= most if helplines is theirs else row is None or found <= 1, kind


def test_a_subquery_a_join_and_an_alias_are_limited_too(session: Session) -> None:
    rows = everything_of(session, a_second_helpline(session))
    own = a_callback(session)
    with limited_to_helplines(session, [own.brand_id]):
        again = aliased(Lead)
        assert session.exec(select(again.id)).all() == [own.lead_id]
        asked = select(Callback.lead_id).subquery()
        assert session.exec(select(asked.c.lead_id)).all() == [own.lead_id]
        brands = select(Source.id, Brand.id).join(Brand, isouter=True)
        assert {brand for _, brand in session.exec(brands)} == {own.brand_id}
        session.expunge_all()
        assert session.get(Lead, rows["Lead"].id) is None
    assert session.get(Lead, rows["Lead"].id) is not None


def test_whatever_a_page_read_nobody_is_shown_who_is_not_served(session: Session) -> None:
    """Also where a read model went past the limit."""
    rows = everything_of(session, a_second_helpline(session))
    sam = of_first_alone(session, a_supervisor(session))
    board = callback_board.list_open_callbacks(session, a_supervisor(session), now=NOW)
    with pytest.raises(NotAllowed, match="do not serve"):
        looks.record_looks(session, sam, looks.find_looks(board), now=NOW)
    assert str(rows["Lead"].id) in {look.subject.record_id for look in looks.find_looks(board)}


def test_the_queue_offers_people_of_the_helplines_that_an_advisor_serves(session: Session) -> None:
    other = a_callback(session, source=a_second_helpline(session))
    ana = of_first_alone(session, on_duty(session))
    assert queue.claim_next_callback(session, ana, now=NOW) is None
    assert callback_offers.offer_next_callback(session, now=NOW) is None
    with pytest.raises(NotAllowed, match="do not serve"):
        queue.claim_callback(session, other, ana, now=NOW)
    boss = a_supervisor(session)
    with pytest.raises(NotAllowed, match="does not serve this helpline"):
        queue.reassign_callback(session, other, ana, boss, now=NOW)
    mine = a_callback(session, due_at=NOW)
    [attempt] = callback_offers.offer_due_callbacks(session, 2, now=NOW)
    assert (attempt.callback_id, attempt.advisor_id) == (mine.id, ana.id)
    ben = on_duty(session)
    [attempt] = callback_offers.offer_due_callbacks(session, 2, now=NOW)
    assert (attempt.callback_id, attempt.advisor_id) == (other.id, ben.id)


def test_each_due_callback_finds_the_one_free_advisor_who_serves_it(session: Session) -> None:
    """Whoever serves all leaves the choice to those who serve less."""
    second = a_second_helpline(session)
    on_duty(session, idle_since=NOW - HOUR)
    of_second = on_duty(session)
    of_second.helplines = [second.brand_id]
    a_callback(session)
    other = a_callback(session, source=second)
    attempts = callback_offers.offer_due_callbacks(session, 2, now=NOW)
    assert {one.callback_id for one in attempts} >= {other.id}
    assert len(attempts) == 2


def test_the_hot_path_asks_nothing_more_for_who_serves_all(session: Session) -> None:
    a_second_helpline(session)
    statements: list[str] = []
    a_callback(session)
    on_duty(session)
    callback_offers.offer_next_callback(session, now=NOW)  # warm
    a_callback(session)
    on_duty(session)
    session.flush()
    with listening(session, statements):
        callback_offers.offer_next_callback(session, now=NOW)
    of_all = [*statements]
    a_callback(session)
    of_first_alone(session, on_duty(session))
    statements.clear()
    with listening(session, statements):
        callback_offers.offer_next_callback(session, now=NOW)
    assert len(statements) == len(of_all)


@contextlib.contextmanager
def listening(session: Session, statements: list[str]) -> Iterator[None]:
    """Note every statement that the database is asked meanwhile."""

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield
    event.remove(engine, "before_cursor_execute", note)


def test_admins_serve_all_and_an_unknown_role_none(session: Session) -> None:
    admin = of_first_alone(session, an_advisor(session, AdvisorRole.ADMIN))
    assert permissions.served_helplines(admin) is None
    stranger = an_advisor(session)
    session.execute(text("UPDATE advisor SET role = 'auditor' WHERE id = :id"), {"id": stranger.id})
    session.expire(stranger)
    assert permissions.served_helplines(stranger) == frozenset()


def test_an_admin_sets_the_helplines_and_nobody_with_work_of_them_in_hand(session: Session) -> None:
    admin, second = an_advisor(session, AdvisorRole.ADMIN), a_second_helpline(session)
    callback, ana = a_claim(session)
    with pytest.raises(NotNow, match="is with someone from another helpline"):
        staff.set_staff_helplines(session, ana, [second.brand_id], admin, now=NOW)
    session.refresh(ana)
    staff.set_staff_helplines(session, ana, [callback.brand_id], admin, now=NOW)
    assert permissions.served_helplines(ana) == {callback.brand_id}
    assert moves(session, ana)[-1].event == "set_helplines"
    for wrong in ([], [999]):
        with pytest.raises(BadConfiguration):
            staff.set_staff_helplines(session, ana, wrong, admin, now=NOW)
    with pytest.raises(BadConfiguration, match="Admins serve all"):
        staff.set_staff_helplines(
            session, an_advisor(session, AdvisorRole.ADMIN), [second.brand_id], admin, now=NOW
        )


def test_nobody_signs_in_as_a_colleague_who_sees_more(session: Session) -> None:
    """A link for somebody's account would be a way to whatever they see."""
    a_second_helpline(session)
    sam, ana = of_first_alone(session, a_supervisor(session)), an_advisor(session)
    for act in (
        staff.invite_staff_member,
        staff.reset_second_factor,
        staff.deactivate_staff_member,
    ):
        with pytest.raises(NotAllowed, match="serves helplines that you do not"):
            act(session, ana, sam, now=NOW)
    about = {"phone_number": "", "role": AdvisorRole.ADVISOR, "actor": sam, "now": NOW}
    new = staff.add_staff_member(session, "Kim", email="kim@example.org", **about)
    assert new.helplines == sam.helplines


def test_alerts_of_a_helpline_reach_who_serves_it(session: Session) -> None:
    second = a_second_helpline(session)
    sam = of_first_alone(session, a_supervisor(session))
    boss = a_supervisor(session)
    mail = NoticeMethod.EMAIL
    reached = {
        brand_id: on_call.addresses_to_alert(session, mail, brand_id=brand_id, now=NOW)
        for brand_id in (a_source(session).brand_id, second.brand_id, None)
    }
    assert list(reached.values()) == [
        [sam.email, boss.email],
        [boss.email],
        [sam.email, boss.email],
    ]


def test_the_cap_of_a_number_counts_calls_of_all_helplines(session: Session) -> None:
    """Also where whoever looks is shown nobody of the others."""
    second = a_second_helpline(session)
    lead = a_lead(session)
    a_callback(session, lead)
    twin = a_callback(session, a_lead(session, lead.phone, nth_at_number=2), source=second)
    for _ in range(3):
        an_attempt(session, twin, an_advisor(session), state="ended", rung_at=NOW - HOUR)
    sam = of_first_alone(session, a_supervisor(session))
    with limited_to_helplines(session, permissions.served_helplines(sam)):
        file = lead_file.read_lead_file(session, lead.id, sam, now=NOW)
    assert file is not None
    assert not file.contact.is_allowed
    assert file.neighbors == {}


def test_figures_count_the_people_of_ones_helplines(session: Session) -> None:
    """Also of days that are over, which are packed once for everybody."""
    yesterday = NOW - DAY
    own = a_callback(session, received_at=yesterday)
    a_callback(session, source=a_second_helpline(session), received_at=yesterday)
    for day in cohort.days_to_snapshot(session, now=NOW):
        cohort.snapshot_cohort_day(session, day)
    period = {"start": NOW - 2 * DAY, "end": NOW, "now": NOW}
    assert len(cohort.read_cohort(session, **period)) == 2
    with limited_to_helplines(session, [own.brand_id]):
        assert cohort.read_cohort(session, **period).callback_id.tolist() == [own.id]


def test_a_digest_has_the_figures_of_what_its_reader_serves(session: Session) -> None:
    a_callback(session, received_at=NOW - DAY)
    a_callback(session, source=a_second_helpline(session), received_at=NOW - DAY)
    sam = of_first_alone(session, a_supervisor(session))
    days = {"last_day": (NOW - DAY).date(), "zone": "UTC", "now": NOW}
    asked = {
        address: digest.read_digest_reports(session, DigestFrequency.DAILY, **days, address=address)
        for address in (sam.email, "board@example.org")
    }
    assert [len(figures.people) for _, figures in asked[sam.email]] == [1]
    assert [len(figures.people) for _, figures in asked["board@example.org"]] == [2, 1, 1]
