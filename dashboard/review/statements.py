"""Two statements about one fact, side by side, and the decision which of them holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import page_text, widgets
from dashboard.language import _
from dashboard.review.decisions import decide_about_record
from leads.i18n.translatable import Phrase
from leads.lead_records import later_statements
from leads.lead_records.later_statements import NOT_SAID, StatementToDecide
from leads.lead_records.protections import Protection
from leads.models.requests import AlsoSaid, Lead
from leads.person_facts import FACTS_BY_NAME

PROTECTION_SENTENCES = {
    "consent": Phrase("{name} did not agree to be called."),
    "safe_to_call": Phrase("{name} said that it is not safe to call."),
    "safe_to_voicemail": Phrase("{name} said that it is not safe to leave a voicemail."),
    "safe_to_text": Phrase("{name} said that it is not safe to text."),
}


@widgets.in_stable_container
def draw_statements_to_decide(statements: Sequence[StatementToDecide]) -> None:
    """Draw what was said later without proof, each beside what was said first."""
    if not statements:
        return
    st.header(_("Conflicting statements"), anchor=False)
    st.caption(
        _(
            "Anyone who knows the number may have made the later statement. Until you decide, "
            "the first one applies, and so do the calling hours of every place that was named."
        )
    )
    for statement in statements:
        _draw_statement(statement)


@widgets.in_stable_container
def draw_protections(protections: Sequence[Protection]) -> None:
    """Draw what holds for a number because somebody there refused it, and how it is lifted."""
    for protection in protections:
        key = f"{protection.lead_id}-{protection.fact}"
        name = page_text.escape_markdown(protection.name) or _("No name given")
        st.write(_(PROTECTION_SENTENCES[protection.fact], name=name))
        with (
            st.expander(
                _("No longer applies: remove it"), icon=":material/lock_open:", key=f"lift-{key}"
            ),
            st.form(f"protection-{key}", border=False),
        ):
            reason = st.text_input(_("How you know this no longer applies"), key=f"why-{key}")
            if st.form_submit_button(_("Remove")):
                decide_about_record(
                    later_statements.lift_protection,
                    Lead,
                    protection.lead_id,
                    Phrase("Removed. Your reason stays in the file."),
                    fact=protection.fact,
                    reason=reason,
                )


def stated_value_text(fact: str, value: str) -> str:
    """Return a fact as it was stated, in our word for it where there is one."""
    known = FACTS_BY_NAME.get(fact)
    return _(known.answer_label(value) if known else value) if value else _(NOT_SAID)


def _draw_statement(statement: StatementToDecide) -> None:
    with st.container(border=True):
        name = page_text.escape_markdown(statement.name) or _("No name given")
        st.write(f"**{name}** · {_(statement.label)}")
        first, later = st.columns(2)
        with first:
            st.caption(_("First statement"))
            st.text(stated_value_text(statement.fact, statement.first))
        with later:
            st.caption(_("Later statement"))
            st.text(stated_value_text(statement.fact, statement.later))
            widgets.draw_small_text(
                _(
                    "By {name}, through {source}, {time}",
                    name=page_text.escape_markdown(statement.said_by) or _("No name given"),
                    source=page_text.escape_markdown(_(statement.source)),
                    time=page_text.instant_text(statement.at),
                )
            )
        with st.form(f"statement-{statement.statement_id}", border=False):
            reason = st.text_input(
                _("How you know") if statement.needs_reason else _("How you know (optional)")
            )
            with st.container(horizontal=True):
                if st.form_submit_button(_("Use the later statement")):
                    _decide_statement(statement, later_statements.accept_statement, reason)
                if st.form_submit_button(_("Keep the first statement"), type="primary"):
                    _decide_statement(statement, later_statements.leave_statement, reason)


def _decide_statement(statement: StatementToDecide, verb: Callable[..., None], reason: str) -> None:
    done = Phrase("Decided. Both statements stay in the file.")
    decide_about_record(verb, AlsoSaid, statement.statement_id, done, reason=reason)
