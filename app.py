"""Composition root: settings, database, phone, routes and pages, in one process.

`python app.py` serves on HOST and PORT; `uvicorn app:app` does too, with the server's own options.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import secrets
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import streamlit as st
import uvicorn
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.middleware import Middleware

from dashboard import sign_in
from leads import db, logs, setup, webhooks
from leads.errors import BadConfiguration
from leads.migrate import must_be_migrated
from leads.settings import PhoneKind, Role, Settings, load
from notifications import health
from notifications import webhooks as voice
from notifications.rehearsal import RehearsalPhone
from notifications.relay import Relay
from notifications.scheduler import Scheduler
from notifications.telephony import LogPhone, Phone, twilio_phone


def now() -> datetime:
    """Return the time; nothing below this file reads a clock."""
    return datetime.now(UTC)


def phone_for(settings: Settings) -> Phone:
    """Return the phone network that the settings name."""
    if settings.phone is PhoneKind.TWILIO:
        return twilio_phone(settings)
    return RehearsalPhone(now=now) if settings.phone is PhoneKind.REHEARSAL else LogPhone()


def build(settings: Settings) -> st.App | Starlette:
    """Put the process together. Raises BadConfiguration if it could not work."""
    db.configure(settings.database_url)
    must_be_migrated()
    scheduler = None
    if settings.role is not Role.WEB:
        scheduler = Scheduler(Relay(phone_for(settings), ring_seconds=settings.ring_seconds, now=now), now=now)

    @contextlib.asynccontextmanager
    async def lifespan(_app: st.App | Starlette) -> AsyncIterator[None]:
        logging.getLogger("uvicorn.access").handlers.clear()  # importing streamlit put them back
        gc.collect()
        gc.freeze()
        with db.transaction() as session:
            invitation = setup.prepare(session, now=now())
        welcome(settings, invitation)
        if scheduler:
            scheduler.start()
        yield
        if scheduler:
            scheduler.stop()

    watching = health.routes(scheduler, now=now)
    if settings.role is Role.WORKER:
        return Starlette(routes=watching, lifespan=lifespan)
    if st.get_option("server.fileWatcherType") != "none":
        msg = "Streamlit's settings were not found: start Ringback in its own folder, beside .streamlit/config.toml."
        raise BadConfiguration(msg)
    return st.App(
        "dashboard/main.py",
        lifespan=lifespan,
        routes=[
            *webhooks.routes(now=now),
            *voice.routes(settings, now=now),
            *sign_in.routes(public_url=settings.public_url, now=now),
            *watching,
        ],
        middleware=[Middleware(sign_in.Guard, now=now)],
        on_script_error=apologise,
    )


def apologise(error: Exception) -> bool:
    """Show a sentence where a page failed, with a code that finds the place in the log."""
    code = secrets.token_hex(3)
    logging.getLogger(__name__).error("A page failed, code %s.", code, exc_info=error)
    st.error(f"Something went wrong, and nothing was lost. Reload the page; if it stays, tell support the code {code}.")
    return True


def welcome(settings: Settings, invitation: str | None) -> None:
    """Say where everything is, and hand out the first supervisor's link."""
    print(f"Ringback\n  Dashboard    {settings.public_url}/", flush=True)
    with db.reader() as session:
        for name, addresses in setup.doors(session, public_url=settings.public_url):
            print(f"  {name}\n    form       {addresses.form_url}\n    webhook    {addresses.webhook_url}", flush=True)
    if invitation:
        print(f"  First supervisor, once: {settings.public_url}/login?invitation={invitation}", flush=True)


def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_ping_interval=30,
        timeout_graceful_shutdown=5,
    )


logs.configure()
try:
    chosen = load()
    app = build(chosen)
except BadConfiguration as refusal:
    print(refusal, file=sys.stderr)
    sys.exit(2)
except DBAPIError:
    print("The database cannot be reached: check DATABASE_URL.", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    serve(chosen)
