"""Commands about helplines and the doors to them."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from leads.alerting import escalation_settings, on_call
from leads.commands.frame import add_command, add_command_group, print_result, utc_now
from leads.config.settings import Settings
from leads.database.transactions import transaction
from leads.forms import form_reading
from leads.helplines import brands_and_sources, wish_settings
from leads.intake.form_embedding import form_embed_code
from leads.people.permissions import OPERATOR


def add_helpline_commands(commands: Any) -> None:
    """Add the commands about helplines and their doors."""
    brands = add_command_group(commands, "brand", "helplines as the public knows them")
    _add_brand_command(brands)
    _add_alerts_command(brands)
    _add_wishes_command(brands)
    _add_source_command(add_command_group(commands, "source", "sources of submissions"))


def _add_brand_command(brands: Any) -> None:
    brand = add_command(
        brands, "add", _run_brand_add, "add a helpline, or change the one with this name"
    )
    brand.add_argument("name", metavar="NAME")
    brand.add_argument("--operator", default="", help="who answers, as shown on the form")
    brand.add_argument(
        "--caller-id", default="", help="one of your Twilio numbers, shown to the people called"
    )
    brand.add_argument("--locale", default="", help="language and country, such as en-US")
    operator = add_command(
        brands,
        "operator",
        _run_brand_operator,
        "say that a helpline is another one's operator's: they share people's files from now on",
    )
    operator.add_argument("name", metavar="NAME")
    operator.add_argument("--same-as", required=True, metavar="OTHER")


def _add_alerts_command(brands: Any) -> None:
    ladder = add_command(
        brands,
        "alerts",
        _run_brand_alerts,
        "set when supervisors get alerts about people waiting",
        on_call.HELP,
    )
    ladder.add_argument("name", metavar="NAME")
    for step, words in (
        ("screens", "screens"),
        ("messages", "texts and e-mails"),
        ("call", "a call"),
    ):
        ladder.add_argument(
            f"--{step}", type=int, metavar="MINUTES", help=f"past the promise, until {words}"
        )


def _add_wishes_command(brands: Any) -> None:
    wishes = add_command(
        brands, "wishes", _run_brand_wishes, "set the preferences people can have for an advisor"
    )
    wishes.add_argument("name", metavar="NAME")
    wishes.add_argument("--skill", action="append", default=None, help="may be repeated")
    wishes.add_argument(
        "--patience",
        type=int,
        metavar="MINUTES",
        help="minutes past due before any free advisor calls",
    )


def _add_source_command(sources: Any) -> None:
    source = add_command(
        sources, "add", _run_source_add, "create a webhook address and a hosted form"
    )
    source.add_argument("name", metavar="NAME")
    source.add_argument("--brand", default="", help="the helpline; optional if there is only one")
    source.add_argument(
        "--kind", default="generic", help=f"one of: {', '.join(form_reading.KINDS)}"
    )
    source.add_argument("--region", default="US", help="country of its phone numbers")
    source.add_argument(
        "--slug",
        default="",
        metavar="WORD",
        help=(
            "end of the hosted form's address, /form/WORD, which is easy to guess; default: "
            "a random one"
        ),
    )
    source.add_argument(
        "--secret",
        action="append",
        default=[],
        help="signing secret or bearer token; may be repeated",
    )


def _run_brand_add(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        options = {"operator": given.operator, "caller_id": given.caller_id, "locale": given.locale}
        brand = brands_and_sources.add_brand(session, given.name, **options, now=utc_now())
        shown = {
            "name": brand.name,
            "operator": brand.operator,
            "caller_id": brand.caller_id,
            "locale": brand.locale,
        }
    print_result(given, shown)


def _run_brand_operator(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        brand = brands_and_sources.join_operators(session, given.name, given.same_as)
        shown = {"name": brand.name, "same_as": given.same_as, "operator": brand.operator}
    print_result(given, shown)


def _run_brand_alerts(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        brand = escalation_settings.set_escalation_steps(
            session, given.name, screens=given.screens, messages=given.messages, call=given.call
        )
        shown = {
            "screens": brand.screens_after,
            "messages": brand.messages_after,
            "call": brand.call_after,
        }
    print_result(given, {"name": given.name, **shown})


def _run_brand_wishes(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        brand = brands_and_sources.resolve_brand(session, given.name, now=utc_now())
        skills = brand.skills if given.skill is None else given.skill
        patience = brand.wish_patience if given.patience is None else given.patience
        wish_settings.set_wish_rules(
            session, brand, OPERATOR, skills=skills, patience=patience, now=utc_now()
        )
        shown = {"skills": ", ".join(brand.skills), "patience": brand.wish_patience}
    print_result(given, {"name": given.name, **shown})


def _run_source_add(given: Namespace, settings: Settings) -> None:
    with transaction() as session:
        source = brands_and_sources.add_source(
            session,
            given.name,
            brand_name=given.brand,
            kind=given.kind,
            region=given.region,
            signing_secrets=tuple(given.secret),
            slug=given.slug,
            now=utc_now(),
        )
        shown = asdict(brands_and_sources.source_addresses(source, public_url=settings.public_url))
        is_form_open = source.takes_hosted_form
    if not is_form_open:
        shown["form_url"] = ""
    elif not given.json:
        shown["embed"] = form_embed_code(shown["form_url"])
    print_result(given, shown)
