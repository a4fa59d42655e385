"""Who may come in, for how long, and who decides about whom."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlmodel import Session, select

from leads.alerting import on_call
from leads.config.settings import RequireTotp
from leads.database.field_encryption import Vault
from leads.database.transactions import transaction, write_deferred_inserts
from leads.errors import BadConfiguration, NotAllowed, TooManyTries
from leads.models.advisors import Advisor, Lockout, RecoveryCode, SignIn
from leads.models.audit import AuditEntry
from leads.models.enums import AdvisorRole, NoticeMethod
from leads.models.watching import Transition
from leads.people import (
    accounts,
    availability,
    login_throttle,
    passwords,
    presence,
    second_factor,
    sessions,
    staff,
)
from leads.people.permissions import OPERATOR, PERMISSIONS
from tests.conftest import NOW
from tests.support.people import moves
from tests.support.races import count_who_wait
from tests.support.running_desk import PASSWORD, add_advisor, eventually

EMAIL = "advisor1@example.org"
VAULT = Vault(("a long random text",))


@pytest.mark.parametrize("email", ["", "sam", "sam@", "@x.org", "a b@x.org", "a@[b", "a@b\n@x.org"])
def test_no_colleague_has_an_address_that_no_mail_can_be_sent_to(
    session: Session, email: str
) -> None:
    with pytest.raises(BadConfiguration, match="is not an e-mail address"):
        accounts.add_advisor(
            session, name="Sam", email=email, phone_number="", role=AdvisorRole.ADVISOR, now=NOW
        )


def test_a_session_ends_by_itself(session: Session) -> None:
    advisor = add_advisor(session, 1, now=NOW)
    secret = sessions.start_session(session, advisor, now=NOW)
    for minutes in range(0, 12 * 60, 14):
        who = sessions.find_session_identity(session, secret, now=NOW + timedelta(minutes=minutes))
        assert who, minutes
        sessions.keep_session_alive(session, who.sign_in_id, now=NOW + timedelta(minutes=minutes))
    left = sessions.session_time_left(
        session, who.sign_in_id, now=NOW + timedelta(hours=11, minutes=54)
    )
    assert left == sessions.SessionTimeLeft(timedelta(minutes=6), can_stay=False)
    assert sessions.find_session_identity(session, secret, now=NOW + timedelta(hours=12)) is None
    idle = sessions.start_session(session, advisor, now=NOW)
    assert sessions.find_session_identity(
        session, idle, now=NOW + timedelta(minutes=14, seconds=59)
    )
    late = NOW + timedelta(minutes=15)
    assert sessions.find_session_identity(session, idle, now=late) is None
    # What is over cannot be brought back.
    sessions.keep_session_alive(
        session, session.exec(select(SignIn.id).order_by(SignIn.id.desc())).first(), now=late
    )
    assert sessions.find_session_identity(session, idle, now=late) is None


def test_only_hashes_are_stored(session: Session) -> None:
    advisor = add_advisor(session, 1, password=PASSWORD, now=NOW)
    secret, (_, codes) = sessions.start_session(session, advisor, now=NOW), enrol(session, advisor)
    login_throttle.throttle_sign_in(session, EMAIL, now=NOW)
    stored = "".join(
        repr(session.exec(select(kind)).all()) for kind in (SignIn, Advisor, RecoveryCode)
    )
    assert not [
        text
        for text in (secret, PASSWORD, *codes, *(c.replace("-", "") for c in codes))
        if text in stored
    ]
    assert EMAIL not in repr(session.exec(select(Lockout)).all())


def test_an_invitation_works_once_and_not_for_long(session: Session) -> None:
    advisor = add_advisor(session, 1, now=NOW)
    old = accounts.issue_invitation(session, advisor, now=NOW)
    secret = accounts.issue_invitation(session, advisor, now=NOW)
    assert accounts.find_usable_invitation(session, old, now=NOW) is None
    assert accounts.find_usable_invitation(session, secret, now=NOW + timedelta(days=4)) is None
    assert accept(session, secret) is advisor
    with pytest.raises(NotAllowed):
        accept(session, secret)
    known = accounts.find_active_advisor_by_email(session, EMAIL.upper())
    assert accounts.check_password(known, PASSWORD) is advisor


def test_of_those_who_use_one_link_at_once_one_comes_in(database: str) -> None:
    """The others begin before the first is through, whom they find to have used it then."""
    with transaction() as session:
        secret = accounts.issue_invitation(session, add_advisor(session, 1, now=NOW), now=NOW)
    is_shared = not database.startswith("sqlite")  # there whoever writes is alone

    def comes_in() -> bool:
        try:
            with transaction() as session:
                accept(session, secret)
        except NotAllowed:
            return False
        return True

    with ThreadPoolExecutor(5) as people:
        with transaction() as session:
            accept(session, secret)
            others = [people.submit(comes_in) for _ in range(5)]
            if is_shared:
                eventually(lambda: count_who_wait() == 5 or any(one.done() for one in others))
        assert [one.result() for one in others] == [False] * 5


def test_guessing_waits_longer_and_longer_whether_or_not_there_is_such_an_account(
    session: Session,
) -> None:
    for email in (add_advisor(session, 1, now=NOW).email, "nobody@example.org"):
        at, waits = NOW, []
        for _ in range(14):
            login_throttle.throttle_sign_in(session, email, now=at)
            with_wait = _wait_after(session, email, at)
            waits.append(with_wait // timedelta(minutes=1))
            at += with_wait
        assert waits == [0] * 7 + [1, 2, 4, 8, 15, 15, 15]
        # Coming in, or a day without a try, forgets what was before.
        login_throttle.clear_sign_in_failures(session, email.upper())
        login_throttle.throttle_sign_in(session, email, now=at)
        assert _wait_after(session, email, at) == timedelta()


def test_a_code_counts_once_and_a_recovery_code_replaces_the_phone(session: Session) -> None:
    advisor = add_advisor(session, 1, now=NOW)
    phone, codes = enrol(session, advisor)
    assert len(set(codes)) == 10
    second_factor.redeem_second_factor_code(
        session, advisor, phone.at(NOW, counter_offset=1), vault=VAULT, now=NOW
    )
    refused(
        lambda: second_factor.redeem_second_factor_code(
            session, advisor, phone.at(NOW, counter_offset=1), vault=VAULT, now=NOW
        )
    )
    refused(
        lambda: second_factor.redeem_second_factor_code(
            session, advisor, phone.at(NOW), vault=VAULT, now=NOW
        )
    )  # older than one used
    later = NOW + timedelta(minutes=5)
    spoken = phone.at(later)
    for wrong in (
        "",
        "000000",
        "ñ",
        phone.at(later, counter_offset=-2),
        phone.at(later, counter_offset=2),
    ):
        refused(
            lambda wrong=wrong: second_factor.redeem_second_factor_code(
                session, advisor, wrong, vault=VAULT, now=later
            )
        )
    second_factor.redeem_second_factor_code(
        session, advisor, f"{spoken[:3]} {spoken[3:]}", vault=VAULT, now=later
    )
    second_factor.redeem_second_factor_code(
        session, advisor, codes[3].upper(), vault=VAULT, now=later
    )
    refused(
        lambda: second_factor.redeem_second_factor_code(
            session, advisor, codes[3], vault=VAULT, now=later
        )
    )
    second_factor.renew_recovery_codes(session, advisor, now=NOW)
    second_factor.disable_second_factor(session, advisor, by=advisor, now=NOW)
    write_deferred_inserts(session)
    assert session.exec(select(AuditEntry.kind).order_by(AuditEntry.id)).all() == [
        "sign_in",
        "factor_on",
        "code_used",
        "codes_renewed",
        "factor_off",
    ]
    refused(
        lambda: second_factor.redeem_second_factor_code(
            session, advisor, codes[4], vault=VAULT, now=later
        )
    )


def test_the_key_of_the_second_factor_cannot_be_read_from_the_database(session: Session) -> None:
    advisor = add_advisor(session, 1, now=NOW)
    phone, codes = enrol(session, advisor)
    kept = advisor.totp_secret
    assert kept.startswith("sealed:")
    assert phone.secret not in kept
    assert "random" not in repr(VAULT)

    def use_code(vault: Vault, *, after: int) -> None:
        at = NOW + timedelta(minutes=after)
        second_factor.redeem_second_factor_code(session, advisor, phone.at(at), vault=vault, now=at)

    # A code seals the key with the newest of the keys that the settings name, and leaves it where
    # it already is.
    use_code(VAULT, after=1)
    assert advisor.totp_secret == kept
    use_code(Vault(("a new one", *VAULT.keys)), after=2)
    assert advisor.totp_secret != kept
    use_code(Vault(("a new one",)), after=3)
    # What was stored before there was a key is sealed at its next use.
    advisor.totp_secret = phone.secret
    use_code(Vault(), after=4)
    assert advisor.totp_secret == phone.secret
    use_code(VAULT, after=5)
    assert VAULT.unseal(advisor.totp_secret) == phone.secret != advisor.totp_secret
    # Without its key nobody is let in by the app, and a recovery code still opens.
    for lost in (Vault(), Vault(("another",))):
        with pytest.raises(NotAllowed, match="lost the key"):
            use_code(lost, after=6)
    second_factor.redeem_second_factor_code(session, advisor, codes[0], vault=Vault(), now=NOW)


def test_the_second_factor_is_required_of_whom_the_setting_says() -> None:
    required = {
        rule: [
            role.value for role in PERMISSIONS if second_factor.must_have_second_factor(role, rule)
        ]
        for rule in RequireTotp
    }
    assert required == {
        "off": [],
        "supervisors": ["supervisor", "admin"],
        "all": ["advisor", "supervisor", "admin"],
    }


VERBS = {
    "add": lambda s, _, by: staff.add_staff_member(
        s,
        "Robin",
        email="robin@example.org",
        phone_number="",
        role=AdvisorRole.ADVISOR,
        actor=by,
        now=NOW,
    ),
    "invite": lambda s, who, by: staff.invite_staff_member(s, who, by, now=NOW),
    "deactivate": lambda s, who, by: staff.deactivate_staff_member(s, who, by, now=NOW),
    "activate": lambda s, who, by: staff.reactivate_staff_member(s, who, by, now=NOW),
    "sign_out": lambda s, who, by: staff.sign_out_staff_member(s, who, by, now=NOW),
    "forget": lambda s, who, by: staff.reset_second_factor(s, who, by, now=NOW),
    "change_role": lambda s, who, by: staff.change_staff_role(
        s, who, AdvisorRole.SUPERVISOR, by, now=NOW
    ),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_refuses_whoever_may_not(session: Session, verb: str) -> None:
    advisor, supervisor, admin = (
        add_advisor(session, n, role=r, now=NOW) for n, r in enumerate(PERMISSIONS, 1)
    )
    other = add_advisor(session, 4, now=NOW)
    act = VERBS[verb]
    refused(lambda: act(session, other, advisor))
    if verb == "change_role":
        refused(lambda: act(session, other, supervisor))
    else:
        act(session, other, supervisor)
    if verb != "add":
        refused(lambda: act(session, admin, supervisor))  # or a supervisor could become an admin
        act(session, supervisor, admin)
    if verb in ("deactivate", "change_role", "forget"):
        refused(lambda: act(session, admin, admin))
    for role in (AdvisorRole.SUPERVISOR, AdvisorRole.ADMIN):
        about = {"email": "new@example.org", "phone_number": "", "role": role, "now": NOW}
        refused(
            lambda about=about: staff.add_staff_member(session, "New", **about, actor=supervisor)
        )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_is_deactivated_is_neither_let_in_nor_rung(session: Session) -> None:
    admin = add_advisor(session, 2, role=AdvisorRole.ADMIN, now=NOW)
    advisor = add_advisor(session, 1, password=PASSWORD, now=NOW)
    presence.put_on_duty(session, advisor, until=NOW + timedelta(hours=1), now=NOW)
    secret, link = (
        sessions.start_session(session, advisor, now=NOW),
        accounts.issue_invitation(session, advisor, now=NOW),
    )
    staff.deactivate_staff_member(session, advisor, admin, now=NOW)
    assert sessions.find_session_identity(session, secret, now=NOW) is None
    assert accounts.find_usable_invitation(session, link, now=NOW) is None
    assert accounts.find_active_advisor_by_email(session, EMAIL) is None
    assert availability.list_available_advisors(session, now=NOW) == []
    refused(lambda: accounts.check_password(None, PASSWORD))
    refused(lambda: staff.invite_staff_member(session, advisor, admin, now=NOW))
    staff.reactivate_staff_member(session, advisor, admin, now=NOW)
    assert accounts.check_password(accounts.find_active_advisor_by_email(session, EMAIL), PASSWORD)
    write_deferred_inserts(session)
    told = session.exec(select(Transition).where(Transition.record == "advisor")).all()
    assert [(one.event, one.actor) for one in told] == [
        ("put_on_duty", f"advisor:{advisor.id}"),
        ("deactivate", f"advisor:{admin.id}"),
        ("activate", f"advisor:{admin.id}"),
    ]


def test_the_trail_says_who_began_and_ended_duty_by_phone(session: Session) -> None:
    advisor = add_advisor(session, 1, now=NOW)
    presence.put_on_duty(
        session, advisor, until=NOW + timedelta(hours=1), now=NOW, operator=OPERATOR
    )
    presence.take_off_duty(session, advisor, now=NOW)
    begun, ended = moves(session, advisor)
    assert (begun.event, begun.actor) == ("put_on_duty", "operator")
    assert (ended.event, ended.actor) == ("take_off_duty", f"advisor:{advisor.id}")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_is_deactivated_is_told_of_no_alert(session: Session) -> None:
    admin, supervisor = (
        add_advisor(session, n, role=r, now=NOW) for n, r in enumerate(list(PERMISSIONS)[:0:-1], 1)
    )
    on_call.add_on_call_shift(
        session,
        supervisor,
        days="mon-sun",
        begins="00:00",
        ends="00:00",
        zone="UTC",
        actor=supervisor,
        now=NOW,
    )
    assert on_call.addresses_to_alert(session, NoticeMethod.EMAIL, now=NOW) == [supervisor.email]
    staff.deactivate_staff_member(session, supervisor, admin, now=NOW)
    assert on_call.addresses_to_alert(session, NoticeMethod.EMAIL, now=NOW) == [admin.email]


def test_a_list_of_colleagues_says_who_is_signed_in(session: Session) -> None:
    viewer = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
    advisor = add_advisor(session, 2, password=PASSWORD, now=NOW)
    for _ in range(2):
        sessions.start_session(session, advisor, now=NOW)
    sessions.start_session(session, advisor, now=NOW - timedelta(hours=1))
    enrol(session, advisor)
    found = staff.read_staff(session, viewer, now=NOW)
    assert [
        (one.name, one.state, one.sessions, one.has_second_factor, one.may_change) for one in found
    ] == [
        ("Advisor 1", "invited", 0, False, False),
        ("Advisor 2", "active", 2, True, True),
    ]
    assert found[1].seen_at == NOW
    refused(lambda: staff.read_staff(session, advisor, now=NOW))


def enrol(session: Session, advisor: Advisor) -> tuple[pyotp.TOTP, list[str]]:
    sessions.start_session(session, advisor, now=NOW - timedelta(days=1))
    row = session.exec(
        select(SignIn).where(SignIn.advisor_id == advisor.id).order_by(SignIn.id.desc())
    ).first()
    phone = pyotp.TOTP(second_factor.offer_totp_secret(session, row, vault=VAULT))
    assert phone.secret not in row.totp_offered
    refused(
        lambda: second_factor.confirm_second_factor(
            session, row, advisor, "000000", vault=VAULT, now=NOW
        )
    )
    return phone, second_factor.confirm_second_factor(
        session, row, advisor, phone.at(NOW, counter_offset=-1), vault=VAULT, now=NOW
    )


def accept(session: Session, secret: str) -> Advisor:
    return accounts.accept_invitation(
        session,
        secret,
        name="",
        email="",
        phone_number="",
        password_hash=passwords.hash_new_password(PASSWORD),
        now=NOW,
    )


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(NotAllowed):
        act()


def _wait_after(session: Session, email: str, at: datetime) -> timedelta:
    """How long somebody must wait: nothing is counted by a try that is refused."""
    row = session.exec(select(Lockout).where(Lockout.whom == sessions.hash_secret(email))).one()
    if row.locked_until is None:
        return timedelta()
    with pytest.raises(TooManyTries):
        login_throttle.throttle_sign_in(session, email, now=row.locked_until - timedelta(seconds=1))
    return row.locked_until - at
