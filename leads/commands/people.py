"""Commands about the people who ring, and those who look after them."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from leads.alerting import on_call
from leads.commands.frame import (
    CommandAction,
    add_command,
    add_command_group,
    print_result,
    utc_now,
)
from leads.config.settings import Settings
from leads.database.transactions import transaction
from leads.errors import BadConfiguration
from leads.i18n import languages
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.helplines import Brand
from leads.people import competence, passwords, presence, staff
from leads.people.permissions import OPERATOR, PERMISSIONS
from leads.reporting import digest

LONGEST_DUTY = 168  # hours: a week
ROLES = [role.value for role in PERMISSIONS]


def add_people_commands(commands: Any) -> None:
    """Add the commands about the people who ring, and those who look after them."""
    advisors = add_command_group(commands, "advisor", "advisors and supervisors")
    _add_colleague_command(advisors)
    _add_account_commands(advisors)
    _add_duty_commands(advisors)
    _add_on_call_commands(advisors)


def _add_colleague_command(advisors: Any) -> None:
    added = add_command(
        advisors,
        "add",
        _run_advisor_add,
        "add a colleague; without a password, they get a one-time link",
    )
    for name, needed in (("name", True), ("email", True), ("phone", False)):
        added.add_argument(f"--{name}", required=needed, default="")
    added.add_argument("--role", choices=ROLES, default=AdvisorRole.ADVISOR.value)
    _add_helpline_option(added)
    added.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from the first line of stdin",
    )


def _add_account_commands(advisors: Any) -> None:
    again = _add_advisor_command(
        advisors,
        "invite",
        _run_advisor_invite,
        "print a one-time link to choose a new password",
    )
    again.add_argument(
        "--forget-second-factor",
        action="store_true",
        help="for someone who lost their phone and recovery codes",
    )
    known = _add_advisor_command(
        advisors,
        "knows",
        _run_advisor_knows,
        "set a colleague's languages and skills; what is left out is cleared",
    )
    known.add_argument("--language", action="append", default=[], metavar="CODE", help="such as es")
    known.add_argument("--skill", action="append", default=[], help="as the helpline calls it")
    known.add_argument("--gender", choices=list(languages.GENDER_LABELS), default="")
    other = _add_advisor_command(
        advisors, "role", _run_advisor_role, "change a colleague's role; they have to sign in again"
    )
    other.add_argument("role", choices=ROLES)
    served = _add_advisor_command(
        advisors,
        "serves",
        _run_advisor_serves,
        "set the helplines that a colleague serves; they have to sign in again",
    )
    _add_helpline_option(served)
    figures = _add_advisor_command(
        advisors,
        "digest",
        _run_advisor_digest,
        "send a supervisor the figures by e-mail; with no word, stop sending",
    )
    figures.add_argument("how_often", metavar="daily|weekly", nargs="*")


def _add_helpline_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--helpline",
        action="append",
        default=[],
        metavar="NAME",
        help="a helpline that they serve; can be repeated; all helplines where none is named",
    )


def _add_duty_commands(advisors: Any) -> None:
    duty = _add_advisor_command(
        advisors,
        "on-duty",
        _run_advisor_on_duty,
        "send callbacks to their phone with no desk open",
    )
    duty.add_argument("--hours", type=float, required=True)
    _add_advisor_command(
        advisors, "off-duty", _run_advisor_off_duty, "stop sending callbacks to their phone"
    )


def _add_on_call_commands(advisors: Any) -> None:
    shift = _add_advisor_command(
        advisors,
        "on-call",
        _run_advisor_on_call,
        "put a supervisor on call at these hours",
        on_call.HELP,
    )
    shift.add_argument("--from", dest="begins", metavar="TIME", required=True, help="such as 18:00")
    shift.add_argument(
        "--to",
        dest="ends",
        metavar="TIME",
        required=True,
        help="such as 08:00, of the next day then",
    )
    shift.add_argument(
        "--days",
        default="mon-sun",
        help="days the shift starts, such as mon-fri or sat,sun (mon-sun)",
    )
    shift.add_argument(
        "--zone", default="UTC", help="time zone of the hours, such as America/New_York (UTC)"
    )
    _add_advisor_command(
        advisors,
        "off-call",
        _run_advisor_off_call,
        "take a supervisor off call at all hours",
    )


def _add_advisor_command(
    advisors: Any, name: str, act: CommandAction, words: str, more: str = ""
) -> ArgumentParser:
    parser = add_command(advisors, name, act, words, more)
    parser.add_argument("email", metavar="EMAIL")
    return parser


def _run_advisor_add(given: Namespace, settings: Settings) -> None:
    password = sys.stdin.readline().rstrip("\n") if given.password_stdin else ""
    password_hash = (
        passwords.hash_new_password(password, whose=(given.name, given.email)) if password else ""
    )
    with transaction() as session:
        advisor = staff.add_staff_member(
            session,
            given.name,
            email=given.email,
            phone_number=given.phone,
            role=AdvisorRole(given.role),
            password_hash=password_hash,
            helplines=_helplines_by_name(session, given.helpline),
            actor=OPERATOR,
            now=utc_now(),
        )
        shown = {"id": advisor.id, "email": advisor.email, "role": advisor.role}
        if not password:
            secret = staff.invite_staff_member(session, advisor, OPERATOR, now=utc_now())
            shown["invitation"] = f"{settings.public_url}/login?invitation={secret}"
    print_result(given, shown)


def _run_advisor_invite(given: Namespace, settings: Settings) -> None:
    with transaction() as session:
        advisor = _require_advisor_by_email(session, given.email)
        if given.forget_second_factor:
            staff.reset_second_factor(session, advisor, OPERATOR, now=utc_now())
        secret = staff.invite_staff_member(session, advisor, OPERATOR, now=utc_now())
    print_result(
        given,
        {"email": advisor.email, "invitation": f"{settings.public_url}/login?invitation={secret}"},
    )


def _run_advisor_knows(given: Namespace, _settings: Settings) -> None:
    known = {"spoken": given.language, "skills": given.skill, "gender": given.gender}
    with transaction() as session:
        advisor = _require_advisor_by_email(session, given.email)
        competence.set_competence(session, advisor, OPERATOR, **known, now=utc_now())
        shown = {"languages": ", ".join(advisor.languages), "skills": ", ".join(advisor.skills)}
    print_result(given, {"email": given.email, **shown, "gender": given.gender})


def _run_advisor_role(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        advisor = _require_advisor_by_email(session, given.email)
        role = AdvisorRole(given.role)
        staff.change_staff_role(session, advisor, role, OPERATOR, now=utc_now())
    print_result(given, {"email": advisor.email, "role": advisor.role})


def _run_advisor_serves(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        advisor = _require_advisor_by_email(session, given.email)
        helplines = _helplines_by_name(session, given.helpline)
        staff.set_staff_helplines(session, advisor, helplines, OPERATOR, now=utc_now())
    print_result(given, {"email": given.email, "helplines": ", ".join(given.helpline) or "all"})


def _helplines_by_name(session: Session, names: list[str]) -> list[int] | None:
    """Return the ids of the helplines with these names; None where none is named."""
    known = dict(session.exec(select(Brand.name, Brand.id)).all())
    for name in names:
        if name not in known:
            msg = f"There is no helpline {name}."
            raise BadConfiguration(msg)
    return [known[name] for name in names] or None


def _run_advisor_digest(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        person = _require_advisor_by_email(session, given.email)
        digest.choose_digests(session, person, given.how_often, now=utc_now(), operator=OPERATOR)
    print_result(given, {"email": given.email, "digests": ", ".join(person.digests)})


def _run_advisor_on_duty(given: Namespace, _settings: Settings) -> None:
    if not 0 < given.hours <= LONGEST_DUTY:
        msg = f"--hours must be more than 0 and at most {LONGEST_DUTY}."
        raise BadConfiguration(msg)
    until = utc_now() + timedelta(hours=given.hours)
    with transaction() as session:
        advisor = _require_advisor_by_email(session, given.email)
        if advisor.deactivated_at:
            msg = "This account is deactivated."
            raise BadConfiguration(msg)
        if not advisor.phone:
            msg = "This advisor has no phone number, so calls cannot reach them."
            raise BadConfiguration(msg)
        presence.put_on_duty(session, advisor, until=until, now=utc_now(), operator=OPERATOR)
    print_result(
        given, {"email": given.email, "on_duty_until": until.isoformat(timespec="seconds")}
    )


def _run_advisor_off_duty(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        advisor = _require_advisor_by_email(session, given.email)
        presence.take_off_duty(session, advisor, now=utc_now(), operator=OPERATOR)
    print_result(given, {"email": given.email, "on_duty_until": None})


def _run_advisor_on_call(given: Namespace, _settings: Settings) -> None:
    hours = {"days": given.days, "begins": given.begins, "ends": given.ends, "zone": given.zone}
    with transaction() as session:
        person = _require_advisor_by_email(session, given.email)
        on_call.add_on_call_shift(session, person, **hours, actor=OPERATOR, now=utc_now())
    print_result(given, {"email": given.email, **hours})


def _run_advisor_off_call(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        person = _require_advisor_by_email(session, given.email)
        on_call.clear_on_call_shifts(session, person, OPERATOR, now=utc_now())
    print_result(given, {"email": given.email, "on_call": None})


def _require_advisor_by_email(session: Session, email: str) -> Advisor:
    advisor = session.exec(select(Advisor).where(Advisor.email == email.strip().lower())).first()
    if advisor is None:
        msg = f"There is no account with the e-mail address {email}."
        raise BadConfiguration(msg)
    return advisor
