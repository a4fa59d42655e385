"""Key state: how far a change of the database's keys is, as each transaction finds it there.

A change is announced first: whoever runs then knows both keys and seals with the old ones. Once all
know them, what is compared is moved to the new lookup key, all texts that begin alike in one
transaction, in a fixed order. So at any moment a text is sealed by one key alone, wherever it
stands: rows are joined and kept unique as ever, and by which key it is, its beginning tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from string import ascii_lowercase, ascii_uppercase, digits

from sqlalchemy import Connection
from sqlmodel import Session

from leads.database.sealing_tasks import SealingTask, write_progress

ALPHABET = f"{ascii_uppercase}{ascii_lowercase}{digits}+/"  # base64
CHARACTERS = 2  # of what is sealed, by which it is moved
STEPS: int = len(ALPHABET) ** CHARACTERS
ASK = (
    "SELECT (SELECT max(id) FROM lookup_key),"  # noqa: S608 - our own words
    f" (SELECT name FROM sealing_task WHERE substr(name, 1, {len(SealingTask.NEW_KEYS)})"
    f" = '{SealingTask.NEW_KEYS}')"
)


class KeyPhase(IntEnum):
    """What is being done with the newest keys."""

    ANNOUNCED = 0
    MOVING = 1
    SETTLED = 2


@dataclass(frozen=True, order=True)
class KeyState:
    """The number of the newest lookup key, and of how many of the STEPS the texts have it."""

    newest: int
    phase: KeyPhase = KeyPhase.SETTLED
    moved: int = 0

    def is_moved(self, step: int) -> bool:
        """Whether the texts of a step are sealed by the newest key."""
        return self.phase is KeyPhase.SETTLED or step < self.moved


def read_key_state(connection: Connection) -> KeyState:
    """Return how far the database is."""
    newest, name = connection.exec_driver_sql(ASK).one()
    if name is None:
        return KeyState(newest or 0)
    _, _, moved = name.partition(":")
    if not moved:
        return KeyState(newest, KeyPhase.ANNOUNCED)
    return KeyState(newest, KeyPhase.MOVING, int(moved))


def write_key_state(session: Session, moved: int) -> None:
    """Remember that the texts of so many steps have the newest key."""
    write_progress(session, SealingTask.NEW_KEYS, moved)


def step_of(sealed: str) -> int:
    """Return the step in which a text is moved, by what its old key made of it."""
    content = sealed.partition(":")[2]
    return ALPHABET.index(content[0]) * len(ALPHABET) + ALPHABET.index(content[1])


def beginning_of_step(step: int) -> str:
    """Return with which characters the texts of a step begin."""
    first, second = divmod(step, len(ALPHABET))
    return ALPHABET[first] + ALPHABET[second]
