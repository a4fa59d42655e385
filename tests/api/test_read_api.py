"""A program reads what its token lets it, as the document says, and each read is on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from sqlmodel import Session, col, select
from starlette.applications import Starlette

from leads.api import read_api, tokens
from leads.api.openapi import answer_schema_name, build_openapi_document
from leads.api.operations import OPERATIONS
from leads.api.problems import PROBLEM_TYPE
from leads.audit import audit_list
from leads.audit.audit_list import AuditFilter
from leads.database.transactions import reader, transaction
from leads.disclosures import ledger
from leads.errors import BadConfiguration, NotAllowed
from leads.helplines import brands_and_sources
from leads.models.audit import AuditEntry
from leads.models.disclosure_words import DisclosureBasis, DisclosureWay
from leads.models.enums import AdvisorRole, ApiScope
from leads.models.outbound import ApiToken
from leads.models.requests import Consent, Lead
from leads.people.permissions import OPERATOR
from leads.privacy.disclosure_notice import SHORT_NOTICE
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_callback,
    a_lead,
    a_submission,
    a_supervisor,
)
from tests.support.serving import PLAIN, serving
from tests.support.set_clock import SetClock

PURPOSE = "shared with County Health"
ALL = [*ApiScope]
DOCUMENT = build_openapi_document()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def api(database: str, clock: SetClock) -> Iterator[httpx.Client]:
    """The API over real HTTP."""
    app = Starlette(routes=read_api.read_api_routes(now=clock, notice=SHORT_NOTICE))
    with (
        serving(app) as url,
        httpx.Client(base_url=f"{url}/api/v1", verify=PLAIN, trust_env=False) as client,
    ):
        yield client


def a_token(*scopes: str, **changes: Any) -> dict[str, str]:
    """Make a token; returns the header with it."""
    basis = {"basis_kind": "contract", "basis_name": "BAA with Acme, 2026-01-02"}
    given = {"scopes": scopes, "now": NOW, **basis, **changes}
    with transaction() as session:
        name = given.pop("name", f"Reader {len(session.exec(select(ApiToken.id)).all())}")
        token = tokens.issue_token(session, OPERATOR, name, **given)
    return {"Authorization": f"Bearer {token}"}


def somebody(**changes: Any) -> int:
    with transaction() as session:
        lead = a_lead(session, name="Zanzibar Lee", email="z@example.org", **changes)
        return a_callback(session, lead).lead_id


def entries() -> list[AuditEntry]:
    with reader() as session:
        return list(session.exec(select(AuditEntry).order_by(col(AuditEntry.id))))


def reads() -> list[tuple[str, str, str]]:
    """Return what is on record of reads: kind, view, and whom it was about."""
    return [(one.kind, one.view, one.record_id) for one in entries() if one.view]


def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    )


def test_every_address_answers_as_the_document_says(api: httpx.Client) -> None:
    lead_id, head = somebody(), a_token(*ALL)
    served = api.get("/openapi.json").json()
    assert served == DOCUMENT
    assert served["openapi"] == "3.1.0"
    assert set(served["paths"]) == {operation.address for operation in OPERATIONS}
    for kind in served["components"]["schemas"].values():
        Draft202012Validator.check_schema(kind)
    for operation in OPERATIONS:
        path = operation.path.replace("{id}", "1")
        asked = {"from": "2026-03-01", "to": "2026-03-03"} if operation.record is None else {}
        answer = api.get(path, headers=head, params=asked)
        assert answer.status_code == 200, (path, answer.text)
        assert answer.headers["cache-control"] == "no-store", path
        schema(answer_schema_name(operation)).validate(answer.json())
        refused = api.get(path, headers=head, params={"nobody": "knows"})
        schema("Problem").validate(refused.json())
        assert refused.headers["content-type"] == PROBLEM_TYPE, path
        said = served["paths"][operation.address]["get"]["responses"]
        assert str(refused.status_code) in said, path
    assert lead_id == 1


def test_who_somebody_is_is_told_by_its_own_scope_alone(api: httpx.Client) -> None:
    lead_id = somebody()
    for path in (f"/leads/{lead_id}", "/leads", "/callbacks", "/callbacks/1"):
        answer = api.get(path, headers=a_token("leads:read", "callbacks:read"))
        assert answer.status_code == 200, path
        for told in ("Zanzibar", "+1315", "z@example.org"):
            assert told not in answer.text, path
    known = api.get(f"/leads/{lead_id}", headers=a_token("leads:read", "leads:personal")).json()
    assert (known["name"], known["email"]) == ("Zanzibar Lee", "z@example.org")
    assert known["phone"].startswith("+1315")


def test_who_was_named_to_whom_is_in_their_account_once_a_day(
    api: httpx.Client, clock: SetClock
) -> None:
    lead_id, head = somebody(), a_token("leads:read", "leads:personal", name="CRM")
    api.get("/leads", headers=a_token("leads:read"))
    for wait in (timedelta(), HOUR, DAY):
        clock.at = NOW + wait
        told = api.get(f"/leads/{lead_id}", headers=head).json()
        assert told["notice"] == SHORT_NOTICE
    with reader() as session:
        lines = ledger.list_disclosure_lines(session, [lead_id])
    assert [line.at for line in lines] == [NOW + DAY, NOW]
    assert {(line.way, line.basis, line.recipient) for line in lines} == {
        (DisclosureWay.API, DisclosureBasis.AGREEMENT, "CRM")
    }


def test_with_a_consent_as_right_only_who_gave_it_is_named(api: httpx.Client) -> None:
    agreed, silent = somebody(), somebody()
    with transaction() as session:
        session.add(
            Consent(
                submission_id=a_submission(session).id,
                lead_id=agreed,
                phone=session.get_one(Lead, agreed).phone,
                granted=True,
                wording=f"I agree to be {PURPOSE}.",
                page_url="",
                ip="",
                user_agent="",
                given_at=NOW,
            )
        )
    head = a_token("leads:read", "leads:personal", basis_kind="consent", basis_name=PURPOSE)
    found = api.get("/leads", headers=head).json()["items"]
    assert [(one["id"], one["name"]) for one in found] == [(agreed, "Zanzibar Lee"), (silent, None)]
    assert [who for _kind, _view, who in reads()] == [str(agreed)]


def test_each_read_is_on_record_before_it_is_answered(api: httpx.Client, clock: SetClock) -> None:
    first, second = somebody(), somebody()
    head = a_token("leads:read", "callbacks:read", name="Board")
    named = a_token("leads:read", "leads:personal", name="CRM")
    for path, who in (
        ("/callbacks", head),
        ("/callbacks/2", head),
        (f"/leads/{first}", head),
        ("/leads", named),
        ("/leads/999", head),
    ):
        api.get(path, headers=who)
    assert reads() == [
        ("list", "api/callbacks", ""),
        ("open", "api/callbacks/{id}", str(second)),
        ("open", "api/leads/{id}", str(first)),
        ("list", "api/leads", str(first)),
        ("list", "api/leads", str(second)),
    ]
    assert {one.address for one in entries() if one.view} == {"127.0.0.1"}
    with transaction() as session:
        admin = a_supervisor(session)
        admin.role = AdvisorRole.ADMIN
        session.flush()
        page = audit_list.read_audit_log(session, admin, AuditFilter(), now=clock.at + MINUTE)
        assert {"API: Board", "API: CRM"} <= {row.who for row in page.rows}
        assert tokens.list_tokens(session, admin)[0].used_at == clock.at


def test_a_token_sees_its_helplines_alone(api: httpx.Client) -> None:
    ours = somebody()
    with transaction() as session:
        brands_and_sources.add_brand(session, "Other Line", now=NOW)
        other = brands_and_sources.add_source(session, "Other", brand_name="Other Line", now=NOW)
        theirs = a_callback(session)
        theirs.brand_id, theirs.source_id = other.brand_id, other.id
        their_id, their_lead = theirs.id, theirs.lead_id
    head = a_token(*ALL, helplines=["Other Line"])
    assert [one["name"] for one in api.get("/helplines", headers=head).json()["items"]] == [
        "Other Line"
    ]
    found = api.get("/callbacks", headers=head).json()["items"]
    assert [one["id"] for one in found] == [their_id]
    assert [one["id"] for one in api.get("/leads", headers=head).json()["items"]] == [their_lead]
    assert api.get(f"/leads/{ours}", headers=head).status_code == 404
    assert api.get("/callbacks/1", headers=head).status_code == 404
    period = {"from": "2026-03-01", "to": "2026-03-03"}
    assert api.get("/report", headers=head, params=period).status_code == 400
    for helpline, status in ((1, 400), (2, 200)):
        asked = {**period, "helpline_id": helpline}
        assert api.get("/report", headers=head, params=asked).status_code == status, helpline


def test_whoever_was_erased_is_not_there(api: httpx.Client) -> None:
    lead_id, head = somebody(erased_at=NOW), a_token(*ALL)
    assert api.get("/leads", headers=head).json()["items"] == []
    assert api.get(f"/leads/{lead_id}", headers=head).status_code == 404


def test_pages_are_bounded_and_go_on_where_the_last_one_ended(api: httpx.Client) -> None:
    made = [somebody() for _ in range(5)]
    head, seen, cursor = a_token("leads:read"), [], None
    for _ in range(3):
        asked = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = api.get("/leads", headers=head, params=asked).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (made, None)
    closed = api.get("/callbacks", headers=a_token("callbacks:read"), params={"state": "completed"})
    assert closed.json() == {"items": [], "next_cursor": None}
    since = {"received_since": "2026-03-03T18:00:00+01:00"}
    lately = api.get("/callbacks", headers=a_token("callbacks:read"), params=since).json()
    assert len(lately["items"]) == 5


@pytest.mark.parametrize(
    "asked",
    [
        *("/leads?limit=101", "/leads?limit=0", "/leads?limit=x", "/leads?limit=%D9%A3"),
        *("/leads?cursor=!", "/leads?cursor=eHh4", "/leads?state=lost", "/leads?limit=1&limit=2"),
        *("/leads/x", "/leads/0", "/leads/1?id=2", "/callbacks?received_since=yesterday"),
        *(
            "/report",
            "/report?from=2026-01-01&to=2028-01-01",
            "/report?from=2026-02-01&to=2026-01-01",
        ),
        "/report?from=2026-01-01&to=2026-01-02&zone=Nowhere",
    ],
)
# whatever is refused is so before any statement but the token's: one database shows it
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_not_understood_is_refused_and_not_repeated(api: httpx.Client, asked: str) -> None:
    answer = api.get(asked, headers=a_token(*ALL))
    assert answer.status_code == 400
    schema("Problem").validate(answer.json())
    assert reads() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_good_token_nothing_is_read(api: httpx.Client, clock: SetClock) -> None:
    somebody()
    good = a_token(*ALL)
    with transaction() as session:
        revoked = tokens.issue_token(session, OPERATOR, "Old", scopes=["leads:read"], now=NOW)
        tokens.revoke_token(session, OPERATOR, tokens.find_token_id(session, "Old"), now=NOW)
    wrong = [
        *({}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {revoked}"}),
        *({"Authorization": "Bearer rbk_guess"}, {"Authorization": good["Authorization"][7:]}),
    ]
    for head in wrong:
        answer = api.get("/leads", headers=head)
        assert answer.status_code == 401, head
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == PROBLEM_TYPE
    assert api.get("/leads", headers=good).status_code == 200
    assert api.get("/leads", headers=a_token("callbacks:read")).status_code == 403
    assert api.get("/other", headers=good).status_code == 404
    assert api.post("/leads", headers=good, json={}).status_code == 405
    clock.at = NOW + (tokens.USUAL_DAYS * DAY)
    assert api.get("/leads", headers=good).status_code == 401


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_token_that_asks_too_often_waits_and_no_other_does(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_api, "PER_MINUTE", read_api.RateLimitItemPerMinute(2))
    often, other = a_token("leads:read"), a_token("leads:read")
    told = [api.get("/leads", headers=often) for _ in range(3)]
    assert [answer.status_code for answer in told] == [200, 200, 429]
    assert told[-1].headers["retry-after"] == "60"
    assert api.get("/leads", headers=other).status_code == 200


def test_a_token_is_kept_as_its_hash_and_made_by_admins_with_a_right(session: Session) -> None:
    token = tokens.issue_token(session, OPERATOR, "CRM", scopes=["leads:read"], now=NOW)
    kept = session.exec(select(ApiToken)).one()
    assert token not in str(kept)
    assert len(kept.token_hash) == 64
    for wrong in (
        {"scopes": []},
        {"scopes": ["leads:write"]},
        {"scopes": ["leads:personal"]},
        {"scopes": ["leads:read"], "days": 367},
        {"scopes": ["leads:read"], "days": 0},
        {"scopes": ["leads:read"], "helplines": ["Nowhere"]},
    ):
        with pytest.raises(BadConfiguration):
            tokens.issue_token(session, OPERATOR, "Other", **wrong, now=NOW)
    with pytest.raises(BadConfiguration, match="already"):
        tokens.issue_token(session, OPERATOR, "CRM", scopes=["leads:read"], now=NOW)
    later = NOW + timedelta(days=91)
    assert tokens.issue_token(session, OPERATOR, "CRM", scopes=["leads:read"], now=later)
    with pytest.raises(NotAllowed, match="Only an admin"):
        tokens.issue_token(session, a_supervisor(session), "X", scopes=["leads:read"], now=NOW)
    assert tokens.find_token(session, token, now=NOW + HOUR)
