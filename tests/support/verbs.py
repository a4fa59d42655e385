"""Everything that somebody does, found by looking, so that no test has to be told of a new verb."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import leads

OF_ONES_OWN_ACCOUNT = {
    "leads.people.own_account",
    "leads.people.permissions",
    "leads.people.second_factor",
}
ACTORS = ("supervisor", "actor", "viewer", "person", "advisor", "by")
OF_ONE_WHO_IS_IN = {
    "accounts.adopt_sign_in_language",
    "accounts.issue_invitation",
    "accounts.language_of_advisor",
    "accounts.set_advisor_language",
    "accounts.check_password",
    "accounts.withdraw_invitations",
    "competence.competence_of",
    "looks.record_looks",
    "presence.end_shift_duty",
    "presence.has_left_desk",
    "presence.has_open_desk",
    "presence.is_on_duty_by_phone_only",
    "presence.is_presence_heartbeat_due",
    "presence.mark_advisor_away",
    "presence.mark_advisor_idle",
    "presence.phone_duty_until",
    "presence.record_accepted_offer",
    "presence.record_missed_offer",
    "presence.set_advisor_offline",
    "queue.current_callback_of",
    "refused_acts.record_refused_act",
    "sessions.begin_second_factor",
    "try_limits.record_limited_try",
    "unrecorded_calls.ask_again_by_phone",
    "unrecorded_calls.is_asked_by_keypad",
    "unrecorded_calls.list_unrecorded_calls",
}


def modules_of_ours() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(leads.__path__, "leads."):
        if not found.name.startswith(
            ("leads.__main__", "leads.database.migrations", "leads.commands")
        ):
            yield importlib.import_module(found.name)


def _verbs() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Everything of ours that somebody does: a function that takes the advisor who does it."""
    for module in modules_of_ours():
        for name, verb in inspect.getmembers(module, inspect.isfunction):
            of_here = verb.__module__ == module.__name__ not in OF_ONES_OWN_ACCOUNT
            if of_here and not name.startswith("_") and actor_argument_of(verb):
                yield f"{module.__name__.rpartition('.')[2]}.{name}", verb


def actor_argument_of(verb: Callable[..., Any]) -> str:
    """Which argument of a function is the advisor who does it; empty where none is."""
    given = inspect.signature(verb).parameters
    takes = [name for name in ACTORS if name in given and "Advisor" in str(given[name].annotation)]
    return takes[0] if takes else ""


VERBS = dict(_verbs())
