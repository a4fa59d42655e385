"""Commands about where events are sent."""

from __future__ import annotations

from argparse import Namespace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from leads.commands.frame import add_command, add_command_group, print_result, utc_now
from leads.commands.outside_readers import add_outside_reader_options, stated_outside_reader
from leads.config import parsing
from leads.config.settings import Settings
from leads.database.transactions import reader, transaction
from leads.models.enums import EventType
from leads.outbox import destinations, event_orders
from leads.outbox.destinations import DestinationDetails
from leads.people.permissions import OPERATOR
from leads.public_addresses import require_public_url

ADD_HELP = """Nothing is sent without a basis. With "consent", an event is sent only for people
whose own consent has the words of --basis-name in it; with "contract", for all: name it and when
it was signed, such as "QSOA with County Health, 2026-05-01". The secret is printed once.
More: docs/outbound.md
"""


def add_destination_commands(commands: Any) -> None:
    """Add the commands."""
    group = add_command_group(commands, "destination", "where events are sent, as signed webhooks")
    _add_add_command(group)
    add_command(group, "list", _run_list, "list the destinations, without their addresses")
    for name, act, words in (
        ("rotate", _run_rotate, "make a new secret; the old one signs as well until drop-secret"),
        ("drop-secret", _run_drop_secret, "sign with the newest secret alone"),
        ("stop", _run_stop, "send nothing more"),
        ("resume", _run_resume, "send what happens from now on"),
    ):
        add_command(group, name, act, words).add_argument("name", metavar="NAME")
    replay = add_command(group, "replay", _run_replay, "send again what was not taken")
    replay.add_argument("name", metavar="NAME")
    replay.add_argument(
        "--since", default="", metavar="INSTANT", help="and all that was taken since then as well"
    )


def _add_add_command(group: Any) -> None:
    add = add_command(group, "add", _run_add, "add a destination", ADD_HELP)
    add.add_argument("name", metavar="NAME")
    add.add_argument("--url", required=True, help="an https address on the internet")
    add.add_argument(
        "--event", action="append", required=True, choices=[*EventType], help="may be repeated"
    )
    add_outside_reader_options(add, basis_help="what permits it", needs_basis=True)


def _run_add(given: Namespace, settings: Settings) -> None:
    require_public_url(given.url, allowed=settings.allowed_private_networks)
    with transaction() as session:
        added = destinations.add_destination(
            session,
            OPERATOR,
            given.name,
            url=given.url,
            event_types=given.event,
            **stated_outside_reader(given),
            now=utc_now(),
        )
        shown = {"name": added.name, "secret": added.secrets[0]}
    print_result(given, shown)


def _run_list(given: Namespace, _settings: Settings) -> None:
    with reader() as session:
        found = destinations.list_destinations(session, OPERATOR, now=utc_now())
    lines = [" · ".join(map(str, _shown_destination(one).values())) for one in found]
    shown = {"destinations": [_shown_destination(one) for one in found]}
    print_result(given, shown, "\n".join(lines) or "There are no destinations.")


def _shown_destination(one: DestinationDetails) -> dict[str, Any]:
    return {
        "name": one.name,
        "host": one.host,
        "events": ", ".join(one.event_types),
        "helplines": ", ".join(one.helplines) or "all",
        "basis": f"{one.basis.kind}: {one.basis.name}",
        "secrets": one.secret_count,
        "state": f"stopped ({one.stopped_because})" if one.stopped_at else "active",
        "sent": one.counts.sent,
        "waiting": one.counts.waiting,
        "not taken": one.counts.failed,
    }


def _run_rotate(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        place = destinations.find_destination_id(session, given.name)
        secret = destinations.rotate_destination_secret(session, OPERATOR, place, now=utc_now())
    print_result(given, {"name": given.name, "secret": secret})


def _run_drop_secret(given: Namespace, _settings: Settings) -> None:
    _change_named(given, destinations.drop_old_destination_secret)


def _run_stop(given: Namespace, _settings: Settings) -> None:
    _change_named(given, destinations.stop_destination)


def _run_resume(given: Namespace, _settings: Settings) -> None:
    _change_named(given, destinations.resume_destination)


def _change_named(given: Namespace, change: Any) -> None:
    with transaction() as session:
        place = destinations.find_destination_id(session, given.name)
        change(session, OPERATOR, place, now=utc_now())
    print_result(given, {"name": given.name})


def _run_replay(given: Namespace, _settings: Settings) -> None:
    since: datetime | None = None
    if given.since:
        since = parsing.parse_instant("--since", given.since)
    with transaction() as session:
        count = _replay_named(session, given.name, since)
    print_result(given, {"name": given.name, "sent again": count})


def _replay_named(session: Session, name: str, since: datetime | None) -> int:
    place = destinations.find_destination_id(session, name)
    return event_orders.replay_events(session, OPERATOR, place, since=since, now=utc_now())
