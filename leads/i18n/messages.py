"""The sentences that are stored: by a key and values, made into words only where they are shown.

A row says `{"key": "delivered_before", "values": {"id": 3}}`. Its English is in `WORDS` and may be
edited at any time, its Spanish is in the catalogue; nothing ever reads, compares or searches them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from leads.i18n.former_words import VENDOR_REASONS_BEFORE
from leads.i18n.translatable import (
    CodedName,
    CountryName,
    NamedDay,
    NamedTimeOfDay,
    NamedZone,
    Phrase,
)


class MessageKey(StrEnum):
    """What a stored sentence says. A key is never renamed: rows have it."""

    TEXT = "text"  # a person's own words, which no catalogue knows
    VENDOR_REASON = "vendor_reason"  # what a recipe said, in rows from before it had a key
    UNKNOWN = "unknown"  # whatever else a row says, which is kept: another version of us wrote it

    FOLLOWED_BY = "followed_by"  # several sentences, one after the other

    # Why a submission is where it is.
    DELIVERED_BEFORE = "delivered_before"
    SENT_BEFORE = "sent_before"
    SENT_AGAIN = "sent_again"
    SAME_WAITS = "same_waits"
    SUPPRESSED = "suppressed"
    TOOL_TEST = "tool_test"
    TOOL_PARTIAL = "tool_partial"
    TOOL_DELETED = "tool_deleted"
    ENTRY_DELETED = "entry_deleted"
    CHANGED = "changed"
    CHANGED_NEVER_CAME = "changed_never_came"
    CHANGED_NUMBER = "changed_number"
    NOT_PROCESSED = "not_processed"
    TEST_IS_FINE = "test_is_fine"
    TEST_WOULD_WAIT = "test_would_wait"
    ONE_LOOKS_LIKE_A_NUMBER = "one_looks_like_a_number"
    CANNOT_BE_DIALED = "cannot_be_dialed"
    ONLY_ANOTHERS_NUMBER = "only_anothers_number"
    NO_NUMBER = "no_number"
    SAME_ID_OTHER_NUMBER = "same_id_other_number"
    SAME_ID_OTHER_WORDS = "same_id_other_words"
    SAME_ID_AFTER_CALL = "same_id_after_call"
    SAME_ID_OTHER_PERSON = "same_id_other_person"
    CHANGED_BY_SENDER = "changed_by_sender"
    WITHDRAWN_BY_SENDER = "withdrawn_by_sender"
    SOURCE_PAUSED = "source_paused"
    IMPORTED_BEFORE = "imported_before"

    # What a form tool's recipe says of a body without a number.
    CALLRAIL_SENT_CALL = "callrail_sent_call"
    HUBSPOT_SENT_ID = "hubspot_sent_id"
    LINKEDIN_SENT_LINK = "linkedin_sent_link"
    META_SENT_ID = "meta_sent_id"

    # What is wrong with a body or its signature.
    BAD_SIGNATURE = "bad_signature"
    SIGNED_AHEAD = "signed_ahead"
    SIGNED_LONG_AGO = "signed_long_ago"
    NO_FIELDS = "no_fields"
    NAMES_TOO_LONG = "names_too_long"
    SEVERAL_PEOPLE = "several_people"
    DAMAGED = "damaged"
    NOT_TEXT = "not_text"
    TOO_MANY_FIELDS = "too_many_fields"
    TOO_DEEP = "too_deep"
    UNLIKE_A_FORM = "unlike_a_form"
    JSON_WITHOUT_FIELDS = "json_without_fields"
    NEITHER_JSON_NOR_FORM = "neither_json_nor_form"
    FIELD_TWICE = "field_twice"
    MULTIPART_DAMAGED = "multipart_damaged"
    SEVERAL_NUMBERS = "several_numbers"
    FOR_A_CLIENT = "for_a_client"
    UNSURE_WHOSE_NUMBER = "unsure_whose_number"
    UNLISTED_AREA_CODE = "unlisted_area_code"
    TOOL_CALLS_IT = "tool_calls_it"
    MAY_BE_SOMETHING_ELSE = "may_be_something_else"

    # Why a person should look before anybody is rung.
    TRAP_FILLED = "trap_filled"
    MANY_OF_ONE_ADDRESS = "many_of_one_address"
    SENT_FROM_OTHER_PAGE = "sent_from_other_page"
    SAFETY_UNANSWERED = "safety_unanswered"
    CAME_BY_VISIT = "came_by_visit"
    TOLD_BY_ANOTHER = "told_by_another"
    AGREED_ON_CONDITION = "agreed_on_condition"
    ADDRESS_SAYS_OTHERWISE = "address_says_otherwise"
    MORE_NEW_NUMBERS_THAN_USUAL = "more_new_numbers_than_usual"
    NUMBER_ABROAD = "number_abroad"
    NUMBER_OF_OTHER_KIND = "number_of_other_kind"
    NUMBER_NEVER_CALLED = "number_never_called"
    NUMBER_WITHOUT_PLACE = "number_without_place"
    OWN_NUMBER = "own_number"
    NUMBER_WITHHELD = "number_withheld"

    # What kind of phone a number is.
    KIND_FIXED = "kind_fixed"
    KIND_MOBILE = "kind_mobile"
    KIND_FIXED_OR_MOBILE = "kind_fixed_or_mobile"
    KIND_VOIP = "kind_voip"
    KIND_TOLL_FREE = "kind_toll_free"
    KIND_PREMIUM = "kind_premium"
    KIND_SHARED_COST = "kind_shared_cost"
    KIND_PERSONAL = "kind_personal"
    KIND_SATELLITE = "kind_satellite"
    KIND_PAGER = "kind_pager"
    KIND_UAN = "kind_uan"
    KIND_UNKNOWN = "kind_unknown"
    CROWDED = "crowded"

    # Why the gate refuses contact, beside SUPPRESSED.
    NO_CONSENT = "no_consent"
    NOT_SAFE_TO_CALL = "not_safe_to_call"
    NOT_SAFE_TO_TEXT = "not_safe_to_text"
    NOT_SAFE_TO_VOICEMAIL = "not_safe_to_voicemail"
    PLACE_UNKNOWN = "place_unknown"
    QUIET_HOURS = "quiet_hours"
    ATTEMPT_CAP = "attempt_cap"
    NUMBER_POLICY = "number_policy"
    TIMES_OF_PHONE = "times_of_phone"
    OTHER_NUMBER = "other_number"

    # Why a number must not be contacted.
    STOP_BY_TEXT = "stop_by_text"
    STOP_AT_NETWORK = "stop_at_network"
    SAID_TO_ADVISOR = "said_to_advisor"
    SAID_SO = "said_so"
    STOPPED_BEFORE_IMPORT = "stopped_before_import"
    REFUSED_BEFORE_ERASURE = "refused_before_erasure"
    UNSAFE_BEFORE_ERASURE = "unsafe_before_erasure"
    ERASED = "erased"

    # What was in the way of sending something.
    HOOK_REFUSED = "hook_refused"
    HOOK_UNREACHABLE = "hook_unreachable"
    HOOK_PRIVATE = "hook_private"
    DESTINATION_STOPPED = "destination_stopped"
    NO_LEGAL_BASIS = "no_legal_basis"
    TWILIO_REFUSED = "twilio_refused"
    TWILIO_REFUSED_COUNTRY = "twilio_refused_country"
    TWILIO_REFUSED_CALLER_ID = "twilio_refused_caller_id"
    TWILIO_REFUSED_ACCOUNT = "twilio_refused_account"
    TWILIO_UNREACHABLE = "twilio_unreachable"
    TWILIO_BROKE_OFF = "twilio_broke_off"
    TWILIO_UNREADABLE = "twilio_unreadable"
    NO_CALLER_ID = "no_caller_id"
    ADVISOR_WITHOUT_PHONE = "advisor_without_phone"
    SENDER_STOPPED = "sender_stopped"
    OVER_BEFORE_SENT = "over_before_sent"
    CALL_NOT_FOUND = "call_not_found"
    TEXT_NOT_FOUND = "text_not_found"
    NO_TEXTS_WITHOUT_ACCOUNT = "no_texts_without_account"
    CONFERENCE_NOT_FOUND = "conference_not_found"
    CALLER_GONE = "caller_gone"
    NUMBER_NOT_IN_ACCOUNT = "number_not_in_account"
    RECORDING_NOT_FOUND = "recording_not_found"
    RECORDING_TOO_LARGE = "recording_too_large"
    NO_ALERT_CALLER_ID = "no_alert_caller_id"
    CHANNEL_REFUSED = "channel_refused"
    MAIL_ADDRESS_REFUSED = "mail_address_refused"
    MAIL_ADDRESS_WRONG = "mail_address_wrong"
    MAIL_INSECURE = "mail_insecure"
    MAIL_REFUSED = "mail_refused"
    MAIL_UNREACHABLE = "mail_unreachable"

    # What a supervisor must hear of.
    PEOPLE_NOT_RUNG = "people_not_rung"
    PEOPLE_IN_DANGER = "people_in_danger"
    HELP_IS_WANTED = "help_is_wanted"
    INCIDENTS_WITHOUT_OUTCOME = "incidents_without_outcome"
    TASKS_OVERDUE = "tasks_overdue"
    PRIVACY_CASES_OPEN = "privacy_cases_open"
    EMERGENCY_ACCESS_UNREVIEWED = "emergency_access_unreviewed"
    FOLLOW_UPS_OVERDUE = "follow_ups_overdue"
    HOURS_OVERRIDDEN = "hours_overridden"
    HOURS_OVERRIDE_ASKED = "hours_override_asked"
    SUBMISSIONS_IN_DANGER = "submissions_in_danger"
    TEXTS_IN_DANGER = "texts_in_danger"
    RETRIES_OVERDUE = "retries_overdue"
    PROMISES_BROKEN = "promises_broken"
    PEOPLE_UNDECIDED = "people_undecided"
    CALLS_UNRECORDED = "calls_unrecorded"
    COUNTRY_CALLS_NOT_PLACED = "country_calls_not_placed"
    CALLER_ID_CALLS_NOT_PLACED = "caller_id_calls_not_placed"
    ACCOUNT_CALLS_NOT_PLACED = "account_calls_not_placed"
    CALLS_NOT_PLACED = "calls_not_placed"
    NUMBERS_NOT_IN_SERVICE = "numbers_not_in_service"
    PEOPLE_GIVEN_UP = "people_given_up"
    CALLER_ID_IN_DOUBT = "caller_id_in_doubt"
    NOBODY_LEFT = "nobody_left"
    HOURS_UNCOVERED = "hours_uncovered"
    SUBMISSIONS_UNPROCESSED = "submissions_unprocessed"
    SUBMISSIONS_WAIT = "submissions_wait"
    STOPPED_PEOPLE_WROTE = "stopped_people_wrote"
    ONE_SIGNATURE_FAILED = "one_signature_failed"
    SIGNATURES_FAILED = "signatures_failed"
    TEXTS_WAIT = "texts_wait"
    STATEMENTS_WAIT = "statements_wait"
    VOICEMAILS_WAIT = "voicemails_wait"
    VOICEMAILS_NOT_HERE = "voicemails_not_here"
    RECORDINGS_NOT_DELETED = "recordings_not_deleted"
    SOURCE_IS_QUIET = "source_is_quiet"
    SOURCE_LOST_NUMBERS = "source_lost_numbers"
    SCHEDULER_SILENT = "scheduler_silent"
    NETWORK_REFUSES = "network_refuses"
    TEXTS_KEPT_BACK = "texts_kept_back"
    ACCOUNTS_LOCKED = "accounts_locked"
    MANY_FILES_OPENED = "many_files_opened"
    FILES_OPENED_AT_NIGHT = "files_opened_at_night"
    OWN_SURNAME_OPENED = "own_surname_opened"
    BACKUP_OVERDUE = "backup_overdue"
    BACKUP_NEVER = "backup_never"
    MESSAGES_NOT_SENT = "messages_not_sent"
    EVENTS_UNDELIVERED = "events_undelivered"
    DESTINATION_GONE = "destination_gone"
    NEW_NUMBERS_WAIT = "new_numbers_wait"
    DANGER_FLOOD = "danger_flood"
    DANGER_FLOOD_IN_REVIEW = "danger_flood_in_review"

    # Why an advisor is away.
    MISSED_OFFERS = "missed_offers"
    BREAK = "break"
    MEAL = "meal"
    MEETING = "meeting"
    TRAINING = "training"
    DONE_FOR_TODAY = "done_for_today"


WORDS: Mapping[MessageKey, Phrase] = {
    MessageKey.TEXT: Phrase("{text}"),
    MessageKey.VENDOR_REASON: Phrase("{text}"),
    MessageKey.UNKNOWN: Phrase("This version cannot show this note."),
    MessageKey.FOLLOWED_BY: Phrase("{first} {more}"),
    MessageKey.DELIVERED_BEFORE: Phrase("Already received as submission {id}."),
    MessageKey.SENT_BEFORE: Phrase("Already sent as submission {id}."),
    MessageKey.SENT_AGAIN: Phrase("Sent again as submission {id}."),
    MessageKey.SAME_WAITS: Phrase("Same as submission {id}, which is held for review."),
    MessageKey.SUPPRESSED: Phrase("This number is on the do-not-contact list."),
    MessageKey.TOOL_TEST: Phrase("The form tool marked this as a test."),
    MessageKey.TOOL_PARTIAL: Phrase(
        "The form was not completed: the person has not asked for a call yet."
    ),
    MessageKey.TOOL_DELETED: Phrase("The form tool reports that a submission was deleted."),
    MessageKey.ENTRY_DELETED: Phrase(
        "The form tool reports that this entry was deleted: do they still want a call?"
    ),
    MessageKey.CHANGED: Phrase("The form tool reports a change to submission {id}."),
    MessageKey.CHANGED_NEVER_CAME: Phrase(
        "The form tool reports a change to a submission that was never received."
    ),
    MessageKey.CHANGED_NUMBER: Phrase(
        "The form tool reports that a submission now has a different phone number."
    ),
    MessageKey.NOT_PROCESSED: Phrase("Part of it could not be processed."),
    MessageKey.TEST_IS_FINE: Phrase(
        "Test sent from here: a real submission would go to the queue."
    ),
    MessageKey.TEST_WOULD_WAIT: Phrase(
        "Test sent from here. A real submission would be held for review: {reason}"
    ),
    MessageKey.ONE_LOOKS_LIKE_A_NUMBER: Phrase(
        "No phone field was recognized, but one value looks like a phone number. Please check it."
    ),
    MessageKey.CANNOT_BE_DIALED: Phrase("The phone number cannot be dialed."),
    MessageKey.ONLY_ANOTHERS_NUMBER: Phrase(
        "It has only someone else's number, and that person did not ask for a call."
    ),
    MessageKey.NO_NUMBER: Phrase("It has no phone number."),
    MessageKey.SAME_ID_OTHER_NUMBER: Phrase(
        "An earlier submission had the same ID and a different phone number."
    ),
    MessageKey.SAME_ID_OTHER_WORDS: Phrase(
        "An earlier submission had the same ID and different text, and its callback is "
        "closed. Are they asking again?"
    ),
    MessageKey.SAME_ID_AFTER_CALL: Phrase(
        "The same submission arrived again after its callback was closed. Are they asking again?"
    ),
    MessageKey.SAME_ID_OTHER_PERSON: Phrase(
        "An earlier submission had the same ID and a different name. Is it someone else?"
    ),
    MessageKey.CHANGED_BY_SENDER: Phrase("Changes submission {id}, through the sender's own link."),
    MessageKey.WITHDRAWN_BY_SENDER: Phrase("The sender withdrew it."),
    MessageKey.SOURCE_PAUSED: Phrase("Its source is paused."),
    MessageKey.IMPORTED_BEFORE: Phrase("Already imported."),
    MessageKey.CALLRAIL_SENT_CALL: Phrase("CallRail reported a phone call, not a form."),
    MessageKey.HUBSPOT_SENT_ID: Phrase(
        "HubSpot sent only a contact's ID. Use the workflow action Send a webhook, which "
        "sends the contact itself."
    ),
    MessageKey.LINKEDIN_SENT_LINK: Phrase(
        "LinkedIn sent only a link to a response. Connect it through Zapier or Make, "
        "which send the name and number."
    ),
    MessageKey.META_SENT_ID: Phrase(
        "Meta sent only a lead's ID. Connect it through Zapier or Make, which send the "
        "name and number."
    ),
    MessageKey.BAD_SIGNATURE: Phrase("The request is not signed with this source's secret."),
    MessageKey.SIGNED_AHEAD: Phrase(
        "The signature is correct, but its time is {minutes} minutes ahead of ours: a "
        "clock is wrong."
    ),
    MessageKey.SIGNED_LONG_AGO: Phrase(
        "The signature is correct but {minutes} minutes old: a clock is wrong, or someone "
        "resent an old request."
    ),
    MessageKey.NO_FIELDS: Phrase("It has no fields."),
    MessageKey.NAMES_TOO_LONG: Phrase("Its field names are too long for a form."),
    MessageKey.SEVERAL_PEOPLE: Phrase("It contains forms from several people: check who to call."),
    MessageKey.DAMAGED: Phrase("Its compressed content is damaged or larger than 1 MiB."),
    MessageKey.NOT_TEXT: Phrase(
        "The text is not UTF-8, or it is compressed in an unsupported way."
    ),
    MessageKey.TOO_MANY_FIELDS: Phrase("There are more than {most} fields."),
    MessageKey.TOO_DEEP: Phrase("The JSON is nested too deeply."),
    MessageKey.UNLIKE_A_FORM: Phrase("It is too large for a form, or not structured like one."),
    MessageKey.JSON_WITHOUT_FIELDS: Phrase("The JSON has no fields."),
    MessageKey.NEITHER_JSON_NOR_FORM: Phrase("This is neither JSON nor a form."),
    MessageKey.FIELD_TWICE: Phrase("The JSON names the same field twice."),
    MessageKey.MULTIPART_DAMAGED: Phrase("The multipart body is damaged."),
    MessageKey.SEVERAL_NUMBERS: Phrase(
        "It has several phone numbers under one name: check which one to call."
    ),
    MessageKey.FOR_A_CLIENT: Phrase(
        "Someone may have filled out the form for a client or a student, and it has both "
        "numbers: check who to call."
    ),
    MessageKey.UNSURE_WHOSE_NUMBER: Phrase(
        "The number may not be their own: check the name of its field and say whose it is."
    ),
    MessageKey.UNLISTED_AREA_CODE: Phrase(
        "The area code is new or mistyped: it is not on any list yet. Add it to the queue "
        "if the number is right."
    ),
    MessageKey.TOOL_CALLS_IT: Phrase(
        "The form tool calls this “{word}”: check whether it is a request."
    ),
    MessageKey.MAY_BE_SOMETHING_ELSE: Phrase(
        "This may not be a request: check what the form tool sent."
    ),
    MessageKey.TRAP_FILLED: Phrase("A hidden field was filled out: this may be a bot."),
    MessageKey.MANY_OF_ONE_ADDRESS: Phrase(
        "Many forms arrived from the same address within ten minutes."
    ),
    MessageKey.SENT_FROM_OTHER_PAGE: Phrase(
        "It may not come from our own form: another page or a program may have sent it."
    ),
    MessageKey.SAFETY_UNANSWERED: Phrase(
        "They did not finish the form, so we do not know what is safe for them. Decide how "
        "to respond."
    ),
    MessageKey.CAME_BY_VISIT: Phrase(
        "It was sent by opening a web address (GET), which any page can cause: check "
        "whether it is real."
    ),
    MessageKey.TOLD_BY_ANOTHER: Phrase(
        "Someone else says that they agreed to a call. Decide whether that is enough to call them."
    ),
    MessageKey.AGREED_ON_CONDITION: Phrase(
        "They agreed on a condition. Read their words, and decide whether a call meets it."
    ),
    MessageKey.ADDRESS_SAYS_OTHERWISE: Phrase(
        "The answers in the web address and in the form do not match: check which are right."
    ),
    MessageKey.MORE_NEW_NUMBERS_THAN_USUAL: Phrase(
        "More new numbers than usual arrived within an hour: check before anyone is called."
    ),
    MessageKey.NUMBER_ABROAD: Phrase(
        "It is an international number ({country}, {kind}), which this helpline does not "
        "normally call: decide whether to call."
    ),
    MessageKey.NUMBER_OF_OTHER_KIND: Phrase(
        "It is {kind} ({country}), which this helpline does not normally call: decide "
        "whether to call."
    ),
    MessageKey.NUMBER_NEVER_CALLED: Phrase(
        "It is {kind} ({country}), which is never called. Is there another way to reach them?"
    ),
    MessageKey.NUMBER_WITHOUT_PLACE: Phrase(
        "It is {kind}, so we cannot tell where they are or when to call. Is there another number?"
    ),
    MessageKey.OWN_NUMBER: Phrase(
        "It is one of our own numbers, a caller ID or a colleague's phone: it is never called."
    ),
    MessageKey.NUMBER_WITHHELD: Phrase(
        "They called with a blocked number: there is no number to call."
    ),
    MessageKey.KIND_FIXED: Phrase("a landline"),
    MessageKey.KIND_MOBILE: Phrase("a cell phone"),
    MessageKey.KIND_FIXED_OR_MOBILE: Phrase("a landline or cell phone"),
    MessageKey.KIND_VOIP: Phrase("an internet phone"),
    MessageKey.KIND_TOLL_FREE: Phrase("a toll-free number"),
    MessageKey.KIND_PREMIUM: Phrase("a premium-rate number"),
    MessageKey.KIND_SHARED_COST: Phrase("a shared-cost number"),
    MessageKey.KIND_PERSONAL: Phrase("a personal number with paid call forwarding"),
    MessageKey.KIND_SATELLITE: Phrase("a satellite or international network phone"),
    MessageKey.KIND_PAGER: Phrase("a pager"),
    MessageKey.KIND_UAN: Phrase("a company's main number"),
    MessageKey.KIND_UNKNOWN: Phrase("an unknown type of number"),
    MessageKey.CROWDED: Phrase(
        "A large number of submissions arrived within a minute, and the origin of this one "
        "is not verified."
    ),
    MessageKey.NO_CONSENT: Phrase("They did not agree to be called: decide how to respond."),
    MessageKey.NOT_SAFE_TO_CALL: Phrase("They said it is not safe to call this number."),
    MessageKey.NOT_SAFE_TO_TEXT: Phrase("They did not say texts are safe."),
    MessageKey.NOT_SAFE_TO_VOICEMAIL: Phrase("They did not say voicemail is safe."),
    MessageKey.PLACE_UNKNOWN: Phrase(
        "We cannot tell which calling hours apply to this phone: correct their location, "
        "or decide how to respond."
    ),
    MessageKey.QUIET_HOURS: Phrase("It is outside their calling hours."),
    MessageKey.ATTEMPT_CAP: Phrase(
        "This number was called or texted {count} times in the last 24 hours."
    ),
    MessageKey.NUMBER_POLICY: Phrase(
        "This helpline does not normally call this country or type of number: decide "
        "whether to call."
    ),
    MessageKey.TIMES_OF_PHONE: Phrase(
        "Someone who shares this phone gave a different time or place for calls. If no "
        "time works for everyone, decide what to do: correct the best time or the place in "
        "one of their files."
    ),
    MessageKey.OTHER_NUMBER: Phrase(
        "They called or texted from another of their numbers: decide which number to call."
    ),
    MessageKey.STOP_BY_TEXT: Phrase("STOP by text"),
    MessageKey.STOP_AT_NETWORK: Phrase("STOP by text, reported by the phone network"),
    MessageKey.SAID_TO_ADVISOR: Phrase("told the advisor"),
    MessageKey.SAID_SO: Phrase("told us"),
    MessageKey.STOPPED_BEFORE_IMPORT: Phrase("They had opted out before the import."),
    MessageKey.REFUSED_BEFORE_ERASURE: Phrase(
        "They did not agree to be contacted, before their data were erased."
    ),
    MessageKey.UNSAFE_BEFORE_ERASURE: Phrase(
        "It was not safe to call this number, before their data were erased."
    ),
    MessageKey.ERASED: Phrase("Their data were erased."),
    MessageKey.TWILIO_REFUSED: Phrase("Twilio rejected it (error {code})."),
    MessageKey.TWILIO_REFUSED_COUNTRY: Phrase(
        "Twilio is not allowed to call this number's country (error {code}): allow it in "
        "the account's geographic permissions."
    ),
    MessageKey.TWILIO_REFUSED_CALLER_ID: Phrase(
        "Twilio does not accept the caller ID (error {code}): it must be a number the "
        "account owns or has verified."
    ),
    MessageKey.TWILIO_REFUSED_ACCOUNT: Phrase(
        "Twilio rejects our account or its credentials (error {code})."
    ),
    MessageKey.TWILIO_UNREACHABLE: Phrase("Twilio could not be reached."),
    MessageKey.TWILIO_BROKE_OFF: Phrase("The connection to Twilio was lost."),
    MessageKey.TWILIO_UNREADABLE: Phrase("Twilio's answer could not be read."),
    MessageKey.NO_CALLER_ID: Phrase(
        "The helpline has no caller ID: set one with "
        "`python -m leads brand add NAME --caller-id +1…`."
    ),
    MessageKey.ADVISOR_WITHOUT_PHONE: Phrase("This advisor has no phone number."),
    MessageKey.SENDER_STOPPED: Phrase("The process stopped while sending this."),
    MessageKey.OVER_BEFORE_SENT: Phrase("It ended before it was sent."),
    MessageKey.CALL_NOT_FOUND: Phrase("No such call was found."),
    MessageKey.TEXT_NOT_FOUND: Phrase("No such text was found."),
    MessageKey.NO_TEXTS_WITHOUT_ACCOUNT: Phrase("Texts need a Twilio account: nothing was sent."),
    MessageKey.CONFERENCE_NOT_FOUND: Phrase("The call has not started or has already ended."),
    MessageKey.CALLER_GONE: Phrase("The caller has hung up."),
    MessageKey.NUMBER_NOT_IN_ACCOUNT: Phrase("Your Twilio account does not have this number."),
    MessageKey.RECORDING_NOT_FOUND: Phrase("The phone network has no such recording yet."),
    MessageKey.RECORDING_TOO_LARGE: Phrase("The recording is too large for a voicemail."),
    MessageKey.NO_ALERT_CALLER_ID: Phrase(
        "There is no caller ID for calling a supervisor: set TWILIO_CALLER_ID."
    ),
    MessageKey.CHANNEL_REFUSED: Phrase("A channel in ALERT_URLS did not accept it."),
    MessageKey.MAIL_ADDRESS_REFUSED: Phrase("The mail server rejected the address ({code})."),
    MessageKey.MAIL_ADDRESS_WRONG: Phrase("No e-mail can be sent to this address."),
    MessageKey.MAIL_INSECURE: Phrase(
        "The mail server does not support encryption or sign-in: see SMTP_SECURITY."
    ),
    MessageKey.MAIL_REFUSED: Phrase("The mail server rejected it ({code})."),
    MessageKey.MAIL_UNREACHABLE: Phrase(
        "The mail server could not be reached, or the connection was lost."
    ),
    MessageKey.PEOPLE_NOT_RUNG: Phrase(
        "{brand}: callbacks more than {minutes} minutes overdue: {count}."
    ),
    MessageKey.PEOPLE_IN_DANGER: Phrase(
        "{brand}: people with danger signs who have not been reached: {count}."
    ),
    MessageKey.HELP_IS_WANTED: Phrase("{brand}: an advisor needs a supervisor on a call now."),
    MessageKey.INCIDENTS_WITHOUT_OUTCOME: Phrase(
        "{brand}: incidents without an outcome after the call ended: {count}."
    ),
    MessageKey.TASKS_OVERDUE: Phrase("Overdue tasks for people: {count}."),
    MessageKey.PRIVACY_CASES_OPEN: Phrase(
        "Complaints or suspected breaches of privacy that are not done yet: {count}."
    ),
    MessageKey.EMERGENCY_ACCESS_UNREVIEWED: Phrase(
        "{brand}: files that a colleague from another helpline opened in an emergency, to review: "
        "{count}."
    ),
    MessageKey.FOLLOW_UPS_OVERDUE: Phrase(
        "{brand}: overdue follow-ups after an incident: {count}."
    ),
    MessageKey.HOURS_OVERRIDDEN: Phrase(
        "{brand}: a supervisor approved an after-hours call because of danger. A second "
        "supervisor has to review it."
    ),
    MessageKey.HOURS_OVERRIDE_ASKED: Phrase(
        "{brand}: a supervisor requests an after-hours call. A second supervisor has to approve it."
    ),
    MessageKey.SUBMISSIONS_IN_DANGER: Phrase("Submissions to review with danger signs: {count}."),
    MessageKey.TEXTS_IN_DANGER: Phrase(
        "Texts with danger signs from people who have no callback: {count}. See their files."
    ),
    MessageKey.PEOPLE_UNDECIDED: Phrase(
        "{brand}: people held until a supervisor decides: {count}."
    ),
    MessageKey.RETRIES_OVERDUE: Phrase(
        "{brand}: next attempts more than {minutes} minutes overdue: {count}."
    ),
    MessageKey.PROMISES_BROKEN: Phrase(
        "{brand}: people not called {minutes} minutes after the time they were promised: {count}."
    ),
    MessageKey.CALLS_UNRECORDED: Phrase(
        "{brand}: calls without a recorded outcome: {count}. Ask the advisor and record it "
        "on the work list."
    ),
    MessageKey.COUNTRY_CALLS_NOT_PLACED: Phrase(
        "{brand}: calls not placed because Twilio's geographic permissions do not allow "
        "the country: {count}."
    ),
    MessageKey.CALLER_ID_CALLS_NOT_PLACED: Phrase(
        "{brand}: calls not placed because Twilio does not accept the caller ID: {count}."
    ),
    MessageKey.ACCOUNT_CALLS_NOT_PLACED: Phrase(
        "{brand}: calls not placed because Twilio rejects our account: {count}."
    ),
    MessageKey.CALLS_NOT_PLACED: Phrase("{brand}: calls the phone network did not place: {count}."),
    MessageKey.NUMBERS_NOT_IN_SERVICE: Phrase(
        "{brand}: people whose number is not in service: {count}. Is there another way to reach "
        "them?"
    ),
    MessageKey.PEOPLE_GIVEN_UP: Phrase(
        "{brand}: people closed without contact after the last attempt: {count}. See the work list."
    ),
    MessageKey.CALLER_ID_IN_DOUBT: Phrase(
        "{brand}: the last {count} calls were rejected immediately. Is the caller ID "
        "blocked or labeled as spam?"
    ),
    MessageKey.NOBODY_LEFT: Phrase(
        "No one is left to take calls: everyone on duty by phone missed two calls in a row."
    ),
    MessageKey.HOURS_UNCOVERED: Phrase(
        "{brand} has no coverage for {count} of its hours on {day}, from {time} on ({zone})."
    ),
    MessageKey.SUBMISSIONS_UNPROCESSED: Phrase(
        "Submissions not processed for more than five minutes: {count}. Is the scheduler running?"
    ),
    MessageKey.SUBMISSIONS_WAIT: Phrase(
        "Submissions waiting for review for more than five minutes: {count}."
    ),
    MessageKey.STOPPED_PEOPLE_WROTE: Phrase(
        "People who opted out and wrote again: {count}. Decide whether to contact them."
    ),
    MessageKey.ONE_SIGNATURE_FAILED: Phrase(
        "{source}: {count} submission has a wrong signature. Compare the secret with the "
        "form tool's."
    ),
    MessageKey.SIGNATURES_FAILED: Phrase(
        "{source}: {count} submissions have wrong signatures. Compare the secret with the "
        "form tool's."
    ),
    MessageKey.VOICEMAILS_WAIT: Phrase(
        "Voicemails no one has listened to: {count}. Danger in them is not detected automatically."
    ),
    MessageKey.VOICEMAILS_NOT_HERE: Phrase(
        "Voicemails we could not download: {count}. The phone network still has them."
    ),
    MessageKey.RECORDINGS_NOT_DELETED: Phrase(
        "Voicemails still to be deleted at the phone network: {count}."
    ),
    MessageKey.TEXTS_WAIT: Phrase("Texts waiting for review: {count}. Read them now."),
    MessageKey.STATEMENTS_WAIT: Phrase(
        "Conflicting statements undecided for more than an hour: {count}. Decide on them "
        "on the work list."
    ),
    MessageKey.SOURCE_IS_QUIET: Phrase(
        "{source}: no submissions for longer than ever before. Send a test from the form."
    ),
    MessageKey.SOURCE_LOST_NUMBERS: Phrase(
        "{source}: the last {count} submissions had no phone number. Was a field renamed?"
    ),
    MessageKey.SCHEDULER_SILENT: Phrase(
        "The scheduler is not responding, and no one is being called. Restart it."
    ),
    MessageKey.TEXTS_KEPT_BACK: Phrase(
        "{brand}: texts are not being sent because our Twilio account or number is not set "
        "up for them."
    ),
    MessageKey.NETWORK_REFUSES: Phrase("The phone network is rejecting calls. {problem}"),
    MessageKey.ACCOUNTS_LOCKED: Phrase(
        "Too many wrong passwords. Accounts that cannot sign in from a new browser for now: "
        "{count}. Browsers they used before still work. See Colleagues."
    ),
    MessageKey.MANY_FILES_OPENED: Phrase(
        "{who} opened the files of unusually many people: {count}. Ask why; an admin finds them in "
        "the audit log."
    ),
    MessageKey.FILES_OPENED_AT_NIGHT: Phrase(
        "{who} opened people's files at night: {count}. Ask why; an admin finds them in the audit "
        "log."
    ),
    MessageKey.OWN_SURNAME_OPENED: Phrase(
        "{who} opened files of people with the same last name: {count}. They may know each other; "
        "an admin finds them in the audit log."
    ),
    MessageKey.BACKUP_OVERDUE: Phrase(
        "The last backup is {hours} hours old. Look at the job that makes them."
    ),
    MessageKey.BACKUP_NEVER: Phrase(
        "No backup was ever made, and there is data to lose. Set up the job that makes them."
    ),
    MessageKey.MESSAGES_NOT_SENT: Phrase(
        "Messages to supervisors not sent in the last day: {count}."
    ),
    MessageKey.EVENTS_UNDELIVERED: Phrase(
        "{destination}: events not accepted in the last day: {count}. Find out why, then send "
        "them again."
    ),
    MessageKey.DESTINATION_GONE: Phrase(
        "{destination} answered that it wants no more events. Sending has stopped."
    ),
    MessageKey.HOOK_REFUSED: Phrase("The destination answered with the code {code}."),
    MessageKey.HOOK_UNREACHABLE: Phrase("The destination could not be reached in time."),
    MessageKey.HOOK_PRIVATE: Phrase("The destination's name leads into a private network."),
    MessageKey.DESTINATION_STOPPED: Phrase("The destination was turned off."),
    MessageKey.NO_LEGAL_BASIS: Phrase("No consent or contract covers this person."),
    MessageKey.NEW_NUMBERS_WAIT: Phrase(
        "{source}: more new numbers than usual arrived within an hour and are held for "
        "review: {count}. Is it a campaign or a flood?"
    ),
    MessageKey.DANGER_FLOOD: Phrase(
        "{source}: unusually many new numbers with danger signs within minutes: {count}. "
        "They are called in order. If they are real, move them up on the work list."
    ),
    MessageKey.DANGER_FLOOD_IN_REVIEW: Phrase(
        "{source}: unusually many submissions to review with danger signs within minutes: "
        "{count}. They are listed in order of arrival."
    ),
    MessageKey.MISSED_OFFERS: Phrase("Missed two calls in a row"),
    MessageKey.BREAK: Phrase("Break"),
    MessageKey.MEAL: Phrase("Meal"),
    MessageKey.MEETING: Phrase("Meeting"),
    MessageKey.TRAINING: Phrase("Training"),
    MessageKey.DONE_FOR_TODAY: Phrase("Done for today"),
}


CODED_VALUES: Mapping[str, type[CodedName]] = {
    "country": CountryName,
    "day": NamedDay,
    "time": NamedTimeOfDay,
    "zone": NamedZone,
}
"""The values of which a row has the code, and a reader the name."""


class Message(Phrase):
    """A sentence that can be stored: to whoever shows it a Phrase, in a row its key and values.

    Values are numbers, texts, or messages again:
    `Message(MessageKey.TEST_WOULD_WAIT, reason=other)`. Some are codes, by `CODED_VALUES`.
    """

    __slots__ = ("key",)
    key: MessageKey

    def __new__(cls, key: MessageKey, **values: Any) -> Self:
        """Make the sentence of a key. Raises KeyError if a value is missing."""
        values |= {
            name: CODED_VALUES[name](values[name]) for name in CODED_VALUES if name in values
        }
        template = WORDS[key].template
        template.format(**values)  # a phrase without any values would keep its braces
        self = super().__new__(cls, template, **values)
        self.key = key
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[MessageKey], dict[str, Any]]:
        """Let copies remember the key."""
        return (self.key,), self.values

    def as_data(self, *, with_own_words: bool = True) -> dict[str, Any]:
        """Return key and values, as JSON has them.

        On demand without texts that came from outside.
        What was stored and is unknown is returned as it was; any of it may be what a person typed.
        """
        if self.key is MessageKey.UNKNOWN and "stored" in self.values:
            stored = self.values["stored"]
            return dict(stored) if with_own_words else {"key": stored.get("key"), "values": {}}
        values = {
            name: _value_as_data(value, with_own_words=with_own_words)
            for name, value in self.values.items()
        }
        if not with_own_words:
            values = {
                name: "" if isinstance(value, str) else value for name, value in values.items()
            }
        return {"key": self.key.value, "values": values}

    @classmethod
    def from_data(cls, stored: Mapping[str, Any]) -> Message:
        """Return the sentence of a stored key and values.

        A key that is not in the list, or a value that is missing, becomes a sentence that says so
        and is stored again as it was.
        """
        key = stored.get("key")
        if key not in set(MessageKey):
            return cls(MessageKey.UNKNOWN, stored=stored)
        values = {
            name: cls.from_data(value) if isinstance(value, dict) else value
            for name, value in stored.get("values", {}).items()
        }
        said = str(values.get("text")) if key == MessageKey.VENDOR_REASON else ""
        if said in VENDOR_REASONS_BEFORE:
            return cls(MessageKey(VENDOR_REASONS_BEFORE[said]))
        try:
            return cls(MessageKey(key), **values)
        except KeyError:  # a value that the sentence needs
            return cls(MessageKey.UNKNOWN, stored=stored)


def _value_as_data(value: Any, *, with_own_words: bool) -> Any:
    if isinstance(value, Message):
        return value.as_data(with_own_words=with_own_words)
    return value.code if isinstance(value, CodedName) else value


def join_messages(first: Message, *more: Message) -> Message:
    """Return sentences one after the other, as one that can be stored."""
    if not more:
        return first
    return Message(MessageKey.FOLLOWED_BY, first=first, more=join_messages(*more))


def own_words(text: str) -> Message:
    """Return a person's own words as something that can be stored beside our sentences."""
    return Message(MessageKey.TEXT, text=text)


def message_as_data(sentence: str) -> dict[str, Any] | str:
    """Return what JSON holds of a sentence: nothing for nothing, else key and values.

    Raises TypeError for a sentence of ours that has no key: it could never be edited or translated.
    """
    if not sentence:
        return ""
    if not isinstance(sentence, Message):
        msg = "a sentence is stored by its key: use Message, or own_words for what a person wrote"
        raise TypeError(msg)
    return sentence.as_data()


def message_from_data(stored: Mapping[str, Any] | str | None) -> str:
    """Return the sentence that JSON holds, empty for none."""
    return Message.from_data(stored) if isinstance(stored, Mapping) else ""


def message_key_of(sentence: str) -> MessageKey | None:
    """Return the key of a sentence that was stored, None for an empty one."""
    return sentence.key if isinstance(sentence, Message) else None


def dump_message(message: str) -> str:
    """Return the JSON that a text column holds of a sentence; raises as `message_as_data`."""
    return json.dumps(message_as_data(message), ensure_ascii=False) if message else ""


def load_message(stored: str) -> str:
    """Return the sentence that a text column holds, empty for none."""
    return message_from_data(json.loads(stored)) if stored else ""
