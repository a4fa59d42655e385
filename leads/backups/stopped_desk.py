"""A stopped desk: what is done to a whole database is done while nobody else has it open."""

from __future__ import annotations

from leads.backups.contents import DatabaseKind
from leads.backups.places import database_kind, database_path
from leads.backups.postgresql_archives import require_nobody_else
from leads.backups.sqlite_files import hold_alone
from leads.config.settings import Settings


def require_stopped_desk(settings: Settings) -> None:
    """Raise BadBackup while a process of the desk runs."""
    if database_kind(settings) is DatabaseKind.POSTGRESQL:
        require_nobody_else(settings.database_url)
        return
    with hold_alone(database_path(settings)):
        pass
