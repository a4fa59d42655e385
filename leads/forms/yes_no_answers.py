"""Yes and no, in the words and numbers of forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

TRUE = frozenset(
    {
        "true", "yes", "y", "on", "ok", "okay", "checked", "agree", "agreed", "accept", "accepted",
        "si", "sí", "sì",
        "selected", "ticked", "granted", "claro", "marcado", "sim", "acepto", "aceptado",
        "t", "yeah", "yep", "yup", "sure", "affirmative", "verdadero", "afirmativo",
        "x", "[x]", "✓", "✔", "☑", "✅", "👍", "👌",
        "yea", "yess", "sip",
    }
)  # fmt: skip
FALSE = frozenset(
    {
        "false", "no", "n", "off", "none", "never", "unchecked", "decline", "declined", "disagree",
        "refuse", "refused",
        "rejected", "denied", "nunca", "rechazo", "não", "unselected", "unticked", "withdrawn",
        "revoked",
        "f", "nope", "nah", "negative", "falso", "jamas", "jamás", "negativo", "tampoco",
        "✗", "✘", "❌", "✖", "🚫", "☐", "□", "⬜", "[ ]", "👎", "🙅",
        "denegado", "denegada", "rechazado", "rechazada", "revocado", "revocada", "retirado",
        "retirada", "negado", "negada", "desmarcado", "rehusado", "rehuso", "inactive",
    }
)  # fmt: skip
REFUSING_SIGNS = frozenset("✗✘❌✖🚫☐□⬜👎🙅")
UNSETTLED = frozenset(
    {"pending", "expired", "lapsed", "undecided", "pendiente", "vencido", "vencida", "caducado"}
)
"""What a tool or a person says of a consent that is not there, or there no more."""
YES_IN_OTHER_WORDS = re.compile(
    r"((well|oh|why|yes|s[ií]|ok(ay)?|sure),? )*"
    r"(please|certainly|indeed|totally|absolutely|definitely|"
    r"for sure|adelante|dale|of course|by all means|why not|"
    r"no (problem|objections?|worries)|go (right )?ahead|"
    r"(please|yes) do|i do|i would( like that)?|you (may|can)|please (call|ring|phone)|any ?time|"
    r"(that|it)([\u2019']?s| is| would be) (fine|ok(ay)?|good|great|perfect|all ?right)|"
    r"fine( by| with)?( me)?|very much( so)?|100 ?%|por supuesto|desde luego|c[oó]mo no|"
    r"(con (mucho )?)?gusto|por favor|est[aá] bien|as[ií] es|sin (ning[uú]n )?problema|"
    r"cuando (guste|quiera|pueda)n?|cuando sea|"
    r"(a )?(cualquier (hora|momento)|todas horas)|ll[aá]me(n|nme|me)?)"
    r"(,? (please|thanks|thank you|anytime|por favor|gracias))*[ .!]*"
)
"""A yes that has no word for it: the whole answer, so that a condition behind it is none."""
SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")
NO_OBJECTION = (
    r"no( (hay|tengo|me))? (problem|worr|object|objeci|issue|inconveniente|preferenc|importa)"
)
NO = rf"(?!{NO_OBJECTION})no"
NEGATION = re.compile(
    r"(please |i |yo |have |i[\u2019']?d |would |we |absolutely |definitely |certainly |of course |"
    r"sorry,? |better |best |think |probably |rather |much |you |they |if |that |ok,? |well,? |"
    r"claro |por supuesto |desde luego |mejor |de |ahora |por ahora |por el momento |todav[ií]a |"
    r"prefi?er[a-zí]* |que )*"
    r"(do not|did not|(do|did|wo|ca)n[\u2019']?t|cannot|not|never|unsafe|give no|jam[aá]s|nunca|"
    r"sin(?= (?!(ning[uú]n |ninguna )?(problema|preferencia|duda|falta|inconveniente)))|"
    rf"ning[uú]n|ninguna|opt(ed)?[ _-]?out|anything but|{NO})(?![^\W_])"
)
CONDITION = re.compile(
    r"\b(but|only|if(?! possible)|unless|except|excluding|provided|providing|assuming|"
    r"depend(s|ing)?|until|as long as|so long as|on condition|after|before|while|during|not|never|"
    rf"{NO}|when(?!ever|( ever)? (you|u|possible|available|ready))|"
    r"pero|s[oó]lo|solamente|[uú]nicamente|nada m[aá]s|excepto|salvo|menos|siempre que|"
    r"siempre y cuando|con tal|mientras|cuando(?! (gust|quier|pued))|depende|despu[eé]s|antes|"
    r"durante|hasta|si (?=(\w+ )?(no|est[aá]|es|hay|mi|me|contest\w+|yo)\b))\b"
)
"""What binds a yes to something that only a person can judge."""
HESITATION = re.compile(
    r"(i[\u2019']?m |i am |it |that |well,? |still |a lo )*"
    r"(maybe|perhaps|possibly|probably|depend(s|e|ing)?|(not |un)(sure|certain|decided)|only|if|"
    r"ask me|let me|text me|e-?mail me|preg[uú]ntenme|"
    r"unless|later|tal vez|quiz[aá]s?|mejor|posiblemente|s[oó]lo|solamente|[uú]nicamente)\b"
)
"""How an answer begins that is no yes yet."""
AGREEING = re.compile(
    r"(yes|sí|si)?,?\s*(i agree|i consent|i accept|i give|i have read|i understand|i "
    r"acknowledge|i authori[sz]e|"
    r"acepto|estoy de acuerdo|doy mi consentimiento|autorizo|he leído|consiento|by "
    r"(checking|submitting|clicking)|"
    r"consent (given|granted)|please (call|contact)|opt(ed)?[ _-]?in\b)",
)
SAFE = re.compile(
    r"((it|that)([\u2019']s| is) )?(safe|fine|sure|of course|absolutely|definitely|any "
    r"?time|always|both|yeah|yep|"
    r"seguro|por supuesto|siempre)\b"
)
DOUBT = re.compile(
    r"x|\[x\]|"
    r".*\b(but|only|except|unless|not|(don|can|won|isn)[\u2019']?t|unsafe)\b.*|"
    r".*\b(pero|s[oó]lo|excepto|menos|no(?! problem))\b.*|"
    r"(?!.*\b(call|phone|both|llam)).*\b(text|texts|texting|sms|e-?mail|correo|mensajes?)\b.*",
    re.DOTALL,
)
"""What somebody writes beside a yes, or in its place, who may not mean it."""


def parse_yes_no(
    value: Any, unsure: Callable[[str], bool | None] = lambda _text: None
) -> bool | None:
    """Return the truth value that words or numbers say; None where they say neither yes nor no."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value != 0
    words = SKIN_TONES.sub("", str(value).strip().lower())
    if not words:
        return None
    if words.isdecimal():
        return any(int(digit) for digit in words)
    return _parse_yes_no_words(words, unsure)


def is_plain_answer(value: Any) -> bool:
    """Whether a value says yes or no, and nothing more."""
    words = str(value).strip(" .!").lower()
    return (
        words in ("0", "1")
        or words in TRUE | FALSE
        or YES_IN_OTHER_WORDS.fullmatch(words) is not None
    )


def parse_consent_answer(value: Any) -> bool | None:
    """Return the answer to a question for consent: a ticked box often sends its own label."""
    return parse_yes_no(value, _parse_wording)


def agrees_in_so_many_words(text: str) -> bool:
    """Whether a text agrees in a form's own wording, as the label of a box does."""
    return AGREEING.match(text.strip().lower()) is not None


def has_refusing_sign(text: str) -> bool:
    """Whether a sign for a no, such as a box that is not ticked, stands in a text."""
    return not REFUSING_SIGNS.isdisjoint(text) or "[ ]" in text


def is_condition(value: Any) -> bool:
    """Whether somebody's words agree on a condition, or hesitate.

    The wording that a ticked box sends is none, whatever it says later on.
    """
    words = str(value).strip().lower()
    if HESITATION.match(words):
        return True
    in_so_many_words = AGREEING.match(words)
    if in_so_many_words:
        rest = words[in_so_many_words.end() :].lstrip(" ,;:.-")
        return CONDITION.match(rest) is not None
    first = re.match(r"[^\W_]+", words)
    is_agreed = first and (first[0] in TRUE or re.match(NO_OBJECTION, words))
    return bool(first and is_agreed and CONDITION.search(words, first.end()))


def parse_safety_answer(value: Any) -> bool | None:
    """Return the answer to whether a call is safe: whatever is said and is no clear yes is a no."""
    said = parse_yes_no(value, lambda words: SAFE.match(words) is not None)
    return False if said and DOUBT.fullmatch(str(value).strip().lower()) else said


def _parse_wording(words: str) -> bool | None:
    """Return whether words agree in a form's own wording, or say that nothing is settled."""
    if words in UNSETTLED:
        return False
    return True if AGREEING.match(words) else None


def _parse_yes_no_words(words: str, unsure: Callable[[str], bool | None]) -> bool | None:
    if NEGATION.match(words):
        return False
    if words in TRUE | FALSE:
        return words in TRUE
    if YES_IN_OTHER_WORDS.fullmatch(words):
        return True
    if re.match(NO_OBJECTION, words):
        return unsure(words)
    first = next(iter(re.findall(r"[^\W_]{2,}|\b[yn]\b", words)), "")
    if first in TRUE:
        return True
    return False if first in FALSE else unsure(words)
