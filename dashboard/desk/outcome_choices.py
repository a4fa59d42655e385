"""The outcomes that can be chosen of a call: ours, and the helpline's own under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard import page_text
from dashboard.language import _
from leads.callbacks.own_dispositions import OwnDisposition
from leads.i18n.translatable import Phrase
from leads.models.dispositions import Disposition

OWN = "own-"


def outcome_choices(ours: Mapping[str, Phrase], own: Sequence[OwnDisposition]) -> dict[str, Phrase]:
    """Return the choices with their labels: each own one behind the one of ours that it is.

    One that stands under none of them comes last; those of "call again" need a time, and are
    chosen with it.
    """
    choices: dict[str, Phrase] = {}
    for word, label in ours.items():
        choices[str(word)] = label
        choices |= {_choice_key_of(one): one.label for one in own if one.disposition == word}
    rest = (one for one in own if one.disposition != Disposition.CALL_AGAIN)
    return choices | {_choice_key_of(one): one.label for one in rest}


def read_choice(choice: str, own: Sequence[OwnDisposition]) -> tuple[Disposition, int | None]:
    """Return the disposition that a choice is, with the helpline's own word for it, if any."""
    chosen = next((one for one in own if _choice_key_of(one) == choice), None)
    return (chosen.disposition, chosen.own_id) if chosen else (Disposition(choice), None)


def choice_label(choices: Mapping[str, Phrase], choice: str) -> str:
    """Return what a choice is called on the screen."""
    return page_text.escape_markdown(_(choices[choice]))


def _choice_key_of(own: OwnDisposition) -> str:
    return f"{OWN}{own.own_id}"
