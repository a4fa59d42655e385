"""Which of the numbers in a form is that of who filled it out, and which are somebody else's."""

from __future__ import annotations

from leads import phone_numbers
from leads.forms.compound_fields import UNKNOWN_COUNTRY
from leads.forms.field_roles import LEAST_DIGITS, LONGEST_ANSWER, Claim, Claims
from leads.forms.form_field import Item, text_of
from leads.forms.label_vocabulary import CLIENT, is_a_senders, tokens
from leads.forms.phone_parsing import Countries, countries, dialled, is_a_time, numbers
from leads.i18n.translatable import Phrase

LONGEST_SEARCH = 4000
NO_NUMBER = frozenset(
    {
        "id", "ids", "uuid", "token", "key", "hash", "timestamp", "created", "updated", "submitted", "ip", "url",
        "gclid", "fbclid", "agent", "date", "version", "fax",
    }
)  # fmt: skip
SEVERAL_NUMBERS = Phrase("It gives several phone numbers under one name: a person has to see which one to ring.")
FOR_A_CLIENT = Phrase(
    "Somebody seems to have filled out the form for a client or a student, and both numbers are in it: "
    "a person has to see whom to ring."
)


def submitters(claims: Claims, region: str) -> tuple[str, str | None, str]:
    """Return the submitter's number as it was given and as it can be dialled, the first that can be.

    The third is why a person has to see first whether it is theirs, or nothing.
    """
    theirs = sorted((claim for claim in claims.to("phone") if claim.is_theirs), key=lambda claim: claim.order)
    spoken = ((text, claim) for claim in theirs for text in numbers(claim.item))
    given = [(text, claim) for text, claim in spoken if text and not is_a_time(text, claim, region)]
    if not given:
        return "", None, ""
    stated = countries(claims)
    dialable = (
        (text, claim, dialled(text, stated.get(claim.item.group, Countries()), region)) for text, claim in given
    )
    text, claim, number = next((one for one in dialable if one[2]), (*given[0], None))
    claims.home = claims.take(claim.item).group
    is_for_a_client = claim.owner == CLIENT and any(map(_is_a_senders_number, claims.all))
    return text, number, FOR_A_CLIENT if is_for_a_client else _between_numbers(claim.item, claims, region)


def suggestion(number: str | None, claims: Claims, region: str) -> str | None:
    """Return a number that stands somewhere: a person may find that it is theirs."""
    return number or _first_number(claims, region)


def no_dial(claims: Claims, region: str, own: str | None) -> list[str]:
    """Return the numbers of other people in the form: only who fills it out asked to be rung."""
    items = (claim.item for claim in claims.all if not claim.is_theirs and claim.role in ("phone", ""))
    texts = (text_of(value) for item in items for value in item.values)
    theirs = (
        phone_numbers.normalize_phone(text, region) for text in texts if LEAST_DIGITS <= len(text) <= LONGEST_ANSWER
    )
    return sorted({number for number in theirs if number} - {own})


def _is_a_senders_number(claim: Claim) -> bool:
    """Whether somebody who may have filled out the form for the client gave a number, too."""
    return (
        not claim.is_theirs
        and claim.role == "phone"
        and not claim.item.is_blank
        and is_a_senders(f"{claim.item.group} {claim.item.title}")
    )


def _between_numbers(own: Item, claims: Claims, region: str) -> str:
    """Say that the fields of their number hold two under one name: nobody could tell which of them to ring."""
    same = (claim.item for claim in claims.all if _is_named_alike(claim.item, own))
    texts = {text for item in same for text in numbers(item)}
    if len(texts) == 1:  # as nearly always
        return ""
    return SEVERAL_NUMBERS if len({phone_numbers.normalize_phone(text, region) for text in texts} - {None}) > 1 else ""


def _is_named_alike(one: Item, other: Item) -> bool:
    return (one.path, one.label, one.section) == (other.path, other.label, other.section)


def _first_number(claims: Claims, region: str) -> str | None:
    items = (claim.item for claim in claims.all if claim.is_theirs)
    texts = (text_of(item.value) for item in items if not NO_NUMBER.intersection(tokens(item.key)))
    worth_a_look = (
        text for text in texts if UNKNOWN_COUNTRY not in text and sum(map(str.isdigit, text)) >= LEAST_DIGITS
    )
    return phone_numbers.find_first_phone("\n".join(worth_a_look)[:LONGEST_SEARCH], region)
