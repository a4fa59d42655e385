"""The words that are stored: states, results, roles.

Every state says who moves the record out of it.
"""

from __future__ import annotations

from enum import StrEnum


class SubmissionState(StrEnum):
    """The states of a submission."""

    RECEIVED = "received"  # intake.processing moves it, at once and again by the clock
    ADMITTED = "admitted"  # final: it became a callback
    DUPLICATE = "duplicate"  # final: attached to a callback that was open
    WITHHELD = "withheld"  # the number is suppressed: a person lifts that and admits, or discards
    NEEDS_REVIEW = "needs_review"  # a person admits or discards it
    DISCARDED = "discarded"  # a person gave a reason, or the form tool says that it is no request
    REFUSED = (
        "refused"  # its signature was wrong: a person admits it if it is genuine, or discards it
    )


UNDECIDED = (SubmissionState.NEEDS_REVIEW, SubmissionState.WITHHELD, SubmissionState.REFUSED)


class LeadState(StrEnum):
    """The states of a lead; open means at least one open callback, one at most for each brand."""

    OPEN = "open"
    CLOSED = "closed"  # a new submission reopens it
    SUPPRESSED = "suppressed"  # a supervisor reinstates it


class CallbackState(StrEnum):
    """The states of a callback."""

    WAITING = "waiting"  # the scheduler offers it, or an advisor claims it
    CLAIMED = "claimed"  # its advisor calls or releases; the clock when the lease ends
    CALLING = "calling"  # the phone network, through the attempt
    WRAP_UP = "wrap_up"  # its advisor; the clock when wrap-up lasts too long
    COMPLETED = "completed"  # final
    EXHAUSTED = "exhausted"  # final
    CANCELLED = "cancelled"  # final


OPEN_CALLBACK = (
    CallbackState.WAITING,
    CallbackState.CLAIMED,
    CallbackState.CALLING,
    CallbackState.WRAP_UP,
)
CLAIMED_CALLBACK = (CallbackState.CLAIMED, CallbackState.CALLING, CallbackState.WRAP_UP)


class AttemptState(StrEnum):
    """The states of a call attempt."""

    REQUESTED = "requested"  # the relay, or the first webhook if it is faster
    RINGING_ADVISOR = "ringing_advisor"  # the advisor's keypad, or the network
    RINGING_LEAD = "ringing_lead"  # the network
    BRIDGED = "bridged"  # whoever hangs up
    ENDED = "ended"  # final
    MISSED = "missed"  # final
    FAILED = "failed"  # final
    LOST = "lost"  # final: nobody could tell what became of it


LIVE_ATTEMPT = (
    AttemptState.REQUESTED,
    AttemptState.RINGING_ADVISOR,
    AttemptState.RINGING_LEAD,
    AttemptState.BRIDGED,
)


class LegStatus(StrEnum):
    """Where a phone leg stands, in Twilio's words, which are stored, but for the last."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"
    NOT_TOLD = ""  # nothing was told of it: perhaps the network has not made its call yet


LIVE_LEG = (LegStatus.QUEUED, LegStatus.INITIATED, LegStatus.RINGING, LegStatus.IN_PROGRESS)
"""Where a leg stands that the network has made and that has not ended."""
LEG_UNDER_WAY = (LegStatus.NOT_TOLD, *LIVE_LEG)
"""Where a leg stands that has not ended."""


class InboundState(StrEnum):
    """The states of a call that came in."""

    WAITING = "waiting"  # an advisor, the caller's key, or whoever hangs up
    TALKING = "talking"  # whoever hangs up
    OUTSIDE_HOURS = "outside_hours"  # the caller's key, or their hanging up
    ENDED = "ended"  # final: they talked with an advisor
    PROMISED = "promised"  # final: they pressed 1, to be called back
    VOICEMAIL = "voicemail"  # final: they chose to leave a message
    ABANDONED = "abandoned"  # final: they hung up while they waited
    REFUSED_HOURS = "refused_hours"  # final: they called outside the hours and chose nothing


WAITING_OR_TALKING = (InboundState.WAITING, InboundState.TALKING)
LIVE_INBOUND = (InboundState.WAITING, InboundState.TALKING, InboundState.OUTSIDE_HOURS)


class ArrivalKind(StrEnum):
    """What comes to a number of ours, and may come while nobody is there to be told."""

    TEXT = "text"
    CALL = "call"


class VoicemailState(StrEnum):
    """The states of a voicemail: where its recording is."""

    EXPECTED = "expected"  # its caller was asked to speak
    FETCHED = "fetched"  # it is here, and at the phone network as well
    DELETED_AT_PROVIDER = "deleted_at_provider"  # final: it is here alone
    ABSENT = "absent"  # nothing was recorded
    FAILED = "failed"  # the network did not give it to us, and may still have it


KEPT_VOICEMAIL = (VoicemailState.FETCHED, VoicemailState.DELETED_AT_PROVIDER)


class OutsideHoursChoice(StrEnum):
    """What a helpline offers to who calls when nobody answers there."""

    CALLBACK = "callback"
    VOICEMAIL = "voicemail"
    MESSAGE = "message"  # they are told so, and nothing else


class CallbackOrigin(StrEnum):
    """How a callback came to be."""

    REQUEST = "request"  # a form, an import, a text
    CALL = "call"  # somebody who is, or was, on the line: it promises nothing
    CALLED_BACK = "called_back"  # somebody who called in and was promised a call


class Result(StrEnum):
    """What the phone network says came of an attempt."""

    CONVERSATION = "conversation"
    ADVISOR_NO_ANSWER = "advisor_no_answer"
    ADVISOR_DECLINED = "advisor_declined"
    LEAD_NO_ANSWER = "lead_no_answer"
    LEAD_BUSY = "lead_busy"
    LEAD_VOICEMAIL = "lead_voicemail"
    LEAD_UNREACHABLE = "lead_unreachable"
    CARRIER_ERROR = "carrier_error"
    CALLER_HUNG_UP = "caller_hung_up"  # who called in, before they were joined with the advisor
    UNKNOWN = "unknown"


class HoldReason(StrEnum):
    """Why a person must look before a callback is rung again. A reason is never renamed."""

    SUPPRESSED = "suppressed"  # the first eleven are the gate's own
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
    STOPPED_ELSEWHERE = "stopped_elsewhere"
    REFUSED_ELSEWHERE = "refused_elsewhere"
    ENTRY_DELETED = "entry_deleted"
    NUMBER_CHANGED = "number_changed"
    CALL_LOST = "call_lost"
    STOPPED_BEFORE = "stopped_before"
    CONTACT_LIMITED = "contact_limited"
    STALE_IMPORT = "stale_import"
    TALKED_BEFORE_IMPORT = "talked_before_import"
    TAKEN_BACK = "taken_back"
    WARNED_AT_PHONE = "warned_at_phone"  # another request speaks against ringing it
    HARM_DECIDE = "harm_decide"  # somebody may hear the phone: a person decides how to reach them
    STOPPED_CALLS = "stopped_calls"
    WRONG_PERSON = "wrong_person"
    UNCLEAR_TEXT = "unclear_text"
    ASKED_LATER = "asked_later"
    UNRECORDED_CALL = "unrecorded_call"  # nobody said what came of a conversation
    COUNTRY_NOT_PERMITTED = "country_not_permitted"  # these four: what failed on our side
    CALLER_ID_REFUSED = "caller_id_refused"
    ACCOUNT_REFUSED = "account_refused"
    CALL_NOT_PLACED = "call_not_placed"
    NOT_IN_SERVICE = "not_in_service"
    OTHER = "other"  # a person's own words, of which several may stand side by side
    UNKNOWN = "unknown"  # whatever else a database says: it holds until a person lifts it


OUR_FAULTS = (
    HoldReason.COUNTRY_NOT_PERMITTED,
    HoldReason.CALLER_ID_REFUSED,
    HoldReason.ACCOUNT_REFUSED,
    HoldReason.CALL_NOT_PLACED,
)
"""Why a call to a lead was never placed, and no try was spent: held until it is mended."""


class TextMeaning(StrEnum):
    """What a text message from somebody asks of us."""

    STOP = "stop"  # the first eight are wishes, as `free_text.wishes` tells them
    STOP_TEXTS = "stop_texts"
    STOP_CALLS = "stop_calls"
    START = "start"
    HELP = "help"
    CALL = "call"
    LATER = "later"
    WRONG_PERSON = "wrong_person"
    UNCLEAR = "unclear"  # it may be a stop: a person has to tell
    WORDS = "words"  # a person reads them


class TextStatus(StrEnum):
    """Where a text of ours stands, as far as the network says."""

    ORDERED = "ordered"  # the relay hands it over
    UNKNOWN = "unknown"  # nobody can tell whether it went out; it is never sent again
    QUEUED = "queued"  # the network has it
    SENT = "sent"  # the network handed it on
    DELIVERED = "delivered"  # final, as the next two
    UNDELIVERED = "undelivered"
    FAILED = "failed"  # refused, by the gate or by the network


class TextTemplateKey(StrEnum):
    """What a text of ours is for; its words are each helpline's. A key is never renamed."""

    CONFIRMATION = "confirmation"  # by itself, after a request
    CALL_SOON = "call_soon"  # the next five are for an advisor to choose
    TRIED_TO_CALL = "tried_to_call"
    WHEN_TO_CALL = "when_to_call"
    CALL_US = "call_us"
    THANKS = "thanks"
    HELP = "help"  # these three answer a text by themselves
    STARTED = "started"
    NO_PICTURES = "no_pictures"
    FREE_WORDS = "free_words"  # a supervisor's own


class TextFault(StrEnum):
    """Why a text did not arrive, where the network named it."""

    STOPPED = "stopped"  # they texted STOP, and the network remembers it
    LANDLINE = "landline"  # the number cannot get texts
    NO_SUCH_NUMBER = "no_such_number"
    PHONE_OFF = "phone_off"
    BLOCKED = "blocked"  # by their phone or their carrier
    FILTERED = "filtered"  # the carrier took it for unwanted
    NOT_REGISTERED = "not_registered"  # our number may not text: set-up
    ACCOUNT = "account"  # our account or our settings
    LOST = "lost"  # on the way, and nobody says why
    UNKNOWN = "unknown"  # whatever else a database says


class SuppressedChannel(StrEnum):
    """What a suppression closes."""

    ALL = "all"
    CALL = "call"
    TEXT = "text"


class AdvisorRole(StrEnum):
    """What a person is here; what each role may do is a table of `people.permissions`."""

    ADVISOR = "advisor"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    UNKNOWN = "unknown"  # whatever else a database says: given to nobody, and permits nothing


class Presence(StrEnum):
    """What an advisor says of themselves; busy and wrap-up follow from their work."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


class WishPart(StrEnum):
    """What somebody may wish of whoever rings them, the most important first."""

    LANGUAGE = "language"
    GENDER = "gender"
    SKILL = "skill"


class MatchReason(StrEnum):
    """Why somebody with wishes was given to an advisor."""

    MATCHED = "matched"  # nobody on duty meets the wishes better
    PATIENCE_OVER = "patience_over"  # whoever meets them better was not free in time
    NOBODY_ON_DUTY = "nobody_on_duty"  # who meets any of them: there was nobody to wait for
    DANGER = "danger"  # nobody in danger waits for a wish
    CHOSEN = "chosen"  # a person gave or took this very callback
    UNKNOWN = "unknown"  # whatever else a database says


class ShiftChangeKind(StrEnum):
    """How one day differs from the weekly pattern."""

    OFF = "off"  # none of the shifts that begin on this day
    EXTRA = "extra"  # a shift besides
    OFFERED = "offered"  # a shift that colleagues may take, and that one of them perhaps took


class Party(StrEnum):
    """Whose phone a leg rings."""

    ADVISOR = "advisor"  # in whose hands the call is; there is one at a time
    LEAD = "lead"
    COLLEAGUE = "colleague"  # another advisor, asked in or left behind by a hand-over
    INTERPRETER = "interpreter"
    THIRD_PARTY = "third_party"  # whoever else is asked in: a treatment center, a family member
    SUPERVISOR = "supervisor"
    UNKNOWN = "unknown"  # whatever else a database says


OUTSIDERS = (Party.INTERPRETER, Party.THIRD_PARTY)
"""Whoever is in the call once their phone is picked up, and is none of us."""
INSIDERS = (Party.COLLEAGUE, Party.SUPERVISOR)
"""Who of us is in the call beside its advisor, once they have heard of it and pressed a key."""


class Audience(StrEnum):
    """Who hears what is said on a leg."""

    EVERYONE = "everyone"
    ADVISOR = "advisor"  # the lead does not hear it
    NOBODY = "nobody"  # this leg only listens


class AnsweredBy(StrEnum):
    """Who or what was heard on the lead's leg; a machine may be wrong about it."""

    UNHEARD = ""  # nothing was said of it
    PERSON = "person"
    MACHINE = "machine"
    FAX = "fax"
    UNKNOWN = "unknown"  # it was listened for, and nothing could be told


class CallDoubt(StrEnum):
    """Why nobody can tell whether a person was talked to, before the advisor says so."""

    MACHINE = "machine"
    FAX = "fax"
    SCREENED = "screened"  # a machine picked up, and it was over before a person can have spoken
    SHORT = "short"  # over within seconds
    REFUSED = "refused"  # declined or blocked on the way: SIP says 603, 607 or 608
    UNKNOWN = "unknown"  # whatever else a database says


class OutboxKind(StrEnum):
    """The kinds of orders to the outside."""

    PLACE_CALL = "place_call"  # ring the advisor of an attempt
    DIAL_LEG = "dial_leg"  # ring whoever else is to join the call, the lead first of all
    CHANGE_LEG = "change_leg"  # hold, mute, hears what, ends the call with it: as its row says
    LEAVE_CALL = "leave_call"  # hang up a leg without which the others go on
    RETURN_ADVISOR = "return_advisor"  # out of the conference: the lead was not reached
    HANG_UP_LEG = "hang_up_leg"
    HANG_UP = "hang_up"  # all legs of an attempt
    JOIN_CALLER = "join_caller"  # bring who called in to the advisor who took the call
    RETURN_CALLER = "return_caller"  # let who called in wait again
    FETCH_RECORDING = "fetch_recording"  # bring a voicemail here
    DELETE_RECORDING = "delete_recording"  # and leave none at the phone network
    ASK_OUTCOME = "ask_outcome"  # ring an advisor again who did not say what came of a call
    EMAIL_NOTICE = "email_notice"
    TEXT_NOTICE = "text_notice"
    CALL_NOTICE = "call_notice"
    CHANNEL_NOTICE = "channel_notice"  # to what ALERT_URLS names
    SEND_TEXT = "send_text"  # to a lead
    SEND_EVENT = "send_event"  # to a destination, as a signed webhook


CALL_ORDER_KINDS = (
    OutboxKind.PLACE_CALL,
    OutboxKind.DIAL_LEG,
    OutboxKind.CHANGE_LEG,
    OutboxKind.LEAVE_CALL,
    OutboxKind.RETURN_ADVISOR,
    OutboxKind.HANG_UP_LEG,
    OutboxKind.HANG_UP,
    OutboxKind.JOIN_CALLER,
    OutboxKind.RETURN_CALLER,
    OutboxKind.ASK_OUTCOME,
)
RECORDING_ORDER_KINDS = (OutboxKind.FETCH_RECORDING, OutboxKind.DELETE_RECORDING)
RINGING_ORDER_KINDS = (OutboxKind.PLACE_CALL, OutboxKind.DIAL_LEG)
SENT_ONCE_ORDER_KINDS = (*RINGING_ORDER_KINDS, OutboxKind.JOIN_CALLER)
"""What rings a phone or brings somebody into a call.

It is never sent twice, and looked for where its outcome is unknown.
"""


class OutboxState(StrEnum):
    """The states of an order to the outside."""

    PENDING = "pending"  # the relay or the courier takes it when due
    SENDING = "sending"  # whoever took it settles it; the clock, if that process died
    SENT = "sent"  # final
    UNKNOWN = "unknown"  # of a call a webhook or the reconciler tells; of a notice final
    FAILED = "failed"  # final: refused, or never to be sent


class EventType(StrEnum):
    """What a destination may be told of. A type is never renamed: whoever is told reads it."""

    LEAD_CREATED = "lead.created"
    CALLBACK_CREATED = "callback.created"
    CALLBACK_ANSWERED = "callback.answered"
    CALLBACK_CLOSED = "callback.closed"
    SUPPRESSION_ADDED = "suppression.added"
    SUPPRESSION_LIFTED = "suppression.lifted"


class BasisKind(StrEnum):
    """What permits that somebody outside is told of people."""

    CONSENT = "consent"  # each person's own, which names the purpose
    CONTRACT = "contract"  # with whoever is told, such as a QSOA or a BAA


class ApiScope(StrEnum):
    """What a program may read over the API."""

    CALLBACKS = "callbacks:read"
    LEADS = "leads:read"
    PERSONAL = "leads:personal"  # who they are, besides: names, numbers, e-mail addresses
    REPORT = "report:read"


class DestinationStop(StrEnum):
    """Why nothing is sent to a destination any more."""

    BY_HAND = "by_hand"
    GONE = "gone"  # it answered 410: it wants nothing any more
    UNKNOWN = "unknown"  # whatever else a database says


class ErasureReason(StrEnum):
    """Why a person's data were erased. A reason is never renamed: the audit trail has it."""

    ASKED = "asked"  # they, or whoever speaks for them, asked for it
    MISTAKE = "mistake"  # there never was such a person, or they never asked us
    ORDERED = "ordered"  # a court or an authority
    RETENTION = "retention"  # they were kept for as long as the helpline keeps anybody


class AlertKind(StrEnum):
    """The kinds of conditions that a supervisor is alerted to."""

    OVERDUE = "overdue"  # people past their promise whom nobody has rung
    DANGER = "danger"  # people whose words speak of danger, to whom nobody has talked
    HELP_WANTED = "help_wanted"  # an advisor who needs a supervisor in a call now
    INCIDENT = "incident"  # incidents whose call is over, and of which nobody said the outcome
    TASK = "task"  # tasks for people that nobody has done in time
    FOLLOW_UP = "follow_up"  # people after an incident whom somebody was to look after again
    HOURS_OVERRIDE = "hours_override"  # a call outside the hours that a second person has to see
    OVERDUE_RETRY = "overdue_retry"  # people whose next try is late
    BROKEN_PROMISE = "broken_promise"  # people who were told a time, and not rung then
    HELD = "held"  # callbacks that are not rung before a person decides
    UNRECORDED = "unrecorded"  # calls of which nobody said what came of them
    NOT_PLACED = "not_placed"  # people whose call failed on our side
    NOT_IN_SERVICE = "not_in_service"  # people to be asked for another way to reach them
    GIVEN_UP = "given_up"  # people whose tries are used up, and whom no supervisor has seen
    CALLER_ID = "caller_id"  # a caller ID whose calls are refused at once
    NOBODY_LEFT = "nobody_left"  # whoever is on duty by phone has missed two calls
    UNCOVERED = "uncovered"  # hours of a helpline in which nobody has a shift
    UNPROCESSED = "unprocessed"
    REVIEW = "review"
    WITHHELD = "withheld"
    REFUSED = "refused"
    QUIET = "quiet"
    NUMBERLESS = "numberless"
    BURST = "burst"  # more new numbers than usual: they wait for a supervisor
    TEXT = "text"  # texts that only a person can answer
    ALSO_SAID = "also_said"  # later statements that nobody has decided
    VOICEMAIL = "voicemail"  # messages on the phone that nobody has listened to
    RECORDING = "recording"  # voicemails that are not here, or still at the phone network
    SCHEDULER = "scheduler"
    NETWORK = "network"
    READING = "reading"  # a colleague opens files as nobody's work explains
    BACKUP = "backup"  # the last backup is older than it may be
    PRIVACY = "privacy"  # complaints and suspected breaches whose clock runs
    EMERGENCY_ACCESS = "emergency_access"  # files of another helpline opened, not reviewed yet
    LOCKOUT = "lockout"  # somebody guesses at the passwords of colleagues
    UNTOLD = "untold"  # what was to tell a supervisor did not go out
    UNDELIVERED = "undelivered"  # events that a destination did not take
    UNKNOWN = "unknown"  # whatever else a database says: left to the version that wrote it


class EscalationStep(StrEnum):
    """The steps of an alert: on screens, by messages, by a call."""

    SCREENS = "screens"
    MESSAGES = "messages"
    CALL = "call"


class NoticeMethod(StrEnum):
    """The methods by which a supervisor is told who does not sit before a screen."""

    EMAIL = "email"
    TEXT = "text"
    CALL = "call"
    CHANNEL = "channel"  # what ALERT_URLS names


class OutreachWay(StrEnum):
    """How somebody was reached, or reached us, without a call of ours."""

    EMAIL = "email"
    TEXT = "text"
    IN_PERSON = "in_person"
    THEY_CALLED = "they_called"
    OTHER = "other"


class DigestFrequency(StrEnum):
    """How often a supervisor is sent the figures."""

    DAILY = "daily"
    WEEKLY = "weekly"


class SignInKind(StrEnum):
    """What the secret of a link or cookie is good for."""

    SESSION = "session"
    INVITATION = "invitation"
    HALF = "half"  # the password was right, the second factor is still to come
    WALL_CODE = "wall_code"  # lets one television in
    WALL = "wall"  # a television: the wallboard, and nothing else


class CloseReason(StrEnum):
    """Why a lead was closed, or a callback ended otherwise than by a conversation."""

    OPT_OUT = "opt_out"  # they asked us to stop
    UNREACHABLE = "unreachable"  # the tries were used up
    CANCELLED = "cancelled"  # a supervisor withdrew the promise
    WITHDRAWN = "withdrawn"  # whoever asked took the request back
    REINSTATED = "reinstated"  # a stop was lifted; whoever asks again reopens the lead
    MERGED = "merged"  # the request goes on in another file
    UNMERGED = "unmerged"  # the request went back to the file that it came from
    IMPORTED = "imported"  # it was over elsewhere
    CALLER_HUNG_UP = "caller_hung_up"  # who called in hung up, and is not called back
    UNKNOWN = "unknown"  # whatever else a database says
    # The dispositions that close a lead:
    HELPED = "helped"
    REFERRED = "referred"
    DECLINED = "declined"
    WRONG_PERSON = "wrong_person"
    UNRECORDED = "unrecorded"


class AuditKind(StrEnum):
    """What an entry of the audit log says that somebody did."""

    LIST = "list"  # was shown a person in a list
    OPEN = "open"  # was shown all that is known of one
    REVEAL = "reveal"  # was shown a whole number or name
    PLAY = "play"  # listened to a voicemail
    EXPORT = "export"  # took data out of the building
    PRINT = "print"
    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    CONFIRM = "confirm"  # proved again who they are
    FACTOR_ON = "factor_on"
    FACTOR_OFF = "factor_off"
    CODES_RENEWED = "codes_renewed"
    CODE_USED = "code_used"  # a recovery code in place of the phone
    PASSWORD = "password"  # noqa: S105 - chose one
    ACCOUNT = "account"  # changed who has an account, its role, or whom a provider means by it
    LINK_MADE = "link_made"  # to choose a password
    LINK_USED = "link_used"
    SESSIONS_ENDED = "sessions_ended"
    EMERGENCY_ACCESS = "emergency_access"  # opened a file of a helpline that they do not serve
    REFUSED = "refused"  # asked for what they may not
    TRIM = "trim"  # deleted entries whose time was over
    UNKNOWN = "unknown"  # whatever else a database says: left to the version that wrote it
