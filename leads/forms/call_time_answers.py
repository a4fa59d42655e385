"""Call time answers: when the submitter may be called, by the field for it and by their message.

What a message says of it counts as the field does, or a person is asked; it is never lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leads.forms.contact_limits import texts_of_message
from leads.forms.field_roles import FieldRoleCandidate, FieldRoleCandidates
from leads.free_text.call_time_statements import find_call_time_statements
from leads.free_text.call_times import combine_call_times

SaidCallTime = tuple[FieldRoleCandidate, str]
"""A message, and what it says of when to call."""


def read_best_time(said_in_messages: Sequence[SaidCallTime], stated: str) -> str:
    """Return when somebody may be called: what the field states, bounded by their message."""
    said = [words for _, words in said_in_messages]
    return combine_call_times([*filter(None, [stated]), *said]) or stated if said else stated


def collect_unclear_call_times(said: Sequence[SaidCallTime], stated: str) -> list[str]:
    """Return what messages say of when to call, each with its question, if nobody can plan by it.

    It is not understood, or does not go with another time that is stated.
    """
    times = [*filter(None, [stated]), *(words for _, words in said)]
    if not said or combine_call_times(times) is not None:
        return []
    return [f"{claim.item.title}: {words}" for claim, words in said]


def find_call_times_in_messages(claims: FieldRoleCandidates) -> Iterator[SaidCallTime]:
    """Yield what each message says of when to call, once."""
    known: set[str] = set()
    for claim in claims.all:
        if claim.item.is_blank or claims.is_in_unrelated_group(claim.item):
            continue
        for text in texts_of_message(claim):
            for words in find_call_time_statements(text):
                if words not in known:
                    known.add(words)
                    yield claim, words
