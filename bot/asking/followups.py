"""Decides whether a question depends on the previous one, by form alone.

It does if it opens with a joining word ("and to Kurdistan?"), points back with a pronoun while naming little
itself ("when did he sign it?"), or, as a reply, is no complete question ("in 2023?"). Both are then searched
for together, and passages that the question also finds by itself rank first. It depends on the last question
that stood alone, so "and in May?" after "and in March?" asks about May.
"""

import re
from dataclasses import replace

from bot.records import Reason
from index.language.analyze import terms
from index.language.detect import detect
from index.searching.confidence import ANSWERED
from index.searching.result import Hit, Result

SOON = 300.0
"""Seconds within which a question in a private chat may depend on the previous one without being a reply."""

NAMES_LITTLE = 3  # content words; with this many or more, a question names its own subject

NOT_BY_ITSELF = 0.1  # score factor of a passage that only both questions together find

LANGUAGES = ("en", "de", "es", "ru", "ar")  # of the words below

JOINING = """and|but|or|also|what about|how about|what of|und|aber|oder|auch|was ist mit|wie steht es mit
    |y|e|pero|o|también|qué hay de|qué pasa con|и|а|но|или|также|что насчёт|что насчет|как насчёт|как насчет
    |و|أو|لكن|ولكن|ماذا عن|وماذا عن|ومن|وما|وماذا|ومتى|وأين|ولماذا|وكيف|وكم|وهل|وفي|وعن|وإلى|ومع"""
# Without “la” and “los”, which are articles; “sie” in lower case only, since “Sie” addresses the reader.
POINTING = """he|him|his|she|her|hers|it|its|they|them|their|theirs
    |er|ihn|ihm|ihnen|dafür|davon|damit|dazu|dort|dabei
    |él|ella|ellos|ellas|eso|esto|allí|lo|le|les|su|sus
    |он|она|оно|они|его|её|ее|ему|ей|им|их|него|неё|нее|них|нём|нем|там
    |هو|هي|هم|له|لها|لهم|منه|منها|منهم|عنه|عنها|عنهم|فيه|فيها|هذا|ذلك|هناك"""
ASKING = """who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would
    |should|has|have|had|may
    |wer|wen|wem|wessen|was|welche|welcher|welches|wann|wo|wohin|woher|warum|wieso|wie|wieviel|ist|sind|war
    |waren|hat|haben|hatte|wird|werden|kann|soll
    |quién|quien|quiénes|qué|que|cuál|cuáles|cuándo|cuando|dónde|donde|cómo|como|cuánto|cuánta|cuántos
    |cuántas|es|son|fue|fueron|ha|han|hay
    |кто|кого|кому|кем|что|чего|чему|какой|какая|какое|какие|когда|где|куда|откуда|почему|зачем|как|сколько
    |чей|ли
    |من|ما|ماذا|متى|أين|لماذا|كيف|كم|أي|هل"""


def _alternatives(words: str) -> str:
    return "|".join(re.escape(word.strip()) for word in words.split("|"))


JOINS = re.compile(rf"\W*(?:{_alternatives(JOINING)})\b", re.IGNORECASE)
POINTS = re.compile(
    rf"\b(?:{_alternatives(POINTING)}|(?-i:sie))\b|\b(?:this|that|das|dies|это|этого)\W*\Z", re.IGNORECASE
)
ASKS = re.compile(rf"\b(?:{_alternatives(ASKING)})\b", re.IGNORECASE)


def leans(question: str, *, is_reply: bool) -> Reason | None:
    """Returns why a question depends on the previous one; None if it stands alone."""
    if JOINS.match(question):
        return "joins"
    named = len(terms(question, detect(question, LANGUAGES)))
    if named < NAMES_LITTLE and POINTS.search(question):
        return "points"
    if is_reply and named < NAMES_LITTLE and not ASKS.search(question):
        return "fragment"
    return None


def agreed(together: Result, alone: Result) -> Result:
    """Reorders the results of both questions together by what the later one finds alone.

    Otherwise the passage that answered the previous question would rank first again.
    """
    if together.period and together.period.latest:
        return together  # in the requested order
    hits = [
        _agreed(hit, next((own for own in alone.hits if _overlap(hit, own)), None)) for hit in together.hits
    ]
    return replace(together, hits=tuple(sorted(hits, key=lambda hit: -hit.score)))


def _agreed(hit: Hit, own: Hit | None) -> Hit:
    """Combines a passage of both searches; marks the sentence that answers the question alone, if any."""
    if own is None:
        return replace(hit, score=NOT_BY_ITSELF * hit.confidence)
    marked = own if own.confidence >= ANSWERED else hit
    score = hit.confidence * (NOT_BY_ITSELF + own.confidence)
    return replace(marked, score=score, confidence=max(hit.confidence, own.confidence))


def _overlap(one: Hit, other: Hit) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end
