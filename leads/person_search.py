"""Person search: finds people by what the database cannot read, through keyed hashes of words.

A number is found by its last four digits, a name by how its words begin, an address whole. Of the
beginnings of a word two are hashed: each more would tell more of the word to whoever counts hashes.
So a hash says only where to look, and what is found by it is opened and looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import chain
from typing import Any

from sqlalchemy import event, inspect
from sqlmodel import Session, col, delete, func, select

from leads.database.bulk_rows import insert_absent_rows
from leads.database.data_keys import data_keys_of
from leads.database.key_change import act_beside_desks
from leads.database.sealing_job import BREATHER
from leads.database.sealing_tasks import (
    SealingTask,
    finish_sealing,
    is_sealing_unfinished,
    read_progress,
    write_progress,
)
from leads.database.transactions import defer_insert, reader, transaction
from leads.models.requests import Lead, LeadWord
from leads.person_names import plain_name_words

BATCH = 500  # people
LAST_DIGITS = 4
BEGINNINGS = (5, 3)  # letters; a shorter word is hashed whole
SOUGHT_COLUMNS = ("phone", "name", "email")
AT_ONCE = 200  # people who are opened and looked at


class WordPurpose(StrEnum):
    """What a word is hashed for: each by a key of its own."""

    LAST_DIGITS = "last digits"
    NAME = "beginning of a word of a name"
    EMAIL = "e-mail address"


Word = tuple[WordPurpose, str]


def has_last_digits_clause(session: Session, digits: str) -> Any:
    """Return the condition that a lead's number may end in these four digits."""
    return _has_word_clause(session, (WordPurpose.LAST_DIGITS, digits))


def find_people(session: Session, text: str, *, most: int) -> list[Lead]:
    """Return the people who have this e-mail address, or these beginnings in their name.

    The latest come first. A word of one or two letters is found whole only.
    """
    sought = _sought_words(text)
    if not sought:
        return []
    candidates = select(Lead.id, Lead.name, Lead.email).where(
        *(_has_word_clause(session, word) for word in sought)
    )
    latest_first = candidates.order_by(col(Lead.id).desc()).limit(AT_ONCE)
    found: list[int] = []
    some = session.exec(latest_first).all()
    while some:
        found += [lead_id for lead_id, *known in some if _is_sought(text, *known)]
        if len(found) >= most:
            break
        some = session.exec(latest_first.where(col(Lead.id) < some[-1][0])).all()
    theirs = select(Lead).where(col(Lead.id).in_(found[:most])).order_by(col(Lead.id).desc())
    return list(session.exec(theirs))


def _sought_words(text: str) -> frozenset[Word]:
    if _has_at_sign(text):
        return frozenset(_words_of_address(text))
    return frozenset(
        (WordPurpose.NAME, next(_beginnings_of(word))) for word in plain_name_words(text)
    )


def _is_sought(text: str, name: str, email: str) -> bool:
    if _has_at_sign(text):
        return _fold_address(email) == _fold_address(text)
    words = plain_name_words(name)
    return all(
        any(word.startswith(beginning) for word in words) for beginning in plain_name_words(text)
    )


def defer_search_words(session: Session, leads: Sequence[Lead]) -> None:
    """Let leads be found that were written past the session, from the commit on.

    Leads that the session writes need nobody to say so.
    """
    for lead in leads:
        for row in _search_rows(session, lead.id, _words_of(lead.phone, lead.name, lead.email)):
            defer_insert(session, LeadWord, row)


def write_search_words(session: Session, lead_ids: Sequence[int]) -> None:
    """Let leads be found that were written past the session, from now on. Idempotent."""
    known = select(Lead.id, Lead.phone, Lead.name, Lead.email).where(col(Lead.id).in_(lead_ids))
    rows = [
        row
        for lead_id, *values in session.execute(known)
        for row in _search_rows(session, lead_id, _words_of(*values))
    ]
    if rows:
        insert_absent_rows(session, LeadWord, rows)


def index_stored_people(report: Callable[[str], None] = lambda _: None) -> None:
    """Let everybody be found who was stored before there were hashes to find them by.

    `report` hears of each batch. It may be stopped at any time, and goes on where it was.
    """
    with reader() as session:
        if not is_sealing_unfinished(session, SealingTask.SEARCH_WORDS):
            return
        last = session.exec(select(func.max(LeadWord.lead_id))).one() or 0
    while ids := _index_batch(last):
        last = ids[-1]
        report(f"Made findable: people up to number {last:,}")
    with transaction() as session:
        finish_sealing(session, SealingTask.SEARCH_WORDS)


def _index_batch(last: int) -> Sequence[int]:
    """Index the next people after an id; returns theirs."""
    with transaction() as session:
        following = select(Lead.id).where(col(Lead.id) > last).order_by(col(Lead.id))
        ids = session.exec(following.limit(BATCH)).all()
        write_search_words(session, ids)
        return ids


def hash_stored_people_anew(report: Callable[[str], None], pause: Callable[[float], None]) -> None:
    """Let everybody be found by the newest lookup key alone, while desks run.

    It may be stopped at any time, and goes on where it was. `pause` waits for so many seconds,
    between batches, in which the desks write.
    """

    def hash_batch_anew(session: Session) -> None:
        done[:] = _hash_batch_anew(session)

    done: list[int] = [0] * BATCH
    while len(done) == BATCH:  # whoever came later was hashed by the new key alone
        act_beside_desks(hash_batch_anew, pause, alone=False)
        report(f"Made findable by the new key: {len(done):,} people more")
        pause(BREATHER)


def _hash_batch_anew(session: Session) -> Sequence[int]:
    """Hash the words of the next people anew; returns their ids.

    They are locked: whoever changes a name meanwhile writes its words before or after.
    """
    last = read_progress(session, SealingTask.NEW_WORDS)
    following = select(Lead.id).where(col(Lead.id) > last).order_by(col(Lead.id))
    ids = session.exec(following.limit(BATCH).with_for_update()).all()
    if ids:
        session.execute(delete(LeadWord).where(col(LeadWord.lead_id).in_(ids)))
        write_search_words(session, ids)
        write_progress(session, SealingTask.NEW_WORDS, ids[-1])
    return ids


@event.listens_for(Session, "after_flush")
def _keep_search_words(session: Session, _context: object) -> None:
    """Let each lead that the session has just written be found by what it has now alone."""
    for lead in (*session.new, *session.dirty):
        if not isinstance(lead, Lead):
            continue
        before, after = _words_before_and_after(lead)
        if new := _search_rows(session, lead.id, after - before):
            insert_absent_rows(session, LeadWord, new)
        if gone := [one for word in before - after for one in _every_hash(session, word)]:
            theirs = col(LeadWord.lead_id) == lead.id
            session.connection().execute(
                delete(LeadWord).where(theirs, col(LeadWord.word).in_(gone))
            )


def _words_before_and_after(lead: Lead) -> tuple[frozenset[Word], frozenset[Word]]:
    state: Any = inspect(lead)
    histories = [state.attrs[name].history for name in SOUGHT_COLUMNS]
    if not any(history.has_changes() for history in histories):
        return frozenset(), frozenset()
    before = [next(iter(one.deleted or one.unchanged or ()), "") or "" for one in histories]
    is_new = lead in state.session.new
    after = [getattr(lead, name) for name in SOUGHT_COLUMNS]
    return frozenset() if is_new else _words_of(*before), _words_of(*after)


def _words_of(phone: str, name: str, email: str) -> frozenset[Word]:
    """Return the words by which somebody is found."""
    beginnings = chain.from_iterable(map(_beginnings_of, plain_name_words(name)))
    of_name = ((WordPurpose.NAME, beginning) for beginning in beginnings)
    return frozenset((*_words_of_number(phone), *of_name, *_words_of_address(email)))


def _beginnings_of(word: str) -> Iterator[str]:
    """Yield the beginnings by which a word is found, the longest first."""
    if len(word) < min(BEGINNINGS):
        yield word
    yield from (word[:length] for length in BEGINNINGS if len(word) >= length)


def _has_at_sign(text: str) -> bool:
    return "@" in text


def _words_of_address(email: str) -> Iterator[Word]:
    if _has_at_sign(email):
        yield WordPurpose.EMAIL, _fold_address(email)


def _fold_address(email: str) -> str:
    return email.strip().casefold()


def _words_of_number(phone: str) -> Iterator[Word]:
    if phone.startswith("+"):  # whatever stands in place of a number has no such digits
        yield WordPurpose.LAST_DIGITS, phone[-LAST_DIGITS:]


def _search_rows(session: Session, lead_id: int, words: frozenset[Word]) -> list[dict[str, int]]:
    return [{"word": _hash(session, word), "lead_id": lead_id} for word in sorted(words)]


def _has_word_clause(session: Session, word: Word) -> Any:
    hashes = _every_hash(session, word)
    having = select(LeadWord.lead_id).where(col(LeadWord.word).in_(hashes))
    return col(Lead.id).in_(having)


def _hash(session: Session, word: Word) -> int:
    purpose, text = word
    return data_keys_of(session.get_bind().dialect).hash_word(text, purpose=purpose)


def _every_hash(session: Session, word: Word) -> tuple[int, ...]:
    """Return the hashes that a word may have: while keys change, those of both."""
    purpose, text = word
    return data_keys_of(session.get_bind().dialect).every_hash_of(text, purpose=purpose)
