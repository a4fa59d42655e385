"""Call time statements: what a message says of when a call may be made, in its sender's words.

A sentence counts where it speaks of a call to be made, or of when somebody can talk, and names a
time beside it: "call me but never before 10", "mejor en la tarde". Whatever else happened at some
time is no such statement: "I got out of detox at 5 am". Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from leads.free_text.call_time_words import SMALL_WORDS, TokenKind, names_time, read_tokens
from leads.free_text.call_times import read_call_time

LONGEST_START, LONGEST_END = 4000, 1000  # characters that are read of a longer sentence
MOST_READ = LONGEST_START + LONGEST_END  # characters of all sentences that are read
LONGEST_BARE = 120  # characters of a statement that names no call
MOST_SENTENCES = 80  # that name a time, of which those about calls are read first
MAY_NAME_TIME = re.compile(
    r"\d|\b(?:morn|mid-?day|mid-?m|mid-?a|medio|noon|aftern|after|before|even|eve|night|nite|ton"
    r"|week|wknd|today|tom|tmr|daily|day|during|hours?|until|till?|later?|early|lunch|dinner"
    r"|supper|mon|tue|wed|thu|fri|sat|sun|business|off|except|outside|two|three|four|five|six"
    r"|seven|eight|nine|ten|eleven|twelve|once|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez"
    r"|doce|m-?f|l-?v|manana|tard|noche|lun|mar(?:tes)?\b|mie|jue|vie|sab|dom|fin(?:es)? de|entre"
    r"|antes|despues|hasta|temprano|almuerzo|comida|cena|hoy|luego|rato|proxim|otra|semana|dia"
    r"|horas?|quincena|eod|cob|pm|am\b|in an?|en una?)"
)
"""What any time begins with: most sentences have none, and are not read."""
SENTENCE_END = re.compile(r"(?<![ap]\.m)[.!?;\n\u2026]+(?=\s|$)|\n")
_CALL = r"(?:call|phone|ring|dial|contact|reach)"
_SOMEBODY = r"(?:you|u|ya|y'?all|yall|someone|somebody|anyone|anybody|they|one of you)"
_BY_OTHERS = (
    "i", "he", "she", "we", "they", "who", "tried to", "try to", "afraid to", "scared to",
    "said to", "says to", "told to", "told me to", "told us to", "had to", "used to",
)  # fmt: skip
"""What stands before a call that others made, or that somebody made to us."""
_TO_US = "".join(rf"(?<!\b{words} )" for words in _BY_OTHERS)
_NEXT_IS_TIME = (
    r"(?= (?:after|before|between|at|in|on|any ?time|only|but|except|until|till?|during|around|by"
    r"|later|tomorrow|tonight|mornings?|evenings?|afternoons?|nights?|week\w+|every|then"
    r"|from (?=\d|noon))\b)"
)
CALLING = re.compile(
    r"\b(?:"
    rf"(?:please|pls|plz|just|kindly|only|never|not|don'?t) (?:\w+ )?{_CALL}(?:ing|s)?"
    rf"|{_TO_US}{_CALL}(?:ing)? ?(?:me|us|back|my (?:cell|phone|number|mobile|house|home))"
    rf"|{_TO_US}(?:{_CALL}|reach out)(?: back| or text(?: me)?)?{_NEXT_IS_TIME}"
    r"|(?:prefer|like|love|want|looking|hoping) to (?:talk|speak|chat)|(?:can"
    r"|could) we (?:talk|speak)"
    rf"|{_SOMEBODY} (?:can|may|could|should|might|are (?:welcome|free) to)(?: \w+)? {_CALL}"
    rf"|(?:can|may|could|would|will) {_SOMEBODY}(?: please)? {_CALL}"
    r"|(?:give|gimme) (?:me |us )?a (?:ring|shout|buzz|jingle|call)|hit me up|get a ?hold of me"
    r"|get in touch with (?:me|us)|reach out to (?:me|us)|hear from (?:you|someone|somebody)"
    r"|wait(?: to call| calling)? (?:un)?till?|esper\w+ (?:(?:a|para) llamar\w* )?hasta"
    r"|be (?:called|reached|contacted|phoned)|reachable"
    r"|(?<!you )(?:like|want|love|mind|with|need|get|take|prefer|appreciate|schedule"
    r"|request|give (?:me|us)|answer"
    r"|accept|welcome|no) (?:(?:a|the|your|any|my|phone|more|to get|to have) ){0,3}"
    r"(?:calls?|callbacks?)(?! from)"
    r"|(?:good|ok|okay|fine|safe|best|easier|better) (?:for me )?to (?:call|reach|talk|phone)"
    r"|calls (?=after|before|in the|between|only|at )"
    r"|(?:best|good|better|bad|worst|ideal|easiest|convenient) (?:times?|hours?|days?)"
    r"|(?:i|we)(?:'?m| am|'?re| are| will be|'?ll be)"
    r"(?: (?:only|usually|always|just|not|also|mostly))* (?:un)?(?:available|around"
    r"|home(?= (?:after|by|until|between|(?:from|at) \d))"
    r"|free(?= (?:to|after|at|before|between|from|on|in|until|any|most|\d)))"
    r"|i (?:can(?:not|'?t)?|could|am able to)(?: (?:only|usually|always|not))*"
    r" (?:talk|speak|answer|pick up|chat)"
    r"|(?<!\bles )(?<!\blos )(?<!\blas )(?<!\byo )(?:llam(?:en|e|ar|enme|eme|ame|arme|arnos|ennos)"
    r"|marqu(?:en|e|enme|eme)|marcar(?:me|nos)?|timbr(?:en|enme|eme)|hablen(?:me|nos)?"
    r"|hableme|hablarme|hablar conmigo|comuni(?:quen|que|carse)(?:se|nse)?"
    r"|contact(?:en|e|ar)(?:me|nos))"
    r"|(?<!\bse )(?:pueden?|podrian?) (?:hablar|localizar|contactar|encontrar|buscar)(?:me|nos)?"
    r"|si (?:me|nos) (?:llaman|marcan|hablan)|(?:una|su|sus|acepto|recibir|ni"
    r"|sin) llamadas?|no llamadas"
    r"|(?:mejor|buena|peor|mala) (?:hora|horario|momento|dia)s?"
    r"|(?:estoy|estare|estamos)(?: \w+)? (?:disponible|libre|desocupad[oa])"
    r"|puedo (?:hablar|contestar|atender|platicar|responder)"
    r")\b"
)
"""Words of a call that is to be made, or of when somebody can take one."""
_FOR_WHOM = r" (?:at|for|as|in) (?:(?:a|an|the|my) )?(?!nights?\b|noon|dawn|sunrise)[a-z]+\W*$"
"""Whose work it is, and not when."""
FREE = (
    rf"work(?:s|ed|ing)?\b(?!{_FOR_WHOM})|off|home|available|free|busy|sleep\w*|asleep"
    r"|in (?:class|school|court|meetings?)"
    r"|at (?:work|school)|gets? (?:off|home|out)|got off|on (?:break|lunch|shift)|talk|answer|wake"
    r"|up|trabaj\w*|salgo|libre|disponible|ocupad\w|duermo|puedo|llego|prefer\w*|prefier\w*"
)
_BETWEEN = (
    r"(?:\W+(?:\w+ly|am|is|are|will|be|can|cannot|can'?t|do|have|to|always|only|just|not|don'?t"
    r"|won'?t|also|no|estoy|que|usually|m|ll|re|would|d))*\W+"
)
_GOES_ON = "".join(
    rf"(?<!\b{word} )"
    for word in (
        "but", "pero", "except", "unless", "if", "when", "cuando", "si", "after", "before",
        "until", "till", "once", "while", "hasta que", "mientras", "que", "or", "than", "not",
        "call", "reach", "on", "at", "during", "to", "outside", "in", "en", "a",
    )
)  # fmt: skip
OTHER_MATTER = re.compile(
    r"\b(?:because|cuz|coz|cause|bc|since (?:i|he|she|my|we)|porque|xq|pq|ya que|about|regarding"
    r"|concerning|acerca|so (?:i|we|that|you)|to (?:discuss|help|see|ask|get|find|let|schedule|set"
    r"|go|start|learn|come)|for (?:help|more|info\w*|details|an?|my|him|her|detox|treatment|rehab)"
    r"|para (?:mi|que|informes?|informacion|pedir|ayud\w*|saber)|who|which|whose"
    r"|(?:last|past) (?:night|week|month|year|\w+day)|yesterday|anoche|ayer|ago|hace|ya no)\b"
    rf"|{_GOES_ON}\b(?:i|he|she|we|they|his|her|my|yo|mi|mis|estoy|soy|tengo|necesito|quiero|ando"
    r"|need|have|been)\b"
    rf"(?!{_BETWEEN}(?:{FREE})\b)"
)
"""Where a clause goes over from the call to something else."""
LEADING_WORDS = re.compile(
    r"(?:\b(?:please|pls|do|does|not|don'?t|no|never|nunca|jamas|only|just|solo|solamente|nomas|que"
    r"|me|nos|you|u|can|may|pueden?|podrian?|favor de|por favor|quiero|is|are|the|a|i|also|but"
    r"|pero|and|y|best|mejor) +)+$"
)
CLAUSE_START = re.compile(
    r"(?:^|[,:()]|\s-\s|\b(?:(?:and|y)\b(?! \d| (?:los |en )?(?:mon|tue|"
    r"wed|thu|fri|sat|sun|morn|aftern|even|night|week|lun|mar|mie|jue|vie|sab|dom|noche|tarde))"
    r"|(?:but|pero|so)\b))\s*"
)
MOST_CLAUSES = 8  # of a sentence that are put together
EDGES = " ,:-()"
JOINT = re.compile(r"^(?:so|and|but|y|pero|or|o)\s+", re.IGNORECASE)
OTHERS = frozenset({TokenKind.UNCLEAR, TokenKind.UNSURE, TokenKind.OTHER_NOT})
SAYS_WHICH = frozenset({TokenKind.NOT, TokenKind.EXCEPT, TokenKind.GOOD})
BAD_TIME = re.compile(
    r"\b(?:bad|worse|worst|terrible|horrible|awful|hard|difficult|tough|busy|unavailable|asleep"
    r"|(?:is|are) out|off[ -]limits|ocupad[oa]s?|mal[oa]s?|peor|dificil(?:es)?"
    r"|complicad[oa]s?|imposible)\b"
)
"""Said of a time itself: that somebody works at night is no word about calls."""


def find_call_time_statements(text: str) -> tuple[str, ...]:
    """Return what a message says of when a call may be made, each part in its sender's words.

    Whoever may be called at any time is not among them.
    """
    said = (words for sentence in _sentences_to_read(text) for words in _statements_in(sentence))
    return tuple(dict.fromkeys(words for words in said if _bounds_calls(words)))


def _sentences_to_read(text: str) -> Iterator[str]:
    """Yield the sentences that may name a time; of very many the short ones, about calls first."""
    sentences = dict.fromkeys(map(_cut_sentence, _split_sentences(text)))
    timed = [one for one in sentences if MAY_NAME_TIME.search(_fold(one))]
    about_calls = [one for one in timed if CALLING.search(_fold(one))]
    read, left = set[str](), MOST_READ
    for sentence in dict.fromkeys((*sorted(about_calls, key=len), *sorted(timed, key=len))):
        if len(sentence) <= left and len(read) < MOST_SENTENCES:
            read.add(sentence)
            left -= len(sentence)
    return (one for one in timed if one in read)


def _bounds_calls(words: str) -> bool:
    wish = read_call_time(words)
    return wish is None or not wish.is_any_time


def _split_sentences(text: str) -> Iterator[str]:
    return (part.strip() for part in SENTENCE_END.split(unicodedata.normalize("NFC", text)))


def _cut_sentence(sentence: str) -> str:
    if len(sentence) < MOST_READ:
        return sentence
    return f"{sentence[:LONGEST_START]} {sentence[1 - LONGEST_END :]}"


def _statements_in(sentence: str) -> Iterator[str]:
    """Yield the parts of a sentence that name a time beside a call, or by themselves."""
    folded = _fold(sentence)
    begins = 0
    while called := CALLING.search(folded, begins):
        start = _start_of(folded, begins, called.start())
        ends = _end_of(folded, called.end())
        yield from _bare_statements(sentence[begins:start])
        words = sentence[start:ends].strip(EDGES)
        if names_time(words):
            yield JOINT.sub("", words)
        begins = ends
    yield from _bare_statements(sentence[begins:])


def _start_of(folded: str, begins: int, called: int) -> int:
    """Return where a statement begins: with the times before the call, if nothing else is there."""
    starts = [found.end() for found in CLAUSE_START.finditer(folded[:called], begins)]
    for start in [begins, *starts][-MOST_CLAUSES:]:
        before = folded[start:called]
        if names_time(before) and _has_small_words(before):
            return start
    leading = LEADING_WORDS.search(folded[begins:called])
    return begins + leading.start() if leading else called


def _end_of(folded: str, after_call: int) -> int:
    other = OTHER_MATTER.search(folded, after_call)
    return other.start() if other else len(folded)


def _bare_statements(said: str) -> Iterator[str]:
    """Yield the parts that only say which times are good or not: "no evenings please"."""
    starts = [0, *(found.end() for found in CLAUSE_START.finditer(_fold(said)))]
    starts = [*sorted(set(starts))[-MOST_CLAUSES:], len(said)]
    place = 0
    while place < len(starts) - 1:
        ends = range(len(starts) - 1, place, -1)
        parts = ((end, said[starts[place] : starts[end]].strip(EDGES)) for end in ends)
        end, words = next(filter(lambda part: _is_bare_statement(part[1]), parts), (place + 1, ""))
        if words:
            yield JOINT.sub("", words)
        place = end


def _is_bare_statement(words: str) -> bool:
    folded = _fold(words)
    if len(words) > LONGEST_BARE or not MAY_NAME_TIME.search(folded) or not _has_small_words(words):
        return False
    tokens = read_tokens(words)
    kinds = {token.kind for token in tokens}
    is_judged = any(token.is_bound for token in tokens) or not SAYS_WHICH.isdisjoint(kinds)
    if kinds >= {TokenKind.NOT, TokenKind.BAD}:
        is_judged = False  # "I work at night and do not sleep"
    return (is_judged or BAD_TIME.search(folded) is not None) and names_time(words)


def _has_small_words(words: str) -> bool:
    """Whether a part of a sentence has nothing but times, and words that say nothing else."""
    return all(
        token.said in SMALL_WORDS if token.kind is TokenKind.WORD else token.kind not in OTHERS
        for token in read_tokens(words)
    )


def _fold(text: str) -> str:
    """Return a text in lower case without accents, each letter in its place."""
    if text.isascii():
        return text.lower()
    letters = (unicodedata.normalize("NFD", letter.casefold())[:1] or letter for letter in text)
    return "".join(letters).replace("\u2019", "'")
