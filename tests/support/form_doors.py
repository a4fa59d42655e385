"""The doors for submissions, served alone, and what a visitor before them sees and sends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import httpx
from sqlmodel import col, select
from starlette.applications import Starlette

from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources
from leads.intake import processing, webhooks
from leads.models.requests import Submission
from tests.conftest import NOW
from tests.support.serving import PLAIN, serving

NUMBER = "+13155550142"
MIB = 1024 * 1024
SAFE = {"safe_to_call": "yes", "safe_to_voicemail": "no", "safe_to_text": "no"}
FORM = {
    "name": "Jordan",
    "phone": "(315) 555-0142",
    "consent": "yes",
    "message": "Please call.",
    **SAFE,
}


@dataclass(frozen=True)
class Site:
    """One source's two doors, and a visitor before them."""

    http: httpx.Client
    webhook: str
    form: str


@contextmanager
def opened(
    *, kind: str = "generic", signing_secrets: tuple[str, ...] = (), **settings: Any
) -> Iterator[Site]:
    with transaction() as session:
        brands_and_sources.add_brand(
            session, "Harbor Line", operator="Harbor Community Health", now=NOW
        )
        source = brands_and_sources.add_source(
            session, "Site", signing_secrets=signing_secrets, now=NOW
        )
        source.kind = kind
        at = brands_and_sources.source_addresses(source, public_url="")
    with (
        doors(**settings) as url,
        httpx.Client(
            base_url=url,
            headers={"Origin": settings.get("public_url") or url},
            trust_env=False,
            verify=PLAIN,
        ) as http,  # as a browser that posts a page of ours
    ):
        yield Site(http, at.webhook_url, at.form_url)


@contextmanager
def doors(**settings: Any) -> Iterator[str]:
    """Serve the doors alone; yields their address."""
    routes = webhooks.submission_routes(**{"now": lambda: NOW, **settings})
    with serving(Starlette(routes=routes), ws="none") as url:
        yield url


def submissions() -> Sequence[Submission]:
    with reader() as session:
        return session.exec(select(Submission).order_by(col(Submission.id))).all()


def admitted(*, at: datetime = NOW) -> list[str]:
    """Have everything read that was received; returns all submissions' states."""
    for _batch in submissions()[:: processing.BATCH]:
        processing.process_received_submissions(now=lambda: at)
    return [row.state for row in submissions()]


class Page(HTMLParser):
    """A page as a browser reads it: its elements, where they lead, and what its form would send."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.values: dict[str, str] = {}
        self._field = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append(tag)
        self.attributes |= set(given)
        self.addresses += [given[name] for name in ("href", "src", "action") if name in given]
        self._field = given.get("name", self._field if tag == "option" else "")
        is_chosen = (
            "checked" in given if given.get("type") in ("radio", "checkbox") else tag == "input"
        )
        if is_chosen or "selected" in given:
            self.values.setdefault(self._field, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1] == "textarea" and self._field:
            self.values[self._field] = self.values.get(self._field, "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select"):
            self._field = ""
