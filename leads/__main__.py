"""The operator's command line, `python -m leads`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from leads import (
    accounts,
    cohort,
    db,
    demo,
    digest,
    forms,
    intake,
    logs,
    metrics,
    on_call,
    options,
    packed,
    presence,
    report,
    second_factor,
    sessions,
    setup,
)
from leads.embed import embed_line
from leads.errors import BadConfiguration, LeadsError
from leads.history import on_disk
from leads.migrate import migrate, must_be_migrated
from leads.models import Advisor, AdvisorRole
from leads.settings import PhoneKind, Settings, load

LONGEST_DUTY = 168  # hours: a week


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. A refusal is a sentence on stderr."""
    given = _parser().parse_args(argv)
    try:
        settings = load()
        db.configure(settings.database_url)
        if given.act is not _migrate:
            must_be_migrated()
        return given.act(given, settings) or 0
    except LeadsError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except DBAPIError:
        print("The database cannot be reached: check DATABASE_URL.", file=sys.stderr)
        return 2


def _migrate(given: argparse.Namespace, _settings: Settings) -> None:
    migrate()
    _show(given, {"database": "up to date"})


def _brand_add(given: argparse.Namespace, _settings: Settings) -> None:
    with db.transaction() as session:
        options = {"operator": given.operator, "caller_id": given.caller_id, "locale": given.locale}
        brand = setup.add_brand(session, given.name, **options, now=_now())
        shown = {"name": brand.name, "operator": brand.operator, "caller_id": brand.caller_id, "locale": brand.locale}
    _show(given, shown)


def _brand_alerts(given: argparse.Namespace, _settings: Settings) -> None:
    with db.transaction() as session:
        brand = setup.set_ladder(session, given.name, screens=given.screens, messages=given.messages, call=given.call)
        shown = {"screens": brand.screens_after, "messages": brand.messages_after, "call": brand.call_after}
    _show(given, {"name": given.name, **shown})


def _source_add(given: argparse.Namespace, settings: Settings) -> None:
    with db.transaction() as session:
        source = setup.add_source(
            session,
            given.name,
            brand_name=given.brand,
            kind=given.kind,
            region=given.region,
            signing_secrets=tuple(given.secret),
            now=_now(),
        )
        shown = asdict(setup.addresses(source, public_url=settings.public_url))
    _show(given, shown if given.json else {**shown, "embed": embed_line(shown["form_url"])})


def _advisor_add(given: argparse.Namespace, settings: Settings) -> None:
    password = sys.stdin.readline().rstrip("\n") if given.password_stdin else ""
    with db.transaction() as session:
        advisor = accounts.add_advisor(
            session,
            name=given.name,
            email=given.email,
            phone_number=given.phone,
            role=AdvisorRole(given.role),
            password=password,
            now=_now(),
        )
        shown = {"id": advisor.id, "email": advisor.email, "role": advisor.role}
        if not password:
            secret = accounts.invite(session, advisor, now=_now())
            shown["invitation"] = f"{settings.public_url}/login?invitation={secret}"
    _show(given, shown)


def _advisor_invite(given: argparse.Namespace, settings: Settings) -> None:
    with db.transaction() as session:
        advisor = _advisor(session, given.email)
        if given.forget_second_factor:
            second_factor.turn_off(session, advisor)
        secret = accounts.invite(session, advisor, now=_now())
    _show(given, {"email": advisor.email, "invitation": f"{settings.public_url}/login?invitation={secret}"})


def _advisor_role(given: argparse.Namespace, _settings: Settings) -> None:
    with db.transaction() as session:
        advisor = _advisor(session, given.email)
        advisor.role = AdvisorRole(given.role)
        session.add(advisor)
        sessions.end_all(session, advisor.id, now=_now())
    _show(given, {"email": advisor.email, "role": advisor.role})


def _on_duty(given: argparse.Namespace, _settings: Settings) -> None:
    if not 0 < given.hours <= LONGEST_DUTY:
        msg = f"--hours must be more than 0 and at most {LONGEST_DUTY}."
        raise BadConfiguration(msg)
    until = _now() + timedelta(hours=given.hours)
    with db.transaction() as session:
        advisor = _advisor(session, given.email)
        if advisor.deactivated_at:
            msg = "This account is deactivated."
            raise BadConfiguration(msg)
        if not advisor.phone:
            msg = "This advisor has no phone number: nobody could ring them."
            raise BadConfiguration(msg)
        presence.on_duty(session, advisor, until=until, now=_now())
    _show(given, {"email": given.email, "on_duty_until": until.isoformat(timespec="seconds")})


def _off_duty(given: argparse.Namespace, _settings: Settings) -> None:
    with db.transaction() as session:
        presence.off_duty(session, _advisor(session, given.email))
    _show(given, {"email": given.email, "on_duty_until": None})


def _on_call(given: argparse.Namespace, _settings: Settings) -> None:
    hours = {"days": given.days, "begins": given.begins, "ends": given.ends, "zone": given.zone}
    with db.transaction() as session:
        on_call.add(session, _advisor(session, given.email), **hours)
    _show(given, {"email": given.email, **hours})


def _off_call(given: argparse.Namespace, _settings: Settings) -> None:
    with db.transaction() as session:
        on_call.clear(session, _advisor(session, given.email))
    _show(given, {"email": given.email, "on_call": None})


def _digest(given: argparse.Namespace, _settings: Settings) -> None:
    with db.transaction() as session:
        person = _advisor(session, given.email)
        digest.choose(person, given.how_often)
        session.add(person)
    _show(given, {"email": given.email, "digests": ", ".join(person.digests)})


def _demo(given: argparse.Namespace, settings: Settings) -> None:
    if settings.phone is not PhoneKind.REHEARSAL:
        msg = "The demo rings made-up people: set PHONE=rehearsal, and DATABASE_URL to a database of its own."
        raise BadConfiguration(msg)
    _show(given, demo.fill(now=_now()))


def _status(given: argparse.Namespace, _settings: Settings) -> None:
    with db.reader() as session:
        shown: dict[str, Any] = {**metrics.counts(session), "limbo": metrics.limbo(session)}
    _show(given, shown)


def _import(given: argparse.Namespace, _settings: Settings) -> int:
    outcome = on_disk.bring_in(Path(given.file), brand_name=given.brand, now=_now())
    if given.json:
        _show(given, on_disk.figures(outcome))
    else:
        print(on_disk.told(outcome))
    return int(outcome.is_failure)


def _readmit(given: argparse.Namespace, _settings: Settings) -> None:
    logs.hush()
    with logging_redirect_tqdm(), tqdm(unit=" submissions", desc="Reading again") as bar:
        found = intake.readmit(source_name=given.source, now=_now, progress=on_disk.progress_of(bar))
    if given.json:
        _show(given, {"looked_at": found.looked_at, **asdict(found)})
    else:
        print(found.sentence)


def _rollup(given: argparse.Namespace, _settings: Settings) -> None:
    with db.transaction() as session:
        packed.unpack_all(session)
        days = cohort.unpacked_days(session, now=_now())
    done = 0
    for day in tqdm(days, unit=" days", desc="Packing", disable=None):
        with db.transaction() as session:
            done += cohort.pack(session, day)
    _show(given, {"days": done, "left_for_later": len(days) - done})


def _report(given: argparse.Namespace, _settings: Settings) -> None:
    with db.reader() as session:
        found = report.read(
            session,
            first=options.day("--from", given.first),
            last=options.day("--to", given.last),
            zone=options.zone(given.zone),
            target=options.target(given.target),
            brand_name=given.brand,
            now=options.instant("--now", given.now) if given.now else _now(),
        )
    if given.json:
        _show(given, report.figures(found))
    else:
        print(report.table(found))


def _advisor(session: Session, email: str) -> Advisor:
    advisor = session.exec(select(Advisor).where(Advisor.email == email.strip().lower())).first()
    if advisor is None:
        msg = f"There is nobody with the e-mail address {email}."
        raise BadConfiguration(msg)
    return advisor


def _show(given: argparse.Namespace, shown: dict[str, Any]) -> None:
    """Print one JSON object with --json, else a line for each thing."""
    if given.json:
        print(json.dumps(shown))
        return
    for name, value in shown.items():
        text = ", ".join(f"{word} {count}" for word, count in value.items()) if isinstance(value, dict) else value
        print(f"{name}: {'none' if text in (None, '') else text}")


def _now() -> datetime:
    return datetime.now(UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m leads", description="Look after a callback desk.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "migrate", _migrate, "bring the database up to date")
    _command(commands, "demo", _demo, "fill the database with believable leads; start the desk with PHONE=rehearsal")
    _command(commands, "status", _status, "count what there is by state, and open leads in no queue (always 0)")

    past = _command(commands, "import", _import, "bring in requests and their history from a CSV file", on_disk.HELP)
    past.add_argument("file", metavar="FILE.csv")
    past.add_argument("--brand", default="", help="the helpline of rows that name no source of ours")

    again = _command(commands, "readmit", _readmit, "read again what waits for a person, after something was mended")
    again.add_argument("--source", default="", help="of one source only")

    _command(commands, "rollup", _rollup, "pack the days that are over anew, for quick figures; the desk does it too")

    figures = _command(commands, "report", _report, "say how long people really waited", report.DEFINITIONS)
    figures.add_argument(
        "--from", dest="first", metavar="DATE", required=True, help="first day received, as 2026-03-01"
    )
    figures.add_argument("--to", dest="last", metavar="DATE", required=True, help="last day received, itself included")
    figures.add_argument("--target", type=float, default=300, metavar="SECONDS", help="for the service level (300)")
    figures.add_argument("--brand", default="", help="one helpline only")
    figures.add_argument("--zone", default="UTC", help="whose days are meant, such as America/New_York (UTC)")
    figures.add_argument("--now", default="", metavar="INSTANT", help="as it stood then, for the same report again")

    brands = _group(commands, "brand", "helplines as the public knows them")
    brand = _command(brands, "add", _brand_add, "add a helpline, or change the one with this name")
    brand.add_argument("name", metavar="NAME")
    brand.add_argument("--operator", default="", help="who answers, as the form says it")
    brand.add_argument("--caller-id", default="", help="one of your Twilio numbers: what leads see")
    brand.add_argument("--locale", default="", help="language and country, such as en-US")

    sources = _group(commands, "source", "doors for submissions")
    source = _command(sources, "add", _source_add, "open a webhook address and a hosted form")
    source.add_argument("name", metavar="NAME")
    source.add_argument("--brand", default="", help="the helpline; may be left out if there is only one")
    source.add_argument("--kind", default="generic", help=f"one of: {', '.join(forms.KINDS)}")
    source.add_argument("--region", default="US", help="country whose phone numbers are meant")
    source.add_argument("--secret", action="append", default=[], help="signing secret or bearer token; may be repeated")

    advisors = _group(commands, "advisor", "the people who ring")
    advisor = _command(advisors, "add", _advisor_add, "add a colleague; without a password they get a one-time link")
    for name, needed in (("name", True), ("email", True), ("phone", False)):
        advisor.add_argument(f"--{name}", required=needed, default="")
    advisor.add_argument("--role", choices=[role.value for role in AdvisorRole], default=AdvisorRole.ADVISOR.value)
    advisor.add_argument("--password-stdin", action="store_true", help="read the password from the first line of stdin")
    again = _command(advisors, "invite", _advisor_invite, "print a link, good once, to choose a password, also again")
    again.add_argument("email", metavar="EMAIL")
    again.add_argument("--forget-second-factor", action="store_true", help="for whoever lost phone and recovery codes")
    other = _command(advisors, "role", _advisor_role, "give somebody another role; they sign in again")
    other.add_argument("email", metavar="EMAIL")
    other.add_argument("role", choices=[role.value for role in AdvisorRole])
    duty = _command(advisors, "on-duty", _on_duty, "offer callbacks to their phone, with no desk open")
    duty.add_argument("email", metavar="EMAIL")
    duty.add_argument("--hours", type=float, required=True)
    off = _command(advisors, "off-duty", _off_duty, "stop offering to their phone")
    off.add_argument("email", metavar="EMAIL")
    _parse_supervision(brands, advisors)
    return parser


def _parse_supervision(brands: Any, advisors: Any) -> None:
    ladder = _command(brands, "alerts", _brand_alerts, "say when its supervisors hear of people who wait", on_call.HELP)
    ladder.add_argument("name", metavar="NAME")
    for step, words in (("screens", "screens"), ("messages", "texts and e-mails"), ("call", "a call")):
        ladder.add_argument(f"--{step}", type=int, metavar="MINUTES", help=f"past the promise, until {words}")
    shift = _command(advisors, "on-call", _on_call, "have alerts sent to a supervisor at these hours", on_call.HELP)
    shift.add_argument("email", metavar="EMAIL")
    shift.add_argument("--from", dest="begins", metavar="TIME", required=True, help="such as 18:00")
    shift.add_argument("--to", dest="ends", metavar="TIME", required=True, help="such as 08:00, of the next day then")
    shift.add_argument("--days", default="mon-sun", help="on which it begins, such as mon-fri or sat,sun (mon-sun)")
    shift.add_argument("--zone", default="UTC", help="whose hours are meant, such as America/New_York (UTC)")
    free = _command(advisors, "off-call", _off_call, "take a supervisor off call, all of their hours")
    free.add_argument("email", metavar="EMAIL")
    figures = _command(advisors, "digest", _digest, "send a supervisor the figures by e-mail; with no word, none")
    figures.add_argument("email", metavar="EMAIL")
    figures.add_argument("how_often", metavar="daily|weekly", nargs="*")


def _group(commands: Any, name: str, words: str) -> Any:
    return commands.add_parser(name, help=words).add_subparsers(required=True, metavar="COMMAND")


def _command(
    commands: Any, name: str, act: Callable[[argparse.Namespace, Settings], int | None], words: str, more: str = ""
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=words, epilog=more, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    command.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    command.set_defaults(act=act)
    return command


if __name__ == "__main__":
    sys.exit(main())
