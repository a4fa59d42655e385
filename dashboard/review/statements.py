"""Two statements about one fact, side by side, and the decision which of them holds."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import widgets
from dashboard.language import _
from leads.i18n.translatable import Phrase
from leads.lead_records import later_statements
from leads.lead_records.later_statements import NOT_SAID, StatementToDecide
from leads.lead_records.protections import Protection
from leads.models.requests import AlsoSaid, Lead
from leads.person_facts import FACTS_BY_NAME


def draw_statements_to_decide(statements: Sequence[StatementToDecide]) -> None:
    """Draw what was said later without proof, each beside what was said first."""
    if not statements:
        return
    st.header(_("Said two things"), anchor=False)
    st.caption(
        _(
            "Whoever knows the number may have said the later one. Until you decide, what was said "
            "first holds, and the hours of every place that was named count."
        )
    )
    for statement in statements:
        _draw_statement(statement)


def draw_protections(protections: Sequence[Protection]) -> None:
    """Draw what holds for a number because somebody there refused it, and how it is lifted."""
    for protection in protections:
        key = f"{protection.lead_id}-{protection.fact}"
        with st.form(f"protection-{key}", border=False):
            name = widgets.escape_markdown(protection.name) or _("No name given")
            st.write(_("{name} said no: {fact}", name=name, fact=_(protection.label)))
            reason = st.text_input(_("How you know that this is over"), key=f"why-{key}")
            if st.form_submit_button(_("Lift it"), icon=":material/lock_open:"):
                _lift_protection(protection, reason)


def stated_value_text(fact: str, value: str) -> str:
    """Return a fact as it was stated, in our word for it where there is one."""
    known = FACTS_BY_NAME.get(fact)
    return _(known.choices.get(value, value) if known else value) if value else _(NOT_SAID)


def _draw_statement(statement: StatementToDecide) -> None:
    with st.container(border=True):
        name = widgets.escape_markdown(statement.name) or _("No name given")
        st.write(f"**{name}** · {_(statement.label)}")
        first, later = st.columns(2)
        with first:
            st.caption(_("Said first"))
            st.text(stated_value_text(statement.fact, statement.first))
        with later:
            said_by = widgets.escape_markdown(statement.said_by) or _("No name given")
            st.caption(
                _(
                    "Said later by {name}, through {source}, {time}",
                    name=said_by,
                    source=widgets.escape_markdown(statement.source),
                    time=widgets.instant_text(statement.at),
                )
            )
            st.text(stated_value_text(statement.fact, statement.later))
        with st.form(f"statement-{statement.statement_id}", border=False):
            reason = st.text_input(
                _("How you know") if statement.needs_reason else _("How you know, if you wish")
            )
            with st.container(horizontal=True):
                if st.form_submit_button(_("The later one holds")):
                    _decide_statement(statement, reason, accepts=True)
                if st.form_submit_button(_("Leave it as it was"), type="primary"):
                    _decide_statement(statement, reason, accepts=False)


def _decide_statement(statement: StatementToDecide, reason: str, *, accepts: bool) -> None:
    verb = later_statements.accept_statement if accepts else later_statements.leave_statement
    widgets.run_as_signed_in(
        lambda s, a: verb(
            s,
            s.get_one(AlsoSaid, statement.statement_id),
            a,
            reason=reason,
            now=widgets.read_utc_clock(),
        ),
        Phrase("Decided. Both statements stay in the file."),
    )
    st.rerun()


def _lift_protection(protection: Protection, reason: str) -> None:
    widgets.run_as_signed_in(
        lambda s, a: later_statements.lift_protection(
            s,
            s.get_one(Lead, protection.lead_id),
            protection.fact,
            a,
            reason=reason,
            now=widgets.read_utc_clock(),
        ),
        Phrase("Lifted. Your reason stays in the file."),
    )
    st.rerun()
