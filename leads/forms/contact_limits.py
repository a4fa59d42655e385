"""Contact limits: the answers that speak against a call, for whoever decides to read."""

from __future__ import annotations

import re
from enum import StrEnum

from leads.forms.call_questions import (
    asks_unknown_question,
    has_unclear_answer,
    is_agreement_understood,
    says_when_to_call,
)
from leads.forms.consent import (
    CONSENT_METADATA_WORDS,
    PHONE_NUMBER_TEXT,
    limits_calls,
    sends_any_words,
)
from leads.forms.field_roles import (
    CONSENT_QUESTION,
    MAPPED,
    MENTIONED,
    FieldRoleCandidate,
    FieldRoleCandidates,
)
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    ANYBODY,
    SOMEBODY_ELSE,
    answer_owner,
    cache_short_texts,
    has_consent_phrase,
    plain_words,
)
from leads.forms.talking_questions import (
    asks_about_watching,
    denies_talking,
    tells_of_watched_phone,
)
from leads.forms.yes_no_answers import (
    has_refusing_sign,
    parse_consent_answer,
    parse_safety_answer,
)
from leads.free_text.call_risks import has_call_risk
from leads.free_text.refusals import (
    ContactWay,
    asks_for_forbidden_ways,
    asks_for_safe_ways,
    asks_for_ways,
    includes_calls,
    leaves_calls_out,
    named_ways,
    names_no_way,
    plain_clauses,
    read_contact_limit,
    says_only_no_calls,
)
from leads.free_text.wishes import is_stop_keyword

LONGEST_QUOTE = 300  # characters
NAMES_ABOUT_THE_PAGE = frozenset(
    {"page", "title", "url", "agent", "form", "referrer", "source", "site", "campaign", "keyword"}
)
LEAST_WORDS = 4  # of a sentence that somebody writes of their own accord
ROLES_OF_PLACES = frozenset({"city", "region"})
SOMEWHERE_ABROAD = re.compile(
    r"\b(?:overseas|abroad|deployed|at sea|on a ship|(?:out|outside|not in)(?: of)? (?:the )?"
    r"(?:usa?|united states|states|country)|fuera de(?:l pais| (?:los )?estados unidos| (?:los )?"
    r"ee ?uu)|(?:en )?el extranjero|europe|europa|asia|africa|oceania|middle east|medio oriente|"
    r"(?:latin|south|central) america|latinoamerica|sudamerica|centroamerica)\b"
)
"""Places in which it may be any hour: whoever reads it finds out when a call is welcome."""
ROLES_OF_MESSAGES = frozenset({"message", "safe_to_call", ""})
ROLES_WITHOUT_OWN_WORDS = frozenset({"id", "page_url", "campaign", "consent_text"})
NAMES_OF_A_CHOICE = frozenset({"name", "label", "title", "value", "text"})

NAMES_OF_OPTIONS = frozenset(
    {"option", "options", "choice", "choices", "selection", "selections", "selected", "preference",
     "preferences", "opcion", "opciones", "seleccion", "preferencia", "preferencias"}
)  # fmt: skip
"""Names that say nothing of what was asked, so that only the answers do."""
LONGEST_WAY = 3  # words


class WaysQuestion(StrEnum):
    """What a question about ways of contact asks for."""

    CHOSEN = "chosen"
    SAFE = "safe"
    FORBIDDEN = "forbidden"


def collect_contact_limits(claims: FieldRoleCandidates) -> list[str]:
    """Return the answers that speak against a call, each with its question.

    Conditions on a yes, ways of contact without a call, times that are refused in words nobody
    could plan by, places of which nobody knows the time, and people's own words. A plain no is
    none: it needs no words.
    """
    limiting = (claim.item for claim in claims.all if _speaks_against_call(claim, claims))
    return list(
        dict.fromkeys(
            f"{item.title}: {text_of(item.value)}"[:LONGEST_QUOTE].strip() for item in limiting
        )
    )


def limits_ways_of_contact(item: FormField) -> bool:
    """Whether the ways of contact that were chosen leave calls out, or the forbidden have them."""
    question = _read_ways_question(item)
    if question is None:
        return False
    texts = [text_of(value) for value in item.values]
    if question is WaysQuestion.FORBIDDEN:
        return includes_calls(texts)
    is_none = question is WaysQuestion.SAFE and any(map(names_no_way, texts))
    return is_none or leaves_calls_out(texts)


def answers_safe_ways_question(item: FormField) -> bool:
    """Whether a field tells in which ways it is safe to contact whoever asks."""
    return _read_ways_question(item) is WaysQuestion.SAFE


def answers_with_ways(item: FormField) -> bool:
    """Whether a question about ways of contact is answered by their names.

    These say whether a call is among them.
    """
    texts = [text_of(value) for value in item.values]
    are_ways = all(named_ways(text) - {ContactWay.ANY} for text in texts)
    return are_ways and _read_ways_question(item) is not None


def _read_ways_question(item: FormField) -> WaysQuestion | None:
    """Return which question about ways of contact a field answers, of whoever asks for help."""
    question = _ways_question_of(item.key, item.label, item.section, item.group)
    if item.is_blank or PHONE_NUMBER_TEXT.fullmatch(text_of(item.value)):
        return None
    if not question and _has_ways_for_options(item):
        return WaysQuestion.CHOSEN
    if not question and _asks_what_is_safe(item.key, item.label):
        are_ways = all(map(named_ways, map(text_of, item.values)))
        return WaysQuestion.SAFE if are_ways else None
    return question


def _has_ways_for_options(item: FormField) -> bool:
    """Whether the options that were chosen, of a question nobody knows, are ways of contact."""
    said = plain_words(item.label or item.key)
    is_bare = bool(said) and NAMES_OF_OPTIONS.issuperset(said)
    texts = map(text_of, item.values if is_bare else ())
    return is_bare and all(
        named_ways(text) - {ContactWay.ANY} and len(text.split()) <= LONGEST_WAY for text in texts
    )


@cache_short_texts
def _asks_what_is_safe(key: str, label: str) -> bool:
    """Whether a question, in whatever words, asks which of several things is safe for the sender.

    Where all its answers are ways of contact, these are asked for.
    """
    asked = f"{key}. {label}"
    return asks_for_safe_ways(asked) and answer_owner(asked) != SOMEBODY_ELSE


@cache_short_texts
def _ways_question_of(key: str, label: str, section: str, group: str) -> WaysQuestion | None:
    asked, inner = f"{key}. {label}", group.rpartition(".")[2]
    around = f"{section} {inner}".strip()
    question = _ways_question_in(asked)
    if not question and around:
        question = _ways_question_in(f"{around} {asked}")
    if not question and key.lower() in NAMES_OF_A_CHOICE:
        question = _ways_question_in(inner)
    owner = answer_owner(f"{group} {section} {asked}") if question else ANYBODY
    return None if owner == SOMEBODY_ELSE else question


def _ways_question_in(asked: str) -> WaysQuestion | None:
    if asks_for_forbidden_ways(asked):
        return WaysQuestion.FORBIDDEN
    if not asks_for_ways(asked):
        return None
    return WaysQuestion.SAFE if asks_for_safe_ways(asked) else WaysQuestion.CHOSEN


def _speaks_against_call(claim: FieldRoleCandidate, claims: FieldRoleCandidates) -> bool:
    item = claim.item
    if item.is_blank or claims.is_in_unrelated_group(item):
        return False
    is_crossed_out = any(map(_crosses_way_out, map(text_of, item.values)))
    is_unclear = _is_answer_unclear(claim) or _is_somewhere_abroad(claim)
    is_safety_no = claim.role == "safe_to_call" and any(
        parse_safety_answer(value) is False for value in item.values
    )  # which is a fact of its own
    is_unsafe = (denies_talking(item) and not is_safety_no) or tells_of_watched_phone(item)
    if is_crossed_out or limits_ways_of_contact(item) or is_unclear or is_unsafe:
        return True
    if _read_ways_question(item) is WaysQuestion.FORBIDDEN:
        return False
    if claim.role in ("consent", CONSENT_QUESTION):
        return limits_calls(item) or not _is_consent_understood(claim)
    if claim.role == "safe_to_call" or _is_in_own_words(claim):
        return _refuses_in_own_words(item) or _tells_of_call_risk(claim)
    return False


def _is_somewhere_abroad(claim: FieldRoleCandidate) -> bool:
    """Whether somebody says that they are in another country, and not in which."""
    texts = map(text_of, claim.item.values if claim.role in ROLES_OF_PLACES else ())
    return any(SOMEWHERE_ABROAD.search(plain_clauses(text)) for text in texts)


def _is_answer_unclear(claim: FieldRoleCandidate) -> bool:
    """Whether a question about calls, or when to call, has an answer that nobody understood."""
    item, is_consent = claim.item, claim.role in ("consent", CONSENT_QUESTION)
    if claim.role == "best_time":
        return not all(map(says_when_to_call, filter(None, map(text_of, item.values))))
    if has_unclear_answer(item):
        return True
    if (claim.role and not is_consent) or not asks_unknown_question(item):
        return False
    if answers_safe_ways_question(item) or any(map(asks_about_watching, (item.key, item.label))):
        return False
    said = [parse_consent_answer(value) for value in item.values]
    is_box_ticked = has_consent_phrase("asks", item.title) and all(said)
    return not (is_box_ticked or (is_consent and None not in said))


def _is_consent_understood(claim: FieldRoleCandidate) -> bool:
    """Whether a consent is given or refused in words that are all known, or by a box's wording."""
    if claim.sureness == MAPPED or sends_any_words(claim.item):
        return True
    texts = list(filter(None, map(text_of, claim.item.values)))
    are_ways = len(texts) > 1 and all(map(named_ways, texts))  # `limits_calls` looked for calls
    is_label = texts == [claim.item.label]
    return are_ways or is_label or all(map(is_agreement_understood, texts))


def _is_in_own_words(claim: FieldRoleCandidate) -> bool:
    if claim.role in ROLES_WITHOUT_OWN_WORDS:
        return False
    named = f"{claim.item.key} {claim.item.label}"
    is_wording = CONSENT_METADATA_WORDS.intersection(plain_words(named)) or has_consent_phrase(
        "asks", named
    )
    return bool(claim.role) or not is_wording


def _refuses_in_own_words(item: FormField) -> bool:
    return any(
        isinstance(value, str) and (read_contact_limit(value) or says_only_no_calls(value))
        for value in item.values
    )


def _crosses_way_out(text: str) -> bool:
    return has_refusing_sign(text) and bool(named_ways(text))


def _tells_of_call_risk(claim: FieldRoleCandidate) -> bool:
    """Whether a message says something that a person has to read before a call, or only STOP."""
    texts = texts_of_message(claim)
    is_asked_openly = claim.sureness < MENTIONED  # "Reason for calling: quit" is no STOP
    is_stop = is_asked_openly and any(map(is_stop_keyword, texts))
    return is_stop or any(map(has_call_risk, texts))


def texts_of_message(claim: FieldRoleCandidate) -> list[str]:
    """Return what somebody wrote of their own accord, nothing for other answers."""
    if claim.role not in ROLES_OF_MESSAGES:
        return []
    texts = [value for value in claim.item.values if isinstance(value, str)]
    if not claim.role:
        is_about_page = not NAMES_ABOUT_THE_PAGE.isdisjoint(plain_words(claim.item.key))
        texts = [text for text in texts if not is_about_page and _is_written(text)]
    return texts


def _is_written(text: str) -> bool:
    """Whether an answer is a sentence of its sender's, and no wording of the form's."""
    said = plain_words(text)
    is_long = len(said) >= LEAST_WORDS and len(text.split()) >= LEAST_WORDS
    return is_long and not has_consent_phrase("asks", text) and "://" not in text
