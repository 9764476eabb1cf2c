"""Promotion in an article: kept in its text, but never found or quoted.

Each paragraph collects signals, each with a weight; from THRESHOLD on it is promotion. No one
word is enough, since newsrooms also report on newsletters, apps and privacy law. In a policy, a help
page or a manual “Log in” and “We use cookies” are the text itself: so such a page hides only what
many articles of its outlet repeat.
"""

import hashlib
import re
from collections.abc import Callable

from corpus.article import Span
from corpus.promotion_words import ADDRESS, SERVICE, WORDING
from corpus.reading.paragraphs import paragraphs

THRESHOLD = 3
INSPECTED = 600  # An appeal shows itself early; this also bounds the work on hostile text.
LONGEST = 1000  # A longer paragraph tells something, whatever else it asks for.
PLAIN = 150  # So many characters in sentences without any signal are text a reader would miss.
FEW, MANY = 1, 4  # Other articles of the outlet with the same paragraph.
# A page is about a service from these shares of its prose on, by characters and promotion aside: of the 20
# published policies (of 138) with something to hide 17 are, of 63 other pages (of 1,029) three.
ADDRESSED, ON_SERVICES = 0.4, 0.33
REMAINDER = 0.125  # Where less of a text is left, nearly all of it is promotion.
LABEL_LENGTH, HEADING = 40, 100  # Characters; a longer line is prose, full stop or not.

WEIGHTS = {
    "appeal": 2,  # “Subscribe”, “Sign up”: seldom said to readers about anything but the outlet
    "nudge": 1,  # “Join”, “Listen”, “Download”: advice columns say these too
    "ours": 1,  # the outlet speaks of itself; reporters do so rarely, columnists often
    "product": 1,  # what outlets sell or send; as often the subject of a story
    "way": 1,  # “by joining our group”
    "delivery": 2,  # “straight to your inbox”: said to the reader, of the outlet's own sending
    "platform": 1,  # “on Facebook”
    "offer": 1,  # “from £1 a week”, “the latest headlines”
    "label": 2,  # “PODCAST:”; not enough alone, for a list of companies may open its rows so
    "related": 3,  # “READ MORE:” precedes another article's headline, never this one's text
    "notice": 3,  # “We use cookies”: a set phrase, and said only of oneself
    "furniture": 3,  # no sentence, and the same in many articles: it answers no question
    "repeated": 1,  # with an appeal; else it may be background that follow-ups carry along
    "often repeated": 2,
    "between promotion": 1,  # it comes in runs; counts where something is asked and offered
    "reported": -3,  # “…, the ministry told young men”: somebody else's appeal is news
    "own subject": -9,  # the page is about it: what promotes elsewhere is content here
    "plain text": -3,  # a real paragraph with an appeal at its end must not be lost with it
}
ASKING = {"appeal", "nudge", "delivery"}
OFFERED = {"product", "platform", "offer"}

# Nothing counts inside quotation marks, and these two only where a clause begins.
AT_CLAUSE = ("appeal", "nudge")
ANYWHERE = ("ours", "product", "way", "delivery", "platform", "offer", "notice", "reported")

# A clause begins a sentence, or follows a colon, a dash, “you can” or “For the latest news,”; never
# any comma: “drivers enter a plate, download the app and pay” tells what drivers do.
CLAUSE = (
    r"(?:^\W*+|[.!?؟…:;–—]\s++|(?:^|[.!?]\s)(?:for|to|if|want|when)\s[^.!?]{1,90},\s"
    r"|\byou can(?: also)?\s)"
    r"(?:(?:and|or|please|why not|make sure you|be sure to|bitte|und|y|o|и|или)\s)?"
)


def _any(words: dict[str, str], before: str = r"\b(?=\w)", after: str = r"(?!\w)") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{'|'.join(words.values())}){after}", re.IGNORECASE)


CALLS = {signal: _any(WORDING[signal], before=CLAUSE) for signal in AT_CLAUSE}
MENTIONS = {signal: _any(WORDING[signal]) for signal in ANYWHERE}
LABEL = _any(WORDING["label"])
RELATED = _any(WORDING["related"], before=r"^\W*+", after=r"(?:\s*[:|>]|\W*$|\s(?:about|on)\s)")
SPEAKS, SERVES = _any(ADDRESS), _any(SERVICE)
COPYRIGHT = re.compile(r"^\W*?(?:©|(?:\(c\)|copyright(?: ©)?) ?(?:19|20)\d\d)", re.IGNORECASE)
# An unclosed quotation runs on: the next paragraph continues it.
QUOTED = re.compile(r'“[^”]*(?:”|$)|„[^“”]*(?:[“”]|$)|«[^»]*(?:»|$)|»[^«]*(?:«|$)|"[^"]*(?:"|$)')
SINGLE_QUOTED = re.compile(r"(?<!\w)‘[^‘]{0,400}?’(?!\w)")
SENTENCE = re.compile(r"[^.!?؟…]+")
READER = re.compile(r"\b(?:you\w{0,3}|ihnen|dich|вас|вам)\b", re.IGNORECASE)


def digest(paragraph: str) -> str:
    """What two paragraphs share that differ at most in white space and case."""
    return hashlib.sha256(" ".join(paragraph.split()).casefold().encode()).hexdigest()


def promotion(text: str, repeats: Callable[[str], int] = lambda _: 0) -> tuple[Span, ...]:
    """The spans of the paragraphs of `text` that are promotion.

    `repeats` tells in how many other articles of the outlet the paragraph with a digest stands.
    """
    spans = paragraphs(text)
    counts = [repeats(digest(text[a:b])) for a, b in spans]
    found = [signals(text[a:b], count) for (a, b), count in zip(spans, counts, strict=True)]
    rest = [span for span, weights in zip(spans, found, strict=True) if not is_promotion(weights)]
    if len(rest) < len(spans) and _is_about_service(text, rest):
        for weights, count in zip(found, counts, strict=True):
            if count < MANY and "related" not in weights:
                weights["own subject"] = WEIGHTS["own subject"]
    taken = [False, *map(is_promotion, found), True]  # what follows the end may well be promotion
    for weights, before, after in zip(found, taken[:-2], taken[2:], strict=True):
        if before and after and ASKING & weights.keys() and OFFERED & weights.keys():
            weights["between promotion"] = WEIGHTS["between promotion"]
    return tuple(span for span, weights in zip(spans, found, strict=True) if is_promotion(weights))


def is_promotion(weights: dict[str, int]) -> bool:
    """Whether the signals of a paragraph suffice together."""
    return sum(weights.values()) >= THRESHOLD


def signals(paragraph: str, repeats: int = 0) -> dict[str, int]:
    """The signals in a paragraph with their weights, so that an admin can be told the reason."""
    if len(paragraph) > LONGEST:
        return {}
    own = _without_quotations(paragraph[:INSPECTED])
    names = _wording(own)
    names |= _repetition(paragraph, repeats, names)
    if names and _plain_length(own) > PLAIN:
        names.add("plain text")
    return {name: weight for name, weight in WEIGHTS.items() if name in names}


def _is_about_service(text: str, rest: list[Span]) -> bool:
    """Whether the rest of a text, promotion aside, speaks to its reader, and of accounts, data and the like.

    News on newsletters and apps speaks of them, but to nobody; a columnist speaks to readers of other things.
    """
    prose = [text[a:b] for a, b in rest if _is_ended(text[a:b])]
    length = sum(map(len, prose))
    if not prose or sum(end - start for start, end in rest) < REMAINDER * len(text):
        return False

    def share(pattern: re.Pattern[str]) -> float:
        found = (len(each) for each in prose if pattern.search(_without_quotations(each[:INSPECTED])))
        return sum(found) / length

    return share(SPEAKS) >= ADDRESSED and share(SERVES) >= ON_SERVICES


def _is_ended(paragraph: str) -> bool:
    """Whether a paragraph ends as a sentence does, unlike a heading or a row of a list."""
    return paragraph.rstrip('”’"»)').endswith((".", "!", "?", "؟", "…"))


def _without_quotations(text: str) -> str:
    """`text` with a Q for each quotation, lest what follows one seem to begin a clause."""
    return SINGLE_QUOTED.sub("Q", QUOTED.sub("Q", text))


def _wording(text: str) -> set[str]:
    label = _label(text)
    names = {name for name, pattern in CALLS.items() if pattern.search(text)}
    names |= {name for name, pattern in MENTIONS.items() if pattern.search(text, len(label))}
    if label:
        names.add("label")
    if RELATED.search(text):
        names.add("related")
    if COPYRIGHT.search(text):
        names.add("notice")
    if names & {"label", "related"}:  # the headline that follows may well report
        names.discard("reported")
    return names


def _label(text: str) -> str:
    """The capitals before a colon, or the whole of a short line, if they name or urge something."""
    head, colon, _ = text[:LABEL_LENGTH].partition(":")
    whole = colon or len(text) < LABEL_LENGTH
    return head if whole and head.isupper() and LABEL.search(head) else ""


def _repetition(paragraph: str, repeats: int, names: set[str]) -> set[str]:
    if repeats >= MANY and not _is_ended(paragraph) and len(paragraph) <= HEADING:
        return {"furniture"}
    if repeats >= FEW and names & ASKING:
        return {"often repeated" if repeats >= MANY else "repeated"}
    return set()


def _plain_length(text: str) -> int:
    """How many characters stand in sentences that neither signal nor address the reader."""
    return sum(
        len(sentence)
        for sentence in SENTENCE.findall(text)
        if not READER.search(sentence) and not _wording(sentence) - {"reported"}
    )
