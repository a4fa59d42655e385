"""Work filter: the parts of the work list, how its rows stand, and what it can be narrowed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from leads.alerting.alert_condition import AlertMark
from leads.i18n.translatable import Phrase
from leads.models.enums import HoldReason
from leads.read_models.work_kinds import WorkKind


class WorkPart(StrEnum):
    """The parts of the work list."""

    DECIDE = "decide"  # nobody is called, or nothing goes on, before a person decides
    CALL = "call"  # advisors call them by themselves, when their time has come
    IN_HAND = "in_hand"  # an advisor is at it
    NOT_REACHED = "not_reached"  # every try is used up: nobody calls them any more
    ALL = "all"  # no part of its own: what a link asks for of every part


OWN_PARTS = tuple(part for part in WorkPart if part != WorkPart.ALL)
"""The parts that have rows of their own, and none of them twice."""
WORK_PART_LABELS = {
    WorkPart.DECIDE: Phrase("Needs a decision"),
    WorkPart.CALL: Phrase("To call"),
    WorkPart.IN_HAND: Phrase("With an advisor"),
    WorkPart.NOT_REACHED: Phrase("Not reached"),
    WorkPart.ALL: Phrase("All"),
}


class Harm(IntEnum):
    """How much it harms a person that a thing is left undone: the least number harms most."""

    DANGER = 1
    OVERDUE = 2
    WAITING = 3
    PLANNED = 4  # its time is still to come


HARM_LABELS = {
    Harm.DANGER: Phrase("In danger"),
    Harm.OVERDUE: Phrase("Overdue"),
    Harm.WAITING: Phrase("Waiting"),
    Harm.PLANNED: Phrase("Later"),
}


class WorkState(StrEnum):
    """How a row stands: what the list can be narrowed to. A row may stand in several ways."""

    DANGER = "danger"
    OVERDUE = "overdue"
    AGAIN = "again"
    ADVISOR = "advisor"
    NEXT_TRY = "next_try"
    TIME = "time"


WORK_STATE_LABELS = {
    WorkState.DANGER: Phrase("In danger"),
    WorkState.OVERDUE: Phrase("Overdue"),
    WorkState.AGAIN: Phrase("Wrote or called again"),
    WorkState.ADVISOR: Phrase("Waiting for a free advisor"),
    WorkState.NEXT_TRY: Phrase("Waiting for the next attempt"),
    WorkState.TIME: Phrase("Waiting for the time they asked for"),
}


@dataclass(frozen=True)
class WorkFilter:
    """Which rows a supervisor wants to see; all by default. An address can hold it.

    `advisor_id`: no name stands in an address. `hold`: only callbacks that are held for it.
    `alert`: only what it counts.
    """

    helpline: str = ""
    kind: WorkKind | None = None
    state: WorkState | None = None
    advisor_id: int | None = None
    hold: HoldReason | None = None
    alert: AlertMark | None = None


EVERYTHING = WorkFilter()


@dataclass(frozen=True)
class WorkCounts:
    """How many rows there are of each part, by how much they harm, shown or not."""

    by_part: Mapping[WorkPart, Mapping[Harm, int]]

    def of_part(self, part: WorkPart) -> int:
        """Return how many rows a part has."""
        return sum(self.by_harm(part).values())

    def by_harm(self, part: WorkPart) -> Mapping[Harm, int]:
        """Return how many rows of a part harm how much."""
        parts = OWN_PARTS if part is WorkPart.ALL else (part,)
        theirs = [self.by_part.get(one, {}) for one in parts]
        counts = {harm: sum(one.get(harm, 0) for one in theirs) for harm in Harm}
        return {harm: count for harm, count in counts.items() if count}

    def is_urgent(self, part: WorkPart) -> bool:
        """Whether a part has somebody in danger, or something overdue."""
        return min(self.by_harm(part), default=Harm.PLANNED) <= Harm.OVERDUE
