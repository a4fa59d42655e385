"""The facts of a person, each with who says it, and the form that corrects them."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.language import _
from leads.i18n.translatable import Phrase, capitalize_first
from leads.lead_records import lead_file
from leads.lead_records.fact_sources import FactSource
from leads.lead_records.lead_file import LeadFile
from leads.models.requests import Lead
from leads.person_facts import FACTS_BY_NAME, FILE_LABELS


@widgets.in_stable_container
def draw_facts(file: LeadFile) -> None:
    """Draw what is known of the person and who says it, and the form that corrects it."""
    st.subheader(_("Facts"), anchor=False)
    known = [name for name, value in file.facts.items() if value]
    for source, names in groupby(known, file.fact_sources.get):
        said_by = [f":small[{page_text.escape_markdown(source_text(source))}]"] if source else []
        st.markdown("  \n".join([*(fact_line(file, name) for name in names), *said_by]))
    if not known:
        st.markdown(_("Only the number is on file."))
    with st.expander(_("Correct the facts"), icon=":material/edit:", key=f"edit-{file.lead_id}"):
        draw_facts_form(file)


def fact_line(file: LeadFile, name: str) -> str:
    """Return one fact in words."""
    value = file.facts[name]
    said = _(FACTS_BY_NAME[name].answer_label(value))
    return f"{_(FILE_LABELS[name])}: **{page_text.escape_markdown(said)}**"


def source_text(source: FactSource) -> str:
    """Return who says a fact, and since when."""
    return f"{capitalize_first(_(source.who))}, {page_text.instant_text(source.at)}"


def draw_facts_form(file: LeadFile) -> None:
    """Draw the form of the facts that may be corrected."""
    with st.form(f"facts-{file.lead_id}", border=False):
        corrected = {
            name: value for line in fact_rows() for name, value in ask_facts_in_row(file, line)
        }
        if st.form_submit_button(_("Correct")):
            page_actions.act_and_redraw(
                lambda s, a: lead_file.correct_lead_facts(
                    s, s.get_one(Lead, file.lead_id), corrected, a, now=viewer.read_utc_clock()
                ),
                Phrase("Corrected. What it was before stays in the file."),
            )


def fact_rows() -> list[tuple[str, ...]]:
    """Return the facts that may be corrected, line by line: two short ones share a line."""
    long = [(name,) for name in FILE_LABELS if not FACTS_BY_NAME[name].is_short]
    short = [name for name in FILE_LABELS if FACTS_BY_NAME[name].is_short]
    return [*long, *(tuple(short[at : at + 2]) for at in range(0, len(short), 2))]


def ask_facts_in_row(file: LeadFile, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Ask for facts that stand in one row, or one below the other on a phone."""
    places = zip(names, st.columns(len(names)), strict=True)
    return [(name, ask_one_fact(place, name, file.facts[name])) for name, place in places]


def ask_one_fact(place: st.delta_generator.DeltaGenerator, name: str, value: str) -> str:
    """Ask for one fact: chosen where we know the words for it, else written."""
    label, fact = _(FILE_LABELS[name]), FACTS_BY_NAME[name]
    if not (fact.choices or fact.usual_answers):
        return place.text_input(label, value=value)
    as_written = Phrase("“{words}”, as written", words=value)
    words = {value: as_written, **fact.choices, **fact.usual_answers, "": Phrase("not asked")}
    chosen = place.selectbox(
        label,
        list(words),
        index=list(words).index(value),
        format_func=lambda one: _(words.get(one) or one),
        accept_new_options=bool(fact.usual_answers),
        placeholder=_("Choose, or write it"),
    )
    return chosen or ""
