"""What each form tool sends, read as it is meant, through the real door and into both databases."""

from __future__ import annotations

import json
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from leads.database.transactions import reader, transaction
from leads.forms import form_reading, vendor_recipes
from leads.forms.request import FormRequest
from leads.forms.vendor_recipes import load_vendor
from leads.helplines import brands_and_sources
from leads.intake import processing
from leads.models.calls import Callback
from leads.models.helplines import Source
from leads.models.requests import Submission
from tests.conftest import NOW
from tests.support import form_senders
from tests.support.form_doors import doors
from tests.support.serving import PLAIN

SAMPLES = Path(__file__).parent / "samples"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((SAMPLES / "expected.toml").read_text("utf-8"))
ACTED_ON = ("admitted", "duplicate")  # the people in the samples share a number
Sample = tuple[str, bytes]


def sample(name: str) -> Sample:
    """Return a sample's content type and its body."""
    head, _, body = (SAMPLES / f"{name}.http").read_bytes().partition(b"\n\n")
    return head.decode().removeprefix("Content-Type: "), body


def read(name: str, kind: str | None = None) -> FormRequest:
    content_type, body = sample(name)
    wanted = EXPECTED[name]
    return form_reading.read_form_request(
        body, content_type, kind=kind or wanted["kind"], region="US", mapping=wanted.get("mapping")
    )


@pytest.fixture
def http(database: str) -> Iterator[httpx.Client]:
    with doors() as url, httpx.Client(base_url=url, trust_env=False, verify=PLAIN) as http:
        yield http


def test_every_sample_sent_to_a_source_of_its_kind_is_read_as_it_is_meant(
    http: httpx.Client,
) -> None:
    for name in EXPECTED:
        _send(http, name)
    processing.process_received_submissions(now=lambda: NOW)
    processing.process_received_submissions(now=lambda: NOW)
    with reader() as session:
        rows = session.exec(select(Source.name, Submission).join(Submission)).all()
    assert {name for name, _ in rows} == set(EXPECTED)
    wrong = {name: _difference(submission, EXPECTED[name]) for name, submission in rows}
    assert {name: difference for name, difference in wrong.items() if difference} == {}


def test_what_is_no_submission_causes_no_callback(http: httpx.Client) -> None:
    for name, wanted in EXPECTED.items():
        if wanted["state"] != "admitted":
            _send(http, name)
    processing.process_received_submissions(now=lambda: NOW)
    with reader() as session:
        assert session.exec(select(Callback)).all() == []
        assert session.exec(select(Submission).where(Submission.reason == "")).all() == []


@pytest.mark.parametrize(
    "name", [name for name, wanted in EXPECTED.items() if wanted["state"] == "admitted"]
)
def test_the_number_of_a_submission_is_read_by_any_kind(name: str) -> None:
    """Sites change their tools and forget to say so; a mapping is another matter."""
    for kind in () if "mapping" in EXPECTED[name] else form_reading.KINDS:
        request = read(name, kind)
        assert (request.phone, request.email) == (
            EXPECTED[name]["phone"],
            EXPECTED[name]["email"],
        ), kind


@pytest.mark.parametrize(
    "wrap", [lambda body: {"body": body}, lambda body: [body], lambda body: {"a": {"b": body}}]
)
@pytest.mark.parametrize(
    "name", ["typeform", "google_ads-test", "tally", "meta-test", "webflow", "cognito_forms"]
)
def test_what_another_tool_passes_on_is_recognised_in_its_wrapping(name: str, wrap: Any) -> None:
    content_type, body = sample(name)
    wrapped = json.dumps(wrap(json.loads(body))).encode()
    kind = EXPECTED[name]["kind"]
    bare, found = (
        form_reading.read_form_request(one, content_type, kind=kind, region="US")
        for one in (body, wrapped)
    )
    assert found.event == bare.event
    assert found.phone == bare.phone
    assert found.name == bare.name
    assert found.vendor_id == bare.vendor_id


def test_every_kind_says_how_to_set_it_up() -> None:
    for kind in form_reading.KINDS:
        tool = load_vendor(kind)
        assert tool.title
        assert len(tool.steps) >= 3
        assert all(step[0].isupper() and step.endswith(".") for step in tool.steps)
    assert form_reading.KINDS[0] == "generic"
    assert len(form_reading.KINDS) == len(set(form_reading.KINDS)) == 24


def test_every_kind_has_a_sample_of_its_own() -> None:
    assert {wanted["kind"] for wanted in EXPECTED.values()} == set(form_reading.KINDS)


def _difference(submission: Submission, wanted: dict[str, Any]) -> dict[str, Any]:
    found = {
        **submission.reading,
        "state": "admitted" if submission.state in ACTED_ON else submission.state,
        "reason": submission.reason[: len(wanted.get("reason", ""))],
    }
    read = {name: value for name, value in wanted.items() if name not in ("kind", "mapping")}
    return {name: found.get(name) for name, value in read.items() if found.get(name) != value}


def _send(http: httpx.Client, name: str) -> None:
    content_type, body = sample(name)
    wanted = EXPECTED[name]
    is_signed = wanted["kind"] == "standard_webhooks"
    with transaction() as session:
        secrets = (form_senders.SECRET,) if is_signed else ()
        source = brands_and_sources.add_source(
            session, name, kind=wanted["kind"], signing_secrets=secrets, now=NOW
        )
        source.mapping = wanted.get("mapping", {})
        address = brands_and_sources.source_addresses(source, public_url="").webhook_url
    headers = (
        form_senders.standard_webhooks(form_senders.SECRET, body, NOW, "") if is_signed else {}
    )
    answer = http.post(address, content=body, headers={"content-type": content_type, **headers})
    assert answer.status_code == 200, name


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_whatever_is_sent_to_any_kind_is_stored_and_then_read_or_kept_for_a_person(
    http: httpx.Client, data: st.DataObject
) -> None:
    kind = data.draw(
        st.sampled_from([kind for kind in form_reading.KINDS if kind != "standard_webhooks"])
    )
    content_type, whole = sample(data.draw(st.sampled_from(list(EXPECTED))))
    at = data.draw(st.integers(0, len(whole)))
    body = (
        whole[:at] + data.draw(st.binary(max_size=20)) + whole[at + data.draw(st.integers(0, 20)) :]
    )
    header = data.draw(
        st.sampled_from([content_type, "application/json", "application/x-www-form-urlencoded", ""])
    )
    with transaction() as session:
        source = brands_and_sources.add_source(session, str(uuid.uuid4()), kind=kind, now=NOW)
        address = brands_and_sources.source_addresses(source, public_url="").webhook_url
    assert http.post(address, content=body, headers={"content-type": header}).status_code == 200
    processing.process_received_submissions(now=lambda: NOW)
    with reader() as session:
        rows = session.exec(select(Submission).order_by(col(Submission.id).desc()))
        row = next((one for one in rows if one.body == body), None)
    assert (row is not None and row.state != "received") or not body


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in vendor_recipes.vendor_kinds()
        if vendor_recipes.load_vendor(kind).paths["distinct"]
    ],
)
def test_what_is_distinct_of_a_tool_is_looked_for_where_one_of_its_names_stands(kind: str) -> None:
    """Or bodies without them would not be searched, and the tool's would not be known for it."""
    for path in vendor_recipes.load_vendor(kind).paths["distinct"]:
        # what it must not overlook
        assert {*vendor_recipes._expression_root_names(path.parsed)}  # noqa: SLF001
        assert path.search({}) in vendor_recipes.EMPTY_MATCHES
        assert (
            path.search({"somebody's": {"own": ["words"]}, "phone": "3155550142"})
            in vendor_recipes.EMPTY_MATCHES
        )
