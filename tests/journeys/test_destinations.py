"""An admin says where events go and who may read: both get ids, and nobody's name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from leads.database.transactions import transaction
from leads.models.enums import AdvisorRole
from tests.support.chromium import problems_of, sign_in
from tests.support.event_receivers import running_receiver
from tests.support.people import a_source
from tests.support.running_desk import Desk, eventually, running_desk


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_happens_at_the_desk_arrives_where_an_admin_said(
    database: str, page: Page, tmp_path: Path
) -> None:
    with transaction() as session:
        token = a_source(session, now=datetime.now(UTC)).token
    trusted = {"SSL_CERT_FILE": str(tmp_path / "authority.pem")}
    here = {"ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8,::1/128"}
    with (
        running_receiver(tmp_path, host="localhost") as receiver,
        running_desk(database, PHONE="log", **trusted, **here) as desk,
    ):
        sign_in(page, desk, AdvisorRole.ADMIN, at="setup?topic=destinations")
        page.get_by_label("Name of the destination").fill("County CRM")
        page.get_by_label("Address").fill(receiver.url)
        page.get_by_role("button", name="New person").click()
        basis = page.get_by_role("textbox", name="Contract and its date")
        basis.fill("QSOA with County Health, 2026-05-01")
        page.get_by_role("button", name="Add the destination").click()
        expect(page.get_by_text("Secret of County CRM")).to_be_visible()
        secret = page.locator(".copyable code").first.inner_text()
        assert problems_of(page) == []
        page.get_by_role("button", name="I saved it").click()
        expect(page.get_by_text("Secret of County CRM")).to_have_count(0)
        asked = {"phone": "+13155550142", "name": "Zanzibar Lee"}
        assert desk.http.post(f"/hooks/forms/{token}", json=asked).status_code == 200
        eventually(lambda: receiver.requests)
        page.reload()
        expect(page.get_by_role("region", name="Destinations")).to_contain_text("County CRM")
        reads_with_a_token_that_was_made_on_the_page(page, desk)
    [request] = receiver.requests
    told = Webhook(secret).verify(request.body, dict(request.headers))
    assert told["type"] == "lead.created"
    assert "zanzibar" not in json.dumps(told).casefold()


def reads_with_a_token_that_was_made_on_the_page(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/setup?topic=tokens")
    page.get_by_label("Name of the program").fill("Board report")
    page.get_by_role("button", name="People, without names and numbers").click()
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_text("Secret of Board report")).to_be_visible()
    head = {"Authorization": f"Bearer {page.locator('.copyable code').first.inner_text()}"}
    assert problems_of(page) == []
    answer = desk.http.get("/api/v1/leads", headers=head)
    assert answer.status_code == 200, answer.text
    assert [one["name"] for one in answer.json()["items"]] == [None]
    assert answer.headers["cache-control"] == "no-store"
    for path, status in (("leads", 401), ("nothing", 404), ("openapi.json", 200)):
        assert desk.http.get(f"/api/v1/{path}").status_code == status, path
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Revoked. It no longer works.")).to_be_visible()
    assert desk.http.get("/api/v1/leads", headers=head).status_code == 401
