"""Request extraction: from answers to whom to ring, where, when and how safely.

It is the same for all form tools. The look of a value alone may give an address or a name to read;
a number only to suggest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leads.errors import BadSubmission
from leads.forms.call_time_answers import (
    SaidCallTime,
    collect_unclear_call_times,
    find_call_times_in_messages,
    read_best_time,
)
from leads.forms.consent import ConsentAnswer, chooses_calls, limits_calls, read_consent
from leads.forms.consent_shapes import with_plain_consent
from leads.forms.contact_limits import collect_contact_limits
from leads.forms.field_roles import (
    CONSENT_QUESTION,
    DECLARED,
    EMAIL,
    LONGEST_ANSWER,
    MAPPED,
    MENTIONED,
    FieldRoleCandidate,
    FieldRoleCandidates,
    find_role_candidates,
    plain_field_name,
)
from leads.forms.form_field import FormField, ParsedSubmission, text_of
from leads.forms.label_vocabulary import match_field_role, normalize_for_whom, plain_words
from leads.forms.phone_selection import choose_number, find_no_dial_numbers
from leads.forms.request import FormRequest
from leads.forms.safe_contact_answers import collect_cautions, read_safe_to_call
from leads.forms.several_people import has_several_people
from leads.forms.stated_ages import collect_ages_of_children
from leads.forms.wished_gender import find_wished_gender
from leads.forms.yes_no_answers import parse_consent_answer, parse_yes_no
from leads.i18n.messages import Message, MessageKey
from leads.person_facts import PERSON_FACTS, FactKind
from leads.phone_numbers import is_extension

YES_OR_NO = frozenset({"any_hour", "safe_to_call", "safe_to_voicemail", "safe_to_text", "consent"})
LONGEST_ID, LONGEST_VALUE, MOST_ROWS, LONGEST_SEARCH = 200, 500, 200, 4000
LOOKS_LIKE_A_NAME = re.compile(r"[^\W\d_][^\W\d_'.\-]*( [^\W\d_][^\W\d_'.\-]*){1,3}")
GROUPS_WITH_OWN_IDS = frozenset(
    {
        "contact", "contacts", "lead", "leads", "person", "people", "customer", "customers",
        "client", "clients",
        "user", "users", "merges", "data", "profile", "member", "subscriber", "visitor",
        "attributes", "properties",
        "guest", "student", "patient", "account", "form", "page", "field", "fields",
    }
)  # fmt: skip
"""Groups of fields with ids that are no submission's: a person's next request has the same id."""
BARE_IDS = (("id",), ("uuid",), ("guid",))
OPERATOR_ADDRESS_WORDS = frozenset(
    {"to", "admin", "from", "owner", "recipient", "assigned", "notification"}
)


def extract_request(
    entry: ParsedSubmission, *, region: str, mapping: Mapping[str, str]
) -> FormRequest:
    """Return the request that a submission's answers make, with numbers meant as in `region`.

    What is not understood is kept under `unknown`. A missing or unusable number is `phone=None`.
    Raises BadSubmission where several people ask to be rung.
    """
    claims = find_role_candidates(with_plain_consent(entry.items), mapping)
    if has_several_people(claims):
        raise BadSubmission(Message(MessageKey.SEVERAL_PEOPLE))
    choice = choose_number(claims, region, doubt_before=entry.doubt)
    suggestions, cautions = () if entry.thin else choice.suggestions, collect_cautions(claims)
    consent, consent_text = _extract_consent(claims)
    text_facts = _extract_text_facts(claims)
    stated = text_facts.pop("best_time")
    said_times = list(find_call_times_in_messages(claims))
    return FormRequest(
        phone=None if choice.doubt else choice.number,
        phone_as_given=choice.given,
        phone_extension=choice.extension or _extract_extension(claims),
        suggested_phone=next((one.number for one in suggestions if not one.is_anothers), None),
        suggestions=[vars(one) for one in suggestions],
        no_dial=find_no_dial_numbers(claims, region, choice.number),
        name=_extract_name(claims),
        email=_extract_email(claims),
        message=_extract_message(claims),
        for_whom=normalize_for_whom(_extract_role_text(claims, "for_whom")),
        consent=consent,
        consent_text=_extract_role_text(claims, "consent_text") or consent_text,
        any_hour=_extract_yes_no(claims, "any_hour"),
        safe_to_call=read_safe_to_call(claims),
        safe_to_voicemail=_extract_yes_no(claims, "safe_to_voicemail") if not cautions else False,
        safe_to_text=_extract_yes_no(claims, "safe_to_text") if not cautions else False,
        cautions=[*collect_ages_of_children(entry.items), *cautions],
        limits=_collect_limits(claims, said_times, stated),
        best_time=read_best_time(said_times, stated),
        wished_gender=find_wished_gender(_extract_role_text(claims, "wished_gender")),
        **text_facts,
        page_url=_extract_role_text(claims, "page_url") or entry.page_url,
        campaign=_extract_role_text(claims, "campaign") or entry.campaign,
        vendor_id=_indexable_vendor_id(entry.vendor_id or _extract_submission_id(claims)) or None,
        event=entry.event,
        reason=entry.thin or choice.doubt,
        fields=[_make_field_row(item) for item in entry.items[:MOST_ROWS]],
        unknown=_collect_unknown_answers(entry.items, claims),
    )


def _collect_limits(
    claims: FieldRoleCandidates, said_times: Sequence[SaidCallTime], best_time: str
) -> list[str]:
    """Return the answers that a person has to read before a call, each once."""
    unclear = collect_unclear_call_times(said_times, best_time)
    return list(dict.fromkeys([*collect_contact_limits(claims), *unclear]))


def _extract_text_facts(claims: FieldRoleCandidates) -> dict[str, Any]:
    """Return the facts that are kept as they were answered, by name."""
    texts = [fact.name for fact in PERSON_FACTS if fact.kind is FactKind.TEXT]
    return {name: _extract_role_text(claims, name) for name in texts}


def _extract_extension(claims: FieldRoleCandidates) -> str:
    """Return the digits that a field of their own beside the number says are dialed behind it."""
    beside = (
        claim
        for claim in claims.usable_for_role("phone_extension")
        if claim.sureness == MAPPED or claim.item.group == claims.home
    )
    written = ((claim.item, _first_value_text(claim.item)) for claim in beside)
    item, text = next((one for one in written if is_extension(one[1])), (None, ""))
    if item:
        claims.mark_as_used(item)
    return text


def _extract_name(claims: FieldRoleCandidates) -> str:
    """Return the submitter's name, whole or in parts, whichever stands nearer to the number."""
    whole, first, last = (
        claims.usable_for_role(role) for role in ("name", "first_name", "last_name")
    )
    parts = [candidates[0].item for candidates in (first, last) if candidates]
    is_called_so = bool(whole) and whole[0].sureness < MENTIONED
    if parts and (not is_called_so or (parts[0].group == claims.home != whole[0].item.group)):
        return " ".join(_first_value_text(claims.mark_as_used(item)) for item in parts)
    if whole:
        name = _first_value_text(claims.mark_as_used(whole[0].item))
        is_first = last and not first and " " not in name
        return (
            f"{name} {_first_value_text(claims.mark_as_used(last[0].item))}" if is_first else name
        )
    unnamed = (claim.item for claim in claims.all if not claim.role and claim.item.key.isdecimal())
    item = next(
        (
            item
            for item in unnamed
            if not item.label and LOOKS_LIKE_A_NAME.fullmatch(text_of(item.value))
        ),
        None,
    )
    return _first_value_text(claims.mark_as_used(item)) if item else ""


def _extract_email(claims: FieldRoleCandidates) -> str:
    usable = claims.usable_for_role("email")
    claim = next(
        (claim for claim in usable if "@" in text_of(claim.item.value)), next(iter(usable), None)
    )
    item = (
        claim.item
        if claim
        else next(
            (claim.item for claim in claims.all if _may_be_submitters_email(claim, claims)), None
        )
    )
    return _first_value_text(claims.mark_as_used(item)) if item else ""


def _may_be_submitters_email(claim: FieldRoleCandidate, claims: FieldRoleCandidates) -> bool:
    """Whether a field without a role holds an e-mail address that may be the submitter's."""
    is_open = (
        not claim.role and claim.is_submitters and not claims.is_in_unrelated_group(claim.item)
    )
    return bool(
        is_open
        and len(text_of(claim.item.value)) <= LONGEST_ANSWER
        and EMAIL.fullmatch(text_of(claim.item.value))
        and not OPERATOR_ADDRESS_WORDS.intersection(plain_words(claim.item.key))
    )


def _extract_message(claims: FieldRoleCandidates) -> str:
    """Return the submitter's message, from a field called so rather than from any long text."""
    usable = claims.usable_for_role("message")
    called = (
        claim
        for claim in usable
        if claim.sureness != DECLARED or match_field_role(claim.item.title)
    )
    claim = next(called, next(iter(usable), None))
    return text_of(claims.mark_as_used(claim.item).value) if claim else ""


def _extract_role_text(claims: FieldRoleCandidates, role: str) -> str:
    claim = next(iter(claims.usable_for_role(role)), None)
    return _first_value_text(claims.mark_as_used(claim.item)) if claim else ""


def _extract_yes_no(claims: FieldRoleCandidates, role: str) -> bool | None:
    """Return what is said by yes or no, in whichever field: one no among the answers is a no."""
    usable = claims.usable_for_role(role)
    claims.taken.extend(claim.item for claim in usable[:1])
    answers = {parse_yes_no(value) for claim in usable for value in claim.item.values}
    return False if False in answers else (True if True in answers else None)


def _first_value_text(item: FormField) -> str:
    """Return a field's first value: a name that comes twice is not a name of two."""
    return next((text for value in item.values if (text := text_of(value))), "")


def _extract_consent(claims: FieldRoleCandidates) -> tuple[bool | None, str]:
    """Return whether the submitter agreed to be called, and in which words.

    Our own field is about calls, and its wording stands in `consent_text`. A refusal in any field
    beats an agreement in any other.
    """
    own = [
        ConsentAnswer(
            claim.item, given, is_about_calls=True, wording=_own_consent_wording(claim.item)
        )
        for claim in claims.for_role("consent")
        if (given := _read_own_consent_field(claim)) is not None
    ]
    asked = [
        claim.item for role in ("consent", CONSENT_QUESTION) for claim in claims.for_role(role)
    ]
    given, wording, items = read_consent(asked, own)
    claims.taken.extend(items)
    return given, wording


def _read_own_consent_field(claim: FieldRoleCandidate) -> bool | None:
    """Return the answer of our own consent field; a box left empty is a no.

    A field that a person mapped to consent may send any words when it is ticked.
    """
    if claim.item.is_blank:
        return None if None in claim.item.values else False
    if limits_calls(claim.item):
        return False
    answers = {parse_consent_answer(value) for value in claim.item.values}
    if False in answers:
        return False
    return True if True in answers or claim.sureness == MAPPED else chooses_calls(claim.item)


def _own_consent_wording(item: FormField) -> str:
    texts = (item.label, *map(text_of, item.values))
    return ": ".join(dict.fromkeys(text for text in texts if len(text.split()) > 1))


def _extract_submission_id(claims: FieldRoleCandidates) -> str:
    """Return the id that the tool gave the submission, or nothing.

    A bare `id` or `uuid` counts only beside the number or around it, and only where it is not the
    person's or the form's.
    """
    filled = [claim for claim in claims.for_role("id") if not claim.item.is_blank]
    around = [
        claim
        for claim in filled
        if claim.sureness == MAPPED or _is_submission_id(claim.item, claims.home)
    ]
    claim = min(
        around,
        key=lambda claim: (claim.sureness, _submission_id_rank(claim.item), -len(claim.item.group)),
        default=None,
    )
    return _first_value_text(claims.mark_as_used(claim.item)) if claim else ""


def _is_submission_id(item: FormField, home: str) -> bool:
    nearest = item.group.rpartition(".")[2]
    if nearest and _names_submission_id(f"{nearest} {item.key}"):
        return True  # `entry` with an `id`, wherever the number stands
    if not f"{home}.".startswith(item.group):
        return False
    is_bare = plain_words(item.key) in BARE_IDS
    is_a_persons = plain_field_name(item.group.rpartition(".")[2]) in GROUPS_WITH_OWN_IDS
    return not is_bare or (not is_a_persons and _may_be_unique_id(_first_value_text(item)))


def _names_submission_id(name: str) -> bool:
    said = match_field_role(name)
    return said is not None and said.is_all and said.role == "id"


def _may_be_unique_id(number: str) -> bool:
    """Whether an id may be another one for every submission.

    It has a digit: the ids that people give to forms are names.
    """
    return bool(re.search(r"\d", number)) and not {"form", "formulario"}.intersection(
        plain_words(number)
    )


def _submission_id_rank(item: FormField) -> int:
    """Return where an id stands in the order of preference, the lowest first.

    The id of a submission goes before an unnamed one, and the id of the event that reported it
    comes last.
    """
    said = plain_words(item.key)
    return 1 if said in BARE_IDS else 2 * ("event" in said)


def _indexable_vendor_id(text: str) -> str:
    """Return an id short enough for a database's index: a long one as its SHA-256."""
    return text if len(text) <= LONGEST_ID else hashlib.sha256(text.encode()).hexdigest()


def _make_field_row(item: FormField) -> dict[str, str]:
    return {"key": item.path, "label": item.label, "value": text_of(item.value)[:LONGEST_VALUE]}


def _collect_unknown_answers(
    items: Sequence[FormField], claims: FieldRoleCandidates
) -> dict[str, list[Any]]:
    """Return the answers that have no place of their own, by title.

    What only repeats another answer is left out.
    """
    roles = {id(claim.item): claim.role for claim in claims.all}
    taken = {id(item) for item in claims.taken}
    said = {(roles.get(id(item), ""), _first_value_text(item)) for item in claims.taken}
    unknown: dict[str, list[Any]] = {}
    for item in items:
        role = roles.get(id(item), "")
        rest = [
            value
            for value in _remaining_values(item, role, is_taken=id(item) in taken)
            if (role, text_of(value)) not in said
        ]
        if rest:
            unknown.setdefault(item.title, []).extend(rest)
    return unknown


def _remaining_values(item: FormField, role: str, *, is_taken: bool) -> Iterable[Any]:
    """Return the values of a field that its role did not use."""
    if is_taken and role in YES_OR_NO | {"message", CONSENT_QUESTION}:
        return []
    values = item.values[1:] if is_taken else item.values
    return [
        value.strip() if isinstance(value, str) else value for value in values if text_of(value)
    ]
