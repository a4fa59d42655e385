"""The sentences that are stored: by a key and values, made into words only where they are shown.

A row says `{"key": "delivered_before", "values": {"id": 3}}`. Its English is in `WORDS` and may be
edited at any time, its Spanish is in the catalogue; nothing ever reads, compares or searches them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from leads.i18n.translatable import CountryName, Phrase


class MessageKey(StrEnum):
    """What a stored sentence says. A key is never renamed: rows have it."""

    TEXT = "text"  # a person's own words, which no catalogue knows
    VENDOR_REASON = "vendor_reason"  # what a form tool's recipe says of what it sent
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

    # Why a number must not be contacted.
    STOP_BY_TEXT = "stop_by_text"
    STOP_AT_NETWORK = "stop_at_network"
    SAID_TO_ADVISOR = "said_to_advisor"
    SAID_SO = "said_so"
    STOPPED_BEFORE_IMPORT = "stopped_before_import"

    # What was in the way of sending something.
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
    MAIL_INSECURE = "mail_insecure"
    MAIL_REFUSED = "mail_refused"
    MAIL_UNREACHABLE = "mail_unreachable"

    # What a supervisor must hear of.
    PEOPLE_NOT_RUNG = "people_not_rung"
    PEOPLE_IN_DANGER = "people_in_danger"
    HELP_IS_WANTED = "help_is_wanted"
    INCIDENTS_WITHOUT_OUTCOME = "incidents_without_outcome"
    TASKS_OVERDUE = "tasks_overdue"
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
    MESSAGES_NOT_SENT = "messages_not_sent"
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
    MessageKey.UNKNOWN: Phrase("This version has no words for what is noted here."),
    MessageKey.FOLLOWED_BY: Phrase("{first} {more}"),
    MessageKey.DELIVERED_BEFORE: Phrase("Delivered before as submission {id}."),
    MessageKey.SENT_BEFORE: Phrase("Sent before as submission {id}."),
    MessageKey.SENT_AGAIN: Phrase("Sent again as submission {id}."),
    MessageKey.SAME_WAITS: Phrase("The same as submission {id}, which waits for a person."),
    MessageKey.SUPPRESSED: Phrase("This number asked not to be contacted."),
    MessageKey.TOOL_TEST: Phrase("The form tool says that this is a test."),
    MessageKey.TOOL_PARTIAL: Phrase(
        "The form was not finished: its sender has not asked for a call yet."
    ),
    MessageKey.TOOL_DELETED: Phrase("The form tool says that a submission was deleted."),
    MessageKey.ENTRY_DELETED: Phrase(
        "The form tool says that this entry was deleted: do they still want a call?"
    ),
    MessageKey.CHANGED: Phrase("The form tool says that submission {id} was changed."),
    MessageKey.CHANGED_NEVER_CAME: Phrase(
        "The form tool says that a submission was changed, and that submission never came here."
    ),
    MessageKey.CHANGED_NUMBER: Phrase(
        "The form tool says that a submission was changed: it has another phone number now."
    ),
    MessageKey.NOT_PROCESSED: Phrase("Something in it could not be processed."),
    MessageKey.TEST_IS_FINE: Phrase("A test from here: a real one would go into the queue."),
    MessageKey.TEST_WOULD_WAIT: Phrase(
        "A test from here. A real one would wait for a person: {reason}"
    ),
    MessageKey.ONE_LOOKS_LIKE_A_NUMBER: Phrase(
        "No field is known to hold their phone number, but one value looks like a number. "
        "Please check it."
    ),
    MessageKey.CANNOT_BE_DIALED: Phrase("The phone number cannot be dialed."),
    MessageKey.ONLY_ANOTHERS_NUMBER: Phrase(
        "Only somebody else's number is in it, and that person did not ask to be called."
    ),
    MessageKey.NO_NUMBER: Phrase("There is no phone number in it."),
    MessageKey.SAME_ID_OTHER_NUMBER: Phrase(
        "An earlier submission had the same id and another phone number."
    ),
    MessageKey.SAME_ID_OTHER_WORDS: Phrase(
        "An earlier submission had the same id and other words, and its callback is over. "
        "Do they ask again?"
    ),
    MessageKey.SAME_ID_AFTER_CALL: Phrase(
        "The same submission came again after its callback was over. Do they ask again?"
    ),
    MessageKey.SAME_ID_OTHER_PERSON: Phrase(
        "An earlier submission had the same id and another name. Is it somebody else?"
    ),
    MessageKey.CHANGED_BY_SENDER: Phrase("Changes submission {id}, by its sender's own link."),
    MessageKey.WITHDRAWN_BY_SENDER: Phrase("Its sender took it back."),
    MessageKey.SOURCE_PAUSED: Phrase("Its source is paused."),
    MessageKey.IMPORTED_BEFORE: Phrase("Imported before."),
    MessageKey.BAD_SIGNATURE: Phrase("The request is not signed with this source's secret."),
    MessageKey.SIGNED_AHEAD: Phrase(
        "It is signed with the right secret, but its time is {minutes} minutes ahead of ours: "
        "a clock is wrong."
    ),
    MessageKey.SIGNED_LONG_AGO: Phrase(
        "It is signed with the right secret, but {minutes} minutes ago: a clock is wrong, "
        "or somebody sends an old request again."
    ),
    MessageKey.NO_FIELDS: Phrase("There are no fields in it."),
    MessageKey.NAMES_TOO_LONG: Phrase("The names of its fields are longer than those of any form."),
    MessageKey.SEVERAL_PEOPLE: Phrase(
        "It holds the forms of several people: a person has to see whom to ring."
    ),
    MessageKey.DAMAGED: Phrase(
        "It is compressed, and what is in it is damaged or larger than 1 MiB."
    ),
    MessageKey.NOT_TEXT: Phrase(
        "The text is not UTF-8, or it is compressed in a way that cannot be undone here."
    ),
    MessageKey.TOO_MANY_FIELDS: Phrase("There are more than {most} fields."),
    MessageKey.TOO_DEEP: Phrase("The JSON is nested too deeply."),
    MessageKey.UNLIKE_A_FORM: Phrase("It is larger than any form, or built as no form is."),
    MessageKey.JSON_WITHOUT_FIELDS: Phrase("The JSON holds no fields."),
    MessageKey.NEITHER_JSON_NOR_FORM: Phrase("This is neither JSON nor a form."),
    MessageKey.FIELD_TWICE: Phrase("The JSON names the same field twice."),
    MessageKey.MULTIPART_DAMAGED: Phrase("The multipart body is damaged."),
    MessageKey.SEVERAL_NUMBERS: Phrase(
        "It gives several phone numbers under one name: a person has to see which one to ring."
    ),
    MessageKey.FOR_A_CLIENT: Phrase(
        "Somebody seems to have filled out the form for a client or a student, and both numbers "
        "are in it: a person has to see whom to ring."
    ),
    MessageKey.UNSURE_WHOSE_NUMBER: Phrase(
        "It is not certain that the number is their own: see what its field is called, and say "
        "whose it is."
    ),
    MessageKey.UNLISTED_AREA_CODE: Phrase(
        "The area code is new, or a slip: no list of numbers has it yet. Put it into the queue if "
        "the number is right."
    ),
    MessageKey.TOOL_CALLS_IT: Phrase(
        "The form tool calls this “{word}”: a person has to see whether it is a request."
    ),
    MessageKey.MAY_BE_SOMETHING_ELSE: Phrase(
        "The form tool may tell of something else here: a person has to see whether it is a "
        "request."
    ),
    MessageKey.TRAP_FILLED: Phrase(
        "The field that people do not see was filled out: this may be a robot."
    ),
    MessageKey.MANY_OF_ONE_ADDRESS: Phrase(
        "Many forms came from the same address within ten minutes."
    ),
    MessageKey.SENT_FROM_OTHER_PAGE: Phrase(
        "Nothing shows that it was sent from our own form: another page, or a program, may have "
        "sent it."
    ),
    MessageKey.SAFETY_UNANSWERED: Phrase(
        "They did not finish the form: what is safe for them is not known. A person decides."
    ),
    MessageKey.CAME_BY_VISIT: Phrase(
        "It came with a mere visit to the address (GET), which any page can cause: a person "
        "decides."
    ),
    MessageKey.TOLD_BY_ANOTHER: Phrase(
        "Somebody else says that they agreed to a call. Decide whether that is enough to call them."
    ),
    MessageKey.AGREED_ON_CONDITION: Phrase(
        "They agreed on a condition. Read their words, and decide whether a call meets it."
    ),
    MessageKey.ADDRESS_SAYS_OTHERWISE: Phrase(
        "What came in the address and what came in the form do not agree: a person has to see "
        "which is right."
    ),
    MessageKey.MORE_NEW_NUMBERS_THAN_USUAL: Phrase(
        "More new numbers than usual came within an hour: a person looks before they are called."
    ),
    MessageKey.NUMBER_ABROAD: Phrase(
        "It is a number of another country ({country}, {kind}), which this helpline does not call "
        "by rule: a person decides."
    ),
    MessageKey.NUMBER_OF_OTHER_KIND: Phrase(
        "It is {kind} ({country}), which this helpline does not call by rule: a person decides."
    ),
    MessageKey.NUMBER_NEVER_CALLED: Phrase(
        "It is {kind} ({country}): such a number is never called. Is there another way to reach "
        "them?"
    ),
    MessageKey.NUMBER_WITHOUT_PLACE: Phrase(
        "It is {kind}, which tells nobody where they are and when they may be called. Is there "
        "another number?"
    ),
    MessageKey.OWN_NUMBER: Phrase(
        "It is a number of ours, a caller ID or a colleague's own phone: it is never called."
    ),
    MessageKey.NUMBER_WITHHELD: Phrase(
        "They called in without showing a number: there is none to call."
    ),
    MessageKey.KIND_FIXED: Phrase("a landline"),
    MessageKey.KIND_MOBILE: Phrase("a cell phone"),
    MessageKey.KIND_FIXED_OR_MOBILE: Phrase("a landline or cell phone"),
    MessageKey.KIND_VOIP: Phrase("an internet phone"),
    MessageKey.KIND_TOLL_FREE: Phrase("a toll-free number"),
    MessageKey.KIND_PREMIUM: Phrase("a premium-rate number"),
    MessageKey.KIND_SHARED_COST: Phrase("a shared-cost number"),
    MessageKey.KIND_PERSONAL: Phrase("a personal number that forwards calls at a price"),
    MessageKey.KIND_SATELLITE: Phrase("a satellite phone, or one of a network of no country"),
    MessageKey.KIND_PAGER: Phrase("a pager"),
    MessageKey.KIND_UAN: Phrase("a company's switchboard number"),
    MessageKey.KIND_UNKNOWN: Phrase("a number of an unknown kind"),
    MessageKey.CROWDED: Phrase(
        "Very many submissions came within a minute, and nothing proves where this one comes from."
    ),
    MessageKey.NO_CONSENT: Phrase(
        "They did not agree to be called: a person has to decide how to answer."
    ),
    MessageKey.NOT_SAFE_TO_CALL: Phrase("They said that it is not safe to call this number."),
    MessageKey.NOT_SAFE_TO_TEXT: Phrase("They did not say that a text is safe."),
    MessageKey.NOT_SAFE_TO_VOICEMAIL: Phrase("They did not say that a voicemail is safe."),
    MessageKey.PLACE_UNKNOWN: Phrase(
        "Nobody can tell at which hours this phone may ring: correct where they are, or decide "
        "how to answer."
    ),
    MessageKey.QUIET_HOURS: Phrase("It is outside the hours in which their phone may ring."),
    MessageKey.ATTEMPT_CAP: Phrase("This number was rung {count} times in the last 24 hours."),
    MessageKey.NUMBER_POLICY: Phrase(
        "It is in a country, or of a kind, that this helpline does not call by rule: a person "
        "decides."
    ),
    MessageKey.TIMES_OF_PHONE: Phrase(
        "Somebody who shares this phone named another time or place for calls to it. Where no time "
        "suits all, a person decides: correct the best time or the place in one of their files."
    ),
    MessageKey.STOP_BY_TEXT: Phrase("STOP by text"),
    MessageKey.STOP_AT_NETWORK: Phrase("STOP by text, as the phone network says"),
    MessageKey.SAID_TO_ADVISOR: Phrase("said so to the advisor"),
    MessageKey.SAID_SO: Phrase("said so"),
    MessageKey.STOPPED_BEFORE_IMPORT: Phrase("They had asked for it before the import."),
    MessageKey.TWILIO_REFUSED: Phrase("Twilio refused (error {code})."),
    MessageKey.TWILIO_REFUSED_COUNTRY: Phrase(
        "Twilio may not ring the country of this number (error {code}): allow it in the account's "
        "geographic permissions."
    ),
    MessageKey.TWILIO_REFUSED_CALLER_ID: Phrase(
        "Twilio does not accept the caller ID (error {code}): it must be a number that the account "
        "owns or has verified."
    ),
    MessageKey.TWILIO_REFUSED_ACCOUNT: Phrase(
        "Twilio refuses our account or its credentials (error {code})."
    ),
    MessageKey.TWILIO_UNREACHABLE: Phrase("Twilio could not be reached."),
    MessageKey.TWILIO_BROKE_OFF: Phrase("The connection to Twilio broke off."),
    MessageKey.TWILIO_UNREADABLE: Phrase("Twilio's answer could not be read."),
    MessageKey.NO_CALLER_ID: Phrase(
        "The helpline has no caller ID: set one with "
        "`python -m leads brand add NAME --caller-id +1…`."
    ),
    MessageKey.ADVISOR_WITHOUT_PHONE: Phrase("This advisor has no phone number."),
    MessageKey.SENDER_STOPPED: Phrase("The process stopped while it was sending this."),
    MessageKey.OVER_BEFORE_SENT: Phrase("It was over before it was sent."),
    MessageKey.CALL_NOT_FOUND: Phrase("No such call was found."),
    MessageKey.TEXT_NOT_FOUND: Phrase("No such text was found."),
    MessageKey.NO_TEXTS_WITHOUT_ACCOUNT: Phrase("Texts need a Twilio account: nothing was sent."),
    MessageKey.CONFERENCE_NOT_FOUND: Phrase("The call has not begun, or is over."),
    MessageKey.CALLER_GONE: Phrase("Whoever called in has hung up."),
    MessageKey.NUMBER_NOT_IN_ACCOUNT: Phrase("Your Twilio account does not have this number."),
    MessageKey.RECORDING_NOT_FOUND: Phrase("The phone network has no such recording yet."),
    MessageKey.RECORDING_TOO_LARGE: Phrase("The recording is larger than any voicemail."),
    MessageKey.NO_ALERT_CALLER_ID: Phrase(
        "There is no caller ID to tell a supervisor from: set TWILIO_CALLER_ID."
    ),
    MessageKey.CHANNEL_REFUSED: Phrase("A channel of ALERT_URLS did not take it."),
    MessageKey.MAIL_ADDRESS_REFUSED: Phrase("The mail server refused the address ({code})."),
    MessageKey.MAIL_INSECURE: Phrase(
        "The mail server offers no encryption or no sign-in: see SMTP_SECURITY."
    ),
    MessageKey.MAIL_REFUSED: Phrase("The mail server refused ({code})."),
    MessageKey.MAIL_UNREACHABLE: Phrase("The mail server could not be reached, or broke off."),
    MessageKey.PEOPLE_NOT_RUNG: Phrase(
        "{brand}: people not rung {minutes} minutes after their time came: {count}."
    ),
    MessageKey.PEOPLE_IN_DANGER: Phrase(
        "{brand}: people who wrote words of danger and whom nobody has talked to: {count}."
    ),
    MessageKey.HELP_IS_WANTED: Phrase("{brand}: an advisor needs a supervisor in a call now."),
    MessageKey.INCIDENTS_WITHOUT_OUTCOME: Phrase(
        "{brand}: incidents whose call is over and of which nobody said what came of them: {count}."
    ),
    MessageKey.TASKS_OVERDUE: Phrase("Overdue tasks for people: {count}."),
    MessageKey.FOLLOW_UPS_OVERDUE: Phrase(
        "{brand}: people after an incident whom nobody has looked after again in time: {count}."
    ),
    MessageKey.HOURS_OVERRIDDEN: Phrase(
        "{brand}: a supervisor allowed a call outside the hours, because of danger. A second "
        "person has to look at it."
    ),
    MessageKey.HOURS_OVERRIDE_ASKED: Phrase(
        "{brand}: a supervisor asks for a call outside the hours. It waits for a second person."
    ),
    MessageKey.SUBMISSIONS_IN_DANGER: Phrase(
        "Submissions with words of danger that wait for a person: {count}."
    ),
    MessageKey.TEXTS_IN_DANGER: Phrase(
        "Texts with words of danger from people who have no callback: {count}. See their files."
    ),
    MessageKey.PEOPLE_UNDECIDED: Phrase(
        "{brand}: people whom nobody rings before a supervisor decides: {count}."
    ),
    MessageKey.RETRIES_OVERDUE: Phrase(
        "{brand}: people whose next try is {minutes} minutes late: {count}."
    ),
    MessageKey.PROMISES_BROKEN: Phrase(
        "{brand}: people who were told a time and were not rung {minutes} minutes after it: "
        "{count}."
    ),
    MessageKey.CALLS_UNRECORDED: Phrase(
        "{brand}: calls of which nobody said what came of them: {count}. Ask the advisor, and "
        "record it on the board."
    ),
    MessageKey.COUNTRY_CALLS_NOT_PLACED: Phrase(
        "{brand}: calls that were not placed because Twilio's geographic permissions do not name "
        "the country: {count}."
    ),
    MessageKey.CALLER_ID_CALLS_NOT_PLACED: Phrase(
        "{brand}: calls that were not placed because Twilio does not accept the caller ID: {count}."
    ),
    MessageKey.ACCOUNT_CALLS_NOT_PLACED: Phrase(
        "{brand}: calls that were not placed because Twilio refuses our account: {count}."
    ),
    MessageKey.CALLS_NOT_PLACED: Phrase(
        "{brand}: calls that the phone network did not place: {count}."
    ),
    MessageKey.NUMBERS_NOT_IN_SERVICE: Phrase(
        "{brand}: people whose number is not in service: {count}. Is there another way to reach "
        "them?"
    ),
    MessageKey.PEOPLE_GIVEN_UP: Phrase(
        "{brand}: people who were not reached and are not tried any more: {count}. See the board."
    ),
    MessageKey.CALLER_ID_IN_DOUBT: Phrase(
        "{brand}: the last {count} calls were refused at once. Is the caller ID blocked, or "
        "labeled as spam?"
    ),
    MessageKey.NOBODY_LEFT: Phrase(
        "Nobody is left to take calls: whoever is on duty by phone has missed two calls in a row."
    ),
    MessageKey.HOURS_UNCOVERED: Phrase(
        "Nobody has a shift at {brand} for {count} of its hours within the next two days, first on "
        "{day} at {time} ({zone})."
    ),
    MessageKey.SUBMISSIONS_UNPROCESSED: Phrase(
        "Submissions that were not processed for five minutes: {count}. Is the scheduler running?"
    ),
    MessageKey.SUBMISSIONS_WAIT: Phrase(
        "Submissions that wait for a person for more than five minutes: {count}."
    ),
    MessageKey.STOPPED_PEOPLE_WROTE: Phrase(
        "People who once said stop and wrote again: {count}. Somebody has to decide."
    ),
    MessageKey.ONE_SIGNATURE_FAILED: Phrase(
        "{source}: {count} submission failed its signature. Compare the secret with the form "
        "tool's."
    ),
    MessageKey.SIGNATURES_FAILED: Phrase(
        "{source}: {count} submissions failed their signature. Compare the secret with the form "
        "tool's."
    ),
    MessageKey.VOICEMAILS_WAIT: Phrase(
        "Voicemails that nobody has listened to: {count}. No machine can hear danger in them."
    ),
    MessageKey.VOICEMAILS_NOT_HERE: Phrase(
        "Voicemails that the phone network does not give us: {count}. They are still there."
    ),
    MessageKey.RECORDINGS_NOT_DELETED: Phrase(
        "Voicemails that are still at the phone network, and should be deleted there: {count}."
    ),
    MessageKey.TEXTS_WAIT: Phrase("Texts that wait for a person: {count}. Read them now."),
    MessageKey.STATEMENTS_WAIT: Phrase(
        "Second statements that contradict the first, undecided for more than an hour: {count}. "
        "Decide them on the review page."
    ),
    MessageKey.SOURCE_IS_QUIET: Phrase(
        "{source}: nothing came for longer than ever. Send a test from the form."
    ),
    MessageKey.SOURCE_LOST_NUMBERS: Phrase(
        "{source}: the last {count} submissions had no phone number. Was a field renamed?"
    ),
    MessageKey.SCHEDULER_SILENT: Phrase("The scheduler is silent: nobody is rung. Start it again."),
    MessageKey.TEXTS_KEPT_BACK: Phrase(
        "Texts of {brand} do not go out: our Twilio account or number is not set up for them."
    ),
    MessageKey.NETWORK_REFUSES: Phrase("The phone network refuses calls. {problem}"),
    MessageKey.MESSAGES_NOT_SENT: Phrase(
        "Messages to supervisors that did not go out in the last day: {count}."
    ),
    MessageKey.NEW_NUMBERS_WAIT: Phrase(
        "{source}: more new numbers than usual came within an hour, and wait in review: {count}. "
        "Is it a campaign, or a flood?"
    ),
    MessageKey.DANGER_FLOOD: Phrase(
        "{source}: within minutes words of danger came for more new numbers than is to be "
        "expected: {count}. They are called in order. If they are real, move them up on the "
        "callback board."
    ),
    MessageKey.DANGER_FLOOD_IN_REVIEW: Phrase(
        "{source}: within minutes words of danger came in more submissions to review than is to be "
        "expected: {count}. They stand in the order in which they came."
    ),
    MessageKey.MISSED_OFFERS: Phrase("Missed two offers in a row"),
    MessageKey.BREAK: Phrase("Break"),
    MessageKey.MEAL: Phrase("Meal"),
    MessageKey.MEETING: Phrase("Meeting"),
    MessageKey.TRAINING: Phrase("Training"),
    MessageKey.DONE_FOR_TODAY: Phrase("Done for today"),
}


class Message(Phrase):
    """A sentence that can be stored: to whoever shows it a Phrase, in a row its key and values.

    Values are numbers, texts, or messages again:
    `Message(MessageKey.TEST_WOULD_WAIT, reason=other)`. A `country` is its two letters.
    """

    __slots__ = ("key",)
    key: MessageKey

    def __new__(cls, key: MessageKey, **values: Any) -> Self:
        """Make the sentence of a key. Raises KeyError if a value is missing."""
        if key is MessageKey.VENDOR_REASON:
            values = {"text": Phrase(str(values["text"]))}
        if "country" in values:
            values["country"] = CountryName(values["country"])
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

        On demand without texts that came from outside; what vendors say stands in a list of ours.
        What was stored and is unknown is returned as it was; any of it may be what a person typed.
        """
        if self.key is MessageKey.UNKNOWN and "stored" in self.values:
            stored = self.values["stored"]
            return dict(stored) if with_own_words else {"key": stored.get("key"), "values": {}}
        values = {
            name: _value_as_data(value, with_own_words=with_own_words)
            for name, value in self.values.items()
        }
        if not with_own_words and self.key is not MessageKey.VENDOR_REASON:
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
        try:
            return cls(MessageKey(key), **values)
        except KeyError:  # a value that the sentence needs
            return cls(MessageKey.UNKNOWN, stored=stored)


def _value_as_data(value: Any, *, with_own_words: bool) -> Any:
    if isinstance(value, Message):
        return value.as_data(with_own_words=with_own_words)
    return value.code if isinstance(value, CountryName) else value


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
