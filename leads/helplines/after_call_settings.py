"""After a call: a helpline's wrap-up time, its own dispositions, and the words for a machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadConfiguration
from leads.free_text.telling import find_telling_word
from leads.i18n.translatable import OwnLabel, Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.dispositions import Disposition
from leads.models.helplines import Brand, BrandDisposition
from leads.people.permissions import Permission, actor_of, require_permission

LONGEST_WRAP_UP = 60  # minutes; what is written up later is no call's time any more
LONGEST_LABEL, LONGEST_WORDS = 60, 300
CORE = tuple(word for word in Disposition if word != Disposition.UNRECORDED)
"""What a helpline's own words may stand under."""


@dataclass(frozen=True)
class OwnDispositionRow:
    """One of a helpline's own dispositions, as its list shows it."""

    own_id: int
    disposition: Disposition
    label: OwnLabel
    is_retired: bool


@dataclass(frozen=True)
class AfterCall:
    """What a helpline set for the time after a call."""

    brand_id: int
    name: str
    wrap_up_minutes: int
    voicemail_words: Mapping[str, str]
    own_dispositions: tuple[OwnDispositionRow, ...]  # in its order, retired ones last


def list_after_call_settings(session: Session, supervisor: Advisor) -> list[AfterCall]:
    """Return what each helpline set for the time after a call. Supervisors only."""
    require_permission(supervisor, Permission.SET_AFTER_CALL)
    rows: dict[int, list[OwnDispositionRow]] = {}
    for row in session.exec(_in_order()):
        rows.setdefault(row.brand_id, []).append(
            OwnDispositionRow(
                row.id,
                row.disposition,
                OwnLabel(row.english, spanish=row.spanish),
                is_retired=row.retired_at is not None,
            )
        )
    return [
        AfterCall(
            brand.id,
            brand.name,
            brand.wrap_up_minutes,
            brand.voicemail_words,
            tuple(sorted(rows.get(brand.id, ()), key=lambda row: row.is_retired)),
        )
        for brand in session.exec(select(Brand).order_by(col(Brand.id)))
    ]


def set_wrap_up(
    session: Session,
    brand_id: int,
    supervisor: Advisor,
    *,
    minutes: int,
    voicemail_words: Mapping[str, str],
    now: datetime,
) -> None:
    """Set how long a wrap-up at a desk is, and what an advisor says to a machine, by language.

    No words: our neutral ones. Raises BadConfiguration for words that tell why somebody was called.
    """
    require_permission(supervisor, Permission.SET_AFTER_CALL, (Brand, brand_id))
    if not 1 <= minutes <= LONGEST_WRAP_UP:
        raise BadConfiguration(Phrase("Enter 1 to {most} minutes.", most=LONGEST_WRAP_UP))
    brand = session.get_one(Brand, brand_id, with_for_update=True)
    words = {language: " ".join(said.split()) for language, said in voicemail_words.items()}
    for said in words.values():
        _require_neutral_words(said, brand)
    brand.wrap_up_minutes = minutes
    brand.voicemail_words = {language: said for language, said in words.items() if said}
    session.add(brand)
    changes = {"wrap_up_minutes": minutes, "own_words": len(brand.voicemail_words)}
    record_event(session, brand, "set_wrap_up", actor=actor_of(supervisor), now=now, **changes)
    wake_after_commit(session, Wakeup.DESK)


def add_own_disposition(
    session: Session,
    brand_id: int,
    supervisor: Advisor,
    *,
    disposition: Disposition,
    english: str,
    spanish: str,
    now: datetime,
) -> BrandDisposition:
    """Add a helpline's own word under one of ours, at the end of its list.

    Raises BadConfiguration without a label, or where the helpline has it.
    """
    require_permission(supervisor, Permission.SET_AFTER_CALL, (Brand, brand_id))
    if disposition not in CORE:
        raise BadConfiguration(Phrase("Not a valid choice: {names}.", names=disposition))
    label = _validate_label(english, spanish)
    session.get_one(Brand, brand_id, with_for_update=True)  # one place for each
    theirs = session.exec(_in_order().where(BrandDisposition.brand_id == brand_id)).all()
    _require_new_label(label, theirs)
    row = BrandDisposition(
        brand_id=brand_id,
        disposition=disposition,
        english=label.english,
        spanish=label.spanish,
        place=max((one.place for one in theirs), default=0) + 1,
        created_at=now,
    )
    session.add(row)
    session.flush()
    _record_disposition_change(session, row, "add", supervisor, now=now)
    return row


def rename_own_disposition(
    session: Session, own_id: int, supervisor: Advisor, *, english: str, spanish: str, now: datetime
) -> None:
    """Give a helpline's own word another name, in every call that has it.

    Raises BadConfiguration as `add_own_disposition`.
    """
    require_permission(supervisor, Permission.SET_AFTER_CALL, (BrandDisposition, own_id))
    label = _validate_label(english, spanish)
    row = _lock_with_brand(session, own_id)
    theirs = session.exec(_in_order().where(BrandDisposition.brand_id == row.brand_id)).all()
    _require_new_label(label, [one for one in theirs if one.id != own_id])
    row.english, row.spanish = label.english, label.spanish
    session.add(row)
    _record_disposition_change(session, row, "rename", supervisor, now=now)


def retire_own_disposition(
    session: Session, own_id: int, supervisor: Advisor, *, now: datetime
) -> None:
    """Let nobody choose a helpline's own word any more; calls that have it keep it."""
    _set_retired(session, own_id, supervisor, event="retire", at=now, now=now)


def restore_own_disposition(
    session: Session, own_id: int, supervisor: Advisor, *, now: datetime
) -> None:
    """Let a helpline's own word be chosen again.

    Raises BadConfiguration where the helpline has another one of that name by now.
    """
    require_permission(supervisor, Permission.SET_AFTER_CALL, (BrandDisposition, own_id))
    row = _lock_with_brand(session, own_id)
    theirs = session.exec(_in_order().where(BrandDisposition.brand_id == row.brand_id)).all()
    label = OwnLabel(row.english, spanish=row.spanish)
    _require_new_label(label, [one for one in theirs if one.id != own_id])
    _set_retired(session, own_id, supervisor, event="restore", at=None, now=now)


def move_own_disposition_up(
    session: Session, own_id: int, supervisor: Advisor, *, now: datetime
) -> None:
    """Move a helpline's own word before the one that it follows."""
    require_permission(supervisor, Permission.SET_AFTER_CALL, (BrandDisposition, own_id))
    row = session.get_one(BrandDisposition, own_id, with_for_update=True)
    before = _in_order().where(
        BrandDisposition.brand_id == row.brand_id,
        col(BrandDisposition.retired_at).is_(None),
        BrandDisposition.place < row.place,
    )
    earlier = session.exec(before.with_for_update()).all()
    if earlier:
        earlier[-1].place, row.place = row.place, earlier[-1].place
        session.add_all([row, earlier[-1]])
        _record_disposition_change(session, row, "move_up", supervisor, now=now)


def _set_retired(
    session: Session,
    own_id: int,
    supervisor: Advisor,
    *,
    event: str,
    at: datetime | None,
    now: datetime,
) -> None:
    require_permission(supervisor, Permission.SET_AFTER_CALL, (BrandDisposition, own_id))
    row = session.get_one(BrandDisposition, own_id, with_for_update=True)
    row.retired_at = at
    session.add(row)
    _record_disposition_change(session, row, event, supervisor, now=now)


def _validate_label(english: str, spanish: str) -> OwnLabel:
    english, spanish = " ".join(english.split()), " ".join(spanish.split())
    if not (english or spanish) or max(len(english), len(spanish)) > LONGEST_LABEL:
        raise BadConfiguration(
            Phrase("Enter a name for the outcome, {most} characters at most.", most=LONGEST_LABEL)
        )
    return OwnLabel(english, spanish=spanish)


def _require_new_label(label: OwnLabel, others: Iterable[BrandDisposition]) -> None:
    in_use = [row for row in others if row.retired_at is None]
    names = {text.casefold() for row in in_use for text in (row.english, row.spanish) if text}
    if {label.english.casefold(), label.spanish.casefold()} & names:
        raise BadConfiguration(Phrase("This helpline already has an outcome with that name."))


def _lock_with_brand(session: Session, own_id: int) -> BrandDisposition:
    """Return a helpline's own word, locked after the helpline: one name for each."""
    row = session.get_one(BrandDisposition, own_id)
    session.get_one(Brand, row.brand_id, with_for_update=True)
    session.refresh(row, with_for_update=True)
    return row


def _require_neutral_words(said: str, brand: Brand) -> None:
    if len(said) > LONGEST_WORDS:
        raise BadConfiguration(
            Phrase("Keep the voicemail script under {most} characters.", most=LONGEST_WORDS)
        )
    names = [name for name in (brand.name, brand.operator) if _is_named(name, said)]
    if word := (names or [find_telling_word(said)])[0]:
        raise BadConfiguration(
            Phrase(
                "Leave out “{word}”: others may listen and learn why you are calling.", word=word
            )
        )


def _is_named(name: str, said: str) -> bool:
    as_words = rf"(?<!\w){re.escape(name)}(?!\w)"
    return bool(name) and re.search(as_words, said, re.IGNORECASE) is not None


def _in_order() -> SelectOfScalar[BrandDisposition]:
    return select(BrandDisposition).order_by(col(BrandDisposition.place), col(BrandDisposition.id))


def _record_disposition_change(
    session: Session, row: BrandDisposition, event: str, supervisor: Advisor, *, now: datetime
) -> None:
    changes = {"brand": row.brand_id, "disposition": row.disposition, "place": row.place}
    record_event(session, row, event, actor=actor_of(supervisor), now=now, **changes)
    wake_after_commit(session, Wakeup.DESK)
