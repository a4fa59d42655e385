"""The command that says whether a number may be contacted, by the number and the clock alone."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from leads import phone_numbers
from leads.commands.explain.lines import read_lines
from leads.commands.frame import add_command, print_result, utc_now
from leads.config.settings import Settings
from leads.contact_rules import gate
from leads.contact_rules.area_codes import area_codes
from leads.contact_rules.citations import rule_citation
from leads.contact_rules.contact_history import ContactHistory
from leads.contact_rules.gate_rules import (
    REFUSAL_SENTENCES,
    RULES_OF_NUMBER,
    ContactChannel,
    GateFacts,
)
from leads.contact_rules.lead_wishes import LeadWishes
from leads.contact_rules.zip_zones import US
from leads.errors import BadConfiguration
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase

NOT_DIALABLE = "cannot_be_dialed"
RULE_OF_DIALABLE = "number-in-use"
DIGITS_IN_NORTH_AMERICA = 12  # of E.164, with the plus
CHANNELS = {str(channel): channel for channel in (ContactChannel.CALL, ContactChannel.TEXT)}
YEARS = range(1970, 2200)  # in which laws and clocks mean something
NO_QUESTION = "This line is not a JSON object with a number and ISO 8601 times."
WORDS_OF_REASON = {
    NOT_DIALABLE: Message(MessageKey.CANNOT_BE_DIALED),
    **{str(reason): said for reason, said in REFUSAL_SENTENCES.items()},
}
MORE = """\
--batch reads a JSON object a line: {"number","zip","region","source_region","any_hour","channel",
"at"}, of which only the number is needed, and prints one a line. Nobody's file is read."""


@dataclass(frozen=True)
class ContactQuestion:
    """What somebody wants to know of a number."""

    number: str
    zip: str = ""
    region: str = ""
    source_region: str = US
    any_hour: bool = False
    channel: ContactChannel = ContactChannel.CALL
    at: datetime | None = None


def add_contact_command(commands: Any) -> None:
    """Add the command."""
    contact = add_command(
        commands,
        "contact",
        _run_explain_contact,
        "explain whether a number may be called or texted, when, and by which rules",
        MORE,
        needs_database=False,
    )
    contact.add_argument("number", metavar="NUMBER", nargs="?", default="")
    contact.add_argument("--zip", default="", help="the stated ZIP code")
    contact.add_argument("--region", default="", help="the stated state or place, as written")
    contact.add_argument(
        "--source-region", default=US, help="country whose numbers the helpline calls"
    )
    contact.add_argument("--any-hour", action="store_true", help="they agreed to any hour")
    contact.add_argument("--channel", default="call", choices=("call", "text"))
    contact.add_argument("--at", default="", metavar="INSTANT", help="ISO 8601; default: now")
    contact.add_argument("--batch", action="store_true", help="read JSON lines from standard input")


def explain_contact(question: ContactQuestion, *, now: datetime) -> dict[str, Any]:
    """Return what the rules say of a number: they ask its place and the clock, and no file.

    What a person has to say of themselves (that a text is safe) is taken as said.
    """
    at = question.at or now
    number = _dialable_number(question)
    if number is None:
        return _answer_of_rules(question.number, rules=[RULE_OF_DIALABLE], reasons=[NOT_DIALABLE])
    wishes = LeadWishes(
        phone=number,
        region=question.region,
        zip=question.zip,
        best_time="",
        any_hour=question.any_hour,
        safe_to_call=True,
    )
    history = ContactHistory(source_region=question.source_region)
    facts = GateFacts(wishes, at, history, question.channel)
    decision = gate.decide_by_rules(RULES_OF_NUMBER, facts)
    zones = facts.place.zones if facts.place.is_known else ()
    not_before = decision.not_before and decision.not_before.astimezone(ZoneInfo(zones[0]))
    rules = decision.rules if decision.allowed else decision.refused_by
    return _answer_of_rules(
        number, rules=rules, reasons=decision.reasons, not_before=not_before, zones=zones
    )


def _answer_of_rules(
    number: str,
    *,
    rules: Iterable[str],
    reasons: Collection[str],
    not_before: datetime | None = None,
    zones: Iterable[str] = (),
) -> dict[str, Any]:
    return {
        "number": number,
        "allowed": not reasons,
        "not_before": not_before.isoformat() if not_before else None,
        "reasons": [str(reason) for reason in reasons],
        "zones": list(zones),
        "rules": [{"id": rule, "citation": str(rule_citation(rule))} for rule in rules],
    }


def _dialable_number(question: ContactQuestion) -> str | None:
    """Return a number that can be in use, also in an area code newer than the library's list."""
    number = phone_numbers.normalize_phone(question.number, question.source_region)
    if number:
        return number
    possible = phone_numbers.normalize_possible_phone(question.number, question.source_region)
    is_listed = (
        possible is not None
        and possible.startswith("+1")
        and len(possible) == DIGITS_IN_NORTH_AMERICA
        and possible[2:5] in area_codes()
        and possible[5] >= "2"
    )
    return possible if is_listed else None


def _run_explain_contact(given: Namespace, _settings: Settings) -> int | None:
    if given.batch:
        for line in _answer_lines(read_lines()):
            sys.stdout.write(line + "\n")
        return None
    if not given.number:
        raise BadConfiguration(Phrase("Enter a number, or --batch."))
    asked = {name: getattr(given, name) for name in ContactQuestion.__dataclass_fields__}
    try:
        question = _to_question(asked)
    except ValueError as problem:
        raise BadConfiguration(
            Phrase("Enter --at as ISO 8601, such as 2026-07-04T09:00:00-04:00.")
        ) from problem
    answer = explain_contact(question, now=utc_now())
    print_result(given, answer, _in_words(answer))
    return None


def _answer_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield an answer for each line that is not empty; a line that is no question says so."""
    for line in filter(str.strip, lines):
        try:
            question = _to_question(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            yield json.dumps({"error": NO_QUESTION})
        else:
            yield json.dumps(explain_contact(question, now=utc_now()))


def _to_question(asked: dict[str, Any]) -> ContactQuestion:
    """Return a question; raises ValueError, TypeError or KeyError where it is none."""
    number = asked["number"]
    if not isinstance(number, str | int) or isinstance(number, bool):
        raise TypeError
    return ContactQuestion(
        number=str(number),
        zip=str(asked.get("zip") or ""),
        region=str(asked.get("region") or ""),
        source_region=str(asked.get("source_region") or US).strip().upper(),
        any_hour=asked.get("any_hour") is True,
        channel=CHANNELS[str(asked.get("channel") or ContactChannel.CALL).strip().lower()],
        at=_to_instant(str(asked["at"])) if asked.get("at") else None,
    )


def _to_instant(text: str) -> datetime:
    """Return an instant by ISO 8601, in UTC where no offset is given; raises ValueError."""
    instant = datetime.fromisoformat(text.strip().upper())
    if instant.year not in YEARS:
        raise ValueError
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _in_words(answer: dict[str, Any]) -> str:
    rules = [f"  {rule['id']}: {rule['citation']}" for rule in answer["rules"]]
    says = "may be contacted" if answer["allowed"] else "may not be contacted"
    lines = [f"{answer['number']} {says} at that time."]
    if answer["reasons"]:
        lines += [str(WORDS_OF_REASON[reason]) for reason in answer["reasons"]]
    if answer["not_before"]:
        lines.append(f"Not before {answer['not_before']}.")
    if answer["zones"]:
        lines.append(f"Zones: {', '.join(answer['zones'])}.")
    return "\n".join([*lines, *(["Rules:", *rules] if rules else [])])
