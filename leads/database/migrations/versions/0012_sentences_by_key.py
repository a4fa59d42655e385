"""Sentences by key

Revision ID: 0012
Revises: 0011

What was stored as an English sentence becomes its key and values, and the reasons for which a
lead or a callback was closed become codes. The sentences stand here as they were when they were
stored. What is none of them is a person's own words.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHUNK = 1000
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")
NUMBERS = frozenset({"id", "minutes", "count", "most", "code"})
NESTED = frozenset({"reason", "problem"})

GATE = {
    "suppressed": "This number asked not to be contacted.",
    "no_consent": "They did not agree to be called: a person has to decide how to answer.",
    "not_safe_to_call": "They said that it is not safe to call this number.",
    "quiet_hours": "It is outside the hours in which their phone may ring.",
    "attempt_cap": "This number was rung {count} times in the last 24 hours.",
}
SUBMISSION = GATE | {
    "delivered_before": "Delivered before as submission {id}.",
    "sent_before": "Sent before as submission {id}.",
    "sent_again": "Sent again as submission {id}.",
    "same_waits": "The same as submission {id}, which waits for a person.",
    "tool_test": "The form tool says that this is a test.",
    "tool_partial": "The form was not finished: its sender has not asked for a call yet.",
    "tool_deleted": "The form tool says that a submission was deleted.",
    "entry_deleted": "The form tool says that this entry was deleted: do they still want a call?",
    "changed": "The form tool says that submission {id} was changed.",
    "changed_never_came": (
        "The form tool says that a submission was changed, and that submission never came here."
    ),
    "changed_number": (
        "The form tool says that a submission was changed: it has another phone number now."
    ),
    "not_processed": "Something in it could not be processed.",
    "test_is_fine": "A test from here: a real one would go into the queue.",
    "test_would_wait": "A test from here. A real one would wait for a person: {reason}",
    "one_looks_like_a_number": (
        "No field is known to hold their phone number, but one value looks like a number. "
        "Please check it."
    ),
    "cannot_be_dialed": "The phone number cannot be dialled.",
    "only_anothers_number": (
        "Only somebody else's number is in it, and that person did not ask to be called."
    ),
    "no_number": "There is no phone number in it.",
    "same_id_other_number": "An earlier submission had the same id and another phone number.",
    "same_id_other_words": (
        "An earlier submission had the same id and other words, and its callback is over. "
        "Do they ask again?"
    ),
    "source_paused": "Its source is paused.",
    "imported_before": "Imported before.",
    "bad_signature": "The request is not signed with this source's secret.",
    "signed_ahead": (
        "It is signed with the right secret, but its time is {minutes} minutes ahead of ours: "
        "a clock is wrong."
    ),
    "signed_long_ago": (
        "It is signed with the right secret, but {minutes} minutes ago: a clock is wrong, "
        "or somebody sends an old request again."
    ),
    "no_fields": "There are no fields in it.",
    "names_too_long": "The names of its fields are longer than those of any form.",
    "several_people": "It holds the forms of several people: a person has to see whom to ring.",
    "damaged": "It is compressed, and what is in it is damaged or larger than 1 MiB.",
    "not_text": "The text is not UTF-8, or it is compressed in a way that cannot be undone here.",
    "too_many_fields": "There are more than {most} fields.",
    "too_deep": "The JSON is nested too deeply.",
    "json_without_fields": "The JSON holds no fields.",
    "neither_json_nor_form": "This is neither JSON nor a form.",
    "field_twice": "The JSON names the same field twice.",
    "multipart_damaged": "The multipart body is damaged.",
    "several_numbers": (
        "It gives several phone numbers under one name: a person has to see which one to ring."
    ),
    "for_a_client": (
        "Somebody seems to have filled out the form for a client or a student, and both numbers "
        "are in it: a person has to see whom to ring."
    ),
    "tool_calls_it": (
        "The form tool calls this “{word}”: a person has to see whether it is a request."
    ),
    "may_be_something_else": (
        "The form tool may tell of something else here: a person has to see whether it is a "
        "request."
    ),
    "trap_filled": "The field that people do not see was filled out: this may be a robot.",
    "many_of_one_address": "Many forms came from the same address within ten minutes.",
    "crowded": (
        "Very many submissions came within a minute, and nothing proves where this one comes from."
    ),
}
VENDOR_REASONS = (
    "CallRail told of a phone call, not of a form.",
    (
        "Meta sent only the id of a lead. Connect it through Zapier or Make, which send its name "
        "and number."
    ),
    (
        "LinkedIn sent only the address of a response. Connect it through Zapier or Make, which "
        "send its name and number."
    ),
    (
        "HubSpot sent only the number of a contact. Use the workflow action Send a webhook, which "
        "sends the contact itself."
    ),
)
STOP = {
    "stop_by_text": "STOP by text",
    "said_to_advisor": "said so to the advisor",
    "said_so": "said so",
    "stopped_before_import": "They had asked for it before the import.",
}
NETWORK = {
    "twilio_refused": "Twilio refused (error {code}).",
    "twilio_unreachable": "Twilio could not be reached.",
    "twilio_broke_off": "The connection to Twilio broke off.",
    "twilio_unreadable": "Twilio's answer could not be read.",
    "no_caller_id": (
        "The helpline has no caller ID: set one with "
        "`python -m leads brand add NAME --caller-id +1…`."
    ),
    "advisor_without_phone": "This advisor has no phone number.",
}
CALL_ORDER = (
    GATE
    | NETWORK
    | {
        "sender_stopped": "The relay stopped while it was sending this.",
        "over_before_sent": "The attempt was over before it was placed.",
        "call_not_found": "No such call was found.",
    }
)
NOTICE = NETWORK | {
    "sender_stopped": "The process stopped while it was sending this.",
    "over_before_sent": "It was over before it was sent.",
    "no_alert_caller_id": "There is no caller ID to tell a supervisor from: set TWILIO_CALLER_ID.",
    "channel_refused": "A channel of ALERT_URLS did not take it.",
    "mail_address_refused": "The mail server refused the address ({code}).",
    "mail_insecure": "The mail server offers no encryption or no sign-in: see SMTP_SECURITY.",
    "mail_refused": "The mail server refused ({code}).",
    "mail_unreachable": "The mail server could not be reached, or broke off.",
}
ALERT = NETWORK | {
    "people_not_rung": "{brand}: people not rung {minutes} minutes after their time came: {count}.",
    "people_undecided": "{brand}: people whom nobody rings before a supervisor decides: {count}.",
    "submissions_unprocessed": (
        "Submissions that were not processed for five minutes: {count}. Is the scheduler running?"
    ),
    "submissions_wait": "Submissions that wait for a person for more than five minutes: {count}.",
    "stopped_people_wrote": (
        "People who once said stop and wrote again: {count}. Somebody has to decide."
    ),
    "one_signature_failed": (
        "{source}: {count} submission failed its signature. Compare the secret with the form "
        "tool's."
    ),
    "signatures_failed": (
        "{source}: {count} submissions failed their signature. Compare the secret with the form "
        "tool's."
    ),
    "source_is_quiet": "{source}: nothing came for longer than ever. Send a test from the form.",
    "source_lost_numbers": (
        "{source}: the last {count} submissions had no phone number. Was a field renamed?"
    ),
    "scheduler_silent": "The scheduler is silent: nobody is rung. Start it again.",
    "network_refuses": "The phone network refuses calls. {problem}",
    "messages_not_sent": "Messages to supervisors that did not go out in the last day: {count}.",
}
AWAY = NETWORK | {
    "missed_offers": "Missed two offers in a row",
    "break": "Break",
    "meal": "Meal",
    "meeting": "Meeting",
    "training": "Training",
    "done_for_today": "Done for today",
}
CLOSE_REASONS = {
    "opt-out": "opt_out",
    **{
        word: word
        for word in (
            "unreachable", "cancelled", "reinstated", "merged", "unmerged",
            "helped", "referred", "declined", "wrong_person", "unrecorded",
        )
    },
}  # fmt: skip

WORDS_OF_CODES = {code: word for word, code in CLOSE_REASONS.items()} | {"imported": ""}
OF_ALL = {"text": "{text}", "vendor_reason": "{text}", "followed_by": "{first} {more}"}

Data = dict[str, Any]
ReadSentence = Callable[[str], Data]
WriteSentence = Callable[[Data], str]

CALLBACK = sa.table(
    "callback",
    sa.column("id", sa.Integer),
    sa.column("close_reason", sa.String),
    sa.column("close_code", sa.String),
    sa.column("close_note", sa.String),
    sa.column("withdrawn", sa.Boolean),
)
LEAD = sa.table(
    "lead",
    sa.column("id", sa.Integer),
    sa.column("close_reason", sa.String),
    sa.column("close_code", sa.String),
)
TRANSITION = sa.table(
    "transition",
    sa.column("id", sa.Integer),
    sa.column("record", sa.String),
    sa.column("record_id", sa.String),
    sa.column("event", sa.String),
    sa.column("actor", sa.String),
    sa.column("changes", sa.JSON),
)
TRAIL_TEXT = sa.cast(TRANSITION.c.changes, sa.Text)
MERGE = sa.table("merge", sa.column("dropped_id", sa.Integer))
SUBMISSIONS = sa.table("submission", sa.column("id", sa.Integer), sa.column("reading", sa.JSON))


COLUMNS = (
    ("submission", "reason", SUBMISSION),
    ("submission", "suspicion", SUBMISSION),
    ("suppression", "reason", STOP),
    ("outbox", "problem", CALL_ORDER),
    ("notice", "problem", NOTICE),
    ("alert", "sentence", ALERT),
    ("advisor", "away_reason", AWAY),
)
CLOSED = ("lead", "callback")


def upgrade() -> None:
    for table, column, templates in COLUMNS:
        _rewrite_column(table, column, _dumping(_reader_of(templates)))
    _rewrite_readings(_reader_of(SUBMISSION))
    for table in CLOSED:
        op.add_column(table, sa.Column("close_code", sa.String(), nullable=True))
    op.add_column(
        "callback", sa.Column("close_note", sa.String(), server_default="", nullable=False)
    )
    _rewrite_lead_reasons()
    _rewrite_callback_reasons(_reader_of(STOP))
    _rewrite_trail(_reader_of(SUBMISSION))
    _replace_close_reason("close_code")


def downgrade() -> None:
    for table, column, templates in COLUMNS:
        _rewrite_column(table, column, _loading(_writer_of(templates)))
    _rewrite_readings(_writer_of(SUBMISSION))
    for table in CLOSED:
        op.add_column(
            table, sa.Column("close_code", sa.String(), server_default="", nullable=False)
        )
    for rows in _chunks_of(LEAD, LEAD.c.close_reason.is_not(None)):
        words = [
            {"row_id": row.id, "close_code": WORDS_OF_CODES.get(row.close_reason, row.close_reason)}
            for row in rows
        ]
        _update_rows(LEAD, words)
    _restore_callback_reasons(_writer_of(STOP))
    _restore_trail(_writer_of(SUBMISSION))
    op.drop_column("callback", "close_note")
    _replace_close_reason("close_code")


def _dumping(read: ReadSentence) -> Callable[[str], str]:
    return lambda text: _stored(read(text))


def _loading(say: WriteSentence) -> Callable[[str], str]:
    return lambda stored: say(json.loads(stored))


def _replace_close_reason(column: str) -> None:
    """Put another column in its place.

    To change it where it is, SQLite would make the table anew and lose the callbacks' triggers.
    """
    for table in CLOSED:
        op.drop_column(table, "close_reason")
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO close_reason")


def _writer_of(templates: dict[str, str]) -> WriteSentence:
    """Return what makes the text again of key and values."""

    known = templates | OF_ALL

    def say(data: Data) -> str:
        values = {
            name: say(value) if isinstance(value, dict) else value
            for name, value in data["values"].items()
        }
        template: str = known[data["key"]] if data["key"] in known else data["key"]
        return template.format(**values)

    return say


def _reader_of(templates: dict[str, str]) -> ReadSentence:
    """Return what makes key and values of a text, the templates with the most letters first."""
    longest_first = sorted(templates.items(), key=lambda one: -len(re.sub(r"{\w+}", "", one[1])))
    patterns = [(key, _pattern_of(template)) for key, template in longest_first]

    def read_whole(text: str) -> Data | None:
        for key, pattern in patterns:
            if found := pattern.fullmatch(text):
                values = {name: _value_of(name, said) for name, said in found.groupdict().items()}
                return {"key": key, "values": values}
        return _with_text("vendor_reason", text) if text in VENDOR_REASONS else None

    def read_sentences(text: str) -> Data:
        whole, parts = read_whole(text), SENTENCE_ENDS.split(text.strip())
        if whole or len(parts) == 1:
            return whole or _with_text("text", text)
        for count in range(len(parts) - 1, 0, -1):  # some are longer than a sentence
            if head := read_whole(" ".join(parts[:count])):
                return _followed_by(head, read_sentences(" ".join(parts[count:])))
        rest = read_sentences(" ".join(parts[1:]))
        is_ours = rest["key"] != "text"
        return (
            _followed_by(_with_text("text", parts[0]), rest)
            if is_ours
            else _with_text("text", text)
        )

    def _value_of(name: str, said: str) -> Any:
        if name in NESTED:
            return read_sentences(said)
        return int(said) if name in NUMBERS else said

    return read_sentences


def _pattern_of(template: str) -> re.Pattern[str]:
    parts = re.split(r"{(\w+)}", template)
    values = [rf"(?P<{name}>{'[0-9]+' if name in NUMBERS else '.+'})" for name in parts[1::2]]
    words = [re.escape(text) for text in parts[::2]]
    pairs = zip(words, [*values, ""], strict=True)
    return re.compile("".join(word + value for word, value in pairs), re.DOTALL)


def _with_text(key: str, text: str) -> Data:
    return {"key": key, "values": {"text": text}}


def _followed_by(first: Data, more: Data) -> Data:
    return {"key": "followed_by", "values": {"first": first, "more": more}}


def _stored(data: Data) -> str:
    return json.dumps(data, ensure_ascii=False)


def _without_own_words(data: Data) -> Data:
    if data["key"] == "vendor_reason":
        return data
    values = {
        name: _without_own_words(value)
        if isinstance(value, dict)
        else ("" if isinstance(value, str) else value)
        for name, value in data["values"].items()
    }
    return {"key": data["key"], "values": values}


def _chunks_of(table: sa.TableClause, *which: Any) -> Iterator[Sequence[Any]]:
    """Yield the rows of a table, some at a time, each chunk before the next one is read."""
    last = 0
    connection = op.get_bind()
    while True:
        chosen = sa.select(table).where(table.c.id > last, *which)
        rows = connection.execute(chosen.order_by(table.c.id).limit(CHUNK)).all()
        if not rows:
            return
        last = rows[-1].id
        yield rows


def _update_rows(table: sa.TableClause, rows: list[Data]) -> None:
    """Write columns of rows, given with their `row_id`; all of them name the same columns."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "row_id"]
    update = table.update().where(table.c.id == sa.bindparam("row_id"))
    values: dict[str, Any] = {
        name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in names
    }
    given = [
        {"row_id": row["row_id"]} | {f"new_{name}": row[name] for name in names} for row in rows
    ]
    op.get_bind().execute(update.values(**values), given)


def _rewrite_column(name: str, column: str, convert: Callable[[str], str]) -> None:
    table = sa.table(name, sa.column("id", sa.Integer), sa.column(column, sa.String))
    for rows in _chunks_of(table, table.c[column] != ""):
        _update_rows(table, [{"row_id": row.id, column: convert(row[1])} for row in rows])


def _rewrite_readings(convert: Callable[[Any], Any]) -> None:
    for rows in _chunks_of(SUBMISSIONS, _has_reason(sa.cast(SUBMISSIONS.c.reading, sa.Text))):
        changed = [
            {"row_id": row.id, "reading": row.reading | {"reason": convert(row.reading["reason"])}}
            for row in rows
            if row.reading and row.reading.get("reason")
        ]
        _update_rows(SUBMISSIONS, changed)


def _rewrite_lead_reasons() -> None:
    for rows in _chunks_of(LEAD, LEAD.c.close_reason != ""):
        _update_rows(
            LEAD,
            [
                {"row_id": row.id, "close_code": CLOSE_REASONS.get(row.close_reason, "cancelled")}
                for row in rows
            ],
        )


def _rewrite_callback_reasons(read_stop: ReadSentence) -> None:
    """Write code and note of every callback that was closed.

    A supervisor may have typed “merged”, so a word is a code only where other rows say the same.
    """
    for rows in _chunks_of(CALLBACK):
        ids = [row.id for row in rows]
        dropped, imported = _dropped_in_merges(ids), _closed_by_import(ids)
        changed = []
        for row in rows:
            code, note = None, ""
            if str(row.id) in imported:
                code, note = "imported", _own_words(row.close_reason)
            elif row.id in dropped and row.close_reason == "merged":
                code = "merged"
            elif row.withdrawn and row.close_reason:
                is_word = row.close_reason == "opt-out"
                code, note = "opt_out", "" if is_word else _stored(read_stop(row.close_reason))
            elif row.close_reason:
                code, note = "cancelled", _own_words(row.close_reason)
            if code:
                changed.append({"row_id": row.id, "close_code": code, "close_note": note})
        _update_rows(CALLBACK, changed)


def _dropped_in_merges(callback_ids: list[int]) -> set[int]:
    dropped = sa.select(MERGE.c.dropped_id).where(MERGE.c.dropped_id.in_(callback_ids))
    return set(op.get_bind().scalars(dropped))


def _closed_by_import(callback_ids: list[int]) -> set[str]:
    imported = sa.select(TRANSITION.c.record_id).where(
        TRANSITION.c.record == "callback",
        TRANSITION.c.record_id.in_([str(one) for one in callback_ids]),
        TRANSITION.c.actor == "import",
        TRANSITION.c.event.in_(("cancel", "exhaust", "dispose", "time_out")),
        TRAIL_TEXT == "{}",
    )
    return set(op.get_bind().scalars(imported))


def _own_words(text: str) -> str:
    return _stored(_with_text("text", text)) if text else ""


def _rewrite_trail(read: ReadSentence) -> None:
    for rows in _trail_chunks():
        codes = _close_codes_of(rows)
        changed = []
        for row in rows:
            changes = dict(row.changes)
            if row.record == "submission" and changes.get("reason"):
                changes["reason"] = _without_own_words(read(changes["reason"]))
            if row.record == "lead" and "close_reason" in changes:
                word = changes["close_reason"]
                changes["close_reason"] = CLOSE_REASONS.get(word, "cancelled") if word else None
            if row.record == "callback" and "close_reason" in changes:
                changes["close_reason"] = codes.get(row.record_id)
            if changes != row.changes:
                changed.append({"row_id": row.id, "changes": changes})
        _update_rows(TRANSITION, changed)


def _trail_chunks() -> Iterator[Sequence[Any]]:
    """Yield the rows of the trail that give a reason, some at a time."""
    of_submission = sa.and_(TRANSITION.c.record == "submission", _has_reason(TRAIL_TEXT))
    of_closed = sa.and_(TRANSITION.c.record.in_(CLOSED), TRAIL_TEXT.contains('"close_reason":'))
    return _chunks_of(TRANSITION, sa.or_(of_submission, of_closed))


def _has_reason(json_text: Any) -> Any:
    """Whether JSON names a reason that is not empty; it may be one that stands deeper."""
    return sa.func.replace(json_text, '"reason": ""', "").contains('"reason":')


def _close_codes_of(moves: Sequence[Any]) -> dict[str, str]:
    """Return what the callbacks of these rows of the trail are closed with, by the id's text."""
    ids = {int(move.record_id) for move in moves if move.record == "callback"}
    closed = sa.select(CALLBACK.c.id, CALLBACK.c.close_code).where(
        CALLBACK.c.id.in_(ids), CALLBACK.c.close_code.is_not(None)
    )
    return {str(row.id): row.close_code for row in op.get_bind().execute(closed)}


def _restore_callback_reasons(say: WriteSentence) -> None:
    for rows in _chunks_of(CALLBACK, CALLBACK.c.close_reason.is_not(None)):
        words = [
            {
                "row_id": row.id,
                "close_code": say(json.loads(row.close_note))
                if row.close_note
                else WORDS_OF_CODES.get(row.close_reason, row.close_reason),
            }
            for row in rows
        ]
        _update_rows(CALLBACK, words)


def _restore_trail(say: WriteSentence) -> None:
    for rows in _trail_chunks():
        words = _close_codes_of(rows)
        changed = []
        for row in rows:
            changes = dict(row.changes)
            if row.record == "submission" and changes.get("reason"):
                changes["reason"] = say(changes["reason"])
            if row.record == "lead" and "close_reason" in changes:
                changes["close_reason"] = WORDS_OF_CODES.get(changes["close_reason"], "")
            if row.record == "callback" and "close_reason" in changes:
                changes["close_reason"] = words.get(row.record_id, "")
            if changes != row.changes:
                changed.append({"row_id": row.id, "changes": changes})
        _update_rows(TRANSITION, changed)
