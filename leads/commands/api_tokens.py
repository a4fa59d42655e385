"""Commands about who may read over the API."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from leads.api import tokens
from leads.api.tokens import TokenDetails
from leads.commands.frame import add_command, add_command_group, print_result, utc_now
from leads.commands.outside_readers import add_outside_reader_options, stated_outside_reader
from leads.config.settings import Settings
from leads.database.transactions import reader, transaction
from leads.models.enums import ApiScope
from leads.people.permissions import OPERATOR

ADD_HELP = """The token is printed once. Who people are is read only with the scope leads:personal,
which needs a basis: a contract, or the words that each person's consent has to have in it.
More: docs/outbound.md
"""


def add_api_token_commands(commands: Any) -> None:
    """Add the commands."""
    group = add_command_group(commands, "api-token", "what lets a program read over the API")
    add = add_command(group, "add", _run_token_add, "make a token", ADD_HELP)
    add.add_argument("name", metavar="NAME")
    add.add_argument(
        "--scope", action="append", required=True, choices=[*ApiScope], help="may be repeated"
    )
    add.add_argument("--days", type=int, default=tokens.USUAL_DAYS, help="how long it is good for")
    add_outside_reader_options(add, basis_help="for leads:personal", needs_basis=False)
    add_command(group, "list", _run_token_list, "list the tokens, which are not shown again")
    revoke = add_command(group, "revoke", _run_token_revoke, "end a token at once")
    revoke.add_argument("name", metavar="NAME")


def _run_token_add(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        token = tokens.issue_token(
            session,
            OPERATOR,
            given.name,
            scopes=given.scope,
            days=given.days,
            **stated_outside_reader(given),
            now=utc_now(),
        )
    print_result(given, {"name": given.name, "token": token})


def _run_token_list(given: Namespace, _settings: Settings) -> None:
    with reader() as session:
        found = [_shown_token(one) for one in tokens.list_tokens(session, OPERATOR)]
    lines = [" · ".join(map(str, one.values())) for one in found]
    print_result(given, {"tokens": found}, "\n".join(lines) or "There are no access tokens.")


def _shown_token(one: TokenDetails) -> dict[str, str]:
    basis = f"{one.basis.kind}: {one.basis.name}" if one.basis else "none"
    return {
        "name": one.name,
        "scopes": ", ".join(one.scopes),
        "helplines": ", ".join(one.helplines) or "all",
        "basis": basis,
        "ends": one.ends_at.date().isoformat(),
        "state": "revoked" if one.revoked_at else "good until it ends",
        "used": one.used_at.isoformat(timespec="minutes") if one.used_at else "never",
    }


def _run_token_revoke(given: Namespace, _settings: Settings) -> None:
    with transaction() as session:
        token_id = tokens.find_token_id(session, given.name)
        tokens.revoke_token(session, OPERATOR, token_id, now=utc_now())
    print_result(given, {"name": given.name})
