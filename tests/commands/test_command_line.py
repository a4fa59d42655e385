"""The operator's command line: one JSON object with --json, a sentence for every mistake."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select

from leads.__main__ import main
from leads.database.transactions import reader, transaction
from leads.intake.form_embedding import form_embed_code
from leads.models.advisors import Advisor, OnCall
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, AdvisorRole
from leads.models.helplines import Source
from leads.models.incidents import Incident
from leads.models.requests import Submission, TextMessage
from leads.models.watching import Transition
from leads.people import accounts, sessions
from leads.reporting import metrics
from leads.reporting.cohort import read_cohort


@pytest.fixture(autouse=True)
def at_home(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("PUBLIC_URL", "https://desk.example.org")
    monkeypatch.setattr("sys.stdin", io.StringIO("three unrelated words\n"))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    found: dict[str, Any] = json.loads(printed.out)
    return found


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


def test_a_helpline_is_set_up_word_by_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(capsys, "brand", "add", "Harbor Line", "--operator", "Harbor Health")["operator"]
        == "Harbor Health"
    )
    assert run(capsys, "brand", "add", "Harbor Line", "--caller-id", "(315) 555-0199") == {
        "name": "Harbor Line",
        "operator": "Harbor Health",
        "caller_id": "+13155550199",
        "locale": "en-US",
    }
    source = run(
        capsys, "source", "add", "Web Site!", "--secret", "one", "--secret", "two", "--region", "gb"
    )
    assert source["webhook_url"] == f"https://desk.example.org/hooks/forms/{source['token']}"
    assert source["form_url"] == ""  # closed beside a secret
    open_one = run(capsys, "source", "add", "Open")
    assert re.fullmatch(r"https://desk\.example\.org/form/[0-9a-f]{20}", open_one["form_url"])
    chosen = run(capsys, "source", "add", "Printed", "--slug", "Web Site!")
    assert chosen["form_url"] == "https://desk.example.org/form/web-site"
    assert "already" in refusal(capsys, "source", "add", "Other", "--slug", "web-site")
    with reader() as session:
        stored = session.exec(select(Source).where(Source.token == source["token"])).one()
    assert (stored.secrets, stored.region) == (["one", "two"], "GB")


def test_where_events_are_sent_is_set_up_word_by_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "brand", "add", "Harbor Line")
    place = ("destination", "add", "CRM", "--url", "https://127.0.0.1/hook")
    event = ("--event", "callback.closed", "--helpline", "Harbor Line")
    basis = ("--basis", "contract", "--basis-name", "BAA with Acme, 2026-05-01")
    assert "private network" in refusal(capsys, *place, *event, *basis)
    monkeypatch.setenv("ALLOWED_PRIVATE_NETWORKS", "127.0.0.0/8, ::1/128")
    added = run(capsys, *place, *event, *basis)
    assert added["secret"].startswith("whsec_")
    assert "already" in refusal(capsys, *place, *event, *basis)
    since = ("--since", "2026-03-01T00:00:00Z")
    renewed = run(capsys, "destination", "rotate", "CRM")
    assert renewed["secret"] != added["secret"]
    assert run(capsys, "destination", "replay", "CRM", *since)["sent again"] == 0
    run(capsys, "destination", "drop-secret", "CRM")
    run(capsys, "destination", "stop", "CRM")
    run(capsys, "destination", "resume", "CRM")
    assert run(capsys, "destination", "list")["destinations"] == [
        {
            "name": "CRM",
            "host": "127.0.0.1",
            "events": "callback.closed",
            "helplines": "Harbor Line",
            "basis": "contract: BAA with Acme, 2026-05-01",
            "secrets": 1,
            "state": "active",
            "sent": 0,
            "waiting": 0,
            "not taken": 0,
        }
    ]
    assert "no destination" in refusal(capsys, "destination", "stop", "Other")
    monkeypatch.setenv("ALLOWED_PRIVATE_NETWORKS", "here")
    assert "ALLOWED_PRIVATE_NETWORKS" in refusal(capsys, "destination", "list")


def test_who_may_read_over_the_api_is_set_up_word_by_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(capsys, "brand", "add", "Harbor Line")
    words = ("api-token", "add", "Board", "--helpline", "Harbor Line", "--days", "30")
    assert "contract" in refusal(capsys, *words, "--scope", "leads:personal")
    basis = ("--basis", "contract", "--basis-name", "BAA with Acme, 2026-05-01")
    scopes = ("--scope", "leads:read", "--scope", "leads:personal")
    assert run(capsys, *words, *scopes, *basis)["token"].startswith("rbk_")
    run(capsys, "api-token", "revoke", "Board")
    [listed] = run(capsys, "api-token", "list")["tokens"]
    assert listed.pop("ends") > "2026"
    assert listed == {
        "name": "Board",
        "scopes": "leads:read, leads:personal",
        "helplines": "Harbor Line",
        "basis": "contract: BAA with Acme, 2026-05-01",
        "state": "revoked",
        "used": "never",
    }


def test_supervisors_are_told_when_and_how_an_operator_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(capsys, "brand", "add", "Harbor Line")
    ladder = run(capsys, "brand", "alerts", "Harbor Line", "--messages", "10", "--call", "0")
    assert ladder == {"name": "Harbor Line", "screens": 3, "messages": 10, "call": 0}
    assert "There is no helpline" in refusal(capsys, "brand", "alerts", "Nowhere")
    person = ("--name", "Ana", "--email", "ana@example.org", "--phone", "+13155550101")
    run(capsys, "advisor", "add", *person, "--role", "supervisor")
    hours = ("--from", "18:00", "--to", "8:00", "--days", "mon-fri", "--zone", "America/New_York")
    assert run(capsys, "advisor", "on-call", "ana@example.org", *hours)["days"] == "mon-fri"
    assert "--days must be" in refusal(
        capsys, "advisor", "on-call", "ana@example.org", *hours[:4], "--days", "x"
    )
    assert (
        run(capsys, "advisor", "digest", "ana@example.org", "weekly", "daily")["digests"]
        == "daily, weekly"
    )
    with reader() as session:
        assert session.exec(select(OnCall.begins, OnCall.ends, OnCall.days)).all() == [
            ("18:00", "08:00", [*range(5)])
        ]
        assert session.exec(select(Advisor.digests)).one() == ["daily", "weekly"]
    run(capsys, "advisor", "off-call", "ana@example.org")
    assert run(capsys, "advisor", "digest", "ana@example.org")["digests"] == ""
    with reader() as session:
        assert session.exec(select(OnCall)).all() == []


def test_what_people_may_wish_and_what_a_colleague_knows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(capsys, "brand", "add", "Harbor Line")
    rules = run(capsys, "brand", "wishes", "Harbor Line", "--skill", "families", "--patience", "5")
    assert rules == {"name": "Harbor Line", "skills": "families", "patience": 5}
    kept = run(capsys, "brand", "wishes", "Harbor Line", "--patience", "0")
    assert kept == {**rules, "patience": 0}
    run(capsys, "advisor", "add", "--name", "Ana", "--email", "ana@example.org")
    words = ("advisor", "knows", "ana@example.org", "--language")
    known = run(capsys, *words, "es", "--skill", "families", "--gender", "woman")
    assert known["languages"] == "es"
    assert known["skills"] == "families"
    assert "not on the list" in refusal(capsys, *words, "klingon")


def test_a_colleague_serves_the_helplines_that_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("Harbor Line", "Valley Line"):
        run(capsys, "brand", "add", name)
    person = ("advisor", "add", "--name", "Ana", "--email", "ana@example.org")
    assert "There is no helpline Hill" in refusal(capsys, *person, "--helpline", "Hill Line")
    run(capsys, *person, "--helpline", "Valley Line")
    serves = ("advisor", "serves", "ana@example.org")
    served = [helplines_of_ana()]
    for names in (("--helpline", "Harbor Line", "--helpline", "Valley Line"), ()):
        run(capsys, *serves, *names)
        served.append(helplines_of_ana())
    assert served == [[2], [1, 2], None]


def helplines_of_ana() -> list[int] | None:
    with reader() as session:
        return session.exec(select(Advisor.helplines)).one()


def test_the_line_for_other_pages_is_printed_for_people_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert set(run(capsys, "source", "add", "Site")) == {"token", "webhook_url", "form_url"}
    assert main(["source", "add", "Other", "--slug", "other"]) == 0
    assert (
        f"embed: {form_embed_code('https://desk.example.org/form/other')}\n"
        in capsys.readouterr().out
    )


def test_a_source_belongs_to_the_only_brand_or_to_the_one_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(capsys, "source", "add", "Site")
    run(capsys, "brand", "add", "Harbor Line")
    assert "Choose a helpline with --brand: Helpline, Harbor Line." in refusal(
        capsys, "source", "add", "Other"
    )
    run(capsys, "source", "add", "Other", "--brand", "Harbor Line")


def test_colleagues_are_added_invited_and_put_on_duty(capsys: pytest.CaptureFixture[str]) -> None:
    who = [
        "advisor",
        "add",
        "--name",
        "Ana Ruiz",
        "--email",
        "Ana@Example.org",
        "--phone",
        "315-555-0101",
    ]
    assert "invitation" not in run(capsys, *who, "--password-stdin")
    invited = run(
        capsys,
        "advisor",
        "add",
        "--name",
        "Sam",
        "--email",
        "sam@example.org",
        "--role",
        "supervisor",
    )
    assert invited["invitation"].startswith("https://desk.example.org/login?invitation=")
    until = run(capsys, "advisor", "on-duty", "ana@example.org", "--hours", "1.5")["on_duty_until"]
    with reader() as session:
        ana = session.exec(select(Advisor).where(Advisor.email == "ana@example.org")).one()
    assert ana.on_duty_until
    assert ana.on_duty_until.isoformat(timespec="seconds") == until
    run(capsys, "advisor", "off-duty", "ana@example.org")
    with reader() as session:
        assert session.get_one(Advisor, ana.id).on_duty_until is None


def test_whoever_lost_everything_comes_in_again(capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime.now(UTC)
    run(
        capsys,
        "advisor",
        "add",
        "--name",
        "Ana",
        "--email",
        "ana@example.org",
        "--role",
        "supervisor",
    )
    with transaction() as session:
        ana = session.exec(select(Advisor)).one()
        ana.totp_secret, secret = "JBSWY3DPEHPK3PXP", sessions.start_session(session, ana, now=now)
    link = run(capsys, "advisor", "invite", "ana@example.org", "--forget-second-factor")[
        "invitation"
    ]
    assert run(capsys, "advisor", "role", "ana@example.org", "admin") == {
        "email": "ana@example.org",
        "role": "admin",
    }
    with reader() as session:
        ana = session.exec(select(Advisor)).one()
        assert (ana.role, ana.totp_secret) == ("admin", "")
        assert accounts.find_usable_invitation(session, link.split("invitation=")[1], now=now)
        assert sessions.find_session_identity(session, secret, now=now) is None


HOURS = ("--from", "18:00", "--to", "08:00")


@pytest.mark.parametrize(
    ("words", "events"),
    [
        (("add", "--name", "Sam", "--email", "sam@example.org"), ["add", "invite"]),
        (("add", "--name", "Sam", "--email", "sam@example.org", "--password-stdin"), ["add"]),
        (("invite", "ana@example.org"), ["invite"]),
        (
            ("invite", "ana@example.org", "--forget-second-factor"),
            ["forget_second_factor", "invite"],
        ),
        (("role", "ana@example.org", "admin"), ["change_role"]),
        (("digest", "ana@example.org", "daily"), ["choose_digests"]),
        (("on-duty", "ana@example.org", "--hours", "1"), ["put_on_duty"]),
        (("off-duty", "ana@example.org"), ["take_off_duty"]),
        (("on-call", "ana@example.org", *HOURS), ["put_on_call"]),
        (("off-call", "ana@example.org"), ["take_off_call"]),
    ],
)
def test_each_command_about_people_is_in_the_audit_trail(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], events: list[str]
) -> None:
    with transaction() as session:
        accounts.add_advisor(
            session,
            name="Ana",
            email="ana@example.org",
            phone_number="+13155550101",
            role=AdvisorRole.SUPERVISOR,
            now=datetime.now(UTC),
        )
    run(capsys, "advisor", *words)
    with reader() as session:
        rows = session.exec(
            select(Transition).where(Transition.record == "advisor").order_by(col(Transition.id))
        ).all()
    assert [(row.event, row.actor) for row in rows] == [(event, "operator") for event in events]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # screenshots: on SQLite
def test_the_demo_is_believable_and_filled_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "set PHONE=rehearsal" in refusal(capsys, "demo")
    monkeypatch.setenv("PHONE", "rehearsal")
    run(capsys, "demo")
    status = run(capsys, "status")
    run(capsys, "demo")
    assert run(capsys, "status") == status
    is_open = {"callback": OPEN_CALLBACK, "lead": ("open",), "call_attempt": (), "outbox": ()}
    still_open = run(capsys, "status", "--open")
    assert {name: still_open[name] for name in is_open} == {
        name: {state: count for state, count in status[name].items() if state in states}
        for name, states in is_open.items()
    }
    assert set(still_open) == set(status)
    assert status["limbo"] == 0
    assert status["submission"]["admitted"] > 50
    assert status["submission"]["needs_review"] > 0
    assert set(status["outbox"]) == {"sent"}
    with reader() as session:
        received = session.exec(select(Callback.received_at)).all()
        rows = read_cohort(session, start=min(received), end=max(received), now=max(received))
        assert {"helped", "referred"} <= set(metrics.outcome_counts(rows))
        assert session.exec(select(Incident)).one().closed_at is None  # somebody is in danger
        assert len(session.exec(select(TextMessage)).all()) == 2  # and people text back
        assert (
            session.exec(select(Submission).where(Submission.state == "received")).first() is None
        )


def test_the_demo_leaves_a_database_alone_that_is_somebodys(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "brand", "add", "Somebody's")
    monkeypatch.setenv("PHONE", "rehearsal")
    assert "a database of its own" in refusal(capsys, "demo")


def test_status_is_readable_without_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    assert "callback: none" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["source", "add", "Site", "--kind", "carrier-pigeon"],
            "There is no form tool carrier-pigeon",
        ),
        (["source", "add", "Site", "--secret", " "], "may not be empty"),
        (["source", "add", "Site", "--region", "ZZ"], "There is no country ZZ"),
        (["source", "add", "Site", "--brand", "Nowhere"], "There is no helpline Nowhere"),
        (["brand", "add", "B", "--caller-id", "1234"], "caller ID cannot be dialed"),
        (["advisor", "add", "--name", "A", "--email", "nobody"], "not an e-mail address"),
        (
            ["advisor", "add", "--name", "A", "--email", "a@b.c", "--phone", "12"],
            "cannot be dialed",
        ),
        (["advisor", "on-duty", "a@b.c", "--hours", "nan"], "--hours must be more than 0"),
        (
            ["advisor", "on-duty", "a@b.c", "--hours", "1"],
            "There is no account with the e-mail address a@b.c",
        ),
    ],
)
def test_a_mistake_is_a_sentence(
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert sentence in refusal(capsys, *words)


def test_a_short_password_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    words = ["advisor", "add", "--name", "A", "--email", "a@b.c", "--password-stdin"]
    assert "at least 12 characters" in refusal(capsys, *words)
    with reader() as session:
        assert session.exec(select(Advisor)).first() is None


def test_a_database_that_was_never_migrated_says_so(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('new')}/new.db")
    assert "run `python -m leads migrate` first" in refusal(capsys, "status")
    assert main(["migrate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"database": "up to date"}
    assert main(["status"]) == 0


def test_each_migration_is_reported_when_it_has_run(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('new')}/new.db")
    assert main(["migrate"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert "0013 Holds and urgency" in lines


def test_a_database_that_is_away_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nowhere")
    assert "check DATABASE_URL" in refusal(capsys, "status")
