"""What the screens say can be said in Spanish, all of it."""

from __future__ import annotations

import ast
import copy
import re
import string
from datetime import time as clock_time
from functools import cache
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.extract import extract_from_dir

from leads.callbacks import holds
from leads.callbacks.holds import HoldCause
from leads.i18n import translatable
from leads.i18n.readable_times import format_time_of_day
from leads.i18n.translatable import CATALOGUES, Phrase, plural_phrase, translate
from leads.models.enums import HoldReason
from tests.support.source_files import FILES, ROOT, nodes_of

MEANT = {
    "_": None,
    "Phrase": None,
    "plural_phrase": (2, 3),
    "translate_count": (2, 3),
}
METHODS = [
    ("**.py", "python"),
    ("leads/pages/**.html", "jinja2"),
    ("notifications/pages/**.html", "jinja2"),
    ("leads/forms/vendors/**.toml", "tests.support.vendor_texts:extract"),
]


LITERAL = ast.Constant | ast.JoinedStr
SPOKEN = ("say", "say_sentences", "say_own_words")
TOLD_AWAY = re.compile(
    r"^(notifications/messages|notifications/twilio/(advisor_\w+|inbound_twiml|spoken_sentences)"
    r"|leads/alerting/(\w*condition\w*|uncovered_hours)"
    r"|leads/reporting/(digest|terminal_report|figure_definition))\.py$"
)
"""What makes spoken words, mails, alerts and digests."""
TWO_WORDS = re.compile(r"[A-Za-z]{2,}[,.:;?!]* [A-Za-z]{2,}")
NAMES_OF_EVENTS = {"completed absent"}  # of a recording, as Twilio calls them
MARKUP = re.compile(r"\{[{%].*?[}%]\}|<[^>]*>", re.DOTALL)
SENTENCE = re.compile(r"[A-Z][^\n]* [^\n]* [^\n]*[.:!?]")
NO_SCREEN = (
    # at a terminal, before there is a screen
    "app.py",
    "dashboard/http/page_shell.py",
    "leads/__main__.py",
    *(f"leads/api/{name}.py" for name in ("openapi", "operations", "problems", "read_api")),
    "leads/config/delivery_channels.py",
    "leads/config/key_command.py",
    "leads/config/retention_plan.py",
    "leads/process_metrics.py",  # for Prometheus
    "leads/privacy/disclosure_notice.py",  # in the words of the law
    "leads/commands/",
    "leads/intake/csv_import/from_file.py",
    "leads/backups/",
    "leads/database/key_change.py",
    "leads/database/key_wrapping.py",
    "leads/database/migrate.py",
    "leads/database/migrations/",
    "leads/database/opening.py",
    "leads/database/sealing_",
    "leads/config/settings.py",
    # found in old rows, and replaced
    "leads/i18n/former_words.py",
    # to programs
    "dashboard/http/bounded_connections.py",
    "dashboard/http/typed_words.py",
    "leads/forms/handshakes.py",
    "leads/intake/webhooks.py",
    "notifications/health.py",
    "notifications/twilio/signed_requests.py",
    "notifications/twilio/webhooks.py",
    # what made-up people wrote
    "leads/commands/demo_data.py",
    "notifications/rehearsed_welcome.py",
)
"""What is said elsewhere than on a screen."""


@cache
def _said_in_the_code() -> set[str]:
    found = set()
    for package in ("dashboard", "leads", "notifications"):
        methods = [(pattern.removeprefix(f"{package}/"), method) for pattern, method in METHODS]
        for _, _, told, _, _ in extract_from_dir(
            str(Path(ROOT / package)), methods, keywords=MEANT
        ):
            found |= set(told) if isinstance(told, tuple) else {told}
    return found


def _sentences(path: Path) -> set[str]:
    return {text for text in _texts(path) if SENTENCE.fullmatch(text)}


def _texts(path: Path) -> set[str]:
    """Texts in a module, but for what is only logged or explains the code."""
    nodes = nodes_of(path)
    silent = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    silent |= {id(arg) for node in nodes if _is_logging(node) for arg in node.args}
    silent |= {
        id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values
    }
    return {_text(node) for node in nodes if id(node) not in silent}


def _called_name(node: ast.AST) -> str:
    """What a call calls, without the object that it is a method of."""
    called = node.func if isinstance(node, ast.Call) else None
    return getattr(called, "attr", getattr(called, "id", ""))


def _is_logging(node: ast.AST) -> bool:
    is_verb = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return is_verb and isinstance(node.func.value, ast.Name) and node.func.value.id == "log"


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


def test_everything_said_is_said_in_spanish_too() -> None:
    with (CATALOGUES / "es.po").open("rb") as file:
        entries = [entry for entry in pofile.read_po(file, locale="es") if entry.id]
    said = {}
    for entry in entries:
        forms = (
            zip(entry.id, entry.string, strict=True)
            if entry.pluralizable
            else [(entry.id, entry.string)]
        )
        said.update(forms)
    in_the_code = _said_in_the_code()
    assert {text for text in in_the_code if not said.get(text)} == set()
    assert {text for text, other in said.items() if _places(text) != _places(other)} == set()
    assert set(said) - in_the_code == set()  # and nothing that nobody says any more


def test_no_sentence_is_left_that_could_be_stored_and_shown_in_english_only() -> None:
    said = _said_in_the_code()
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(NO_SCREEN):
            assert {text for text in _sentences(path) if text not in said} == set(), name


def test_what_is_said_away_from_screens_goes_through_the_catalogue() -> None:
    said = _said_in_the_code()
    told = [path for path in FILES if TOLD_AWAY.search(path.relative_to(ROOT).as_posix())]
    assert len(told) > 10
    for path in told:
        texts = {text for text in _texts(path) if TWO_WORDS.search(text)}
        assert texts - said - NAMES_OF_EVENTS == set(), path
    for page in (ROOT / "notifications/pages").glob("*.html"):
        bare = MARKUP.sub("", page.read_text())
        assert re.findall(r"\w+", bare) == [], page


def test_nothing_is_spoken_on_the_phone_but_in_the_listeners_language() -> None:
    """One module hands words to Twilio's verb, and takes only what a catalog or a helpline has."""
    speaking: dict[str, set[str]] = {}
    for path in (ROOT / "notifications").rglob("*.py"):
        for node in nodes_of(path):
            verb = _called_name(node)
            if isinstance(node, ast.Call) and verb in SPOKEN:
                speaking.setdefault(verb, set()).add(path.relative_to(ROOT).as_posix())
                assert not [one for one in node.args if isinstance(one, LITERAL)], path
    assert speaking["say"] == {"notifications/twilio/spoken_sentences.py"}
    assert speaking["say_own_words"] == {
        "notifications/twilio/inbound_twiml.py",
        "notifications/twilio/spoken_sentences.py",
    }


def test_no_list_of_choices_asks_in_streamlits_words() -> None:
    """Where nothing is chosen Streamlit says "Choose an option", unless we say something."""
    for path in (ROOT / "dashboard").rglob("*.py"):
        for node in nodes_of(path):
            if not isinstance(node, ast.Call):
                continue
            said = {one.arg: ast.unparse(one.value) for one in node.keywords}
            is_open = said.get("index") == "None" or said.get("accept_new_options") is not None
            verb = _called_name(node)
            if verb == "multiselect" or (verb == "selectbox" and is_open):
                assert "placeholder" in said, (path, node.lineno)


def test_spanish_has_one_kind_of_quotation_marks() -> None:
    with (CATALOGUES / "es.po").open("rb") as file:
        said = [entry.string for entry in pofile.read_po(file, locale="es") if entry.id]
    texts = [text for one in said for text in ((one,) if isinstance(one, str) else one)]
    texts.append((ROOT / "leads/pages/es.toml").read_text().replace('"', ""))
    assert [text for text in texts if re.search('[«»„‟"]', text)] == []
    assert [text for text in texts if text.count("“") != text.count("”")] == []


def test_a_phrase_is_a_text_that_can_be_said_again() -> None:
    phrase = Phrase("{who} waits: {reason}.", who="Ana", reason=Phrase("not reached"))
    assert phrase == "Ana waits: not reached."
    assert str(copy.deepcopy(ValueError(phrase)).args[0]) == phrase
    assert copy.deepcopy(phrase).template == phrase.template
    assert translate("es", Phrase("tomorrow {time}", time="3:00")) == "mañana 3:00"
    assert translate("es", plural_phrase(1, "{count} day", "{count} days")) == "1 día"
    assert translate("es", plural_phrase(3, "{count} day", "{count} days")) == "3 días"
    assert translate("en", plural_phrase(3, "{count} day", "{count} days")) == "3 days"
    assert (
        translate("es", "something that no catalogue knows {")
        == "something that no catalogue knows {"
    )


def test_what_is_counted_has_as_many_forms_as_a_language_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pl.po").write_text(
        'msgid "{count} minute"\nmsgid_plural "{count} minutes"\nmsgstr[0] "{count} minuta"\n'
        'msgstr[1] "{count} minuty"\nmsgstr[2] "{count} minut"\n'
    )
    monkeypatch.setattr(translatable, "CATALOGUES", tmp_path)
    said = [
        translate("pl", plural_phrase(count, "{count} minute", "{count} minutes"))
        for count in (1, 2, 5, 12, 22)
    ]
    assert said == ["1 minuta", "2 minuty", "5 minut", "12 minut", "22 minuty"]


def test_what_somebody_is_held_for_is_said_in_every_language_but_their_own_words() -> None:
    causes = [
        HoldCause(HoldReason.CALL_LOST),
        HoldCause(HoldReason.OTHER, (("text", "Ana asked for this. They said so."),)),
        HoldCause(HoldReason.ATTEMPT_CAP, (("count", 5),)),
    ]
    held = holds.hold_sentence(causes)
    assert held.endswith("said so. This number was called or texted 5 times in the last 24 hours.")
    assert translate("es", held) == (
        "Se perdió una llamada después de marcar su teléfono: revise antes de volver a llamar. "
        "Ana asked for this. They said so. "
        "Se llamó o se envió un mensaje a este número 5 veces en las últimas 24 horas."
    )
    assert set(holds.HOLD_SENTENCES) == set(HoldReason) - {HoldReason.OTHER}


def test_a_phrase_that_was_made_without_values_takes_them_when_it_is_said() -> None:
    assert translate("es", Phrase("{figure}, previous"), figure=Phrase("Busy")) == "Ocupado, antes"
    assert translate("en", Phrase("{figure}, previous"), figure="Busy") == "Busy, previous"


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (format_time_of_day(clock_time(10, 11), language="es"), "Desde las 10:11\u00a0a.m."),
        ("13:00", "Desde 13:00."),
    ],
)
def test_a_time_that_ends_with_a_period_ends_its_sentence(time: str, said: str) -> None:
    assert translate("es", Phrase("Since {time}."), time=time) == said


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (Phrase("the next attempt"), "En espera del próximo intento."),
        (Phrase("the time they asked for"), "En espera de la hora que pidió."),
        ("el doctor", "En espera de el doctor."),  # what people wrote stays as it is
    ],
)
def test_a_spanish_article_joins_the_preposition_before_it(what: str, said: str) -> None:
    assert translate("es", Phrase("Waiting for {what}.", what=what)) == said
