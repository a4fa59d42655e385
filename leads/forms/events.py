"""Submission events: what a body reports, where its tool says so in words that all tools use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leads.forms.body_decoding import Tree
from leads.forms.form_field import DELETED, OTHER, PARTIAL, SUBMISSION, TEST, UPDATED, text_of
from leads.forms.label_vocabulary import match_field_role, plain_words
from leads.i18n.messages import Message, MessageKey

NAMES_AN_EVENT = frozenset(
    {
        "event",
        "eventtype",
        "eventname",
        "triggertype",
        "triggerevent",
        "webhookevent",
        "leadaction",
        "evento",
    }
)
MAY_NAME_AN_EVENT = frozenset({"type", "trigger", "action", "topic", "tipo", "accion"})
"""Names of event fields that people give to their own questions as well."""
STATUS = re.compile(
    r"(submissions?|entry|entries|response|form|lead|completion|spam|akismet|antispam|moderation|"
    r"record|progress|post|review|recaptcha|captcha|bot|workflow|save|submit|current|processing)*"
    r"(status|statusname|estado|entrytype|submissiontype|responsetype|recordtype|savetype|mode|"
    r"verdict|moderation|spamfilter|spamresult|flags?|state|akismet|spamcheck|completion|progress)|"
    r"(spam|antispam|akismet|moderation|bot)(check|filter|detection)?"
    r"(result|outcome|decision|label)|"
    r"(form|submission|request)?(env|environment|entorno|modo|progreso|avance)|"
    r"(hs|hubspot|wp|wpforms|gf|gform|gravity|ninja|fluent|frm|formidable|forminator|elementor|cf|wpcf)+"
    r"(forms?|submission|entry|response)*(status|state|completion)|estatus|"
    r"(lead|submission|entry|call)*(quality|disposition|classification)|"
    r"(estado|situacion)(de|del|dela)?(envio|formulario|respuesta|solicitud|registro|entrada)"
)
"""Names under which tools say in what state a submission is, without capitals and signs."""
CHECK = re.compile(
    r"(g|cf|google|is|form|submission|entry|wpforms|gform|elementor)*"
    r"((re|h)?captcha|turnstile|spam|antispam|akismet|cleantalk|bot|robot)+"
    r"(v|check|test|filter|protection|verification|validation|detection|response|result|status|"
    r"outcome|verdict|decision|is)*(?P<good>passed|pass|valid|verified|success|successful|ok)?"
)
"""Names, spelled so, of what a check against robots and advertisements found."""
SCORE = re.compile(
    r"(g|cf|google|is|form|submission|entry|wpforms|gform|elementor|ip|lead)*"
    r"((?P<human>(re)?captcha|turnstile)|hcaptcha|spam|antispam|akismet|cleantalk|bot|robot|fraud)+"
    r"(v|check|test|filter|protection|verification|detection|response|result)*"
    r"(score|rating|risk|probability|likelihood|confidence|percent(age)?)"
)
"""Names under which a check says how sure it is: of a person (`human`), or of the contrary."""
SURE_ENOUGH = 0.5
"""Of one; Google's own threshold for reCAPTCHA."""
FAILED = re.compile(
    r"(captcha |check |spam |verification )*"
    r"(fail(s|ed|ure)?|invalid|error|rejected|denied|blocked|expired|missing|incorrect|wrong|"
    r"(likely|probable|suspected|possible)( spam)?|not (passed|verified|valid)|did not pass|"
    r"unverified|detected|positive|suspicious|"
    r"fall(o|a|ida|ido)|invalid[ao]|rechazad[ao]|no (superad[ao]|valid[ao]|verificad[ao]))"
)
SHARE = re.compile(
    r"((survey|form|submission|response|entry)*(percent(age)?|pct|progress|completion|progreso|avance)"
    r"(of|de)?(complete|completed|completion|progress|percent(age)?|pct|rate|done|completado)?)"
)
"""Names under which tools say what share of a form was filled out."""
NUMERIC = re.compile(r"(-?\d{1,5}(?:\.\d+)?) ?(%?)")
PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%?")
WHOLE = 100  # percent
PLACE = frozenset({"state"})
"""Where somebody lives, or what a tool says of the form: a word of a tool's there is doubted."""
WORDS_OF_PEOPLE = frozenset({"Partial", "Parcial"})  # a capital is a person's: insured in part
STEPS = frozenset(
    {"stage", "phase", "lifecycle", "completeness", "etapa", "fase", "situacion", "formstage",
     "entrystage", "submissionstage", "leadstage", "formphase"}
)  # fmt: skip
"""What people's own steps are called, too: a word of a tool's there is doubted."""
ENVELOPES = frozenset(
    {
        "meta",
        "metadata",
        "event",
        "webhook",
        "data",
        "payload",
        "body",
        "submission",
        "entry",
        "response",
        "record",
        "form",
        "formresponse",
        "formsubmission",
        "result",
        "attributes",
        "item",
        "info",
        "system",
        "flags",
        "checks",
        "spam",
        "spamcheck",
        "antispam",
        "akismet",
        "moderation",
        "captcha",
        "recaptcha",
        "hcaptcha",
        "turnstile",
    }
)
PEOPLE = frozenset(
    {"lead", "contact", "person", "customer", "prospect", "applicant", "opportunity", "deal",
     "client", "contacto", "persona"}
)  # fmt: skip
"""Records of a person: a state there may be theirs, so that somebody looks whose it is."""
CHECKS = frozenset(
    {"spam", "spamcheck", "antispam", "akismet", "moderation", "captcha", "recaptcha", "hcaptcha",
     "turnstile"}
)  # fmt: skip
"""Envelopes of what a check found, under names that mean nothing without theirs."""
DEEPEST_ENVELOPE = 3

VERBS = {
    "updated": UPDATED, "update": UPDATED, "edited": UPDATED, "edit": UPDATED, "changed": UPDATED,
    "change": UPDATED,
    "modified": UPDATED, "merged": UPDATED, "deleted": DELETED, "delete": DELETED,
    "removed": DELETED,
    "canceled": DELETED, "cancelled": DELETED, "trashed": DELETED, "trash": DELETED,
    "partial": PARTIAL,
    "abandoned": PARTIAL, "incomplete": PARTIAL, "draft": PARTIAL, "started": PARTIAL,
    "unfinished": PARTIAL,
    "abandonment": PARTIAL, "test": TEST, "testing": TEST, "ping": TEST,
    "autosave": PARTIAL, "autosaved": PARTIAL, "abandon": PARTIAL, "unsubmitted": PARTIAL,
    "unsubscribe": OTHER, "unsubscribed": OTHER, "spam": OTHER, "flagged": OTHER, "held": OTHER,
    "quarantined": OTHER, "quarantine": OTHER, "junk": OTHER, "honeypot": OTHER,
    "eliminado": DELETED, "borrado": DELETED, "actualizado": UPDATED, "prueba": TEST,
    "parcial": PARTIAL,
}  # fmt: skip
STATUSES = {
    **{
        word: event
        for word, event in VERBS.items()
        if word not in ("change", "started", "testing", "ping")
    },
    **dict.fromkeys(
        (
            "in progress", "in draft", "saved", "auto saved", "auto save", "autodraft",
            "auto draft", "saved for later", "save and continue", "save and resume", "not finished",
            "not completed", "not complete", "not submitted", "partially completed",
            "partially complete", "partial entry", "partial submission", "partially submitted",
            "partially filled", "dropped off", "drop off", "exited", "uncompleted", "timed out",
            "incompleto", "incompleta", "abandonado", "abandonada", "borrador", "en progreso",
            "sin terminar", "inconcluso", "no terminado", "no completado", "inacabado", "step",
        ),
        PARTIAL,
    ),
    **dict.fromkeys(
        (
            "bot", "robot", "blocked", "hold", "on hold", "rejected", "suspicious", "suspected",
            "suspected spam", "possible spam", "likely spam", "probable spam", "marked as spam",
            "is spam", "spammy", "ham spam", "fraud", "fraudulent", "malicious", "failed captcha",
            "captcha failed", "awaiting moderation", "pending moderation", "in moderation",
            "unapproved", "pending review", "no deseado", "correo no deseado", "basura", "fake",
        ),
        OTHER,
    ),
    **dict.fromkeys(("preview", "sandbox", "staging", "test mode", "vista previa"), TEST),
    **dict.fromkeys(
        ("papelera", "en papelera", "en la papelera", "eliminada", "borrada", "suprimido",
         "suprimida", "in trash", "moved to trash"),
        DELETED,
    ),
}  # fmt: skip
"""What a tool says of a submission's state, whole, in lower case, with blanks between the words."""
TOOLS_WORDS = frozenset(
    {"draft", "drafts", "autodraft", "borrador", "autosave", "autosaved", "abandoned", "abandon",
     "abandonment", "abandonado", "abandonada", "unsubmitted", "trash", "trashed", "papelera",
     "spam"}
)  # fmt: skip
"""What tools write of a form's state and people hardly answer, whatever the field is called."""
PEOPLES_STATUS = frozenset({"status", "mode", "estado", "progress", "progreso", "avance"})
PEOPLES_STATES = frozenset(
    {"in progress", "on hold", "timed out", "dropped off", "drop off", "not finished",
     "pending review", "en progreso", "sin terminar", "not complete", "not completed"}
)  # fmt: skip
"""What people answer, too, where a question of theirs is called so: a person looks whose it is."""

RECORD_NOUNS = frozenset(
    {
        "form", "forms", "submission", "submissions", "response", "responses", "entry", "entries",
        "lead", "leads",
        "contact", "contacts", "record", "invitee", "appointment", "booking", "registration",
        "webhook", "answer",
        "respondent", "event", "person", "customer", "customers", "profile", "user", "row", "item",
        "subscriber",
    }
)  # fmt: skip
CREATION_WORDS = frozenset(
    {
        "created", "create", "new", "submitted", "submit", "completed", "complete", "received",
        "receive", "added",
        "add", "sent", "send", "finished", "subscribe", "subscribed", "insert", "inserted",
        "generate", "scheduled",
        "schedule", "captured", "capture", "signup", "optin", "filled", "success", "done",
        "posted", "post", "live",
        "final", "requested", "fill", "converted", "conversion", "triggered", "opted",
    }
)  # fmt: skip
NEUTRAL_EVENT_WORDS = frozenset(
    {
        "web", "website", "site", "page", "landing", "us", "a", "the", "after", "gform", "wpforms",
        "gtm", "mail",
        "elementor", "frm", "formsubmission", "hook", "hooks", "http", "call", "back", "ask",
        "help", "message",
        "inquiry", "enquiry", "request", "callback", "application", "questionnaire", "survey",
        "quiz", "intake",
        "opt", "in", "popup", "leadgen", "zap", "demo", "on",
    }
)  # fmt: skip
"""Words that change nothing in the name of an event."""
REQUEST_WORDS = RECORD_NOUNS | CREATION_WORDS | NEUTRAL_EVENT_WORDS
SUBMITTED = frozenset({"submit", "submitted", "submission"})
OTHER_KINDS = frozenset({"call", "calls", "sms", "voicemail", "profile", "upemail"})
"""Events of telephone and mailing systems that are no form: whole texts, spelled as here."""
SYSTEM_EVENT_VERBS = frozenset(
    {
        "created", "create", "updated", "update", "deleted", "delete", "completed", "received",
        "added", "paid",
        "failed", "inbound", "outbound", "opened", "clicked", "viewed", "assigned", "refunded",
        "answered", "missed",
        "ended",
    }
)  # fmt: skip
COMMERCE_WORDS = frozenset(
    {
        "purchase", "order", "invoice", "payment", "charge", "refund", "subscription", "checkout",
        "opportunity",
        "deal", "task", "note", "sms", "voicemail", "chat", "status", "cart",
    }
)  # fmt: skip

FLAGS: tuple[tuple[frozenset[str], bool, str], ...] = (
    (
        frozenset({"test", "testmode", "testing", "testsubmission", "testlead", "testdata",
                   "preview", "sandbox", "prueba", "pruebas", "modoprueba", "vistaprevia"}),
        True,
        TEST,
    ),
    (frozenset({"livemode"}), False, TEST),
    (frozenset({"deleted", "trashed", "trash"}), True, DELETED),
    (
        frozenset({"partial", "draft", "incomplete", "abandoned", "autosave", "autosaved",
                   "unfinished", "unsubmitted", "savelater", "savedforlater",
                   "saveforlater", "savedprogress", "saveprogress", "saveandcontinue", "parcial",
                   "borrador", "incompleto", "abandonado", "uncompleted", "partiallycompleted",
                   "partiallycomplete", "partiallyfilled", "halffinished", "halfcompleted",
                   "inprogress", "enprogreso", "exited", "exitedearly", "leftearly", "quitearly",
                   "droppedoff", "dropoff", "abandono", "incompleta", "inacabado", "inconcluso"}),
        True,
        PARTIAL,
    ),
    (
        frozenset({"complete", "completed", "completion", "finish", "finished", "submit",
                   "submitted", "final", "finalized", "reachedend", "reachedtheend",
                   "reachedlastpage", "completo", "completa", "completado", "completada",
                   "terminar", "terminado", "terminada", "enviado", "enviada", "finalizado",
                   "finalizada"}),
        False,
        PARTIAL,
    ),
    (
        frozenset({"spam", "flagged", "bot", "robot", "quarantined", "quarantine", "held", "junk",
                   "suspicious", "honeypot", "fraud", "fraudulent", "akismet",
                   "heldformoderation", "inmoderation", "awaitingmoderation"}),
        True,
        OTHER,
    ),
    (frozenset({"human", "humano"}), False, OTHER),
    (
        frozenset({"demo", "dummy", "sample", "simulated", "simulation", "simulacro", "ensayo"}),
        True,
        OTHER,
    ),
)  # fmt: skip
"""Names of truth values, the value that counts, and the event that it reports."""
FLAG_NAMES = {name: (counts, event) for names, counts, event in FLAGS for name in names}
DENIED = re.compile(r"(?:not|non|no|never|didn ?t|hasn ?t|wasn ?t|isn ?t|sin) ?(?P<said>.+)")
"""How the name of a flag begins that says the contrary of what follows."""
AROUND_A_FLAG = frozenset(
    {
        "is", "in", "as", "was", "has", "been", "marked", "mark", "flag", "flagged", "entry",
        "form", "submission", "response", "lead", "record", "detected", "by", "filled", "tripped",
        "triggered", "caught", "webhook", "verified", "formulario", "suspected", "likely",
        "possible", "probable", "for", "review",
        "es", "esta", "en", "de", "modo", "mode", "fue", "data", "datos", "envio", "solicitud",
        "respuesta", "registro", "entrada", "the", "result", "verdict", "saved", "auto",
        "did", "were", "se", "ha", "yet", "fully", "entirely", "all", "every", "pages", "page",
        "fields",
        "steps", "step", "questions", "required", "survey", "questionnaire", "application",
        "request", "session", "user", "visitor", "respondent", "cuestionario", "encuesta",
        "wp", "wpforms", "gform",
        "gf", "cf7", "wpcf7", "frm", "elementor", "forminator", "fluent", "ninja", "jetpack", "hs",
    }
)  # fmt: skip
"""Words beside the one that a flag is called by: `in_draft`, `isSpam`, `form_completed`."""
SET = {
    True: frozenset(
        {
            "yes",
            "y",
            "on",
            "t",
            "si",
            "s\u00ed",
            "enabled",
            "active",
            "verdadero",
            "cierto",
            "activado",
            "activo",
            "x",
            "checked",
            "ok",
        }
    ),
    False: frozenset({"no", "n", "off", "f", "disabled", "inactive", "falso", "desactivado"}),
}
"""What a tool writes of a flag that is set, or is not, besides 1 and true, 0 and false."""
PLAIN_ANSWERS = {True: frozenset({"yes", "si", "s\u00ed"}), False: frozenset({"no"})}
TRAP_NAME = re.compile(
    r".*(honeypot|honey_?pot|gotcha)(_.*)?|(.*_)?(honey|(bot|spam|robot)_?(trap|field))|hp|"
    r"hp_(field|website|site|url|web|check|input|trap|email|name|address|company|message|\d+)|"
    r"(.*_)?(website|url|email|name|field)_hp|(.*_)?leave_(this_|it_)?(field_)?(blank|empty)|"
    r".*(if_you_are|you_re|are_you)_(a_)?human.*(blank|empty|leave).*|"
    r"(please_)?(do_not|dont|don_t)_fill(_.*)?|.*_(should|must)_be_(left_)?(blank|empty)|"
    r"no_(llenar|llene|rellenar|rellene)(_.*)?|deje?(_.*)?_(en_blanco|vacio)"
)
"""Names, in small letters, of fields that people do not see, and only robots fill out."""
TRAP_WORDS = frozenset(
    {"false", "0", "no", "passed", "pass", "ok", "clean", "empty", "valid", "off", "none", "null",
     "not filled", "unfilled", "disabled", "enabled", "on"}
)  # fmt: skip
"""What a tool says of such a field that was left empty, or of its own setting."""
MACHINE_WRITTEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*")
COMPOUND_EVENT_NAME = re.compile(r"[._:/]|[a-z][A-Z]")
SHOWABLE_EVENT_NAME = re.compile(r"(?!.*\d{5})[A-Za-z0-9._-]{1,40}")


@dataclass(frozen=True)
class DetectedEvent:
    """The event that a body reports of a submission.

    `doubt`: a sentence that says why a person has to see whether it is a request.
    """

    event: str = SUBMISSION
    doubt: str = ""


def detect_submission_event(tree: Tree) -> DetectedEvent:
    """Return the event that a body reports: that a form was sent, where nothing says otherwise.

    People's own answers may be among these words: a word counts only where a tool would put it and
    as a tool would write it. What might be either is left to a person.
    """
    detected = list(_find_submission_events(tree))
    sure = next((one for one in detected if one.event != SUBMISSION), None)
    return sure or next(iter(detected), DetectedEvent())


def _find_submission_events(tree: Any, depth: int = 0, check: str = "") -> Iterator[DetectedEvent]:
    while isinstance(tree, list) and len(tree) == 1:
        tree = tree[0]
    if not isinstance(tree, dict):
        return
    for name, value in tree.items():
        yield from filter(None, (_event_from_flag(name, value), _event_from_trap(name, value)))
    for name, value in tree.items():
        for text in _stated_texts(value):
            named = check + _letters_only(name)
            yield from filter(None, (_event_from_text_field(named, text),))
        yield from filter(None, (_event_from_tools_word(name, value),))
        yield from filter(None, (_event_from_check(name, value, within=check),))
        yield from filter(None, (_event_from_score(name, value, within=check),))
        yield from filter(None, (_event_from_share(name, value),))
    for name, child in tree.items() if depth < DEEPEST_ENVELOPE else ():
        named = _letters_only(name)
        if named in PEOPLE and len(tree) > 1:
            yield from map(_doubted, _find_submission_events(child, depth + 1))
        elif named in ENVELOPES or len(tree) == 1:
            yield from _find_submission_events(child, depth + 1, named if named in CHECKS else "")


def _letters_only(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _event_from_flag(name: str, value: Any) -> DetectedEvent | None:
    """Return the event that a truth value reports, by the one word of its name that counts."""
    if not isinstance(value, (str, int)):
        return None
    said = plain_words(name)
    words = [word for word in said if word not in AROUND_A_FLAG]
    known = _flags_in(words, _letters_only(name))
    whole, counts, event = next(known, ("", True, ""))
    if not event:
        return None
    written = str(value).strip()
    is_named_as_flag = len(words) < len(said) or whole in (
        "testmode",
        "spam",
        "honeypot",
        "akismet",
    )
    if written.lower() in (("1", "true") if counts else ("0", "false")):
        return _make_detected_event(event, whole)
    if is_named_as_flag and written.lower() in SET[counts] | {whole}:
        return _make_detected_event(event, whole)
    is_machine_written = name.isidentifier() and name.islower()
    is_likely_flag = (
        written.lower() in SET[counts]
        if event == TEST
        else (is_machine_written and written in PLAIN_ANSWERS[counts])
    )
    return _doubtful_event(name) if is_likely_flag else None


def _flags_in(words: Sequence[str], letters: str) -> Iterator[tuple[str, bool, str]]:
    """Yield the flags that a name may be: what each is called, its value that counts, its event.

    A name such as `not_completed` denies what it is called.
    """
    for whole in ("".join(words) or letters, letters):
        if whole in FLAG_NAMES:
            yield whole, *FLAG_NAMES[whole]
    denied = DENIED.fullmatch(" ".join(words))
    whole = denied["said"].replace(" ", "") if denied else ""
    if whole in FLAG_NAMES:
        counts, event = FLAG_NAMES[whole]
        yield whole, not counts, event


def _event_from_trap(name: str, value: Any) -> DetectedEvent | None:
    """Return the doubt that a field was filled out which people do not see."""
    if not TRAP_NAME.fullmatch("_".join(plain_words(name))) or isinstance(value, bool):
        return None
    text = text_of(value).lower() if not isinstance(value, dict) else ""
    is_filled = bool(text) and text not in TRAP_WORDS
    return DetectedEvent(doubt=Message(MessageKey.TRAP_FILLED)) if is_filled else None


def _event_from_check(name: str, value: Any, *, within: str) -> DetectedEvent | None:
    """Return the doubt that a submission did not pass a check against robots."""
    check = CHECK.fullmatch(within + _letters_only(name))
    if check is None or not isinstance(value, (str, int)):
        return None
    said = str(value).strip().lower()
    is_not_good = check["good"] and said in SET[False] | {"0", "false"}
    is_failed = is_not_good or FAILED.fullmatch(" ".join(plain_words(said)))
    return _doubtful_event(name) if is_failed else None


def _event_from_score(name: str, value: Any, *, within: str) -> DetectedEvent | None:
    """Return the doubt that a check does not plainly find a person behind a submission.

    Scores are of one, of ten or of a hundred, and nobody says which: beyond one, a share of a
    hundred for a person, and never good for the contrary.
    """
    check = SCORE.fullmatch(within + _letters_only(name))
    given = NUMERIC.fullmatch(text_of(value)) if isinstance(value, (str, int, float)) else None
    if check is None or given is None or isinstance(value, bool):
        return None
    score = float(given[1]) / (WHOLE if given[2] else 1)
    if check["human"]:
        is_good = (score if score <= 1 else score / WHOLE) >= SURE_ENOUGH
    else:
        is_good = score < SURE_ENOUGH
    return None if is_good else _doubtful_event(name)


def _event_from_share(name: str, value: Any) -> DetectedEvent | None:
    """Return the doubt that a tool says that less than the whole form was filled out."""
    if isinstance(value, bool) or not SHARE.fullmatch(_letters_only(name)):
        return None
    share = PERCENT.fullmatch(text_of(value)) if isinstance(value, (str, int, float)) else None
    if _letters_only(name) in PEOPLES_STATUS and not text_of(value).endswith("%"):
        return None
    is_all = share is None or float(share[1]) in (1, WHOLE)  # of one, or of a hundred
    return None if is_all else _doubtful_event(name)


def _stated_texts(value: Any) -> list[str]:
    """Return the texts of a field that may say a state: its own, those of a list, or a name."""
    if isinstance(value, dict):
        value = [value.get(part) for part in ("name", "value", "label", "status", "state")]
    texts = value if isinstance(value, list) else [value]
    return [text for text in texts if isinstance(text, str)]


def _event_from_text_field(name: str, text: str) -> DetectedEvent | None:
    if STATUS.fullmatch(name) or name in STEPS:
        said = " ".join(plain_words(text))
        event = STATUSES.get(said) or STATUSES.get(_without_noun(said), "")
        is_peoples = name in PEOPLES_STATUS and said in PEOPLES_STATES and " " in text.strip()
        is_place = name in PLACE and "_" not in text
        if is_place and text.strip() in WORDS_OF_PEOPLE:
            return None
        if event and (is_peoples or is_place or name in STEPS):
            return _doubtful_event(text.strip())
    elif name in NAMES_AN_EVENT | MAY_NAME_AN_EVENT:
        event = _event_from_words(name, text.strip()) or (
            OTHER if _is_foreign_event(name, text.strip()) else ""
        )
    else:
        return None
    return _make_detected_event(event, text.strip()) if event else None


def _event_from_tools_word(name: str, value: Any) -> DetectedEvent | None:
    """Return the doubt that a field of any name holds nothing but a tool's word for a state."""
    if not isinstance(value, str) or not MACHINE_WRITTEN.fullmatch(value):
        return None
    said = frozenset(plain_words(value))
    is_state = said & TOOLS_WORDS and said <= TOOLS_WORDS | AROUND_A_FLAG | RECORD_NOUNS | {"save"}
    is_peoples = is_state and _letters_only(name) not in PLACE and match_field_role(name)
    return _doubtful_event(value) if is_state and not is_peoples else None


def _without_noun(said: str) -> str:
    """Return what is said of a record without the word for it: `partial response` is partial."""
    return " ".join(word for word in said.split() if word not in RECORD_NOUNS)


def _event_from_words(name: str, text: str) -> str:
    """Return the event that a text names by a verb alone, or beside nothing but its record."""
    said = plain_words(text)
    verbs = [VERBS[word] for word in said if word in VERBS]
    around = RECORD_NOUNS - {"event"} if name in NAMES_AN_EVENT else ()
    is_one_word = bool(MACHINE_WRITTEN.fullmatch(text)) and not set(said).isdisjoint(around)
    if not verbs or not (is_one_word or set(said) <= RECORD_NOUNS | CREATION_WORDS | set(VERBS)):
        return ""
    is_partial_treatment = len(said) == 1 and name in MAY_NAME_AN_EVENT and verbs[0] == PARTIAL
    return OTHER if is_partial_treatment else verbs[-1]


def _is_foreign_event(name: str, text: str) -> bool:
    """Whether the tool seems to report an event that is no form, in words people hardly write."""
    words = set(plain_words(text))
    is_joined = bool(MACHINE_WRITTEN.fullmatch(text) and COMPOUND_EVENT_NAME.search(text))
    if name == "action":
        return False  # the sites' own software writes what it likes there
    if words <= REQUEST_WORDS or words & SUBMITTED:
        return text in OTHER_KINDS
    if name in MAY_NAME_AN_EVENT:
        return text in OTHER_KINDS or (is_joined and bool(words & SYSTEM_EVENT_VERBS))
    return is_joined or (
        bool(words & COMMERCE_WORDS)
        and words <= COMMERCE_WORDS | SYSTEM_EVENT_VERBS | REQUEST_WORDS
    )


def _make_detected_event(event: str, text: str) -> DetectedEvent:
    return _doubtful_event(text) if event == OTHER else DetectedEvent(event)


def _doubted(detected: DetectedEvent) -> DetectedEvent:
    doubt = detected.doubt or Message(MessageKey.MAY_BE_SOMETHING_ELSE)
    return DetectedEvent(doubt=doubt)


def _doubtful_event(word: str) -> DetectedEvent:
    return DetectedEvent(
        doubt=Message(MessageKey.TOOL_CALLS_IT, word=word)
        if SHOWABLE_EVENT_NAME.fullmatch(word)
        else Message(MessageKey.MAY_BE_SOMETHING_ELSE)
    )
