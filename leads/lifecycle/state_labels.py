"""How the people who work here call a record and its state."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import SQLModel

from leads.i18n.translatable import Phrase
from leads.lifecycle.state_tables import A, B, C, L, S, V
from leads.models.calls import CallAttempt, Callback
from leads.models.inbound import InboundCall
from leads.models.requests import Lead, Submission
from leads.models.voicemails import Voicemail

RECORD_LABELS: Mapping[type[SQLModel], Phrase] = {
    Submission: Phrase("submission"),
    Lead: Phrase("request of this person"),
    Callback: Phrase("callback"),
    CallAttempt: Phrase("call"),
    InboundCall: Phrase("inbound call"),
    Voicemail: Phrase("voicemail"),
}

STATE_LABELS: Mapping[str, Phrase] = {
    S.RECEIVED: Phrase("“received”"),
    S.ADMITTED: Phrase("“admitted”"),
    S.DUPLICATE: Phrase("“repeated”"),
    S.WITHHELD: Phrase("“withheld”"),
    S.NEEDS_REVIEW: Phrase("“to be reviewed”"),
    S.DISCARDED: Phrase("“discarded”"),
    S.REFUSED: Phrase("“rejected”"),
    L.OPEN: Phrase("“open”"),
    L.CLOSED: Phrase("“closed”"),
    L.SUPPRESSED: Phrase("“not to be contacted”"),
    C.WAITING: Phrase("“waiting”"),
    C.CLAIMED: Phrase("“assigned”"),
    C.CALLING: Phrase("“calling”"),
    C.WRAP_UP: Phrase("“wrapping up”"),
    C.COMPLETED: Phrase("“completed”"),
    C.EXHAUSTED: Phrase("“not reached”"),
    C.CANCELLED: Phrase("“canceled”"),
    A.REQUESTED: Phrase("“requested”"),
    A.RINGING_ADVISOR: Phrase("“calling the advisor”"),
    A.RINGING_LEAD: Phrase("“calling them”"),
    A.BRIDGED: Phrase("“connected”"),
    A.ENDED: Phrase("“ended”"),
    A.MISSED: Phrase("“missed”"),
    A.FAILED: Phrase("“failed”"),
    A.LOST: Phrase("“lost”"),
    B.TALKING: Phrase("“talking”"),
    B.OUTSIDE_HOURS: Phrase("“after hours”"),
    B.PROMISED: Phrase("“to be called back”"),
    B.VOICEMAIL: Phrase("“leaving a message”"),
    B.ABANDONED: Phrase("“hung up while waiting”"),
    B.REFUSED_HOURS: Phrase("“called after hours”"),
    V.EXPECTED: Phrase("“being left”"),
    V.FETCHED: Phrase("“stored here and at the phone network”"),
    V.DELETED_AT_PROVIDER: Phrase("“stored here”"),
    V.ABSENT: Phrase("“nothing recorded”"),
}
"""How the people who work here call a state."""
