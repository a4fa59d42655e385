"""The audit log as an admin reads it: the latest entries, narrowed by who, whom, what and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.audit import AuditEntry
from leads.models.enums import AuditKind
from leads.models.fields import word_or_unknown
from leads.models.outbound import ApiToken
from leads.people.permissions import ADVISOR_ACTOR, API_ACTOR, Permission, require_permission

MOST_ROWS = 100
DAYS = (1, 7, 30, 90)
DEFAULT_DAYS = 7
LEAD_RECORD, COLLEAGUE_RECORD = "lead", "advisor"
REPORT_RECORD, IMPORT_RECORD = "report", "import"  # which have no row: its days, and its time
AUDIT_KIND_LABELS: Mapping[AuditKind, Phrase] = {
    AuditKind.OPEN: Phrase("Opened a file"),
    AuditKind.LIST: Phrase("Saw in a list"),
    AuditKind.REVEAL: Phrase("Saw the full name or number"),
    AuditKind.PLAY: Phrase("Played a voicemail"),
    AuditKind.EXPORT: Phrase("Exported data"),
    AuditKind.PRINT: Phrase("Printed"),
    AuditKind.SIGN_IN: Phrase("Signed in"),
    AuditKind.SIGN_IN_FAILED: Phrase("Failed to sign in"),
    AuditKind.SIGN_OUT: Phrase("Signed out"),
    AuditKind.CONFIRM: Phrase("Confirmed their identity"),
    AuditKind.FACTOR_ON: Phrase("Turned on two-step sign-in"),
    AuditKind.FACTOR_OFF: Phrase("Turned off two-step sign-in"),
    AuditKind.CODES_RENEWED: Phrase("Made new recovery codes"),
    AuditKind.CODE_USED: Phrase("Used a recovery code"),
    AuditKind.PASSWORD: Phrase("Changed the password"),
    AuditKind.ACCOUNT: Phrase("Changed an account"),
    AuditKind.LINK_MADE: Phrase("Made a sign-in link"),
    AuditKind.LINK_USED: Phrase("Used a sign-in link"),
    AuditKind.SESSIONS_ENDED: Phrase("Ended sessions"),
    AuditKind.EMERGENCY_ACCESS: Phrase("Opened a file of another helpline in an emergency"),
    AuditKind.REFUSED: Phrase("Was not allowed"),
    AuditKind.TRIM: Phrase("Deleted old entries"),
    AuditKind.UNKNOWN: Phrase("Something else"),
}
"""What each kind of entry says that somebody did; in the order in which one may choose."""


@dataclass(frozen=True)
class AuditFilter:
    """Which entries somebody wants to see; what is None narrows nothing.

    `actor`: as the log names whoever did it. `person`: the number of a person's file. `before`: an
    entry's id, after which the older ones come.
    """

    actor: str | None = None
    person: int | None = None
    kind: AuditKind | None = None
    days: int | None = DEFAULT_DAYS
    before: int | None = None


@dataclass(frozen=True)
class AuditRow:
    """One entry. `about`: a colleague's name, or what record it is; empty for nothing."""

    entry_id: int
    at: datetime
    who: str
    kind: AuditKind
    about: str
    person: int | None  # the number of their file
    view: str
    address: str
    browser: str


@dataclass(frozen=True)
class AuditPage:
    """The entries that a filter lets through, newest first; `older`: before which there are more.

    `actors`: whom one may choose, by how the log names them.
    """

    rows: Sequence[AuditRow]
    older: int | None
    actors: Mapping[str, str]


def read_audit_log(
    session: Session, viewer: Advisor, only: AuditFilter, *, now: datetime
) -> AuditPage:
    """Return a page of the audit log. Admins only."""
    require_permission(viewer, Permission.SEE_AUDIT)
    colleagues = session.exec(select(Advisor.id, Advisor.name).order_by(col(Advisor.name))).all()
    names = {str(advisor_id): name for advisor_id, name in colleagues}
    actors = {f"{ADVISOR_ACTOR}{advisor_id}": name for advisor_id, name in names.items()}
    tokens = session.exec(select(ApiToken.id, ApiToken.name).order_by(col(ApiToken.name))).all()
    actors |= {f"{API_ACTOR}{token_id}": f"API: {name}" for token_id, name in tokens}
    found = session.exec(
        _narrow(only, now).order_by(col(AuditEntry.id).desc()).limit(MOST_ROWS + 1)
    ).all()
    rows = [_make_row(entry, names, actors) for entry in found[:MOST_ROWS]]
    older = rows[-1].entry_id if len(found) > MOST_ROWS else None
    return AuditPage(rows, older, actors)


def _narrow(only: AuditFilter, now: datetime) -> SelectOfScalar[AuditEntry]:
    entries = select(AuditEntry)
    if only.actor is not None:
        entries = entries.where(AuditEntry.actor == only.actor)
    if only.person is not None:
        entries = entries.where(
            AuditEntry.record == LEAD_RECORD, AuditEntry.record_id == str(only.person)
        )
    if only.kind is not None:
        entries = entries.where(AuditEntry.kind == only.kind.value)
    if only.days is not None:
        entries = entries.where(col(AuditEntry.at) > now - timedelta(days=only.days))
    if only.before is not None:
        entries = entries.where(col(AuditEntry.id) < only.before)
    return entries


def _make_row(entry: AuditEntry, names: Mapping[str, str], actors: Mapping[str, str]) -> AuditRow:
    is_lead = entry.record == LEAD_RECORD
    about = "" if is_lead else f"{entry.record} {entry.record_id}".strip()
    if entry.record == COLLEAGUE_RECORD:
        about = names.get(entry.record_id, about)
    return AuditRow(
        entry_id=entry.id,
        at=entry.at,
        who=actors.get(entry.actor, entry.actor),
        kind=word_or_unknown(entry.kind, AuditKind.UNKNOWN),
        about=about,
        person=int(entry.record_id) if is_lead else None,
        view=entry.view,
        address=entry.address,
        browser=entry.browser,
    )
