"""The fields that access tokens and destinations share: what, of which helplines, by what right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.models.enums import BasisKind
from leads.outbox import legal_basis
from leads.outbox.legal_basis import LegalBasis

BASIS_LABELS: Mapping[BasisKind, Phrase] = {
    BasisKind.CONTRACT: Phrase("Contract"),
    BasisKind.CONSENT: Phrase("Consent"),
}


def ask_several(question: str, labels: Mapping[Any, Phrase]) -> list[str]:
    """Ask for one or more of what is read or sent."""
    chosen: list[str] = st.pills(
        question,
        list(labels),
        selection_mode="multi",
        format_func=lambda one: _(labels[one]),
        wrap=True,
    )
    return chosen


def ask_helplines(helplines: Sequence[str]) -> list[str]:
    """Ask of which helplines, where there are several; none are all."""
    if len(helplines) <= 1:
        return []
    return st.multiselect(_("Helplines"), helplines, placeholder=_("All, if you choose none"))


def ask_legal_basis() -> dict[str, str]:
    """Ask for a basis; returns what was entered, by the names under which verbs take it."""
    kind = st.segmented_control(
        _("What permits it?"),
        list(BASIS_LABELS),
        default=BasisKind.CONTRACT,
        required=True,
        format_func=lambda one: _(BASIS_LABELS[one]),
    )
    name = st.text_input(
        _("Contract and its date, or the words that a consent must have in it"),
        max_chars=legal_basis.LONGEST_NAME,
        help=_(
            "A contract, such as a QSOA or a BAA, covers everyone. A consent covers only people "
            "whose own consent has these words in it."
        ),
    )
    return {"basis_kind": kind or "", "basis_name": name}


def legal_basis_text(basis: LegalBasis) -> str:
    """Return a basis as a table shows it."""
    return f"{_(BASIS_LABELS[basis.kind])}: {basis.name}"
