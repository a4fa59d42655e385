"""The fields in which somebody states what permits that others are told of people."""

from __future__ import annotations

from collections.abc import Mapping

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
