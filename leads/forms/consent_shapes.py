"""Consent shapes: answers about contact, however a tool nests them, named by their question.

`{"consent": {"phone": false}}`, a list of channels with what is granted for each, and a hidden
value beside a ticked box come down to one answer to one question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    cache_short_texts,
    has_consent_phrase,
    match_field_role,
    plain_words,
)
from leads.forms.yes_no_answers import parse_consent_answer
from leads.free_text.refusals import (
    ContactWay,
    asks_for_forbidden_ways,
    asks_for_ways,
    named_ways,
)

STATES = frozenset(
    {
        "granted", "grant", "isgranted", "given", "isgiven", "allowed", "allow", "isallowed",
        "allows", "agreed", "agree", "isagreed", "accepted", "accept", "isaccepted", "optin",
        "optedin", "isoptedin", "subscribed", "issubscribed", "enabled", "isenabled", "permitted",
        "permission", "consent", "consented", "hasconsent", "hasconsented", "isconsented",
        "checked", "ischecked", "selected", "isselected", "ticked", "isticked", "status", "state",
        "active", "isactive", "approved", "otorgado", "aceptado", "permitido", "autorizado",
        "marcado", "activo", "estado", "acepta", "permite",
    }
)  # fmt: skip
"""Names under which a tool keeps whether something was agreed to."""
INVERSE_STATES = frozenset(
    {"optout", "optedout", "isoptedout", "unsubscribed", "isunsubscribed", "revoked", "withdrawn",
     "denied", "refused", "donotcontact", "blocked", "suppressed", "suppression"}
)  # fmt: skip
"""The same, where a yes is a refusal."""
STATE_WORDS = {
    **dict.fromkeys(("active", "enabled", "allowed", "permitted", "subscribed", "allow"), True),
    **dict.fromkeys(("inactive", "disabled", "forbidden", "unsubscribed", "deny", "block"), False),
    **dict.fromkeys(("blocked", "not allowed", "not_allowed", "opted_out"), False),
}
ANSWERS = frozenset({"value", "answer", "response", "decision", "choice", "valor", "respuesta"})
POSSIBLE_STATES = STATES | INVERSE_STATES | ANSWERS
CHANNELS = (
    "channel", "type", "contacttype", "contactmethod", "medium", "method", "way", "kind", "canal",
    "medio", "tipo", "metodo", "via", "purpose", "name", "title", "label", "text", "key", "id",
)  # fmt: skip
"""Names under which a row of a list keeps what was agreed to, the plainest first."""
GROUPS = frozenset(
    {
        "consent", "consents", "consentimiento", "consentimientos", "permission", "permissions",
        "permiso", "permisos", "optin", "optins", "optout", "optouts", "preferences",
        "preferencias", "subscriptions", "channels", "canales", "gdpr", "tcpa", "authorization",
        "autorizacion", "authorizations", "marketing", "agreement", "agreements", "unsubscribed",
        "suppression", "suppressions", "suppressed",
        "dnd", "dndsettings", "safecontact", "prefs", "comms", "communication", "communications",
        "notifications", "contactpreferences", "contactmethods", "contactsettings",
    }
)  # fmt: skip
"""Last words of a group of answers about contact; `opt_ins` and the like are read as one word."""
HIDDEN_VALUES = frozenset({"0", "false", "off", ""})
"""What a framework sends before a ticked box's own value, or alone where it is not ticked."""
OWN_BOXES = frozenset({"any_hour", "safe_to_voicemail", "safe_to_text"})
"""The boxes of the hosted form, whose own value is yes and whose hidden one, behind it, is no."""
PHONE_DIGITS = range(7, 14)
CALLS_BOX = "contact_by_phone"
LONGEST_WAY = 40  # characters
MOST_PARTS = 12  # of a map that says what was agreed to


def with_plain_consent(items: Sequence[FormField]) -> tuple[FormField, ...]:
    """Return the answers with those about contact named by their question, hidden values left out.

    `consent.phone` becomes `consent_phone`; every other answer stays as it is.
    """
    plain = tuple(_with_question_in_name(_without_hidden_value(item)) for item in items)
    chosen = [item for item in plain if _is_way_chosen(item)]
    ticked = {_asked_of_ways(item) for item in chosen} - {()}
    ticked -= {_asked_of_ways(item) for item in chosen if _is_for_calls(item)}
    return tuple(
        _refuse_calls_of(item) if _is_left_empty_for_calls(item, ticked) else item for item in plain
    )


def _refuse_calls_of(item: FormField) -> FormField:
    """Return a box for calls that was left empty as the no that it is, whatever it is called."""
    role = match_field_role(item.key)
    is_safety = role is not None and role.role.startswith("safe_to_")
    is_asked = is_safety or has_consent_phrase("asks", item.key) or is_contact_group(item.key)
    key = item.key if is_asked else CALLS_BOX
    return replace(item, key=key, label=item.label or item.path, value=False)


def _is_left_empty_for_calls(item: FormField, ticked: AbstractSet[tuple[str, ...]]) -> bool:
    """Whether a box for calls is empty beside a ticked one for another way of contact.

    `{"contact_by_phone": "", "contact_by_email": "on"}` is an example: the names differ in the way.
    """
    return item.is_blank and _is_for_calls(item) and _asked_of_ways(item) in ticked


def _is_for_calls(item: FormField) -> bool:
    return ContactWay.CALL in _ways_in_name(item.key)


@cache_short_texts
def _ways_in_name(name: str) -> frozenset[ContactWay]:
    return named_ways(name) - {ContactWay.ANY}


@cache_short_texts
def _words_beside_ways(name: str) -> tuple[str, ...]:
    return tuple(word for word in plain_words(name) if not named_ways(word))


def _asked_of_ways(item: FormField) -> tuple[str, ...]:
    """Return what a name asks of the ways of contact in it; nothing where it names none."""
    beside = _words_beside_ways(item.key) if named_ways(item.key) else ()
    return (item.group, *beside) if beside or (item.group and named_ways(item.key)) else ()


def _is_way_chosen(item: FormField) -> bool:
    """Whether a way of contact is agreed to by a yes, or by its own name as a box sends it."""
    if any(map(_is_yes, item.values)):
        return True
    ways = _ways_in_name(item.key)
    texts = [text_of(value) for value in item.values] if ways else []
    named = (text for text in texts if len(text) <= LONGEST_WAY and not _is_address(text))
    return any(named_ways(text) & ways for text in named)


def field_from_permission(named: Mapping[str, Any], key: str, group: str) -> FormField | None:
    """Return the answer of a map that says whether something named beside it was agreed to.

    `{"channel": "phone", "allowed": false}` is an example; None for any other map. The names of the
    map are in plain form.
    """
    if len(named) > MOST_PARTS or POSSIBLE_STATES.isdisjoint(named):
        return None
    if any(isinstance(part, (Mapping, list)) for part in named.values()):
        return None
    whole = f"{group}.{key}" if group and key else group or key
    is_in_group = is_contact_group(whole.rpartition(".")[2])
    states = [
        name for name in named if name in POSSIBLE_STATES and (is_in_group or name not in ANSWERS)
    ]
    answered = next((name for name in states if _read_state(named[name]) is not None), "")
    if not answered and is_in_group:
        answered = next((name for name in states if name in STATES), "")
    titles = [text_of(named[name]) for name in CHANNELS if name in named and name != answered]
    about = [text for text in titles if _is_about_contact(text)]
    if not answered or not about or any(map(_is_address, map(text_of, named.values()))):
        return None
    if not is_in_group and not has_consent_phrase("asks", about[0]):
        return None
    inverse = "do not contact by " if answered in INVERSE_STATES else ""
    label = next((text for text in reversed(about) if text != about[0]), "")
    state = _read_state(named[answered])
    value = named[answered] if state is None else state
    return FormField(f"{inverse}{about[0]}", label, value=value, group=whole)


def is_unticked(named: Mapping[str, Any]) -> bool:
    """Whether a map says beside a box's wording that it was not ticked; names are in plain form."""
    return any(
        parse_consent_answer(named[name]) is False
        for name in STATES.intersection(named)
        if not isinstance(named[name], (Mapping, list))
    )


def _is_address(text: str) -> bool:
    return "@" in text or sum(map(str.isdigit, text)) in PHONE_DIGITS


def _is_about_contact(text: str) -> bool:
    return bool(named_ways(text) - {ContactWay.ANY}) or has_consent_phrase("asks", text)


def _without_hidden_value(item: FormField) -> FormField:
    if not isinstance(item.value, list) or len(item.value) != 2:  # noqa: PLR2004 - a pair
        return item
    first, last = item.value
    before, after = text_of(first).lower(), text_of(last).lower()
    if before in HIDDEN_VALUES and _is_yes(last):
        return replace(item, value=last)
    is_own = item.path in OWN_BOXES and (before, after) == ("yes", "no")
    is_hidden_behind = is_own or (before, after) == ("true", "false")
    return replace(item, value=first) if is_hidden_behind else item


def _read_state(value: Any) -> bool | None:
    """Return what a tool's word for a state says by yes or no."""
    said = parse_consent_answer(value)
    return STATE_WORDS.get(text_of(value).lower()) if said is None else said


def _is_yes(value: Any) -> bool:
    return parse_consent_answer(value) is True


def _with_question_in_name(item: FormField) -> FormField:
    """Move the groups that ask for consent from a field's path into its name."""
    if not item.group or not _may_answer_its_group(item):
        return item
    parts = item.group.split(".")
    start = next((at for at, part in enumerate(parts) if is_contact_group(part)), None)
    if start is None:
        return item
    own = "texts" if item.key.lower() == "text" else item.key
    if "".join(plain_words(own)) in STATES | ANSWERS - {"consent"}:
        own = ""
    question = "_".join(filter(None, (*parts[start:], own)))
    stated = [_read_state(value) for value in item.values]
    value = item.value if item.is_blank or None in stated else stated
    kind = "" if item.type == "full_name" else item.type  # `given` was taken for a given name
    return replace(item, key=question, type=kind, value=value, group=".".join(parts[:start]))


def _may_answer_its_group(item: FormField) -> bool:
    """Whether a field says by yes or no what its group asks, for one way of contact or for all."""
    name = "".join(plain_words(item.key))
    is_named = name in STATES | INVERSE_STATES | ANSWERS or _is_about_contact(item.key)
    return is_named and all(
        value is None or _read_state(value) is not None or not text_of(value)
        for value in item.values
    )


@cache_short_texts
def is_contact_group(name: str) -> bool:
    """Whether a group of answers tells how somebody may be contacted."""
    said = plain_words(name)
    ends = {*said[-1:], *said[:1], "".join(said[-2:])}
    return (
        bool(ends & GROUPS)
        or asks_for_ways(name)
        or asks_for_forbidden_ways(name)
        or has_consent_phrase("asks", name)
    )
