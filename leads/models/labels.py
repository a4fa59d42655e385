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
    DangerKind.NOW: Phrase("They wrote of danger to a life now: 911 first."),
    DangerKind.SELF: Phrase("They wrote of suicide or self-harm: 988."),
    DangerKind.HARM: Phrase("They wrote of violence or a threat."),
    DangerKind.WITHDRAWAL: Phrase("They wrote of a dangerous withdrawal: medical care today."),
    DangerKind.UNSPECIFIED: Phrase("They wrote words of danger."),
}
"""What each kind of danger is called in the queue, on the board and in a person's file."""

DANGER_CHECKLISTS: Mapping[DangerKind, Phrase] = {
    DangerKind.NOW: Phrase(
        "**They may be in danger now: 911 before anything else.** Who is with them, and where? "
        "Naloxone, breaths, recovery position; stay on the line."
    ),
    DangerKind.SELF: Phrase(
        "**They wrote of suicide or self-harm: 988**, by call, text or chat; in Spanish press 2, "
        "or text AYUDA to 988. Ask directly. Is it now? What is at hand? Who can be with them? "
        "Hand over with the person on the line."
    ),
    DangerKind.HARM: Phrase(
        "**They wrote of violence or a threat.** Somebody may hear the phone or read it: leave no "
        "voicemail, send no text. Now: **911**. National Domestic Violence Hotline: "
        "**1-800-799-7233**."
    ),
    DangerKind.WITHDRAWAL: Phrase(
        "**They wrote of a withdrawal that can kill: medical care today**, 911 with a seizure, "
        "confusion or hallucinations. Never tell them just to stop; in pregnancy opioids are never "
        "stopped suddenly."
    ),
    DangerKind.UNSPECIFIED: Phrase(
        "**They wrote words of danger.** Ask first whether they are safe now."
    ),
}
"""What an advisor reads before the call, in Markdown."""

POISON_HELP = Phrase("Poison Help for what was swallowed: **1-800-222-1222**.")

RESULT_LABELS: Mapping[Result, Phrase] = {
    Result.CONVERSATION: Phrase("conversation"),
    Result.ADVISOR_NO_ANSWER: Phrase("advisor no answer"),
    Result.ADVISOR_DECLINED: Phrase("advisor declined"),
    Result.LEAD_NO_ANSWER: Phrase("lead no answer"),
    Result.LEAD_BUSY: Phrase("lead busy"),
    Result.LEAD_VOICEMAIL: Phrase("lead voicemail"),
    Result.LEAD_UNREACHABLE: Phrase("lead unreachable"),
    Result.CARRIER_ERROR: Phrase("carrier error"),
    Result.CALLER_HUNG_UP: Phrase("caller hung up"),
    Result.UNKNOWN: Phrase("unknown"),
}
"""What each is called within a sentence of a person's file."""

RESULT_TITLES: Mapping[Result, Phrase] = {
    Result.CONVERSATION: Phrase("talked"),
    Result.LEAD_NO_ANSWER: Phrase("no answer"),
    Result.LEAD_BUSY: Phrase("busy"),
    Result.LEAD_VOICEMAIL: Phrase("voicemail"),
    Result.LEAD_UNREACHABLE: Phrase("number does not work"),
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
    CallDoubt.MACHINE: Phrase("A machine may have answered: the phone network heard one."),
    CallDoubt.FAX: Phrase("A fax may have answered: the phone network heard one."),
    CallDoubt.SCREENED: Phrase(
        "A call screener may have answered: a machine or nobody was heard, and the call was soon "
        "over."
    ),
    CallDoubt.SHORT: Phrase("The call lasted under 10 seconds: nobody may have spoken."),
    CallDoubt.REFUSED: Phrase(
        "The call was declined or blocked on the way (SIP 603, 607 or 608): nobody answered."
    ),
    CallDoubt.UNKNOWN: Phrase("For a reason that this version does not know."),
}
"""The same for whoever has to say what it was, and as the report defines it."""

CLOSE_REASON_LABELS: Mapping[CloseReason, Phrase] = {
    CloseReason.OPT_OUT: Phrase("asked us to stop"),
    CloseReason.UNREACHABLE: Phrase("unreachable"),
    CloseReason.CANCELLED: Phrase("canceled"),
    CloseReason.WITHDRAWN: Phrase("taken back by whoever asked"),
    CloseReason.REINSTATED: Phrase("may be contacted again"),
    CloseReason.MERGED: Phrase("merged"),
    CloseReason.UNMERGED: Phrase("taken apart"),
    CloseReason.IMPORTED: Phrase("imported"),
    CloseReason.CALLER_HUNG_UP: Phrase("called in and hung up"),
    CloseReason.UNKNOWN: Phrase("for a reason that this version does not know"),
    **{
        CloseReason(word): label
        for word, label in DISPOSITION_LABELS.items()
        if str(word) in set(CloseReason)  # the others end no request
    },
}

INBOUND_TITLES: Mapping[InboundState, Phrase] = {
    InboundState.WAITING: Phrase("On the line, waiting"),
    InboundState.TALKING: Phrase("Talking now"),
    InboundState.OUTSIDE_HOURS: Phrase("On the line, outside the hours"),
    InboundState.ENDED: Phrase("Answered"),
    InboundState.PROMISED: Phrase("To be called back"),
    InboundState.VOICEMAIL: Phrase("Chose to leave a message"),
    InboundState.ABANDONED: Phrase("Hung up while waiting"),
    InboundState.REFUSED_HOURS: Phrase("Outside the hours"),
}
"""What became of a call that came in, as in the report."""

OUTSIDE_HOURS_TITLES: Mapping[OutsideHoursChoice, Phrase] = {
    OutsideHoursChoice.CALLBACK: Phrase("Offer to call back (press 1)"),
    OutsideHoursChoice.VOICEMAIL: Phrase("Offer to leave a message (press 2)"),
    OutsideHoursChoice.MESSAGE: Phrase("Say so and hang up"),
}
"""What a helpline offers to who calls when nobody answers there."""

LEAD_STATE_TITLES: Mapping[LeadState, Phrase] = {
    LeadState.OPEN: Phrase("waits for us"),
    LeadState.CLOSED: Phrase("closed"),
    LeadState.SUPPRESSED: Phrase("must not be contacted"),
}
"""What each is called by itself, as in the file; within a sentence it is a `STATE_LABELS`."""

LIVE_CALL_TITLES: Mapping[AttemptState, Phrase] = {
    AttemptState.REQUESTED: Phrase("Ringing your phone …"),
    AttemptState.RINGING_ADVISOR: Phrase("Ringing your phone … pick up and press 1"),
    AttemptState.RINGING_LEAD: Phrase("Calling them …"),
    AttemptState.BRIDGED: Phrase("On call"),
}
"""What an advisor is told of a call while it is under way."""

CALLER_TITLES: Mapping[AttemptState, Phrase] = {
    AttemptState.REQUESTED: Phrase("Somebody is calling in: your phone rings …"),
    AttemptState.RINGING_ADVISOR: Phrase("Somebody is calling in: pick up and press 1"),
    AttemptState.RINGING_LEAD: Phrase("Bringing them to you …"),
    AttemptState.BRIDGED: Phrase("On call"),
}
"""The same of a call that came in."""

PARTY_LABELS: Mapping[Party, Phrase] = {
    Party.ADVISOR: Phrase("owns the call"),
    Party.LEAD: Phrase("caller"),
    Party.COLLEAGUE: Phrase("colleague"),
    Party.INTERPRETER: Phrase("interpreter"),
    Party.THIRD_PARTY: Phrase("third party"),
    Party.SUPERVISOR: Phrase("supervisor"),
    Party.UNKNOWN: Phrase("somebody else"),
}
"""What each is called beside their name among those who are in a call."""

AUDIENCE_LABELS: Mapping[Audience, Phrase] = {
    Audience.NOBODY: Phrase("listens"),
    Audience.ADVISOR: Phrase("speaks to the advisor only"),
    Audience.EVERYONE: Phrase("speaks to everyone"),
}
"""Who hears a supervisor who is in a call."""

TEXT_MEANING_LABELS: Mapping[TextMeaning, Phrase] = {
    TextMeaning.STOP: Phrase("They want no more contact."),
    TextMeaning.STOP_TEXTS: Phrase("They want no more texts; calls are welcome."),
    TextMeaning.STOP_CALLS: Phrase("They want no more calls; texts are welcome."),
    TextMeaning.START: Phrase("They may be contacted again."),
    TextMeaning.HELP: Phrase("They ask who we are, or for help."),
    TextMeaning.CALL: Phrase("They want a call."),
    TextMeaning.LATER: Phrase("They want a call at another time."),
    TextMeaning.WRONG_PERSON: Phrase("They say that they are somebody else."),
    TextMeaning.UNCLEAR: Phrase("They may want no contact: it is not clear."),
    TextMeaning.WORDS: Phrase("They wrote something to be read."),
}
"""What each text asks of us, as the rules read it."""

TEXT_NEXT_STEPS: Mapping[TextMeaning, Phrase] = {
    TextMeaning.STOP: Phrase(
        "Contact is stopped. Decide whether somebody should still reach out, then press “Done”."
    ),
    TextMeaning.STOP_TEXTS: Phrase("Texts are stopped. Answer by a call, then press “Done”."),
    TextMeaning.STOP_CALLS: Phrase(
        "Calls are stopped. Answer in a way that they still welcome, then press “Done”."
    ),
    TextMeaning.START: Phrase(
        "If they also want a call, press “They want a call”. If not, press “Done”."
    ),
    TextMeaning.HELP: Phrase(
        "They have had no answer. If a call is safe, press “They want a call”: an advisor calls "
        "and says who we are and how to stop. If it is not, answer another way and press “Done”."
    ),
    TextMeaning.CALL: Phrase(
        "Check what is in the way, then press “They want a call”: that puts them in the queue."
    ),
    TextMeaning.LATER: Phrase(
        "Read when they want the call and set that time on the callback board. Then press “Done”."
    ),
    TextMeaning.WRONG_PERSON: Phrase(
        "Find out whose number this is before anybody calls. If it is not theirs, press “Stop all "
        "contact”."
    ),
    TextMeaning.UNCLEAR: Phrase(
        "If they want no contact, press “Stop all contact”. If they still want the call, press "
        "“They want a call”."
    ),
    TextMeaning.WORDS: Phrase(
        "Read it. If they ask for a call, press “They want a call”. If not, press “Done”."
    ),
}
"""What a supervisor should do about each, in the words of the buttons."""

ALERT_TITLES: Mapping[AlertKind, Phrase] = {
    AlertKind.OVERDUE: Phrase("People not rung in time"),
    AlertKind.DANGER: Phrase("People who wrote words of danger"),
    AlertKind.HELP_WANTED: Phrase("An advisor needs a supervisor now"),
    AlertKind.INCIDENT: Phrase("Incidents without an outcome"),
    AlertKind.TASK: Phrase("Tasks that are overdue"),
    AlertKind.FOLLOW_UP: Phrase("Follow-ups that are overdue"),
    AlertKind.HOURS_OVERRIDE: Phrase("A call outside the hours"),
    AlertKind.OVERDUE_RETRY: Phrase("People whose next try is late"),
    AlertKind.BROKEN_PROMISE: Phrase("People not rung at the time they were told"),
    AlertKind.UNRECORDED: Phrase("Calls that nobody recorded"),
    AlertKind.NOT_PLACED: Phrase("Calls that failed on our side"),
    AlertKind.NOT_IN_SERVICE: Phrase("Numbers not in service"),
    AlertKind.GIVEN_UP: Phrase("People who were given up"),
    AlertKind.CALLER_ID: Phrase("A caller ID that may be blocked"),
    AlertKind.NOBODY_LEFT: Phrase("Nobody is left to take calls"),
    AlertKind.UNCOVERED: Phrase("Hours that nobody covers"),
    AlertKind.HELD: Phrase("People who wait for a decision"),
    AlertKind.UNPROCESSED: Phrase("Submissions not processed"),
    AlertKind.REVIEW: Phrase("Submissions to review"),
    AlertKind.WITHHELD: Phrase("Submissions of people who once said stop"),
    AlertKind.REFUSED: Phrase("Submissions that failed their signature"),
    AlertKind.QUIET: Phrase("A silent source"),
    AlertKind.NUMBERLESS: Phrase("A source without numbers"),
    AlertKind.BURST: Phrase("More new numbers than usual"),
    AlertKind.TEXT: Phrase("Texts that wait for a person"),
    AlertKind.ALSO_SAID: Phrase("Second statements to decide"),
    AlertKind.VOICEMAIL: Phrase("Voicemails that nobody has listened to"),
    AlertKind.RECORDING: Phrase("Voicemails still at the phone network"),
    AlertKind.SCHEDULER: Phrase("The scheduler is silent"),
    AlertKind.NETWORK: Phrase("The phone network refuses"),
    AlertKind.UNTOLD: Phrase("Messages that did not go out"),
    AlertKind.UNKNOWN: Phrase("Something that this version does not know"),
}

NOTICE_METHOD_TITLES: Mapping[NoticeMethod, Phrase] = {
    NoticeMethod.EMAIL: Phrase("E-mail"),
    NoticeMethod.TEXT: Phrase("Text"),
    NoticeMethod.CALL: Phrase("Call"),
    NoticeMethod.CHANNEL: Phrase("Channels of ALERT_URLS"),
}

NOTICE_METHOD_SETUP_HINTS: Mapping[NoticeMethod, Phrase] = {
    NoticeMethod.EMAIL: Phrase("Not set up: a mail server is needed, SMTP_HOST and SMTP_FROM."),
    NoticeMethod.TEXT: Phrase("Not set up: a Twilio account is needed."),
    NoticeMethod.CALL: Phrase("Not set up: a Twilio account is needed."),
    NoticeMethod.CHANNEL: Phrase("Not set up: ALERT_URLS is empty."),
}
"""What is said of a method that the settings do not allow."""

NOTICE_STATE_LABELS: Mapping[OutboxState, Phrase] = {
    OutboxState.PENDING: Phrase("on its way"),
    OutboxState.SENDING: Phrase("on its way"),
    OutboxState.SENT: Phrase("sent"),
    OutboxState.UNKNOWN: Phrase("perhaps sent"),
    OutboxState.FAILED: Phrase("not sent"),
}
"""How a notice stands; nobody is shown the state of a call's order."""

DIGEST_TITLES: Mapping[DigestFrequency, Phrase] = {
    DigestFrequency.DAILY: Phrase("Daily figures"),
    DigestFrequency.WEEKLY: Phrase("Weekly figures"),
}

TEXT_STATUS_LABELS: Mapping[TextStatus, Phrase] = {
    TextStatus.ORDERED: Phrase("Text is on its way"),
    TextStatus.UNKNOWN: Phrase("Text: nobody knows whether it went out"),
    TextStatus.QUEUED: Phrase("Text is with the phone network"),
    TextStatus.SENT: Phrase("Text sent"),
    TextStatus.DELIVERED: Phrase("Text delivered"),
    TextStatus.UNDELIVERED: Phrase("Text not delivered"),
    TextStatus.FAILED: Phrase("Text not sent"),
}

TEXT_FAULT_LABELS: Mapping[TextFault, Phrase] = {
    TextFault.STOPPED: Phrase("They texted STOP. Texts are stopped."),
    TextFault.LANDLINE: Phrase("This number cannot get texts: it is a landline."),
    TextFault.NO_SUCH_NUMBER: Phrase("The network knows no phone with this number."),
    TextFault.PHONE_OFF: Phrase("Their phone is off or out of reach."),
    TextFault.BLOCKED: Phrase("Their phone or their carrier blocks our texts."),
    TextFault.FILTERED: Phrase("The carrier took it for spam."),
    TextFault.NOT_REGISTERED: Phrase(
        "Our number is not registered for texts in the United States (A2P): tell your operator."
    ),
    TextFault.ACCOUNT: Phrase("Our Twilio account or its settings refuse it: tell your operator."),
    TextFault.LOST: Phrase("It was lost on the way."),
    TextFault.UNKNOWN: Phrase("The network gave a reason that is not known here."),
}

TEXT_TEMPLATE_LABELS: Mapping[TextTemplateKey, Phrase] = {
    TextTemplateKey.CONFIRMATION: Phrase("Your request has come"),
    TextTemplateKey.CALL_SOON: Phrase("We will call you soon"),
    TextTemplateKey.TRIED_TO_CALL: Phrase("We tried to call you"),
    TextTemplateKey.WHEN_TO_CALL: Phrase("When can we call?"),
    TextTemplateKey.CALL_US: Phrase("You can call us"),
    TextTemplateKey.THANKS: Phrase("Thank you for your text"),
    TextTemplateKey.HELP: Phrase("Answer to HELP"),
    TextTemplateKey.STARTED: Phrase("Answer to START"),
    TextTemplateKey.NO_PICTURES: Phrase("Answer to a picture"),
    TextTemplateKey.FREE_WORDS: Phrase("In their own words"),
}
