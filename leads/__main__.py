"""The operator's command line, `python -m leads`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from leads.commands import command_line
from leads.config import key_file
from leads.config.settings import load_settings
from leads.contact_rules import own_numbers
from leads.database.opening import open_current_database
from leads.errors import LeadsError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. A refusal is a sentence on stderr."""
    given = command_line.build_parser().parse_args(argv)
    try:
        settings = load_settings()
        if given.needs_database:
            own_numbers.set_process_caller_id(settings.caller_id)
            settings = key_file.with_content_keys(settings)
            open_current_database(settings.database_url, settings.content_keys)
        return given.act(given, settings) or 0
    except LeadsError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except DBAPIError:
        print("Cannot connect to the database: check DATABASE_URL.", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
