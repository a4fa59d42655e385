"""An admin says where events go and who may read: both get ids, and nobody's name."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook
from streamlit.testing.v1 import AppTest

from leads.database.transactions import transaction
from leads.models.enums import AdvisorRole, ApiScope, EventType
from tests.support.event_receivers import running_receiver
from tests.support.people import a_source
from tests.support.running_desk import Desk, add_advisor, eventually, running_desk
from tests.support.streamlit_page import dashboard_of, labeled, open_page, press, texts_on

HERE = {"ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8,::1/128"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_happens_at_the_desk_arrives_where_an_admin_said(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        token = a_source(session, now=now).token
        admin_id = add_advisor(session, 1, now=now, role=AdvisorRole.ADMIN).id
    trusted = {"SSL_CERT_FILE": str(tmp_path / "authority.pem")}
    for name, value in HERE.items():
        monkeypatch.setenv(name, value)
    with (
        running_receiver(tmp_path, host="localhost") as receiver,
        running_desk(database, PHONE="log", **trusted, **HERE) as desk,
    ):
        page = open_page(
            dashboard_of(admin_id, monkeypatch), "helpline_setup", topic="destinations"
        )
        labeled(page, "Name of the destination").set_value("County CRM")
        labeled(page, "Address").set_value(receiver.url)
        labeled(page, "Events").set_value([EventType.LEAD_CREATED])
        basis = labeled(page, "Contract and its date, or the words that a consent must have in it")
        basis.set_value("QSOA with County Health, 2026-05-01")
        press(page, "Add the destination")
        secret = secret_of(page, "County CRM")
        press(page, "I saved it")
        assert "Secret of County CRM" not in texts_on(page)
        asked = {"phone": "+13155550142", "name": "Zanzibar Lee"}
        assert desk.http.post(f"/hooks/forms/{token}", json=asked).status_code == 200
        eventually(lambda: receiver.requests)
        reads_with_a_token_that_was_made_on_the_page(page, desk)
    [request] = receiver.requests
    told = Webhook(secret).verify(request.body, dict(request.headers))
    assert told["type"] == "lead.created"
    assert "zanzibar" not in json.dumps(told).casefold()


def secret_of(page: AppTest, name: str) -> str:
    """Return the secret that is shown once."""
    assert f"Secret of {name}" in texts_on(page)
    return re.search(r"<code[^>]*>([^<]+)</code>", texts_on(page)).group(1)


def reads_with_a_token_that_was_made_on_the_page(page: AppTest, desk: Desk) -> None:
    open_page(page, "helpline_setup", topic="tokens")
    labeled(page, "Name of the program").set_value("Board report")
    labeled(page, "May read").set_value([ApiScope.LEADS])
    press(page, "Make a token")
    head = {"Authorization": f"Bearer {secret_of(page, 'Board report')}"}
    answer = desk.http.get("/api/v1/leads", headers=head)
    assert answer.status_code == 200, answer.text
    assert [one["name"] for one in answer.json()["items"]] == [None]
    assert answer.headers["cache-control"] == "no-store"
    for path, status in (("leads", 401), ("nothing", 404), ("openapi.json", 200)):
        assert desk.http.get(f"/api/v1/{path}").status_code == status, path
    press(page, "Revoke")
    assert "Revoked. It no longer works." in texts_on(page)
    assert desk.http.get("/api/v1/leads", headers=head).status_code == 401
