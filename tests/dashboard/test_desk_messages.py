"""What the desk says of a call is said of that call alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from leads.callbacks import queue
from leads.database.transactions import transaction
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from tests.support.people import MINUTE, a_callback, on_duty
from tests.support.streamlit_page import page_of_desk


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("button", ["finish", "finish-next"])
def test_thanks_for_a_call_are_gone_when_the_next_person_comes(
    button: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        ana = on_duty(session)
        ended = {"state": "wrap_up", "ended_at": now, "lease_until": now + MINUTE}
        call_id = a_callback(session, advisor_id=ana.id, received_at=now, **ended).id
        advisor_id, user = ana.id, {"id": ana.id, "name": ana.name, "role": ana.role, "sign_in": 0}
    page = page_of_desk("advisor_desk", monkeypatch, **user)
    page.pills(key=f"outcome-{call_id}").set_value("helped").run()
    assert not page.exception
    if button == "finish":
        page.button(key="finish").click().run()
        assert said_on(page) == ["Recorded. Thank you."]
    with transaction() as session:
        next_id = a_callback(session, received_at=now - timedelta(hours=1), any_hour=True).id
    if button == "finish":
        with transaction() as session:
            callback, ana = session.get_one(Callback, next_id), session.get_one(Advisor, advisor_id)
            queue.claim_callback(session, callback, ana, now=now)
        page.run()
    else:
        page.button(key="finish-next").click().run()
    assert not page.exception
    assert page.button(key="call")  # of the next person
    assert said_on(page) == []


def said_on(page: AppTest) -> list[str]:
    return [one.value for one in page.success]
