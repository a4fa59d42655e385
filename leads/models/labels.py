"""Labels: how the people who work here call the words that are stored.

Every enum that is shown has its table here, but for states of records
(`lifecycle/state_labels.py`), dispositions (`dispositions.py`) and what one page alone asks or
says. A value without a label would be an error on a page: a test sees to that.
"""

from __future__ import annotations

from collections.abc import Mapping

from leads.free_text.danger import DangerKind
from leads.i18n.translatable import Phrase
from leads.models.dispositions import DISPOSITION_LABELS
from leads.models.enums import (
    AlertKind,
    AttemptState,
    Audience,
    CallDoubt,
    CloseReason,
    DigestFrequency,
    InboundState,
    LeadState,
    NoticeMethod,
    OutboxKind,
    OutboxState,
    OutsideHoursChoice,
    Party,
    Result,
    TextFault,
    TextMeaning,
    TextStatus,
    TextTemplateKey,
)

DANGER_LABELS: Mapping[DangerKind, Phrase] = {
    DangerKind.NOW: Phrase("They wrote that a life is in danger now: 911 first."),
    DangerKind.SELF: Phrase("They wrote about suicide or self-harm: 988."),
    DangerKind.HARM: Phrase("They wrote about violence or a threat."),
    DangerKind.WITHDRAWAL: Phrase("They wrote about a dangerous withdrawal: medical care today."),
    DangerKind.UNSPECIFIED: Phrase("Danger signs in what they wrote."),
}
"""What each kind of danger is called in the queue, on the work list and in a person's file."""

DANGER_CHECKLISTS: Mapping[DangerKind, Phrase] = {
    DangerKind.NOW: Phrase(
        "**They may be in danger now: 911 before anything else.** Who is with them, and "
        "where? Naloxone, rescue breaths, recovery position; stay on the line."
    ),
    DangerKind.SELF: Phrase(
        "**They wrote about suicide or self-harm: 988**, by call, text or chat; in Spanish "
        "press 2, or text AYUDA to 988. Ask directly. Is it now? What is within reach? Who "
        "can be with them? Transfer with the person on the line."
    ),
    DangerKind.HARM: Phrase(
        "**They wrote about violence or a threat.** Someone may overhear the phone or read "
        "it: leave no voicemail, send no texts. Now: **911**. National Domestic Violence "
        "Hotline: **1-800-799-7233**."
    ),
    DangerKind.WITHDRAWAL: Phrase(
        "**They wrote about a withdrawal that can kill: medical care today**, 911 with a "
        "seizure, confusion or hallucinations. Never tell them just to stop; in pregnancy "
        "opioids are never stopped suddenly."
    ),
    DangerKind.UNSPECIFIED: Phrase(
        "**Danger signs in what they wrote.** Ask first whether they are safe now."
    ),
}
"""What an advisor reads before the call, in Markdown."""

POISON_HELP = Phrase("Poison Help for what was swallowed: **1-800-222-1222**.")

RESULT_LABELS: Mapping[Result, Phrase] = {
    Result.CONVERSATION: Phrase("conversation"),
    Result.ADVISOR_NO_ANSWER: Phrase("advisor did not answer"),
    Result.ADVISOR_DECLINED: Phrase("advisor declined"),
    Result.LEAD_NO_ANSWER: Phrase("no answer"),
    Result.LEAD_BUSY: Phrase("busy"),
    Result.LEAD_VOICEMAIL: Phrase("reached voicemail"),
    Result.LEAD_UNREACHABLE: Phrase("number not in service"),
    Result.CARRIER_ERROR: Phrase("phone network error"),
    Result.CALLER_HUNG_UP: Phrase("caller hung up"),
    Result.UNKNOWN: Phrase("unknown"),
}
"""What each is called within a sentence of a person's file."""

RESULT_TITLES: Mapping[Result, Phrase] = {
    Result.CONVERSATION: Phrase("conversation"),
    Result.LEAD_NO_ANSWER: Phrase("no answer"),
    Result.LEAD_BUSY: Phrase("busy"),
    Result.LEAD_VOICEMAIL: Phrase("reached voicemail"),
    Result.LEAD_UNREACHABLE: Phrase("number not in service"),
    Result.ADVISOR_NO_ANSWER: Phrase("advisor did not answer"),
    Result.ADVISOR_DECLINED: Phrase("advisor passed"),
    Result.CARRIER_ERROR: Phrase("phone network failed"),
    Result.CALLER_HUNG_UP: Phrase("hung up while waiting"),
    Result.UNKNOWN: Phrase("unknown"),
}
"""What each is called by itself, as on the lead's card and in the report."""

CALL_DOUBT_TITLES: Mapping[CallDoubt, Phrase] = {
    CallDoubt.MACHINE: Phrase("answering machine"),
    CallDoubt.FAX: Phrase("fax"),
    CallDoubt.SCREENED: Phrase("call screening"),
    CallDoubt.SHORT: Phrase("under 10 seconds"),
    CallDoubt.REFUSED: Phrase("declined or blocked"),
    CallDoubt.UNKNOWN: Phrase("unknown"),
}
"""Why it is in doubt that a person was talked to: as on the lead's card and in the report."""

CALL_DOUBT_SENTENCES: Mapping[CallDoubt, Phrase] = {
    CallDoubt.MACHINE: Phrase("A machine may have answered: the phone network detected one."),
    CallDoubt.FAX: Phrase("A fax may have answered: the phone network detected one."),
    CallDoubt.SCREENED: Phrase(
        "A call screener may have answered: a machine or no one was heard, and the call "
        "ended quickly."
    ),
    CallDoubt.SHORT: Phrase("The call lasted under 10 seconds: perhaps no one spoke."),
    CallDoubt.REFUSED: Phrase(
        "The call was declined, or blocked in transit (SIP 603, 607 or 608): no one answered."
    ),
    CallDoubt.UNKNOWN: Phrase("For a reason this version does not know."),
}
"""The same for whoever has to say what it was, and as the report defines it."""

CLOSE_REASON_LABELS: Mapping[CloseReason, Phrase] = {
    CloseReason.OPT_OUT: Phrase("opted out"),
    CloseReason.UNREACHABLE: Phrase("unreachable"),
    CloseReason.CANCELLED: Phrase("canceled"),
    CloseReason.WITHDRAWN: Phrase("withdrawn by the person"),
    CloseReason.REINSTATED: Phrase("can be contacted again"),
    CloseReason.MERGED: Phrase("merged"),
    CloseReason.UNMERGED: Phrase("separated"),
    CloseReason.IMPORTED: Phrase("imported"),
    CloseReason.CALLER_HUNG_UP: Phrase("called and hung up"),
    CloseReason.UNKNOWN: Phrase("for a reason this version does not know"),
    **{
        CloseReason(word): label
        for word, label in DISPOSITION_LABELS.items()
        if str(word) in set(CloseReason)  # the others end no request
    },
}

ORDER_TITLES: Mapping[OutboxKind, Phrase] = {
    OutboxKind.PLACE_CALL: Phrase("Call to an advisor"),
    OutboxKind.DIAL_LEG: Phrase("Call to someone who joins"),
    OutboxKind.CHANGE_LEG: Phrase("Hold, mute or the like"),
    OutboxKind.LEAVE_CALL: Phrase("Leaving a call"),
    OutboxKind.RETURN_ADVISOR: Phrase("Telling an advisor that no one answered"),
    OutboxKind.HANG_UP_LEG: Phrase("Hanging up on one person"),
    OutboxKind.HANG_UP: Phrase("Hanging up"),
    OutboxKind.JOIN_CALLER: Phrase("Connecting a caller with an advisor"),
    OutboxKind.RETURN_CALLER: Phrase("Letting a caller wait again"),
    OutboxKind.FETCH_RECORDING: Phrase("Getting a voicemail"),
    OutboxKind.DELETE_RECORDING: Phrase("Deleting a voicemail at the phone network"),
    OutboxKind.ASK_OUTCOME: Phrase("Calling an advisor to ask for a call's outcome"),
    OutboxKind.EMAIL_NOTICE: Phrase("E-mail to a supervisor"),
    OutboxKind.TEXT_NOTICE: Phrase("Text to a supervisor"),
    OutboxKind.CALL_NOTICE: Phrase("Call to a supervisor"),
    OutboxKind.CHANNEL_NOTICE: Phrase("Message to an alert channel"),
    OutboxKind.SEND_TEXT: Phrase("Text to a person"),
    OutboxKind.SEND_EVENT: Phrase("Event to a destination"),
}
"""What each order to the outside is called where nobody knows what came of it."""

INBOUND_TITLES: Mapping[InboundState, Phrase] = {
    InboundState.WAITING: Phrase("On the line, waiting"),
    InboundState.TALKING: Phrase("On a call now"),
    InboundState.OUTSIDE_HOURS: Phrase("On the line, after hours"),
    InboundState.ENDED: Phrase("Answered"),
    InboundState.PROMISED: Phrase("To be called back"),
    InboundState.VOICEMAIL: Phrase("Chose to leave a message"),
    InboundState.ABANDONED: Phrase("Hung up while waiting"),
    InboundState.REFUSED_HOURS: Phrase("After hours"),
}
"""What became of a call that came in, as in the report."""

OUTSIDE_HOURS_TITLES: Mapping[OutsideHoursChoice, Phrase] = {
    OutsideHoursChoice.CALLBACK: Phrase("Offer a callback (press 1)"),
    OutsideHoursChoice.VOICEMAIL: Phrase("Offer voicemail (press 2)"),
    OutsideHoursChoice.MESSAGE: Phrase("Say we are closed and hang up"),
}
"""What a helpline offers to who calls when nobody answers there."""

LEAD_STATE_TITLES: Mapping[LeadState, Phrase] = {
    LeadState.OPEN: Phrase("waiting for us"),
    LeadState.CLOSED: Phrase("closed"),
    LeadState.SUPPRESSED: Phrase("do not contact"),
}
"""What each is called by itself, as in the file; within a sentence it is a `STATE_LABELS`."""

LIVE_CALL_TITLES: Mapping[AttemptState, Phrase] = {
    AttemptState.REQUESTED: Phrase("Calling your phone …"),
    AttemptState.RINGING_ADVISOR: Phrase("Calling your phone … pick up and press 1"),
    AttemptState.RINGING_LEAD: Phrase("Calling them …"),
    AttemptState.BRIDGED: Phrase("On call"),
}
"""What an advisor is told of a call while it is under way."""

CALLER_TITLES: Mapping[AttemptState, Phrase] = {
    AttemptState.REQUESTED: Phrase("Incoming call: your phone is ringing …"),
    AttemptState.RINGING_ADVISOR: Phrase("Incoming call: pick up and press 1"),
    AttemptState.RINGING_LEAD: Phrase("Connecting the caller …"),
    AttemptState.BRIDGED: Phrase("On call"),
}
"""The same of a call that came in."""

PARTY_LABELS: Mapping[Party, Phrase] = {
    Party.ADVISOR: Phrase("leads the call"),
    Party.LEAD: Phrase("caller"),
    Party.COLLEAGUE: Phrase("colleague"),
    Party.INTERPRETER: Phrase("interpreter"),
    Party.THIRD_PARTY: Phrase("third party"),
    Party.SUPERVISOR: Phrase("supervisor"),
    Party.UNKNOWN: Phrase("someone else"),
}
"""What each is called beside their name among those who are in a call."""

AUDIENCE_LABELS: Mapping[Audience, Phrase] = {
    Audience.NOBODY: Phrase("listens"),
    Audience.ADVISOR: Phrase("speaks only to the advisor"),
    Audience.EVERYONE: Phrase("speaks to everyone"),
}
"""Who hears a supervisor who is in a call."""

TEXT_MEANING_LABELS: Mapping[TextMeaning, Phrase] = {
    TextMeaning.STOP: Phrase("They want no more contact."),
    TextMeaning.STOP_TEXTS: Phrase("They want no more texts; calls are okay."),
    TextMeaning.STOP_CALLS: Phrase("They want no more calls; texts are okay."),
    TextMeaning.START: Phrase("They can be contacted again."),
    TextMeaning.HELP: Phrase("They ask who we are, or for help."),
    TextMeaning.CALL: Phrase("They want a call."),
    TextMeaning.LATER: Phrase("They want a call at another time."),
    TextMeaning.WRONG_PERSON: Phrase("They say they are someone else."),
    TextMeaning.UNCLEAR: Phrase("They may want no contact: it is not clear."),
    TextMeaning.WORDS: Phrase("They sent a message to read."),
}
"""What each text asks of us, as the rules read it."""

TEXT_NEXT_STEPS: Mapping[TextMeaning, Phrase] = {
    TextMeaning.STOP: Phrase(
        "They opted out. Decide whether someone should still reach out, then click “Done”."
    ),
    TextMeaning.STOP_TEXTS: Phrase("They opted out of texts. Reply by phone, then click “Done”."),
    TextMeaning.STOP_CALLS: Phrase(
        "They opted out of calls. Reply another way they accept, then click “Done”."
    ),
    TextMeaning.START: Phrase(
        "If they also want a call, click “They want a call”. If not, click “Done”."
    ),
    TextMeaning.HELP: Phrase(
        "They have had no reply. If a call is safe, click “They want a call”: an advisor "
        "calls and says who we are and how to opt out. If not, reply another way and click "
        "“Done”."
    ),
    TextMeaning.CALL: Phrase(
        "Check what is blocking the call, then click “They want a call” to add them to the queue."
    ),
    TextMeaning.LATER: Phrase(
        "Read when they want the call and set that time on the work list. Then click “Done”."
    ),
    TextMeaning.WRONG_PERSON: Phrase(
        "Find out whose number this is before anyone calls. If it is not theirs, click "
        "“Stop all contact”."
    ),
    TextMeaning.UNCLEAR: Phrase(
        "If they want no contact, click “Stop all contact”. If they still want the call, "
        "click “They want a call”."
    ),
    TextMeaning.WORDS: Phrase(
        "Read it. If they ask for a call, click “They want a call”. If not, click “Done”."
    ),
}
"""What a supervisor should do about each, in the words of the buttons."""

ALERT_TITLES: Mapping[AlertKind, Phrase] = {
    AlertKind.OVERDUE: Phrase("Overdue callbacks"),
    AlertKind.DANGER: Phrase("People with danger signs"),
    AlertKind.HELP_WANTED: Phrase("An advisor needs a supervisor now"),
    AlertKind.INCIDENT: Phrase("Incidents without an outcome"),
    AlertKind.TASK: Phrase("Overdue tasks"),
    AlertKind.FOLLOW_UP: Phrase("Overdue follow-ups"),
    AlertKind.HOURS_OVERRIDE: Phrase("After-hours call"),
    AlertKind.OVERDUE_RETRY: Phrase("Overdue next attempts"),
    AlertKind.BROKEN_PROMISE: Phrase("Missed promised times"),
    AlertKind.UNRECORDED: Phrase("Calls without an outcome"),
    AlertKind.NOT_PLACED: Phrase("Calls failed on our side"),
    AlertKind.NOT_IN_SERVICE: Phrase("Numbers not in service"),
    AlertKind.GIVEN_UP: Phrase("People closed without contact"),
    AlertKind.CALLER_ID: Phrase("Caller ID may be blocked"),
    AlertKind.NOBODY_LEFT: Phrase("No one left to take calls"),
    AlertKind.UNCOVERED: Phrase("Hours without coverage"),
    AlertKind.HELD: Phrase("People held for a decision"),
    AlertKind.UNPROCESSED: Phrase("Submissions not processed"),
    AlertKind.REVIEW: Phrase("Submissions to review"),
    AlertKind.WITHHELD: Phrase("Submissions from people who opted out"),
    AlertKind.REFUSED: Phrase("Submissions with a wrong signature"),
    AlertKind.QUIET: Phrase("Source with no submissions"),
    AlertKind.NUMBERLESS: Phrase("Source without phone numbers"),
    AlertKind.BURST: Phrase("More new numbers than usual"),
    AlertKind.TEXT: Phrase("Texts waiting for review"),
    AlertKind.ALSO_SAID: Phrase("Conflicting statements to decide"),
    AlertKind.VOICEMAIL: Phrase("Voicemails no one has listened to"),
    AlertKind.RECORDING: Phrase("Voicemails still at the phone network"),
    AlertKind.SCHEDULER: Phrase("Scheduler not responding"),
    AlertKind.NETWORK: Phrase("Phone network rejecting calls"),
    AlertKind.READING: Phrase("Unusual reading of files"),
    AlertKind.BACKUP: Phrase("No recent backup"),
    AlertKind.PRIVACY: Phrase("Open complaints and suspected breaches"),
    AlertKind.EMERGENCY_ACCESS: Phrase("Emergency access to review"),
    AlertKind.LOCKOUT: Phrase("Wrong passwords for accounts"),
    AlertKind.UNTOLD: Phrase("Messages not sent"),
    AlertKind.UNDELIVERED: Phrase("Events not delivered"),
    AlertKind.UNKNOWN: Phrase("Unknown in this version"),
}

NOTICE_METHOD_TITLES: Mapping[NoticeMethod, Phrase] = {
    NoticeMethod.EMAIL: Phrase("E-mail"),
    NoticeMethod.TEXT: Phrase("Text"),
    NoticeMethod.CALL: Phrase("Call"),
    NoticeMethod.CHANNEL: Phrase("Channels in ALERT_URLS"),
}

NOTICE_METHOD_SETUP_HINTS: Mapping[NoticeMethod, Phrase] = {
    NoticeMethod.EMAIL: Phrase("Not set up: a mail server is needed, SMTP_HOST and SMTP_FROM."),
    NoticeMethod.TEXT: Phrase("Not set up: a Twilio account is needed."),
    NoticeMethod.CALL: Phrase("Not set up: a Twilio account is needed."),
    NoticeMethod.CHANNEL: Phrase("Not set up: ALERT_URLS is empty."),
}
"""What is said of a method that the settings do not allow."""

NOTICE_STATE_LABELS: Mapping[OutboxState, Phrase] = {
    OutboxState.PENDING: Phrase("sending"),
    OutboxState.SENDING: Phrase("sending"),
    OutboxState.SENT: Phrase("sent"),
    OutboxState.UNKNOWN: Phrase("may have been sent"),
    OutboxState.FAILED: Phrase("not sent"),
}
"""How a notice stands; nobody is shown the state of a call's order."""

DIGEST_TITLES: Mapping[DigestFrequency, Phrase] = {
    DigestFrequency.DAILY: Phrase("Daily figures"),
    DigestFrequency.WEEKLY: Phrase("Weekly figures"),
}

TEXT_STATUS_LABELS: Mapping[TextStatus, Phrase] = {
    TextStatus.ORDERED: Phrase("Sending text"),
    TextStatus.UNKNOWN: Phrase("Text may not have been sent"),
    TextStatus.QUEUED: Phrase("Text is with the phone network"),
    TextStatus.SENT: Phrase("Text sent"),
    TextStatus.DELIVERED: Phrase("Text delivered"),
    TextStatus.UNDELIVERED: Phrase("Text not delivered"),
    TextStatus.FAILED: Phrase("Text not sent"),
}

TEXT_FAULT_LABELS: Mapping[TextFault, Phrase] = {
    TextFault.STOPPED: Phrase("They texted STOP and get no more texts."),
    TextFault.LANDLINE: Phrase("This number cannot receive texts: it is a landline."),
    TextFault.NO_SUCH_NUMBER: Phrase("The network has no phone with this number."),
    TextFault.PHONE_OFF: Phrase("Their phone is off or out of range."),
    TextFault.BLOCKED: Phrase("Their phone or their carrier blocks our texts."),
    TextFault.FILTERED: Phrase("The carrier marked it as spam."),
    TextFault.NOT_REGISTERED: Phrase(
        "Our number is not registered for texts in the United States (A2P): tell your "
        "system operator."
    ),
    TextFault.ACCOUNT: Phrase(
        "Our Twilio account or its settings reject it: tell your system operator."
    ),
    TextFault.LOST: Phrase("It was lost in transit."),
    TextFault.UNKNOWN: Phrase("The network gave an unknown reason."),
}

TEXT_TEMPLATE_LABELS: Mapping[TextTemplateKey, Phrase] = {
    TextTemplateKey.CONFIRMATION: Phrase("We have your request"),
    TextTemplateKey.CALL_SOON: Phrase("We will call you soon"),
    TextTemplateKey.TRIED_TO_CALL: Phrase("We tried to call you"),
    TextTemplateKey.WHEN_TO_CALL: Phrase("When can we call?"),
    TextTemplateKey.CALL_US: Phrase("You can call us"),
    TextTemplateKey.THANKS: Phrase("Thank you for your text"),
    TextTemplateKey.HELP: Phrase("Reply to HELP"),
    TextTemplateKey.STARTED: Phrase("Reply to START"),
    TextTemplateKey.NO_PICTURES: Phrase("Reply to a picture"),
    TextTemplateKey.FREE_WORDS: Phrase("Custom message"),
}
