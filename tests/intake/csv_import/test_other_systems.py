"""Tables of other systems: they are read as they were saved, and a refusal in them counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from leads.contact_rules import suppression
from leads.database.transactions import reader
from leads.errors import BadFile
from leads.intake.csv_import import run
from leads.intake.csv_import.run import ImportResult
from leads.models.calls import Callback
from leads.models.requests import Lead
from leads.people.permissions import OPERATOR
from tests.conftest import NOW
from tests.support.people import held_for

DATA = Path(__file__).parent / "data"
RECENT = (NOW - timedelta(hours=3)).isoformat()
WHEN_FOUND = datetime(2026, 11, 28, 18, tzinfo=UTC)
OLD = (NOW - timedelta(days=3)).isoformat()
NUMBER = "+16025550118"
OURS = "received_at,name,phone,email,source,message,first_rung_at,first_conversation_at,closed_at"

pytestmark = pytest.mark.usefixtures("database")
# what a cell means is decided before any statement: one database shows it
BEFORE_IT_IS_STORED = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def take(content: str | bytes) -> ImportResult:
    data = content.encode() if isinstance(content, str) else content
    return run.import_csv_rows(data, actor=OPERATOR, now=NOW)


def queued_numbers() -> list[str]:
    free = (Callback.state == "waiting", col(Callback.is_held).is_(False))
    with reader() as session:
        waiting = select(Lead.phone).join(Callback, col(Callback.lead_id) == Lead.id).where(*free)
        return list(session.exec(waiting))


def leads() -> dict[str, str]:
    with reader() as session:
        return {lead.phone: lead.name for lead in session.exec(select(Lead))}


def a_callback() -> Callback:
    with reader() as session:
        return session.exec(select(Callback)).one()


def faults() -> Iterator[Any]:
    for path in sorted(DATA.glob("*/*.json")):
        yield pytest.param(path, id=f"{path.parent.name}/{path.stem}")


@pytest.mark.parametrize("path", list(faults()))
def test_a_table_that_was_found_wrong_in_the_field_is_taken_right(path: Path) -> None:
    expected = json.loads(path.read_text("utf-8"))["expected"]
    recent = (WHEN_FOUND - timedelta(hours=3)).isoformat().encode()
    content = path.with_suffix(".csv").read_bytes().replace(b"{RECENT}", recent)
    came = run.import_csv_rows(content, actor=OPERATOR, now=WHEN_FOUND)
    assert came.added == expected["added"], came.rejected
    assert len(came.rejected) == expected.get("rejected", 0)
    number = expected["lead"]["phone"]
    assert leads()[number] == expected["lead"].get("name", "Ana Ruiz")
    assert (number in queued_numbers()) is expected.get("queued", number in queued_numbers())
    with reader() as session:
        is_stopped = suppression.is_number_suppressed(session, number)
    assert is_stopped is expected.get("suppressed", is_stopped)


@BEFORE_IT_IS_STORED
@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("consent", "No"), ("consent", "text only"), ("safe_to_call", "no"),
        ("preferred_contact", "SMS"), ("deceased", "yes"), ("status", "Deceased"),
        ("status", "Closed - Not Converted"), ("Estado", "Fallecido"), ("status", "Email only"),
        ("Preferencia de contacto", "Correo electrónico"), ("Acepta llamadas", "No"),
        ("Notes", "Client asked us not to call"), ("Converted", "1"),
        ("Safe ways to contact", "Email"), ("Autoriza llamadas", "No"), ("Calls approved", "No"),
        ("Whose phone is this?", "her son"), ("Is this your own phone?", "No"),
        ("Phone Type", "Emergency contact"), ("role", "abuser"), ("Notes", "not my number"),
        ("call_status", "OUT"), ("Section", "Respondent"), ("message", "This is his phone"),
    ],
)  # fmt: skip
def test_a_refusal_in_a_column_of_an_open_row_holds_it(column: str, cell: str) -> None:
    came = take(f"received_at,phone,{column}\n{RECENT},{NUMBER},{cell}\n")
    assert came.added == 1
    assert came.held == 1
    assert came.stopped == 0
    assert queued_numbers() == []
    assert held_for(a_callback())


@BEFORE_IT_IS_STORED
@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("do_not_call", "1"), ("DNC", "Y"), ("Do Not Call", "true"), ("opt_out", "yes"),
        ("unsubscribed", "TRUE"), ("status", "Do Not Call"), ("Lead Status", "Opted out"),
        ("status", "DNC"), ("No llamar", "Sí"), ("No contactar", "x"), ("Baja", "Sí"),
        ("opted_out_at", "2026-01-01"), ("call_consent", "revoked"),
        ("tags", "web; do not contact"), ("Etiquetas", "No llamar"),
        ("close_reason", "never call again"), ("Lost Reason", "DNC"),
        ("STOP", "yes"), ("Fecha de baja", "2026-01-02"), ("preferred_contact", "Do not contact"),
        ("Estado", "Dada de baja"), ("Suppressed", "1"), ("Lists", "Blacklisted"),
        ("Do not allow Phone Calls", "Do Not Allow"), ("donotphone", "Do Not Allow"),
        ("Blocked", "yes"), ("Suppress", "Y"), ("Known litigator", "TRUE"),
        ("Opt-out reason", "asked us twice"), ("Motivo de baja", "lo pidió"),
        ("Removed", "yes"), ("Refused", "x"), ("Excluir", "sí"), ("Reason removed", "asked us to"),
        ("Do not contact reason", "asked"), ("Last reply", "STOP"),
    ],
)  # fmt: skip
def test_an_opt_out_in_any_column_of_an_open_row_stops_the_number(column: str, cell: str) -> None:
    came = take(f"received_at,phone,{column}\n{RECENT},{NUMBER},{cell}\n")
    assert (came.added, came.held) == (1, 0), came.rejected
    assert came.stopped == 1
    assert queued_numbers() == []
    with reader() as session:
        assert suppression.is_number_suppressed(session, NUMBER)


@BEFORE_IT_IS_STORED
def test_of_several_phones_the_one_behind_another_persons_column_is_not_taken() -> None:
    came = take(
        f"Created,Name,Phone,Respondent,Phone 2\n{RECENT},Ana,,Leo Park,{NUMBER}\n"
        f"{RECENT},Bo,(312) 555-0199,Kim Ray,\n"
    )
    assert [row.line for row in came.rejected] == [2]
    assert queued_numbers() == ["+13125550199"]
    take(f"Created,Patient name,Phone,Name,Mobile\n{RECENT},Leo,(312) 555-0188,Ana,{NUMBER}")
    assert queued_numbers() == ["+13125550199", NUMBER]
    take(f"Created,Name,Referral source,Phone\n{RECENT},Cy,Google,(312) 555-0177\n")
    assert "+13125550177" in queued_numbers()


def test_a_stop_in_an_open_row_holds_who_asked_for_help_after_it() -> None:
    take(f"received_at,phone\n{RECENT},{NUMBER}\n")
    came = take(f"received_at,phone,DNC\n{OLD},{NUMBER},yes\n")
    assert came.added == 1
    assert "stopped_before" in held_for(a_callback())
    with reader() as session:
        assert not suppression.is_number_suppressed(session, NUMBER)


@BEFORE_IT_IS_STORED
@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("do_not_call", "0"), ("DNC", ""), ("opt_out", "no"), ("unsubscribed", "FALSE"),
        ("consent", "yes"), ("safe_to_call", "yes"), ("status", "New"), ("Lead Status", "Open"),
        ("preferred_contact", "Phone"), ("deceased", "no"), ("Email Opt Out", "1"),
        ("Notes", "Wants to stop drinking"), ("Converted", "false"), ("Estado", "Nuevo"),
        ("State", "Texas"), ("Owner", "Bo"), ("Goal", "quit"), ("Reason for calling", "Stop"),
        ("STOP", "no"), ("Tags", "quit smoking"), ("Email list", "Unsubscribed from email"),
        ("Opt-out reason", "n/a"), ("Blocked", "no"), ("donotphone", "Allow"),
        ("Do not allow Phone Calls", "Allow"), ("Do not bulk email", "Allow"),
        ("Reason for stopping", "kids"), ("Removed", "no"), ("Refused", "No"), ("Opt", "in"),
        ("Last reply", "Yes please call"), ("Excluir", ""), ("Remarks", "Wants treatment"),
    ],
)  # fmt: skip
def test_any_other_column_holds_nobody(column: str, cell: str) -> None:
    came = take(f"received_at,phone,{column}\n{RECENT},{NUMBER},{cell}\n")
    assert (came.added, came.held) == (1, 0)
    assert queued_numbers() == [NUMBER]


def test_a_refusal_in_a_closed_row_stops_the_open_one_of_the_same_number() -> None:
    closed = f"{OLD},{NUMBER},{OLD},1\n"
    came = take(f"received_at,phone,closed_at,DNC\n{closed}{RECENT},{NUMBER},,\n")
    assert came.added == 2
    assert came.held == 0
    assert came.stopped == 1
    assert queued_numbers() == []


def test_a_stop_that_a_later_export_brings_ends_who_waits() -> None:
    take(f"received_at,phone\n{RECENT},{NUMBER}\n")
    assert queued_numbers() == [NUMBER]
    assert take(f"received_at,phone,DNC\n{RECENT},{NUMBER},yes\n").added == 1
    assert queued_numbers() == []


def test_a_stop_that_a_later_export_brings_is_kept_though_the_row_is_known() -> None:
    take(f"received_at,phone,closed_at\n{OLD},{NUMBER},{OLD}\n")
    came = take(f"received_at,phone,closed_at,close_reason\n{OLD},{NUMBER},{OLD},No contactar\n")
    assert [row.line for row in came.rejected] == [2]
    with reader() as session:
        assert suppression.is_number_suppressed(session, NUMBER)


@BEFORE_IT_IS_STORED
@pytest.mark.parametrize(
    "header",
    [
        "Created Date,First Name,Last Name,Phone,Email,Lead Source,Description",
        "Create Date,First Name,Last Name,Phone Number,Email,Original Source,Notes",
        "CallDateAndTimeStart,Caller First Name,Caller Last Name,Caller Phone,Email,Source,Comment",
        "Created,First name,Last name,Work phone,E-mail,Source,Comment",
        "createdate,firstname,lastname,phone,email,source,message",
        "Created Time,First Name,Last Name,Mobile,Email,Lead Source,Description",
        "Marca temporal,Nombre,Apellidos,Teléfono móvil,Correo electrónico,Origen,Observaciones",
        "Fecha de creación,Nombre,Apellido,Celular,Correo,Fuente,Mensaje",
        "Submission Date,First Name,Last Name,Telephone,E-mail address,Origin,Message",
        "Enquiry date,First Name,Last Name,Contact number,E-mail,Source,Notes",
        "Fecha de la solicitud,Nombre,Apellidos,Celular,Correo,Origen,Mensaje",
    ],
)
def test_the_columns_of_other_systems_are_known(header: str) -> None:
    came = take(f"{header},Owner\n{RECENT},Ana,Ruiz,(602) 555-0118,a@example.com,Web,Hello,Bo\n")
    assert (came.added, came.elsewhere) == (1, 1), came.rejected
    with reader() as session:
        lead = session.exec(select(Lead)).one()
    assert lead.phone == NUMBER
    assert lead.name == "Ana Ruiz"
    assert lead.email == "a@example.com"


@BEFORE_IT_IS_STORED
@pytest.mark.parametrize(
    "column", ["Emergency contact phone", "Respondent phone", "Patient phone", "Fax", "Phone type"]
)
def test_a_column_of_somebody_elses_number_is_not_rung(column: str) -> None:
    with pytest.raises(BadFile, match="Missing columns in the first row: phone"):
        take(f"received_at,name,{column}\n{RECENT},Ana,{NUMBER}\n")


@BEFORE_IT_IS_STORED
@pytest.mark.parametrize(
    "written",
    [
        lambda text: f"sep=;\n{text.replace(',', ';')}".encode(),
        lambda text: f"\n\nLeads of November,,\n,,\n{text}".encode(),
        lambda text: f"{text.strip()},\n".encode(),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("mac_roman"),
        lambda text: text.encode("cp1252"),
        lambda text: text.replace("Ana María", r'"Ana \"María\""').encode(),
        lambda text: text.replace("+16025550118", "6025550118.0").encode(),
        lambda text: text.replace("+16025550118", "1.6025550118E+10").encode(),
        lambda text: text.replace(",hola", "").encode(),
    ],
)
def test_a_table_is_read_as_its_program_saved_it(written: Any) -> None:
    came = take(written(f"received_at,name,phone,message\n{RECENT},Ana María,{NUMBER},hola\n"))
    assert (came.added, came.rejected) == (1, ())
    assert {number: name.replace('"', "") for number, name in leads().items()} == {
        NUMBER: "Ana María"
    }


@BEFORE_IT_IS_STORED
@pytest.mark.parametrize("number", ["1.31556E+10", "315-555-0142 / 315-555-0143"])
def test_a_number_with_something_missing_is_told(number: str) -> None:
    came = take(f"received_at,phone\n{RECENT},{number}\n")
    assert [(row.line, row.reason) for row in came.rejected] == [
        (2, "The phone number cannot be dialed.")
    ]


def test_a_row_that_a_line_end_cut_in_two_is_not_taken_for_an_open_one() -> None:
    cut = f"{OLD},Ana,{NUMBER},,,first line\nsecond line,,,{OLD}\n"
    came = take(f"{OURS}\n{cut}{RECENT},Bo,+16025550119\n")
    assert [row.line for row in came.rejected] == [2, 3]
    assert "next row" in came.rejected[0].reason
    assert queued_numbers() == ["+16025550119"]


def test_a_number_is_read_as_metas_lead_center_writes_it() -> None:
    came = take(f"id,created_time,full_name,phone_number\nl:1,{RECENT},Ana Ruiz,p:{NUMBER}\n")
    assert (came.added, came.rejected) == (1, ())
    assert queued_numbers() == [NUMBER]
