"""Plain pages: what visitors wrote is text in them, and they load and run nothing."""

from __future__ import annotations

import re

import pytest
from starlette.responses import Response

from leads.pages import rendering

NAME = "turned_away.html"


def test_what_visitors_wrote_is_escaped() -> None:
    page = rendering.render_page(NAME, language="en", sentence="<script>alert(1)</script>")
    assert "<script" not in bytes(page.body).decode()
    assert "&lt;script&gt;" in bytes(page.body).decode()


@pytest.mark.parametrize("may_be_framed", [False, True])
def test_a_page_runs_no_script_and_is_framed_only_if_it_says_so(*, may_be_framed: bool) -> None:
    page = rendering.render_page(NAME, language="en", sentence="No.", may_be_framed=may_be_framed)
    policy = policy_of(page)
    assert policy.startswith("default-src 'none'; style-src 'nonce-")
    assert "script-src" not in policy
    assert ("frame-ancestors 'none'" in policy) == (not may_be_framed)
    assert page.headers["cache-control"] == "no-store"


def test_the_style_of_a_page_is_allowed_once_and_for_that_answer_only() -> None:
    first, second = (rendering.render_page(NAME, language="en", sentence="No.") for _ in range(2))
    nonce, other = (re.findall("nonce-([^']+)", policy_of(page)) for page in (first, second))
    assert nonce != other
    assert f'nonce="{nonce[0]}"' in bytes(first.body).decode()


def policy_of(page: Response) -> str:
    return page.headers["content-security-policy"]
