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
    |y|e(?= h?[ií])|pero|o|tambi[eé]n|qu[eé] hay de|qu[eé] pasa con
    |и|а|но|или|также|(?:что|как) насч[её]т
    |و|أو|او|لكن|ولكن|ماذا عن|وماذا عن|ومن|وما|وماذا|ومتى|وأين|ولماذا|وكيف|وكم|وهل|وفي|وعن|وإلى|والى|ومع"""
# “Sie”, “Ihnen” and “Ihre” in upper case address the reader; “завод им. Лихачёва” is a name. Missing are “la”
# and “los”, which are articles, and “هو” and “هي”, which also stand in “ما هي عاصمة العراق؟” (what is …).
POINTING = r"""he|him|his|she|her|hers|it|its|they|them|their|theirs
    |er|ihn|ihm|(?-i:sie|ihnen|ihre[mnr]?)|seine[mnr]?|dafür|davon|damit|dazu|dort|dabei
    |él|ella|ellos|ellas|eso|esto|allí|lo(?! (?:que|m[aá]s|[uú]ltimo|nuevo|mejor|peor|mismo)\b)|le|les|su|sus
    |он|она|оно|они|его|её|ее|ему|ей|им(?!\.)|их|него|неё|нее|ней|них|нём|нем|там
    |له|لها|لهم|منه|منها|منهم|عنه|عنها|عنهم|فيه|فيها"""
# These point back only at the end of a question: “this week” and “هناك أخبار” (there is news) don't.
POINTING_AT_THE_END = "this|that|das|dies|это|этого|этом|этому|هو|هي|هم|هذا|هذه|ذلك|تلك|هناك"
ASKING = """who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would
    |should|has|have|had|may
    |wer|wen|wem|wessen|was|welche|welchem|welchen|welcher|welches|wann|wo|wohin|woher
    |warum|wieso|wie|wieviel|ist|sind|war|waren|hat|haben|hatte|wird|werden|kann|soll
    |quién|quien|quiénes|qué|que|cuál|cuáles|cuándo|cuando|dónde|donde|cómo|como|cuánto|cuánta|cuántos
    |cuántas|cuanto|cuanta|cuantos|cuantas|es|son|fue|fueron|ha|han|hay
    |кто|кого|кому|кем|что|чего|чему|какой|какая|какое|какие|какую|какого|каком|каким|каких
    |когда|где|куда|откуда|почему|зачем|как|сколько|чей|чья|чьё|чье|чьи|ли
    |من|ما|ماذا|متى|أين|اين|لماذا|كيف|كم|أي|أية|لمن|هل"""


def _alternatives(words: str) -> str:
    return "|".join(re.split(r"\s*\|", words))


JOINS = re.compile(rf"\W*(?:{_alternatives(JOINING)})\b(?!['’-]|\.\s?\w)", re.IGNORECASE)  # not O'Brien, А.С.
POINTS = re.compile(rf"\b(?:{_alternatives(POINTING)})\b|\b(?:{POINTING_AT_THE_END})\W*\Z", re.IGNORECASE)
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
