"""The rules of wishes: patterns over concepts, for English and Spanish at once. Pure.

A concept is written in capitals and listed in `wishes.toml`; a word that is none stands for itself.
`|` is where a clause ends, `~` up to six concepts that add nothing, `_` any one word, `*` up to
five, `+` what may follow "stop", `A/B` either, `A?` perhaps.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

ADDS_NOTHING = (
    "I|YOU|ME|MY|THIS|HERE|ART|MORE|WANT|AGREE|SEND|AGAIN|BACK|KEEP|AND|NOR|ONLY|BETTER|OK|EVERYTHING|"
    "OFF|NUMBER|RETURN|JUST|WRITER|CAN|SAID|in|on|with|about|for|from|by|via|con|para|por|a|en|"
    "anyone|should|must|have|has|had|tener|need|needs|whatever|whichever|cualquier|cualquiera|sea"
)
AFTER_STOP = (
    "con|with|OFF|THIS|HERE|ME|MORE|AND|NOR|STOP|NOT|AGAIN|BACK|NOW|TIMED|EVERYTHING|YOU|OK|BETTER"
)

_MACROS = {
    "~": rf"(?:(?:{ADDS_NOTHING}) ){{0,6}}",
    "_": r"[^|\s]+ ",
    "*": r"(?:[^|\s]+ ){0,5}",
    "+": rf"(?:(?:{AFTER_STOP}) ){{0,6}}",
}


_ALSO = {
    "AND": "AND/NOR",
    "THIS": "THIS/HERE",
    "WRONG": "WRONG/MISTAKEN",
    "ACCIDENT": "ACCIDENT/UNMEANT",
}
"""What stands for a concept and says more: a rule that does not ask for more takes either."""


_IN_MOST_TEXTS = frozenset(
    {
        "|",
        "I",
        "YOU",
        "ME",
        "MY",
        "THIS",
        "HERE",
        "ART",
        "NOT",
        "WANT",
        "AND",
        "OK",
        "TIMED",
        "THIRD",
    }
)


_MADE: list[Rules] = []


@dataclass(frozen=True)
class Rules:
    """What finds any of several patterns in concepts with a blank after each."""

    patterns: tuple[str, ...]
    one_of: frozenset[str]
    """Concepts of which each pattern needs one: most texts have none, and are not searched."""

    @functools.cached_property
    def expression(self) -> re.Pattern[str]:
        """The expression to search for, made when a text first may have it."""
        return re.compile("|".join(f"(?:{_expression_of(one)})" for one in self.patterns))

    def search(self, meant: str) -> re.Match[str] | None:
        """Return the first match."""
        return self.expression.search(meant) if self._may_match(meant) else None

    def finditer(self, meant: str) -> Iterator[re.Match[str]]:
        """Return the matches, in their order."""
        return self.expression.finditer(meant) if self._may_match(meant) else iter(())

    def _may_match(self, meant: str) -> bool:
        return not self.one_of.isdisjoint(_concepts_in(meant))


def compile_rules(*rules: str) -> Rules:
    """Return what finds any of these patterns."""
    made = Rules(rules, frozenset().union(*map(_rarest_of, rules)))
    _MADE.append(made)
    return made


def make_all_expressions() -> None:
    """Make every expression now that is otherwise made when a text first may need it."""
    for rules in _MADE:
        _ = rules.expression


@functools.lru_cache(maxsize=16)
def _concepts_in(meant: str) -> frozenset[str]:
    return frozenset(meant.split())


def _rarest_of(rule: str) -> frozenset[str]:
    """Return concepts of which one is there wherever a rule matches, the rarest if it can be."""
    needed = [
        frozenset(_either_of_slip(token))
        for token in rule.split()
        if token not in _MACROS and not token.endswith("?")
    ]
    return min(needed, key=lambda either: (len(either & _IN_MOST_TEXTS), len(either)))


def _either_of_slip(token: str) -> list[str]:
    return "/".join(_ALSO.get(word, word) for word in token.split("/")).split("/")


def _expression_of(rule: str) -> str:
    parts = []
    for token in rule.split():
        if token in _MACROS:
            parts.append(_MACROS[token])
            continue
        bare = token.removesuffix("?")
        words = "|".join(map(re.escape, _either_of_slip(bare)))
        parts.append(f"(?<!\\S)(?:{words}) " if bare == token else f"(?:(?:{words}) )?")
    return "".join(parts)


# What may stand between a refusal and what is refused: "don't even think about calling".
_SETTING_OUT = "START/REJOIN/TRY/KEEP/think/consider/plan/imagine/attempt/bother/dare/go"
REFUSED = compile_rules(
    "NOT ~ CALL/TEXT/CONTACT",
    "NOT ~ SEND ~ |",
    "STOP ~ CALL/TEXT/CONTACT",
    "STOP ~ SEND ~ |",
    "SICK ~ CALL/TEXT/CONTACT",
    "| ~ CALL/TEXT/CONTACT SICK",
    "YOU ISNT ~ CALL/TEXT/CONTACT",
    "| ISNT ~ CALL/TEXT/CONTACT",
    "NOT ~ AGREE WHY ~ CALL/TEXT/CONTACT",
    "| CALL/TEXT/CONTACT NOT/ISNT |/WHY",
    "I ISNT AGREE ~ CALL/TEXT/CONTACT",
    "CALL/TEXT/CONTACT ~ GOT? STOP + |",
    "CANCEL/SWITCHOFF ~ TEXT/CONTACT",
    "REMOVE ~ CALL/TEXT/CONTACT",
    "take ~ OFF ~ CALL/TEXT/CONTACT",
    "NEVERASKED ~ TEXT/CALL/CONTACT",
    "NOT ~ THIRD OFF THIS/BUSINESS/PERSON/LIST/YOU ~ CALL/TEXT/CONTACT",
    "YOU CAN ISNT ~ CALL/TEXT/CONTACT",
    "YOU CANT ~ CALL/TEXT/CONTACT ~ AGAIN",
    "CANT let/GOT YOU ~ CALL/TEXT/CONTACT",
    f"NOT/ISNT ~ even? {_SETTING_OUT} ~ CALL/TEXT/CONTACT/SEND",
    "STOP ~ START/TRY/starting/restarting/trying ~ CALL/TEXT/CONTACT",
)
REFUSED_WHOLLY = compile_rules(
    "| ME OFF |",
    "| NOR CALL/TEXT/CONTACT NOR CALL/TEXT/CONTACT",
    "REMOVE/LOSE ME ORIGIN",
    "NOT WANT hear OFF YOU",
    "| ~ REMOVE ~ |",
    "| YOU? BETTER? NOT/ISNT YOU? ME? RETURN? START/REJOIN ~ |",
    "STOP ~ START/REJOIN ~ |",
    "STOP WRITER ME |",
    "NUMBER REMOVE |",
    "REMOVE/LOSE ME ~ |",
    "ME REMOVE/LOSE ~ |",
    "REMOVE/LOSE ~ NUMBER",
    "REMOVE/LOSE ~ LIST",
    "REMOVE ME OFF THIS _ LIST",
    "take ~ OFF ~ LIST/|",
    "take ~ NUMBER/ME OFF |",
    "take ~ NUMBER OFF",
    "CANCEL EVERYTHING/THIS/NUMBER",
    "CANCEL ME |",
    "CANCEL ME OFF ~ LIST/EVERYTHING/THIS/|",
    "WANT ~ OFF ~ LIST/THIS |",
    "ME OFF ~ LIST/THIS/EVERYTHING |",
    "MY NUMBER OFF ~ CALL/LIST/THIS |",
    "KEEP MY/ME NUMBER? OFF ~ CALL/LIST",
    "I WANT OFF |",
    "CANCEL ~ NUMBER/LIST/EVERYTHING",
    "| ~ CANCEL ~ |",
    "I WANT BAJA",
    "BAJA OFF LIST",
    "| BAJA |",
    "REVOKE/CANCEL/REMOVE/UNDO/STOP ~ CONSENT/AGREE",
    "NOT ~ AGREE THIS? |",
    "NOT ~ CONSENT |",
    "LEAVE",
    "THREAT",
    "NOT I? WANT RETURN oir/oirlos/oirlas/escuchar",
    "CALL/TEXT/CONTACT ME? AGAIN/time/MORE AND/I I/YOU? will? POLICE",
    "| ART? CALL/TEXT AND I POLICE",
    "if YOU CALL/TEXT/CONTACT ~ POLICE",
    "KEEP CALL/TEXT/CONTACT AND READ WHAT happens",
    "UNINTERESTED STOP? |",
    "UNINTERESTED OFF? in? LIST/THIS/YOU/CALL/TEXT/CONTACT",
    "NEVERASKED ~ STOP |",
    "DIDNT WANT/AGREE ~ THIS STOP |",
    "| YOU? CAN? ME? JUST? WANT? BETTER? THIS? STOP + |",
    "SAID * STOP + |",
    "SAID YOU? STOP |? BUT/AND? YOU ~ CALL/TEXT/CONTACT",
    "| I? WANT YOU STOP + |",
    "| STOP I? SAID",
    "| STOP NOT I? WANT ~ |",
    "NOT ~ WANT ~ help/ayuda |? STOP |",
    "| dejenme/dejeme/dejame/dejennos |",
    "WRONG ~ NUMBER/PERSON ~ STOP + |",
    "SAID YOU? NOT |",
    "HOW * STOP ~ CALL/TEXT |",
    "THIS last TEXT/CALL",
    "| OFF MY CALL |",
    "NOT ~ EVERYTHING con/with/OFF YOU",
    "YOU CALL/TEXT/CONTACT * STOP |",
    "KEEP ~ CALL/ME alone |",
    "NOT ~ hear/saber/CALLED/contacted/texted ~ |",
    "UNDO MY? LIST",
    "WANT salir/salirme ~ LIST",
    "I WANT OFF THIS TEXT/CALL/LIST",
    "NOT ~ WANT ~ hear ~ organization/office/program/programa/organizacion/LIST |",
    "NOT I? WANT GOT EVERYTHING |",
    "NOT I? WANT GOT EVERYTHING OFF YOU",
    "| NOT WANT |",
    "| NOT MORE THIS? |",
    "NOT WANT THIS MORE",
    "NOT WANT ~ LIST |",
    "NOT I WANT ~ LIST |",
    "NOT ~ WANT ~ NUMBER |",
    "NOT I WANT ~ NUMBER |",
    "NOT WANT THIS |",
)
WRONG_PERSON = compile_rules(
    "WRONG ~ NUMBER/PERSON/OTHERPERSON/CALL",
    "THIRD ISNT/NOT TIMED THIS NUMBER",
    "THIS NOT _ TIMED THIS NUMBER",
    "NUMBER/PERSON ~ WRONG",
    "YOU ~ GOT? ~ WRONG |",
    "| WRONG |",
    "|/THIS/AND/WRITER/CALLED/PERSON/NUMBER ISNT/NOT ME |",
    "ISNT ME WHO",
    "ISNT ART WHO WRITER",
    "ISNT I |",
    "| I ISNT |",
    "| I JUST GOT THIS CALL",
    "| THIS NUMBER/CALL mio/mia/MY",
    "acaban/acabo/acaba * NUMBER",
    "THIS ISNT * NUMBER/CALL",
    "| ISNT MY NUMBER |",
    "| NOT _ TIMED THIS NUMBER",
    "NOT/DIDNT GOT/READ/usa/use/uses/has/own/owns ~ THIS NUMBER",
    "NOT/DIDNT GOT/READ/usa/use/uses/has/own/owns THIS CALL/NUMBER MORE",
    "NOT has/own/owns THIS CALL",
    "| _ DIDNT THIS NUMBER/CALL MORE |",
    "THIS used _ NUMBER/CALL",
    "| _ changed/cambio OFF? THIRD NUMBER |",
    "| I? creo/think/pienso/parece/MAYBE/guess YOU? WRONG |",
    "|/creo/think/believe/pienso/parece/YOU/guess/THIS/I MISTAKEN",
    "MISTAKEN OFF? NUMBER/PERSON",
    "THIRD changed/cambio OFF? MY? THIRD? NUMBER",
    "ISNT/NOT THIRD NUMBER/CALL NOT? MORE? |",
    "|/THIS ~ NUMBER was/has? reassigned/reasignado/reasignaron/recycled",
    "| THIS ~ NUMBER/CALL ~ belongs/belong/belonged/pertenece/pertenecia",
    "THIS ART? PERSON? NOW? mio/mia/MY NOW? |",
    "THIS NOT/ISNT NUMBER/CALL OFF _ |",
    "THIS OTHERPERSON CALL/NUMBER",
    "last/old/previous/anterior owner/tenant/dueno/duena",
    "THIRD CALLED _ HERE",
    "NEVERASKED ~ APPOINTMENT",
    "THIRD NOT/DIDNT READ THIS NUMBER/CALL",
    "| THIRD? cambio OFF NUMBER |",
    "THIS NUMBER era OFF",
    "GOT THIS CALL/NUMBER last/TIMED",
    "I GOT THIS? NUMBER NOW",
    "WRONG digits",
    "PERSON YOU? WRITER ISNT/NOT",
    "YOU TEXT/CALL/CONTACT/CALLED ART? stranger/desconocido/desconocida",
    "ISNT NAMED",
    "someone/alguien/THIRD * START ~ ACCIDENT",
    "NEVERASKED ~ solicitud/application/paperwork/aplicacion/encuesta/papeles",
    "THIS ~ NUMBER ~ WRITER/OFF? ART _? BUSINESS",
    "THIS ~ NUMBER OFF ART PERSON",
    "YOU * ART BUSINESS |",
    "ISNT NUMBER OFF",
    "|/THIS/YOU NUMBER ISNT",
    "NOT ~ THIRD/_ NUMBER MORE",
    "NOT KNOW ~ THIRD/PERSON",
    "NOT KNOW WHO THIS/YOU WRITER",
    "NOT KNOW ~ WHO THIRD/PERSON/_ |",
    "THIRD THIS CALLED",
    "NOT hay * THIS |",
    "| ART? new/nuevo NUMBER",
    "GOT ART? new/nuevo NUMBER",
    "THIS ART? new/nuevo NUMBER",
    "| NOT PERSON THIS |",
    "NOT such/existe/hay ~ PERSON/THIRD",
    "NUMBER new/nuevo",
    "previous/anterior owner/dueno",
    "THIS ART? BUSINESS",
    "THIS ART _ BUSINESS |",
    "THIS ~ ELSEWHERE WRITER/OFF ART _? BUSINESS",
    "OTHERPERSON * NUMBER",
    "WRITER * OTHERPERSON",
    "OTHERPERSON NOW? |",
    "| THIS ISNT |",
    "alguien/someone * puso/dio/gave/put/used/entered/wrote/uso/GOT/START * NUMBER",
    "THIRD * puso/dio/gave/put/used/entered/wrote/uso/START/GOT * NUMBER",
    "MY NUMBER ACCIDENT",
    "NEVERASKED ~ THIS/EVERYTHING/THIRD/|",
    "NEVERASKED NOT? ~ THIS |",
    "NEVERASKED ART THIRD",
    "NEVERASKED * form/formulario/request/information",
    "not/ISNT/NOT/DIDNT live/vive THIS/THIRD/MORE/|",
    "NOT/ISNT person/PERSON YOU",
    "NOT/THIRD/OTHERPERSON * NAMED",
    "NOT/ISNT WHO",
    "used have/be/GOT THIS? NUMBER",
    "THIS NOT _ THIS |",
    "THIRD THIS WANT/SAID/asked/requested/pidio/called",
    "GOT THIS NUMBER",
    "NUMBER NOT/ISNT es? ~ THIRD/_ |",
    "ISNT THIS? PERSON",
    "THIS NOT hay MORE _ |",
)
WRONG_FOR_THEM = re.compile(
    r"THIRD (?:was )?(?:WRONG PERSON|PERSON WRONG) |WRONG PERSON (?:WRITER ME|SAID) "
)
"""No wrong number: "he was the wrong guy for me"."""
NOT_SOMEBODY = re.compile(
    r"(?:\||THIS|I|MY name|HERE) "
    r"(?:(?:ISNT|NOT KNOW(?: a| to)?(?: MORE| ART)?|(?P<asked>WHO)) (?P<name>[a-z]+|THIRD|PERSON) "
    r"(?:MORE )?|(?:NOT|ISNT|NOT hay) (?:MORE |ART )?(?P<absent>[a-z]+) HERE )\|"
)
"""Somebody is not, or does not know, a person of this name; if the word is a name."""
ASKS_WHO = compile_rules(
    "WHO ~ TEXT/CALL/CONTACT/SEND/|",
    "WHO ~ THIS/YOU/habla/escribe/eres/es/manda",
    "WHAT ~ THIS about/regarding/for/sobre/WRITER? |",
    "WHAT ~ THIS |",
    "WHAT ~ THIS ~ TEXT/CALL/NUMBER ~ |",
    "WHAT ~ THIS LIST |",
    "WHAT ~ EVERYTHING |",
    "WHAT LIST THIS",
    "WHAT? DOES? THIS mean |",
    "WHAT? significa THIS",
    "WHAT CAN I TEXT/SEND |",
    "WHAT commands/comandos/options/opciones/words/palabras",
    "explain/explicar/explica/explique WHAT/LIST/EVERYTHING/THIS/WHO",
    "HOW ~ DOES? THIS ~ EVERYTHING/LIST? OK |",
    "HOW ~ OK THIS |",
    "HOW ~ READ THIS |",
    "HOW YOU TEXT/CALL/CONTACT OFF |",
    "| NOT KNOW WHO THIS? |",
    "| I NOT KNOW WHO THIS? |",
    "NOT KNOW THIS NUMBER * WHO",
    "WHATDO exactly? |",
    "WHAT YOU TEXT/CALL/CONTACT ME? WRITER |",
    "WHAT purpose/point OFF? THIS",
    "WHY YOU? GOT ~ NUMBER",
    "WHO runs/behind THIS",
    "YOU legit/automated/estafa/reales/verdaderos",
    "WHAT YOU? help",
    "| ART robot/bot/estafa/scam/maquina",
    "| WHAT YOU |",
    "| NUMBER THIS NUMBER |",
    "WHO * pertenece/belongs/belong/sent/envio",
    "HERE ART? human/robot/bot",
    "WHAT kind/type/tipo/clase _ THIS",
    "TALK ~ computer/robot/bot/machine/maquina/human",
    "WHY I THIS |",
    "WHY ~ THIS |",
    "WHY * TEXT/CALL/CONTACT |",
    "WHY ME? llegan/llego/llegaron/llega",
    "ART PERSON HERE? AND ART? maquina/robot/machine/computer/bot/grabacion/recording/computadora",
    "ART? PERSON real/verdadera",
    "YOU ART PERSON |",
    "organizacion/empresa/compania/company/organization pertenecen/representan/pertenece",
    "THIS hotline/helpline",
    "WHAT ~ LIST THIS/YOU |",
    "WHAT ~ BUSINESS",
    "WHAT ~ company/organization/place/empresa/compania/lugar/organizacion/business/outfit/agency",
    "WHAT ~ NUMBER THIS/|",
    "| NUMBER YOU? BUSINESS",
    "| NUMBER YOU? company/empresa/organization/organizacion |",
    "HOW * NUMBER |",
    "WHY ~ CALL/TEXT/CONTACT/SEND/TELLS",
    "WHY ~ THIS NUMBER",
    "WHO ~ GOT ~ NUMBER",
    "WHO ~ TELLS",
    "THIS ART? real/bot/scam/spam/legit/robot/automated/estafa/fraude/CONTACT/computer/machine",
    "YOU ART? real/bot/robot/human/scam",
    "WHAT ~ YOU WANT |",
    "WHAT WANT |",
    "WHO ~ TALK |",
    "| NUMBER/company/empresa/compania/lugar/organizacion THIS |",
    "ORIGIN",
    "help/ayuda WHAT",
)
# What somebody says that they did with a stop.
_SENT = "SAID/TEXT/SEND/texted/sent/typed/wrote/type/write/put/hit/puse/poner/di/dar"
STARTS = compile_rules(
    "START ~ LIST",
    "START ~ BACK/AGAIN |",
    "UNDO ME I? WANT",
    "UNDO | ~ CALL/TEXT/CONTACT",
    "WANT RETURN ~ LIST",
    "turn ~ CALL/TEXT/CONTACT BACK",
    "FREE ~ TEXT/CONTACT AGAIN",
    "| I WANT RETURN |",
    "CAN/WANT ~ BACK ~ TEXT? LIST",
    "START SEND THIRD? AGAIN",
    "| BACK TEXT |",
    "OK ~ TEXT/CONTACT ME? NOW",
    "START EVERYTHING |",
    "renew ~ AGREE/CONSENT",
    "let ME START over | YOU CAN",
    "| NOW YOU CAN TEXT/CONTACT",
    "| SEND ME? TEXT AGAIN",
    "vuelvo ~ dar CONSENT",
    "START ME |",
    "|/CHANGED OK? START |",
    "START ~ CALL/TEXT/CONTACT",
    "YOU/WANT/|/OK/CAN ME? RETURN ~ CALL/TEXT/CONTACT/SEND",
    "UNDO MY last? TEXT",
    "OFF ~ STOP/LEAVE",
    "START ~ BACK",
    "UNDO/REMOVE/CANCEL/LOSE/REVOKE ~ STOP/THREAT/CANCEL |",
    "UNDO/REVOKE/LOSE ~ STOP/CANCEL",
    "puse/hit/sent/texted STOP/CANCEL ACCIDENT | REMOVE |",
    f"MY/I/ME/{_SENT} STOP/CANCEL/THREAT/block/BAJA ~ ACCIDENT",
    f"UNMEANT {_SENT}? ME/ART/THIS? STOP/CANCEL/THREAT/block/BAJA",
    f"| ACCIDENT I? {_SENT} ME/ART/THIS? STOP/CANCEL/THREAT/block/BAJA",
    "ACCIDENT ME? di OFF BAJA",
    "YOU CAN ME? CALL/TEXT/CONTACT * AGAIN",
    "YOU CAN RETURN ~ CALL/TEXT/CONTACT",
    "WANT ~ CALL/TEXT/CONTACT AGAIN",
    "WANT BACK in/on/LIST",
    "WANT ~ LIST AGAIN/BACK",
    "| ~ TEXT ME AGAIN |",
    "| OK? YOU ME? TEXT/CONTACT ME? AGAIN |",
    "| OK? I? WANT hear ~ AGAIN",
    "AGAIN I? WANT ~ TEXT/CALL/CONTACT",
    "YOU CAN ~ SEND ~ TEXT * AGAIN",
    "CHANGED |? ~ KEEP ~ CALL/TEXT/CONTACT",
    "CHANGED |? ~ YOU CAN ~ CALL/TEXT/CONTACT",
    "CHANGED |? OFF? OK? ~ CONTACT",
    "CHANGED ~ STOP",
    "START ~ MY? NUMBER",
    "UNDO WHAT? I? SAID",
    "|/I/WANT/YOU/ME/would/OK/AND/BUT ~ REJOIN",
    "|/I/YOU/ME/OK/BUT/AND/GOT ~ AGREE/CONSENT WHY? OFF? ~ CALL/TEXT/CONTACT * AGAIN",
    "THIS/I OK with? ~ TEXT/CALL/CONTACT * AGAIN",
    "WANT ~ CALL/TEXT/CONTACT ~ AGAIN/BACK",
    "WANT ~ CALL/TEXT/CONTACT AND CALL/TEXT/CONTACT ~ AGAIN/BACK",
    "| OK TEXT/CONTACT ~ AGAIN",
    "WANT/FREE ~ hear ~ AGAIN",
    "YOU CAN ~ CALL/TEXT/CONTACT ~ NOW? |? ~ CHANGED",
    "NOT I? WANT STOP | ~ KEEP/CALL/TEXT/CONTACT",
    "| ~ CONTACT ~ AGAIN |",
    "RETURN poner/inscribir/agregar/incluir/apuntar/meter",
    "KEEP ~ CALL/TEXT/CONTACT/SEND |? ~ ACCIDENT",
    "ACCIDENT | I WANT KEEP TEXT/CALL/CONTACT",
    "OFF LEAVE LIST? |",
    "SAID * BUT NOW OK",
)
CONTINUES = re.compile(r"\| (?:OK )?KEEP (?:con )?(?:TEXT|CONTACT) \| ")
"""The whole of a text that asks us to go on."""
STOPPED_BEFORE = compile_rules(
    "SAID ~ YOU? ~ STOP/CANCEL/BAJA/LEAVE",
    "SAID ~ NOT ~ CALL/TEXT/CONTACT",
    "dicho ~ NOT/STOP/BAJA",
    "texted/sent/typed/wrote/puse/puso/mande/mando/hit/pressed/dije/escribio/escribi/put ~ STOP",
    "stopped YOU",
    "I CANCEL last/TIMED",
    "dado/puse/mande ~ OFF? BAJA",
    "habia/TALK STOP",
    "I THREAT YOU OFF? TIMED",
    "THIRD puso/put/hit/sent/texted STOP NOT MY? CONSENT",
)
"""Who told us to stop once: what follows may take it back."""
TAKES_BACK = compile_rules(
    "UNDO THIS/STOP",
    "# |? THIS? was? ACCIDENT |/BUT/AND/I",
    "REJOIN",
    "NOW ~ YOU CAN ~ CALL/TEXT/CONTACT/SEND",
    "NOW ~ WANT ~ CALL/TEXT/CONTACT/SEND ~ |",
    "NOW OK I? WANT? |",
    "NOW OK ~ CALL/TEXT/CONTACT/SEND",
    "CAN/WANT/AGREE/CONSENT/FREE/RETURN/ahead * CALL/TEXT/CONTACT/SEND ~ AGAIN",
    "WANT YOU? KEEP ME? ART? CALL/TEXT/CONTACT/SEND",
    "KEEP WANT YOU? ME? ART? CALL/TEXT/CONTACT/SEND",
    "|/BUT OK? KEEP ME? ART? CALL/TEXT/CONTACT/SEND ME? |",
)
"""What lifts the stop that `#` stands for: to be contacted is asked for, or it was an accident."""
STOP_UNTOLD = re.compile(
    r"(?<!\S)(?:WHY (?:did|has|GOT) YOU STOP (?:(?!STOP |NOT )[^|\s]+ )*|"
    r"(?:(?:NOT|DIDNT) (?:SAID|tell)(?: YOU)?|NEVERASKED YOU) STOP (?![^|]*\| \?)"
    r"(?:(?:CALL|TEXT|CONTACT|SEND|ME) )*)"
)
"""No stop of theirs: "why did you stop calling me?", "I never told you to stop"."""
STOPS_AT_HEAD = re.compile(r"\| STOP (?:I|YOU|AGAIN|THIS was|fue|was|because|porque) ")
ENDS_WITH_NO = re.compile(
    r"(?:NOT|DIDNT|ISNT|CANT|SICK|refuse) (?:(?!(?:BUT|NOW|OK) )[^|\s]+ ){0,3}$|STOP $"
)
HAS_A_NO = re.compile(r"\S (?:NOT|DIDNT|ISNT|CANT) (?!.*(?:BUT|NOW) )")
ASKS_WHY = compile_rules("WHY/?/THREAT/LEAVE", "NOT/STOP ~ CALL/TEXT/CONTACT")
ASKS_CALL = compile_rules(
    "CALL ME",
    "ME CALL",
    "YOU ~ CALL",
    "|/AND/OK/BETTER/TIMED/KEEP CALL ~ |/TIMED/NOW/ME/BACK/AGAIN/LATER",
    "WANT ~ CALL |",
    "WANT ~ CALL ~ TIMED/NOW/from",
    "CAN I ART? CALL ~ |/TIMED/NOW",
    "CALLED |",
    "CALLED * TRY/BACK",
    "TRY ME? CALL",
    "| TRY ME? AGAIN/BACK/TIMED/NOW",
    "| I? will? FREE para? TALK? ~ |/TIMED/NOW",
    "I FREE |/TIMED/NOW",
    "WANT ~ TALK ~ alguien/someone/anyone/PERSON/counselor/YOU/human/consejero/asesor/advisor/NOW",
    "CAN I TALK ~ alguien/someone/anyone/PERSON/counselor/YOU/human/consejero",
    "reach ME TIMED",
    "| ME TELLS/TALK * TIMED * | ?",
    "| ME TELLS ~ | ?",
    "YOU CAN TALK ME",
    "YOU ~ TALK ME? ~ TIMED",
    "I? FREE WRITER/para ~ CALL ~ |/TIMED",
    "NOW CALL ~ |",
    "OK time? CALL ~ TIMED/NOW",
    "|/YOU CONTACT ~ CALL ~ |/TIMED",
    "| OK? NOW OK |",
    "let ME TALK NOW/CALL",
    "WANT ~ TALK ~ real/live/actual/human ~ PERSON",
    "| ART CALL |",
    "| CALL MY CALL |",
)
FROM_OUR_STAFF = re.compile(r"(?:^|\| )(?:[A-Z]+ )*(?:GOT|could|CAN|would|will) ART THIRD $")
PUTS_OFF = compile_rules(
    "LATER",
    "let ME CALL YOU",
    "| voy BUSY",
    "CANNOTTALK",
    "TRY/CALL ~ TIMED BETTER",
    "| MAYBE TIMED",
    "CALL ME? TIMED |? I? BUSY",
    "| CAN I TIMED BETTER",
    "| en/in _ TIMED |",
    "WAIT ~ TIMED",
    "| WAIT |",
    "| TIMED BETTER? OK? |",
    "| CANT? I? NOW? I? BUSY",
    "BUSY * TRY/CALL/TIMED",
    "NOW I? BUSY",
    "ISNT/NOT ART? OK TIMED",
    "UNSAFE TIMED",
    "ISNT/NOT up WRITER/para THIS",
    "TIMED DIDNT/NOT/ISNT OK",
    "TIMED I? CANT |",
    "|/I with someone NOW?",
    "TRY AGAIN THIS? TIMED",
    "CALL ~ TIMED MY THIRD BUSY",
    "FREE in/en ART? TIMED",
    "TIMED bad WRITER",
    "ISNT/NOT TIMED I? BUSY",
    "| I? CANT right? NOW",
    "let ME next? TIMED",
    "CANT TALK NOW",
    "hit ME TIMED",
    "| I? CANT THIS TIMED",
    "| TIMED TIMED |",
    "| I? tired/exhausted/cansada/cansado/sick/agotada TIMED |",
)
NO_DELAY = compile_rules("APPOINTMENT", "HOW * LATER", "WHAT * LATER", "I will/CAN? CALL")
OPEN_CHANNEL = {
    channel: compile_rules(
        f"ONLY ~ {channel}",
        f"{channel} ~ ONLY/OK/BETTER/FREE",
        f"hear ~ {channel}",
        f"# ISNT {channel}",
        f"will ~ {channel}",
        f"OK/BETTER/KEEP/JUST/BUT/CAN/WANT/if/YOU/by/AND/LEAVE/CONTACT ~ CONTACT? ~ {channel}",
        f"ONLY ~ CONTACT ~ {channel}",
        f"SEND ~ {channel}",
        f"|/# TELLS {channel}",
        f"{channel} ~ CAN/KEEP",
        f"BUT NOT/ISNT ~ {channel}",
        f"NOT STOP ~ {channel}",
        f"|/# {channel} ME/OK/BETTER/ONLY/|/me/TIMED/NUMBER/THIS/BUT/if/AND",
        f"con/with ART {channel} STOP",
        f"|/# SEND ~ {channel}",
        f"| {channel} #",
        f"| THIS {channel} |",
        f"{channel} ME",
        f"ME {channel}",
        f"CANNOTTALK |? ~ {channel}",
        f"will/CAN/I TALK/READ ~ {channel}",
    )
    for channel in ("CALL", "TEXT")
}
TALKS = compile_rules("YOU ~ TALK", "TALK ME", "I BETTER TALK |")
"""Who lets us talk to them lets us call."""
WITHOUT_THE_OTHER = {
    "CALL": compile_rules(
        "BETTER OFF/than ~ CALL",
        "ONLY ~ TEXT",
        "TEXT ~ ONLY",
        "TEXT ~ BETTER",
        "WANT/BETTER ~ TEXT ~ than/BETTER",
        "BETTER TEXT",
        "CAN I THIS TEXT",
        "BETTER GOT? ART? MY? TEXT over/than/OFF? ~ CALL",
        "TEXT ME? |? ISNT/NOT CALL |",
        "TEXT BUT ISNT/NOT CALL",
    ),
    "TEXT": compile_rules(
        "BETTER OFF/than ~ TEXT",
        "ONLY ~ CALL",
        "CALL ~ ONLY",
        "CALL ME? BETTER OFF? TEXT",
        "KEEP TEXT AND? BETTER CALL",
        "BETTER GOT? ART? MY? CALL over/than/OFF? ~ TEXT",
        "CALL ME? |? ISNT/NOT TEXT |",
        "CALL BUT ISNT/NOT TEXT",
        "FREE BUT I? CANT/NOT ~ TEXT",
    ),
}
"""Who asks for one channel only closes the other."""
AGAINST = {
    channel: compile_rules(
        f"CANCEL/REMOVE/SWITCHOFF/LOSE ~ {channel}",
        f"{channel} ~ much |/BUT",
        f"{channel} ~ COSTS/SICK/CANCEL/bad",
        f"COSTS OK? ~ {channel}",
        f"{channel} UNSAFE",
        f"| ME? MY? {channel} OFF |",
        f"{channel} DIDNT/NOT/ISNT/CANT OK/help/ayuda/private/secure",
        f"{channel} * STOP/REMOVE/CANCEL ~ SEND? ~ THIRD/THIS/MORE",
        f"{channel} * | ~ STOP/REMOVE/CANCEL/NOT ~ SEND? ~ THIRD/THIS/MORE/|",
    )
    for channel in ("CALL", "TEXT")
}
"""One channel is spoken against; what is left open says whether the other is meant as well."""
SPOKEN_ILL = {
    channel: compile_rules(
        f"NOT/CANT/ISNT/SICK/LOSE/bad/UNSAFE ~ {channel}",
        f"{channel} ~ CANT/DIDNT/SICK/bad",
        f"{channel} NOT |",
        f"THIRD READ/sees/hears/looks/NEAR/oye/ve ~ {channel}",
    )
    for channel in ("CALL", "TEXT")
}
"""Said against a channel: no refusal, but where the other is named beside it."""
TURN = re.compile(r"(?:\||BUT|AND BUT) ")
UNWELCOME = frozenset(
    {"NOT", "STOP", "CANT", "ISNT", "DIDNT", "SICK", "COSTS", "CANCEL", "REMOVE", "LOSE", "LEAVE"}
    | {"THREAT", "NEVERASKED", "SWITCHOFF", "WHY", "WHO", "HOW", "WHAT", "?", "CALLED", "THIRD"}
    | {
        "MY",
        "THIS",
        "GOT",
        "YOU",
        "will",
        "TELLS",
        "SAID",
        "TIMED",
        "BUSY",
        "LATER",
        "NOW",
        "AND",
        "NOR",
        "MORE",
        "LIST",
    }
)
"""Beside these a channel is not offered."""
_CHANNEL = frozenset({"CALL", "TEXT", "CONTACT", "SEND"})
_OF_OTHERS = frozenset({"THIRD", "APPOINTMENT", "TIMED", "CALLED", "BUSY", "I", "CAN"})
_REFUSES = frozenset(
    {"NOT", "STOP", "CANCEL", "REMOVE", "SICK", "LEAVE", "THREAT", "DIDNT", "CANT"}
)
SHORT_WISHES = (
    ("help", (frozenset({"WHO"}), frozenset({"THIS", "YOU", "NUMBER"}) | _CHANNEL), _OF_OTHERS),
    ("help", (frozenset({"WHY"}), frozenset({"NUMBER"}) | _CHANNEL), _OF_OTHERS - {"I"} | {"NOT"}),
    ("help", (frozenset({"WHAT"}), frozenset({"THIS"})), _OF_OTHERS | _REFUSES),
    ("help", (frozenset({"HOW"}), frozenset({"NUMBER"})), _OF_OTHERS - {"I"}),
    (
        "start",
        (frozenset({"AGAIN", "BACK"}), frozenset({"TEXT", "CONTACT", "SEND", "LIST"})),
        _REFUSES | _OF_OTHERS - {"I", "CAN"} | {"WHY", "WHO", "?", "ISNT", "HOW"},
    ),
    (
        "start",
        (frozenset({"UNDO", "REJOIN"}), frozenset({"STOP", "CANCEL", "BAJA", "TEXT"})),
        frozenset({"THIRD", "APPOINTMENT", "NOT", "HOW", "?"}),
    ),
    (
        "wrong_person",
        (frozenset({"WRONG", "MISTAKEN"}), frozenset({"NUMBER", "PERSON", "OTHERPERSON", "YOU"})),
        _OF_OTHERS - {"I"} | {"ME"},
    ),
    (
        "later",
        (frozenset({"CANT", "BUSY"}), frozenset({"NOW", "LATER"})),
        frozenset({"THIRD", "APPOINTMENT", "STOP", "?"}),
    ),
)
"""Wishes of which a short text has one word of each set and none of the last."""
CANNOT_READ = compile_rules(
    "NOT/CANT READ * TEXT",
    "NOT/CANT READ OK |/CALL",
    "CANT READ THIS |",
    "NUMBER NOT/CANT * TEXT",
    "NOT manejo/entiendo * TEXT",
    "CANT TEXT",
    "TEXT ME? CANT |",
    "TEXT ~ COSTS",
    "blind/ciego/ciega * TEXT",
    "THIRD ~ READ ~ TEXT",
)
CANNOT_TALK = compile_rules(
    "CANNOTTALK", "NOT TALK NUMBER/CALL", "CALL ME? CANT |", "NOT/CANT/SICK ~ TALK ~ |/CALL"
)
FOR_THIS_TIME = compile_rules("TIMED/NOW/LATER/BUSY")
ABOUT_SOMEBODY = re.compile(r"THIRD (?!.*YOU )[^|]*$")
NOT_ASKED_OF_US = re.compile(
    r"(?:(?<!\S)(?:I|NOT|CANT|DIDNT|HOW|WHY|should|if|that)) (?:CAN |do |would )?$"
)
YOU_WILL_NOT = re.compile(r"(?:YOU|WHY) (?:\S+ )?(?:CANT|NOT) $")
OF_SOMEBODY_ELSE = re.compile(
    r"(?:ME |MY |ART |OFF |con |with )*(?:THIRD|APPOINTMENT)(?: |$)"
    r"(?!(?:GOT|READ|CAN|WANT|KNOW|has|hears|listens|answers|uses|will|oye|escucha|contesta|trae) )"
)
AND_ALSO = re.compile(
    r"(?:ME (?=AND MORE ))?(?:\| )?(?:(?:CALL|TEXT|CONTACT) (?:ME )?(?:\| )?){0,3}"
    r"(?:NOR |AND (?!(?:\S+ )?(?:CALL|TEXT|CONTACT) (?:ME )?(?:BETTER|OK|ONLY)))"
    r"(?:NOT |YOU |ME |MORE |ART |OFF )*(?:SEND )?(?P<channel>CALL|TEXT|CONTACT) "
)
ONE_NOT_THE_OTHER = re.compile(
    r"\| (?P<closed>CALL|TEXT) NOT (?:\| )?(?:(?:AND|NOR) )?(?!(?P=closed))(?:CALL|TEXT) "
    r"(?:OK|CAN) "
)
"""Said without a pause: "calls no texts yes"."""
AND_INSTEAD = re.compile(
    r"^STOP (?:SEND |THIS |HERE |THIRD |EVERYTHING )+(?:AND|NOR) (?:\S+ )*(?:CALL|TEXT) $"
)
"""Stop that, and do this: "stop that and call"."""
ENDS_WITH_THING = re.compile(r"(?:TEXT|CALL|NUMBER|THIS|EVERYTHING) $")
"""A clause is over, though no mark says so: "she reads my texts stop texting"."""
ENDS_WITH_EXCEPTION = re.compile(r"(?:STOP|CANCEL|REMOVE|NOT|LOSE|SICK) .*BUT $")
FOREVER = re.compile(r"(?<!\S)(?:MORE|AGAIN) ")
FOR_NOW = re.compile(
    r"(?:ME |THIS |HERE |NUMBER |MY |AND |NOR |CALL |TEXT |YOU |SEND |"
    r"I |am |en |si |tan |muy |very |too )*"
    r"(?:TIMED|LATER|BUSY|NOW) (?!yet)"
)
ENDS_NOW = re.compile(r"(?:ME |THIS |NUMBER |MY |AND |NOR |CALL |TEXT )*NOW (?:\||BETTER)")
SPEAKS_OF_STOPPING = compile_rules(
    "| STOP THIS",
    "| ~ NOT/STOP/CANCEL/REMOVE ~ |",
    "UNINTERESTED",
    "CANCEL ~ request/solicitud/CALL/pedido",
    "NOT ~ CALL/TEXT/CONTACT",
    "STOP ~ CALL/TEXT/CONTACT",
    "NOT THIS",
    "NOT ~ WANT/TALK |",
    "| NOT ~ CALL/TEXT/CONTACT MY? THIRD",
    "| STOP |",
    "STOP ~ UNSAFE",
    "NEVERASKED",
    "NOT/ISNT/CANT ~ START/REJOIN",
    "START ~ STOP",
    "STOP/CANCEL/BAJA * ACCIDENT",
    "ACCIDENT * STOP/CANCEL/BAJA",
    "SICK ~ |",
    "| JUST? UNDO |",
    "| JUST? LOSE/KEEP THIS |",
    "| NOT/ISNT THIS? MORE |",
    "| NOT hace falta |",
    "| olvidalo/olvidelo/olvidenlo |",
)
MAY_BE_OVER = compile_rules(
    "THIRD says/SAID/wants STOP ~ CALL/TEXT/CONTACT ME",
    "| NOT WANT help/ayuda |",
    "| KEEP MY THIRD alone |",
    "| ~ GOT? CHANGED ~ NOT/UNDO? |",
    "| ~ NEEDLESS ~ |",
    "NEEDLESS |",
    "I ISNT/NOT FREE WRITER THIS |",
    "| ~ NEEDLESS ~ CALL/CONTACT/help/ayuda/APPOINTMENT ~ |",
    "NOT need/necesito/ocupo ~ help/ayuda/APPOINTMENT ~ |",
    "| ~ THIRD/someone/alguien/PERSON? ~ GOT? SETTLED ME/THIS? NOW/TIMED? |",
    "| ~ SETTLED ~ SOMEWHERE NOW? |",
    "| * SOMEWHERE NOW? |",
    "| I OK NOW |",
    "| I? GOT THIRD ART? PERSON/APPOINTMENT/LIST |",
    "| BETTER NOT |",
    "UNINTERESTED in APPOINTMENT |",
    "NOT I? WANT TALK ~ |",
    "| LOSE about? ME/MY |",
    "| THIS? PERSON YOU? WRITER? DECEASED |",
    "| ME DECEASED |",
    "| DECEASED PERSON YOU? WRITER |",
)
"""Who may not want the callback any more: they changed their mind, or have help already."""
STILL_ASKS = compile_rules("WANT/CAN/YOU/HOW/WHAT/WHY/?/NOT")
MAY_BE_HEARD = compile_rules(
    "THIRD has/GOT/HOLDS/READ/use/uses/usa/TALK ~ THIS/MY ~ old/other/cell? CALL/NUMBER",
    "THIS/MY ~ CALL/NUMBER lo? HOLDS/GOT/uses/usa MY? THIRD",
    "OTHERPERSON has/GOT/HOLDS/READ/uses/usa ~ THIS/MY ~ CALL/NUMBER",
    "| THIS/soy/somos/habla/I THIS? MY? THIRD THIRD? |",
    "THIS THIRD THIRD |",
    "NOT ~ CALL/TEXT/CONTACT MY? THIRD CALL/NUMBER",
    "THIRD ISNT/NOT THIS/PERSON/available/NEAR |",
    "| MY? THIRD THIS/PERSON/BACK/NOW/NEAR/around/awake/near/nearby/listening/watching/cerca |",
    "THIRD ~ READ ~ TEXT",
    "| STOP ~ THIRD will/can/keeps/always? READ",
    "| STOP ~ READ MY",
    "| STOP * ME * trouble/killed/hurt/caught/problemas |",
    "|/I THIS? UNSAFE HERE? NOW? |",
)
"""Somebody else may hold the phone, or hear it."""
UNSAFE_TO_REACH = compile_rules("UNSAFE ~ CALL/TEXT/CONTACT/TALK/STOP")
"""Why not to reach them; whether another time is better, a person finds out."""
TO_SOMEBODY_ELSE = re.compile(
    r"(?<!\S)(?:CALL|TEXT|CONTACT) (?:MY |ME |ART )*THIRD (?=AGAIN|BACK|\|)"
)
REFUSED_IN_PART = compile_rules(
    "| ISNT/NOT MY CALL/NUMBER ~ |",
    "| ISNT/NOT MY CALL/NUMBER MORE MY? THIRD",
    "NOT/STOP ~ CALL/TEXT/CONTACT ~ BUSY ~ MORE",
    "NOT ~ CALL/TEXT/CONTACT ME? MORE? TIMED/in/on/a/en/to? ELSEWHERE",
    "NOT/STOP ~ CALL/TEXT/CONTACT ~ if MY? THIRD",
    "NOT ~ CALL/TEXT/CONTACT MY? THIRD PERSON/CALL/NUMBER",
)
"""Refused at a place, or while somebody is near: whether elsewhere too, a person tells."""
_OF_A_HABIT = "CANT|WANT|DOES|help|ayuda|HOW|WHAT|THIRD|NOT"
HABIT = re.compile(r"(?<!\S)(?<!YOU )WANT STOP ")
"""What somebody wants to stop who does not say whom: "need to quit" is no word about us."""
ENDS_IN_STOP = re.compile(
    rf"\| (?!.*(?<!\S)(?:I (?!ISNT )|\? |(?:{_OF_A_HABIT}) ))(?:[^|\s]+ )+STOP \| $"
)
"""Whose last word is a stop, which no "want to", "cannot" or "help me" makes one of a habit."""
UNWELL = compile_rules("NOT I? OK |", "I ISNT OK |")
"""No refusal: "no estoy bien"."""
