"""Plain pages: no script, no request to anybody else, strict headers."""

from __future__ import annotations

import functools
import secrets
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from starlette.responses import HTMLResponse

from leads.i18n import translatable

PAGES = Path(__file__).parent


def page(name: str, *, language: str, status: int = 200, may_be_framed: bool = False, **values: Any) -> HTMLResponse:
    """Return one of our own pages; what visitors wrote is escaped. Other sites may not frame it unless it says so.

    A page says a text with `_`, in the language it is asked for.
    """
    nonce = secrets.token_urlsafe(16)
    values |= {"language": language, "_": functools.partial(translatable.say, language)}
    text = _templates().get_template(name).render(nonce=nonce, style=_style(), **values)
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'"
    if not may_be_framed:
        policy += "; frame-ancestors 'none'"
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(text, status, headers)


def text(name: str, **values: Any) -> str:
    """Return a page as a document of its own, to keep or to print."""
    return _templates().get_template(name).render(**values)


@functools.cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(PAGES), autoescape=True)


@functools.cache
def _style() -> Markup:
    return Markup((PAGES / "plain.css").read_text("utf-8"))  # noqa: S704 - our own file
