"""Data classes: of what kind the content of each column of each table is.

What an export tells, what is erased with a person and how long what is kept follow from it. A test
fails for a column that is not named here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from sqlmodel import SQLModel

from leads.database.bulk_rows import table_of


class DataClass(StrEnum):
    """A kind of content."""

    IDENTITY = "identity"  # who a person is, where and with what they wrote
    CONTACT = "contact"  # numbers and addresses at which they can be reached
    WORDS = "words"  # what they said, and what was written about them
    BODY = "body"  # forms as they came, and what was read of them
    RECORDING = "recording"  # what they said on the phone
    NETWORK = "network"  # ids by which the phone network and form tools know the same
    PROTECTION = "protection"  # what they allowed and refused, which holds afterwards
    FIGURES = "figures"  # states, instants and results: what figures are made of
    OPERATION = "operation"  # which row belongs to which, and who of us did it
    AUDIT = "audit"  # the trail: ids, states and names of fields
    STAFF = "staff"  # about colleagues
    SETUP = "setup"  # how a helpline works
    SECRET = "secret"  # noqa: S105 - a class: keys, and hashes by which something is let in


PERSONAL = frozenset(
    {
        DataClass.IDENTITY,
        DataClass.CONTACT,
        DataClass.WORDS,
        DataClass.BODY,
        DataClass.RECORDING,
    }
)
"""What tells who somebody is, or what they said: it goes when they are erased."""

ALL_OTHERS = "*"  # every column that is not named beside it
_STAFF_AT_WORK = {DataClass.STAFF: ALL_OTHERS}
_SETUP = {DataClass.SETUP: ALL_OTHERS}
DECLARED: Mapping[str, Mapping[DataClass, str]] = {
    # people
    "lead": {
        DataClass.CONTACT: "phone phone_extension email",
        DataClass.IDENTITY: "name for_whom city region zip further_places language wished_gender "
        "wished_skill",
        DataClass.WORDS: "best_time",
        DataClass.PROTECTION: "safe_to_call safe_to_voicemail safe_to_text",
        DataClass.FIGURES: "state created_at closed_at close_reason kept_place",
        DataClass.OPERATION: "id nth_at_number merged_into_id erased_at",
    },
    "submission": {
        DataClass.BODY: "content_type query body body_sha256 content_sha256 reading",
        DataClass.IDENTITY: "ip user_agent",
        DataClass.WORDS: "suspicion reason",
        DataClass.NETWORK: "delivery_id vendor_id",
        DataClass.FIGURES: "received_at is_of_burst is_test state danger",
        DataClass.OPERATION: "id source_id is_query_read lead_id callback_id changes_id entered_by",
        DataClass.SECRET: "change_key_sha256",
    },
    "consent": {
        DataClass.CONTACT: "phone",
        DataClass.IDENTITY: "page_url ip user_agent",
        DataClass.WORDS: "wording",
        DataClass.PROTECTION: "granted wording_sha256 channels given_at lifted_at",
        DataClass.OPERATION: "id submission_id lead_id recorded_by lifted_by",
    },
    "suppression": {
        DataClass.CONTACT: "phone",
        DataClass.WORDS: "reason",
        DataClass.PROTECTION: "number_hash channel since lifted_at",
        DataClass.OPERATION: "id actor lifted_by",
    },
    "confirmed_number": {
        DataClass.CONTACT: "phone",
        DataClass.OPERATION: "id by at",
    },
    "fact_change": {
        DataClass.WORDS: "before after why",
        DataClass.OPERATION: "id lead_id fact by at",
    },
    "also_said": {
        DataClass.WORDS: "value reason",
        DataClass.OPERATION: "id lead_id submission_id fact at decided_at decided_by accepted",
    },
    "merge": {DataClass.OPERATION: ALL_OTHERS},
    "lead_word": {DataClass.IDENTITY: "word", DataClass.OPERATION: "lead_id"},
    "legal_hold": {
        DataClass.WORDS: "reason",
        DataClass.PROTECTION: "placed_at lifted_at",
        DataClass.OPERATION: "id lead_id placed_by lifted_by",
    },
    "retention_mark": {DataClass.OPERATION: ALL_OTHERS},
    "disclosure_consent": {
        DataClass.IDENTITY: "patient signed_by",
        DataClass.WORDS: "discloser recipient information purpose how_to_revoke expires_with "
        "revoked_how",
        DataClass.PROTECTION: "scope proof signed_on expires_on recorded_at revoked_at",
        DataClass.OPERATION: "id lead_id recorded_by revoked_by",
    },
    "disclosure": {
        DataClass.WORDS: "recipient information purpose",
        DataClass.PROTECTION: "at way basis notice recorded_at",
        DataClass.OPERATION: "id lead_id consent_id leg_id corrects_id recorded_by",
    },
    "privacy_case": {
        DataClass.WORDS: "words told_by",
        DataClass.FIGURES: "kind known_at due_at recorded_at closed_at outcome",
        DataClass.OPERATION: "id lead_id recorded_by closed_by",
    },
    "privacy_step": {
        DataClass.WORDS: "words",
        DataClass.FIGURES: "kind at",
        DataClass.OPERATION: "id case_id by",
    },
    "emergency_access": {
        DataClass.WORDS: "reason review_words",
        DataClass.FIGURES: "opened_at ends_at reviewed_at was_in_order",
        DataClass.OPERATION: "id lead_id advisor_id reviewed_by",
    },
    # what was promised and done
    "callback": {
        DataClass.WORDS: "notes close_note",
        DataClass.FIGURES: "state origin received_at promised_at due_at danger danger_at "
        "is_of_burst asked_again priority any_hour hours_overridden_until safe_from safe_until "
        "is_held misses match lease_until first_rung_at first_conversation_at ended_at finished_at "
        "disposition own_disposition_id said_at close_reason withdrawn",
        DataClass.OPERATION: "id lead_id brand_id source_id advisor_id",
    },
    "hold": {
        DataClass.WORDS: "values",
        DataClass.FIGURES: "reason since lifted_at",
        DataClass.OPERATION: "id callback_id by lifted_by",
    },
    "note": {
        DataClass.WORDS: "text",
        DataClass.OPERATION: "id callback_id advisor_id written_at",
    },
    "intake_answer": {
        DataClass.WORDS: "choice words",
        DataClass.OPERATION: "id callback_id advisor_id question at",
    },
    "outreach": {
        DataClass.WORDS: "words agreed_with",
        DataClass.FIGURES: "way at safe_from safe_until",
        DataClass.OPERATION: "id lead_id callback_id by",
    },
    "task": {
        DataClass.WORDS: "words",
        DataClass.FIGURES: "due_at created_at done_at",
        DataClass.OPERATION: "id lead_id advisor_id created_by done_by",
    },
    "incident": {
        DataClass.WORDS: "follow_up_note",
        DataClass.FIGURES: "kind protocol opened_at closed_at outcome follow_up_due followed_up_at",
        DataClass.OPERATION: "id callback_id opened_by closed_by followed_up_by",
    },
    "incident_step": {
        DataClass.WORDS: "note",
        DataClass.FIGURES: "step at",
        DataClass.OPERATION: "id incident_id by",
    },
    "hours_override": {
        DataClass.WORDS: "reason",
        DataClass.FIGURES: "asked_at starts_at ends_at acknowledged_at withdrawn_at",
        DataClass.OPERATION: "id callback_id asked_by acknowledged_by withdrawn_by",
    },
    # calls and texts
    "call_attempt": {
        DataClass.CONTACT: "phone",
        DataClass.NETWORK: "conference_id",
        DataClass.STAFF: "advisor_phone",
        DataClass.FIGURES: "state result requested_at heard_at ask_at rung_at answered_at ended_at "
        "doubt help_wanted_at",
        DataClass.OPERATION: "id callback_id advisor_id requested_by inbound_call_id",
    },
    "call_leg": {
        DataClass.CONTACT: "phone",
        DataClass.NETWORK: "provider_call_id",
        DataClass.FIGURES: "party status sequence audience is_on_hold is_hold_ordered "
        "is_hold_heard is_in_menu is_muted ends_call requested_at joined_at left_at answered_by",
        DataClass.OPERATION: "id attempt_id advisor_id requested_by",
    },
    "provider_event": {
        DataClass.NETWORK: "provider_call_id",
        DataClass.FIGURES: "kind sequence status received_at",
        DataClass.OPERATION: "id attempt_id",
    },
    "gate_decision": {
        DataClass.FIGURES: "moment channel allowed reasons rules not_before asked_at",
        DataClass.OPERATION: "id lead_id callback_id attempt_id",
    },
    "inbound_call": {
        DataClass.CONTACT: "phone",
        DataClass.NETWORK: "provider_call_id",
        DataClass.FIGURES: "state rang_at heard_at answered_at ended_at",
        DataClass.OPERATION: "id brand_id lead_id callback_id",
    },
    "voicemail": {
        DataClass.RECORDING: "sealed",
        DataClass.NETWORK: "provider_recording_id",
        DataClass.FIGURES: "state seconds is_empty received_at expected_at recorded_at fetched_at "
        "deleted_at settled_at",
        DataClass.OPERATION: "id inbound_call_id callback_id settled_by",
    },
    "voicemail_play": {DataClass.OPERATION: ALL_OTHERS},
    "text_message": {
        DataClass.CONTACT: "phone",
        DataClass.WORDS: "body",
        DataClass.NETWORK: "message_id",
        DataClass.FIGURES: "meaning danger received_at waits pictures",
        DataClass.OPERATION: "id lead_id brand_id",
    },
    "outgoing_text": {
        DataClass.CONTACT: "phone",
        DataClass.WORDS: "body problem",
        DataClass.NETWORK: "message_id error_code",
        DataClass.FIGURES: "template parts ordered_at handed_at status status_at fault ask_at",
        DataClass.OPERATION: "id lead_id callback_id brand_id ordered_by retry_of_id",
    },
    "outbox": {
        DataClass.WORDS: "problem",
        DataClass.FIGURES: "kind state tries looks created_at due_at taken_until settled_at "
        "failure",
        DataClass.OPERATION: "id payload key attempt_id alert_id",
    },
    # what watches
    "transition": {DataClass.AUDIT: ALL_OTHERS},
    "audit_entry": {DataClass.STAFF: "address browser", DataClass.AUDIT: ALL_OTHERS},
    "audit_link": {DataClass.AUDIT: ALL_OTHERS},
    "audit_trim": {DataClass.AUDIT: ALL_OTHERS},
    "audit_key": {DataClass.SECRET: "secret", DataClass.OPERATION: "id"},
    "alert": {DataClass.OPERATION: ALL_OTHERS},
    "beat": {DataClass.OPERATION: ALL_OTHERS},
    "backup_taken": {DataClass.OPERATION: ALL_OTHERS},
    "packed_day": {DataClass.FIGURES: ALL_OTHERS},
    # colleagues
    "helpline_operator": _SETUP,
    "advisor": {DataClass.SECRET: "password_hash totp_secret totp_step", **_STAFF_AT_WORK},
    "sign_in": {DataClass.SECRET: "token_hash totp_offered", **_STAFF_AT_WORK},
    "recovery_code": {DataClass.SECRET: "code_hash", **_STAFF_AT_WORK},
    "known_browser": {DataClass.SECRET: "browser_hash", **_STAFF_AT_WORK},
    "lockout": {DataClass.SECRET: "whom", **_STAFF_AT_WORK},
    "on_call": _STAFF_AT_WORK,
    "weekly_shift": _STAFF_AT_WORK,
    "shift_change": _STAFF_AT_WORK,
    # helplines
    "brand": _SETUP,
    "brand_disposition": _SETUP,
    "text_template": _SETUP,
    "emergency_number": _SETUP,
    "hours_change": _SETUP,
    "call_preset": {DataClass.SECRET: "keys", **_SETUP},
    "source": {DataClass.SECRET: "token secrets", **_SETUP},
    "helpline_number": _SETUP,
    "arrival_look": _SETUP,
    "inbound_settings": _SETUP,
    "destination": {DataClass.SECRET: "url secrets", **_SETUP},
    "event_cursor": {DataClass.OPERATION: ALL_OTHERS},
    "api_token": {DataClass.SECRET: "token_hash", **_SETUP},
    "data_key": {DataClass.SECRET: "wrapped", **_SETUP},
    "lookup_key": {DataClass.SECRET: "wrapped", **_SETUP},
    "sealing_task": {DataClass.OPERATION: ALL_OTHERS},
}


def classify_columns(table: str) -> Mapping[str, DataClass]:
    """Return the class of each column of a table; raises KeyError for what is not declared.

    Of tables in which people's data stands each column is named; of others it may be that all are
    of one class.
    """
    columns = [column.name for column in SQLModel.metadata.tables[table].columns]
    declared = DECLARED[table]
    named = {
        column: kind
        for kind, names in declared.items()
        if names != ALL_OTHERS
        for column in names.split()
    }
    rest = next((kind for kind, names in declared.items() if names == ALL_OTHERS), None)
    if unknown := set(named) - set(columns):
        raise KeyError(table, *sorted(unknown))
    classified = {column: named.get(column, rest) for column in columns}
    if undeclared := [column for column, kind in classified.items() if kind is None]:
        raise KeyError(table, *undeclared)
    return {column: kind for column, kind in classified.items() if kind}


def columns_of_class(kind: type[SQLModel], classes: Collection[DataClass]) -> list[Any]:
    """Return the columns of a table whose content is of one of these classes."""
    table = table_of(kind)
    classified = classify_columns(table.name)
    return [column for column in table.columns if classified[column.name] in classes]
