"""Error pages: what is said where nothing can be shown.

A person gets a page in their language, a program a word or two.
"""

from __future__ import annotations

import logging
import secrets

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from dashboard.http.sign_in_policy import NOT_STORED, request_language
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.intake import visitor_pages
from leads.pages import rendering

ANOTHER_SITE = Phrase("This request came from another site, so it was blocked.")
SIGN_IN_FIRST = Phrase("Please sign in first.")
NOTHING_HERE = Phrase("Page not found.")
FAILED = Phrase("Something went wrong. Please try again.")
VISITORS = "/form/"  # whoever is turned away there is shown whom to call

log = logging.getLogger(__name__)


def render_refusal(headers: Headers, sentence: str, status: int) -> Response:
    """Return the refusal of a request, with a way back where a person reads it."""
    if "text/html" in headers.get("accept", ""):
        return rendering.render_page(
            "turned_away.html", language=request_language(headers), status=status, sentence=sentence
        )
    return JSONResponse({"error": sentence}, status, NOT_STORED)


def render_failure(scope: Scope) -> Response:
    """Return the answer to a request that failed; a visitor of a form is told whom to call."""
    if scope["path"].startswith(VISITORS):
        return visitor_pages.render_visitor_notice("away", Request(scope), status=500)
    return render_refusal(Headers(scope=scope), FAILED, 500)


def show_page_failure(error: Exception) -> bool:
    """Show where a page failed, with a code that finds the place in the log."""
    code = secrets.token_hex(3)
    log.error("A page failed, code %s.", code, exc_info=error)
    sorry = _(
        "Something went wrong. Reload the page and check before you try again. Error code: {code}.",
        code=code,
    )
    st.error(sorry)
    return True
