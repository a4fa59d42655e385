"""What people typed is shown as they typed it, and draws nothing on a page."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from leads.database.transactions import transaction
from leads.intake import processing
from tests.conftest import NOW
from tests.support.people import a_submission, a_supervisor
from tests.support.streamlit_page import page_of_desk

DRAWS = "<img src=x onerror=go()> **b** [a](https://evil.example) :red[c] $x$ `d`"
MARKUP = re.compile(r"(?<!\\)(?:<img|\*\*b\*|\[a|:red\[|`d)")
RENDERED = ("markdown", "html", "caption", "success", "info", "warning", "error", "header", "title")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_that_a_form_says_is_drawn_in_the_file_of_its_sender(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fields = ("name", "message", "email", "best_time", "region", "page_url", "campaign")
    body = {"phone": "+13155550142", **dict.fromkeys(fields, DRAWS), f"Why {DRAWS}?": DRAWS}
    with transaction() as session:
        supervisor = a_supervisor(session)
        submission = a_submission(
            session,
            body=json.dumps(body).encode(),
            content_type="application/json",
            user_agent=DRAWS,
        )
        processing.process_submission(session, submission, now=NOW)
        user = {"id": supervisor.id, "name": supervisor.name, "role": supervisor.role, "sign_in": 1}
        lead_id = submission.lead_id
    # a page by itself knows no other page
    monkeypatch.setattr("streamlit.page_link", lambda *_given, **_named: None)
    page = page_of_desk("lead_file", monkeypatch, **user)
    page.query_params["lead"] = str(lead_id)
    page.run()
    assert not page.exception
    drawn = [_text_of(one) for kind in RENDERED for one in page.get(kind)]
    told = [text for text in drawn if "onerror" in text]
    assert told
    for text in told:
        assert not MARKUP.search(text), text


def _text_of(element: Any) -> str:
    return str(getattr(element.proto, "body", "") or getattr(element, "value", ""))
