"""Plain pages: they need no script, ask nobody else for anything, and have strict headers."""

from __future__ import annotations

import functools
import secrets
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from starlette.responses import HTMLResponse

from leads.i18n import translatable

TEMPLATE_FOLDER = Path(__file__).parent


def render_page(
    name: str,
    *,
    language: str,
    status: int = 200,
    may_be_framed: bool = False,
    script: str = "",
    **values: Any,
) -> HTMLResponse:
    """Return one of our own pages; what visitors wrote is escaped.

    Other sites may not frame it unless the page says so. Its template says each text with `_`, in
    the language it is asked for. `script`: the one file of ours that runs in it, if any may.
    """
    nonce = secrets.token_urlsafe(16)
    values |= {"language": language, "_": functools.partial(translatable.translate, language)}
    text = (
        _template_environment()
        .get_template(name)
        .render(
            nonce=nonce,
            style=_read_own_file("plain.css"),
            script=_read_own_file(script) if script else "",
            **values,
        )
    )
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'"
    if script:
        policy += f"; script-src 'nonce-{nonce}'"
    if not may_be_framed:
        policy += "; frame-ancestors 'none'"
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(text, status, headers)


def render_document(name: str, **values: Any) -> str:
    """Return a page as a document of its own, to keep or to print."""
    return _template_environment().get_template(name).render(**values)


@functools.cache
def _template_environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATE_FOLDER), autoescape=True)


@functools.cache
def _read_own_file(name: str) -> Markup:
    return Markup((TEMPLATE_FOLDER / name).read_text("utf-8"))  # noqa: S704 - our own file
