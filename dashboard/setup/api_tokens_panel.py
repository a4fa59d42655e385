"""The access tokens panel: which programs may read over the API, what, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import page_actions, page_reading, page_text, plain_table, viewer, widgets
from dashboard.language import _
from dashboard.setup import one_time_secrets, outside_reader_fields
from leads.api import tokens
from leads.api.tokens import TokenDetails
from leads.i18n.translatable import Phrase
from leads.models.enums import ApiScope
from leads.outbox import outside_readers

PLACE = "tokens"
SCOPE_LABELS: Mapping[ApiScope, Phrase] = {
    ApiScope.CALLBACKS: Phrase("Callbacks"),
    ApiScope.LEADS: Phrase("People, without names and numbers"),
    ApiScope.PERSONAL: Phrase("Names, phone numbers and e-mail addresses"),
    ApiScope.REPORT: Phrase("Service report"),
}


def draw_api_tokens(helplines: Sequence[str]) -> None:
    """Draw the tokens, each with the button that ends it, and how to make one."""
    widgets.draw_small_text(
        _(
            "A program with a token can read, never write. Every read is in the audit log. See "
            "docs/outbound.md."
        )
    )
    one_time_secrets.draw_one_time_secret(PLACE)
    found = page_reading.read_or_stop_page(tokens.list_tokens)
    plain_table.draw_plain_table(_("Access tokens"), list(map(_token_row, found)))
    good = [one for one in found if _is_in_force(one)]
    if good:
        _draw_chosen_token(good)
    _draw_new_token(helplines)


def _token_row(one: TokenDetails) -> dict[str, object]:
    status = _("Active") if _is_in_force(one) else _("Revoked") if one.revoked_at else _("Expired")
    basis = outside_reader_fields.legal_basis_text(one.basis) if one.basis else _("Not needed")
    return {
        _("Name"): one.name,
        _("May read"): ", ".join(_(SCOPE_LABELS[ApiScope(scope)]) for scope in one.scopes),
        _("Helplines"): ", ".join(one.helplines) or _("All"),
        _("Permitted by"): basis,
        _("Status"): status,
        _("Expires"): page_text.instant_text(one.ends_at),
        _("Last used"): page_text.instant_text(one.used_at) or _("Never"),
    }


def _is_in_force(one: TokenDetails) -> bool:
    return one.revoked_at is None and one.ends_at > viewer.read_utc_clock()


@widgets.in_stable_container
def _draw_chosen_token(good: Sequence[TokenDetails]) -> None:
    names = {one.token_id: one.name for one in good}
    chosen: int = st.selectbox(
        _("Access token"), list(names), format_func=names.__getitem__, key="token"
    )
    if st.button(_("Revoke"), icon=":material/block:"):
        page_actions.act_and_redraw(
            lambda s, a: tokens.revoke_token(s, a, chosen, now=viewer.read_utc_clock()),
            _("Revoked. It no longer works."),
        )


def _draw_new_token(helplines: Sequence[str]) -> None:
    with widgets.form_kept_if_refused("token"):
        name = st.text_input(_("Name of the program"), max_chars=outside_readers.LONGEST_NAME)
        scopes = outside_reader_fields.ask_several(_("May read"), SCOPE_LABELS)
        chosen = outside_reader_fields.ask_helplines(helplines)
        days = st.number_input(
            _("Days until it expires"),
            min_value=1,
            max_value=tokens.MOST_DAYS,
            value=tokens.USUAL_DAYS,
        )
        widgets.draw_small_text(_("To read names and numbers, state what permits it:"))
        basis = outside_reader_fields.ask_legal_basis()
        if st.form_submit_button(_("Make a token"), type="primary"):
            token = page_actions.run_for_result(
                lambda s, a: tokens.issue_token(
                    s,
                    a,
                    name,
                    scopes=scopes,
                    helplines=chosen,
                    days=int(days),
                    **basis,
                    now=viewer.read_utc_clock(),
                ),
                _("The token is active."),
            )
            if token:
                one_time_secrets.keep_one_time_secret(PLACE, name, token)
            st.rerun()
