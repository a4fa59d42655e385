"""Composition root: settings, database, phone, routes and pages, in one process.

`python app.py` serves on HOST and PORT; `uvicorn app:app` does too, with the server's own options.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import streamlit as st
import uvicorn
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from dashboard.http import (
    bounded_connections,
    error_pages,
    guard,
    live_updates,
    sign_in,
    sign_in_policy,
    typed_words,
    voicemail_route,
)
from dashboard.http.forwarded_addresses import ForwardingWatch
from dashboard.http.packed_assets import PackedAssets
from dashboard.http.public_limits import PublicLimits
from dashboard.http.security_headers import SecurityHeaders
from dashboard.http.sign_in_policy import SignInPolicy
from dashboard.http.unknown_addresses import UnknownAddresses
from leads.api import read_api
from leads.config import key_file, log_format
from leads.config.settings import (
    PhoneKind,
    ProcessRole,
    Settings,
    load_settings,
    require_secret_key,
)
from leads.contact_rules import own_numbers
from leads.database import cross_process_wakeups
from leads.database.field_encryption import Vault
from leads.database.opening import open_current_database
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration
from leads.helplines import brands_and_sources, first_start
from leads.intake import warm_up, webhooks
from leads.privacy.disclosure_notice import SHORT_NOTICE
from notifications import health
from notifications.call_relay import CallRelay
from notifications.manual_phone import LogPhone, NoTexts
from notifications.rehearsal_phone import RehearsalPhone
from notifications.rehearsal_texts import RehearsalTexts
from notifications.telephony import Phone, TextNetwork
from notifications.text_relay import TextRelay
from notifications.twilio import webhooks as voice
from notifications.twilio.phone import build_twilio_phone
from notifications.twilio.texts import build_twilio_texts
from notifications.worker import Worker


def current_utc_time() -> datetime:
    """Return the time; nothing below this file reads a clock."""
    return datetime.now(UTC)


def choose_phone_network(settings: Settings) -> Phone:
    """Return the phone network that the settings name."""
    if settings.phone is PhoneKind.TWILIO:
        return build_twilio_phone(settings)
    return (
        RehearsalPhone(now=current_utc_time, keeps_recordings=bool(settings.content_keys))
        if settings.phone is PhoneKind.REHEARSAL
        else LogPhone()
    )


def choose_text_network(settings: Settings) -> TextNetwork:
    """Return the network for texts that the settings name."""
    if settings.phone is PhoneKind.TWILIO:
        return build_twilio_texts(settings)
    is_rehearsal = settings.phone is PhoneKind.REHEARSAL
    return RehearsalTexts(now=current_utc_time) if is_rehearsal else NoTexts()


def build_application(settings: Settings) -> st.App | Starlette:
    """Return the process's ASGI application; raises BadConfiguration if it could not work."""
    require_secret_key(settings)
    own_numbers.set_process_caller_id(settings.caller_id)
    open_current_database(settings.database_url, settings.content_keys)
    worker = build_worker(settings)
    bounds = [
        Middleware(SecurityHeaders, is_secure=settings.public_url.startswith("https://")),
        Middleware(PublicLimits, forms_per_minute=settings.forms_per_minute),
    ]
    watching = health.health_routes(
        None if settings.role is ProcessRole.WEB else worker,
        health.metrics_access(settings),
        now=current_utc_time,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: st.App | Starlette) -> AsyncIterator[None]:
        async with run_process(settings, worker):
            yield

    if settings.role is ProcessRole.WORKER:
        return Starlette(routes=watching, middleware=bounds, lifespan=lifespan)
    prepare_streamlit(settings)
    way_in = sign_in_policy.build_sign_in_policy(settings, now=current_utc_time)
    return st.App(
        "dashboard/main.py",
        lifespan=lifespan,
        routes=[*list_public_routes(settings), *watching, *list_desk_routes(settings, way_in)],
        middleware=[
            *bounds,
            Middleware(ForwardingWatch, now=current_utc_time),
            guard.build_guard_middleware(way_in),
            Middleware(UnknownAddresses),
            Middleware(PackedAssets),
        ],
        on_script_error=error_pages.show_page_failure,
    )


def build_worker(settings: Settings) -> Worker:
    """Return what works beside the requests: with relays, unless this process only serves them."""
    if settings.role is ProcessRole.WEB:
        return Worker(settings, None, None, now=current_utc_time)
    relay = CallRelay(
        choose_phone_network(settings),
        ring_seconds=settings.ring_seconds,
        now=current_utc_time,
        has_missed_news=True,
    )
    texts = TextRelay(choose_text_network(settings), now=current_utc_time)
    return Worker(settings, relay, texts, now=current_utc_time)


@contextlib.asynccontextmanager
async def run_process(settings: Settings, worker: Worker) -> AsyncIterator[None]:
    """Start what runs as long as the process, and stop it."""
    logging.getLogger("uvicorn.access").handlers.clear()  # importing streamlit put them back
    warm_up.load_words_and_rules(now=current_utc_time())
    gc.collect()
    gc.freeze()
    if settings.role is not ProcessRole.WORKER:
        with transaction() as session:
            invitation = first_start.prepare_first_start(session, now=current_utc_time())
        print_welcome(settings, invitation)
    worker.start()
    end_offers_when_stopped(worker)
    stop_wakeups = cross_process_wakeups.start_cross_process_wakeups()
    async with live_updates.run_live_updates(now=current_utc_time):
        yield
    await asyncio.to_thread(stop_wakeups)
    worker.stop()


def end_offers_when_stopped(worker: Worker) -> None:
    """Offer nobody any more from the moment at which the process is told to stop.

    The server then closes its doors, and waits for those who are inside, before it tells us.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # whoever runs us there gets the signals

    def stop_offers_first(before: Callable[..., object], number: int, frame: object) -> None:
        worker.offer_no_more()
        before(number, frame)

    for number in (signal.SIGTERM, signal.SIGINT):
        if callable(before := signal.getsignal(number)):
            signal.signal(number, functools.partial(stop_offers_first, before))


def list_public_routes(settings: Settings) -> list[Route]:
    """Return the routes of form tools and visitors, and of the phone network."""
    return [
        *webhooks.submission_routes(
            now=current_utc_time,
            public_url=settings.public_url,
            forms_per_minute=settings.forms_per_minute,
            content_keys=settings.content_keys,
        ),
        *voice.twilio_webhook_routes(settings, now=current_utc_time),
    ]


def list_desk_routes(settings: Settings, way_in: SignInPolicy) -> list[BaseRoute]:
    """Return the routes of programs with a token, and of the dashboard beside its pages."""
    return [
        *read_api.read_api_routes(now=current_utc_time, notice=SHORT_NOTICE),
        *sign_in.sign_in_routes(way_in, settings.oidc),
        *live_updates.live_update_routes(),
        *typed_words.typed_words_routes(now=current_utc_time),
        *voicemail_route.voicemail_routes(Vault(settings.content_keys), now=current_utc_time),
    ]


def prepare_streamlit(settings: Settings) -> None:
    """Let Streamlit sign its cookies by our key; raises BadConfiguration if it is not set up."""
    if settings.secret_keys:
        os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] = settings.secret_keys[0]
    if st.get_option("server.fileWatcherType") != "none":
        msg = (
            "Streamlit's settings were not found: start Ringback from its own folder, "
            "next to .streamlit/config.toml."
        )
        raise BadConfiguration(msg)


def print_welcome(settings: Settings, invitation: str | None) -> None:
    """Print where everything is, with the link by which the first supervisor comes in."""
    print(f"Ringback\n  Dashboard    {settings.public_url}/", flush=True)
    with reader() as session:
        for name, addresses in brands_and_sources.list_source_addresses(
            session, public_url=settings.public_url
        ):
            print(
                f"  {name}\n    form       {addresses.form_url or 'closed'}\n    webhook    "
                f"{addresses.webhook_url}",
                flush=True,
            )
        silent = brands_and_sources.list_brands_without_caller_id(session)
    if settings.twilio and settings.phone is PhoneKind.TWILIO and not settings.twilio.caller_id:
        for name in silent:
            print(f'  ATTENTION    No one can be called for "{name}": it has no caller ID. Run')
            print(f'               python -m leads brand add "{name}" --caller-id +1…', flush=True)
    if __name__ != "__main__":  # uvicorn serves by itself, as it serves anything
        print(
            "  ATTENTION    Headers and slow requests have no limit here: start python app.py, or"
        )
        print("               put a proxy in front that has (docs/security.md).", flush=True)
    if invitation:
        print(
            f"  First supervisor, once: {settings.public_url}/login?invitation={invitation}",
            flush=True,
        )


def serve_until_stopped(settings: Settings) -> None:
    """Serve until the process is told to stop.

    The address is taken before anything else begins.
    """
    try:
        listener = socket.create_server(
            (settings.host, settings.port), family=_address_family(settings.host), backlog=2048
        )
    except OSError as problem:
        print(
            f"HOST and PORT: {settings.host} port {settings.port}: {problem.strerror}.",
            file=sys.stderr,
        )
        sys.exit(2)
    config = uvicorn.Config(
        app,
        http=bounded_connections.BoundedConnection,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_ping_interval=30,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _address_family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


log_format.configure_logging()
try:
    chosen = key_file.with_content_keys(load_settings())
    log_format.configure_logging(chosen.log_format)
    app = build_application(chosen)
except BadConfiguration as refusal:
    print(refusal, file=sys.stderr)
    sys.exit(2)
except DBAPIError:
    print("Cannot connect to the database: check DATABASE_URL.", file=sys.stderr)
    sys.exit(2)

if __name__ == "__main__":
    serve_until_stopped(chosen)
