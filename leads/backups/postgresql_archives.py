"""A PostgreSQL database as the archive of pg_dump, and put back by pg_restore and psql.

The tools are PostgreSQL's own, of the server's version or newer. Passwords reach them in their
environment, where other users of the machine do not see them, and what they say of a row is not
shown.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO

from psycopg import sql
from sqlalchemy import Connection, func, make_url, select, table, text

from leads.backups.contents import DESK_IS_RUNNING, PIECE_BYTES, BackupContents, Progress
from leads.database.engine import current_engine, open_database
from leads.errors import BadBackup, BadConfiguration

ONE_MOMENT = "REPEATABLE READ"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
OWN_RELATIONS = """
SELECT count(*) FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\\_%'
AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
"""
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
AND backend_type = 'client backend'
"""
BEGIN = "BEGIN;\nSET LOCAL client_min_messages = error;\n"
DROP_ALL = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('DROP TABLE %I CASCADE', one.tablename);
    END LOOP;
    FOR one IN SELECT pg_proc.oid::regprocedure AS name FROM pg_proc
            WHERE pronamespace = current_schema()::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') LOOP
        EXECUTE format('DROP ROUTINE %s CASCADE', one.name);
    END LOOP;
END $$;
"""
REQUIRE_ROWS = """
DO $$ BEGIN
    IF (SELECT count(*) FROM {table}) <> {rows} THEN
        RAISE EXCEPTION USING ERRCODE = 'RB001';
    END IF;
END $$;
"""
COMMIT = "RESET search_path;\n{checks}COMMIT;\n"
HOW_TO_INSTALL = (
    "install PostgreSQL's client tools (on Debian and Ubuntu a package such as "
    "postgresql-client-18, by the server's version)"
)
SQLSTATE = re.compile(r"\b(?:ERROR|FATAL|PANIC):\s+([0-9A-Z]{5})\b")


@contextlib.contextmanager
def open_postgresql_snapshot(
    url: str, progress: Progress
) -> Iterator[tuple[str, Mapping[str, int], Iterator[bytes]]]:
    """Open one moment of a database: its schema, the rows of each table, and its archive.

    Nobody who writes waits for it.

    Raises BadConfiguration where there is no desk's database, or no pg_dump.
    """
    pg_dump = _find_tool("pg_dump")
    open_database(url)
    with current_engine().connect().execution_options(isolation_level=ONE_MOMENT) as connection:
        names = connection.scalars(text(TABLES)).all()
        if "alembic_version" not in names:
            msg = "There is no desk in the database: check DATABASE_URL."
            raise BadConfiguration(msg)
        rows = {name: _count_table_rows(connection, name) for name in names}
        revision = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        moment = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        yield revision, rows, _dump_database(pg_dump, url, moment, progress)


def _count_table_rows(connection: Connection, name: str) -> int:
    return connection.scalar(select(func.count()).select_from(table(name))) or 0


def _dump_database(pg_dump: str, url: str, moment: str, progress: Progress) -> Iterator[bytes]:
    address, environment = _connection_for_tools(url)
    command = [
        pg_dump,
        "--format=custom",
        "--compress=0",  # that is done here
        "--no-owner",
        "--no-privileges",
        "--no-password",
        "--lock-wait-timeout=60s",
        f"--snapshot={moment}",
        f"--dbname={address}",
    ]
    with (
        tempfile.TemporaryFile() as said,
        _start_tool(command, environment, stdout=subprocess.PIPE, stderr=said) as dumping,
    ):
        assert dumping.stdout is not None  # noqa: S101 - a pipe was asked for
        done = 0
        while piece := dumping.stdout.read(PIECE_BYTES):
            yield piece
            done += len(piece)
            progress("Sealing", done, 0)
        if dumping.wait():
            msg = f"pg_dump gave up: {_read_error(said)} No backup was made."
            raise BadBackup(msg)


def is_postgresql_database_empty(url: str) -> bool:
    """Whether nothing is lost when a database is put there."""
    open_database(url)
    with current_engine().connect() as connection:
        return not connection.scalar(text(OWN_RELATIONS))


def put_postgresql_database(
    url: str, contents: BackupContents, pieces: Iterable[bytes], *, overwrite: bool
) -> None:
    """Put a database there, whole or not at all: in one transaction.

    `overwrite`: what is there goes in the same transaction.

    Raises BadBackup if it is not sound, or if somebody is connected to what is there.
    """
    pg_restore, psql = _find_tool("pg_restore"), _find_tool("psql")
    require_nobody_else(url)
    address, environment = _connection_for_tools(url)
    settings = ("ON_ERROR_STOP=1", "VERBOSITY=sqlstate")
    ask = [psql, "--no-psqlrc", "--quiet", "--no-password", *(f"--set={one}" for one in settings)]
    write = [pg_restore, "--file=-", "--no-owner", "--no-privileges", "--no-comments"]
    with (
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as refused,
        _start_tool(
            [*ask, f"--dbname={address}"], environment, stdin=subprocess.PIPE, stderr=refused
        ) as asking,
    ):
        _send(asking, BEGIN + DROP_ALL if overwrite else BEGIN)
        with _start_tool(
            write, environment, stdin=subprocess.PIPE, stdout=asking.stdin, stderr=said
        ) as writing:
            _feed(writing, pieces)
        if not writing.wait():
            # psql undoes everything unless it gets this far
            _send(asking, COMMIT.format(checks=_render_row_checks(contents.rows)))
        _close_input(asking)
        if asking.wait() or writing.wait():
            msg = f"{_explain_failure(refused, said)} Nothing was changed."
            raise BadBackup(msg)


def require_nobody_else(url: str) -> None:
    """Raise BadBackup while another process has the database open."""
    open_database(url)
    with current_engine().connect() as connection:
        others = connection.scalar(text(OTHERS))
    current_engine().dispose()
    if others:
        raise BadBackup(DESK_IS_RUNNING)


def _render_row_checks(rows: Mapping[str, int]) -> str:
    checks = (
        sql.SQL(REQUIRE_ROWS).format(table=sql.Identifier(table), rows=sql.Literal(count))
        for table, count in rows.items()
    )
    return "".join(check.as_string(None) for check in checks)


def _find_tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        msg = f"{name} is not on this machine, or not on the PATH: {HOW_TO_INSTALL}."
        raise BadConfiguration(msg)
    return found


def _connection_for_tools(url: str) -> tuple[str, dict[str, str]]:
    """Return the address without its password, and the environment that has it."""
    address = make_url(url).set(drivername="postgresql")
    environment = {**os.environ, "LC_ALL": "C"}
    if address.password:
        environment["PGPASSWORD"] = str(address.password)
    shown = address._replace(password=None).render_as_string(hide_password=False)
    return shown, environment


@contextlib.contextmanager
def _start_tool(
    command: list[str],
    environment: Mapping[str, str],
    *,
    stderr: IO[bytes],
    stdin: int = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start one of PostgreSQL's tools, which does not outlive us."""
    tool = subprocess.Popen(  # noqa: S603 - found on the path by its own name
        command, env=environment, stdin=stdin, stdout=stdout, stderr=stderr
    )
    try:
        yield tool
    except BaseException:
        tool.kill()
        raise
    finally:
        _close_input(tool)
        tool.wait()
        if tool.stdout:
            tool.stdout.close()


def _send(tool: subprocess.Popen[bytes], words: str) -> None:
    assert tool.stdin is not None  # noqa: S101 - a pipe was asked for
    with contextlib.suppress(BrokenPipeError):  # it gave up, and has said why
        tool.stdin.write(words.encode())
        tool.stdin.flush()


def _feed(tool: subprocess.Popen[bytes], pieces: Iterable[bytes]) -> None:
    assert tool.stdin is not None  # noqa: S101 - a pipe was asked for
    with contextlib.suppress(BrokenPipeError):
        for piece in pieces:
            tool.stdin.write(piece)
    _close_input(tool)


def _close_input(tool: subprocess.Popen[bytes]) -> None:
    if tool.stdin:
        with contextlib.suppress(BrokenPipeError):
            tool.stdin.close()


def _read_error(said: IO[bytes]) -> str:
    """Return the first sentence of what a tool said that is about itself and no row."""
    said.seek(0)
    lines = said.read().decode(errors="replace").splitlines()
    found = [line.partition("error: ")[2] for line in lines if "error: " in line]
    if not found:
        return "it did not say why."
    advice = (
        f" Its version has to be the server's: {HOW_TO_INSTALL}." if "version" in found[0] else ""
    )
    return f"{found[0].rstrip('.')}.{advice}"


def _explain_failure(refused: IO[bytes], said: IO[bytes]) -> str:
    refused.seek(0)
    code = SQLSTATE.search(refused.read().decode(errors="replace"))
    if code and code[1] == "RB001":
        return "The database in the backup is damaged."
    if code:
        return f"PostgreSQL refused what is in the backup (SQLSTATE {code[1]})."
    if said.seek(0, os.SEEK_END):
        return f"pg_restore gave up: {_read_error(said)}"
    return f"psql gave up: {_read_error(refused)}"
