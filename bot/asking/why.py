"""Why an answer is as it is: how it was found, said in words."""

from typing import Literal

from bot.records.answers import AnswerLog, AnswerRecord, RecordedPassage
from bot.text.message import Message
from bot.text.passages import line, title
from bot.text.words import Words
from index.searching.confidence import ANSWERED, PERHAPS
from index.searching.result import Hit

RUNNERS_UP = 3
# What a cosine, or how well tokens match, is called; the bundled model gives .7 and more to near repetitions.
HIGH, MIDDLE = 0.6, 0.35

Degree = Literal["high", "middle", "low"]


def why(given: AnswerRecord, answer_log: AnswerLog, serving: str, words: Words) -> Message:
    """How an answer was found: the question as it was searched for, how sure, what else, in which index."""
    standing = [(quote, answer_log.hit(quote)) for quote in given.quotes]
    lines = [*_asked(given, words), _verdict(given, words)]
    if standing and standing[0][1]:
        lines.append(_signals(standing[0][0], standing[0][1], words))
    others = [(quote, hit) for quote, hit in standing[1:] if hit][:RUNNERS_UP]
    if others:
        lines.append(words("why-runners-up"))
        lines += [
            "• " + words("why-runner-up", title=_name(hit, given), percent=_percent(quote.confidence))
            for quote, hit in others
        ]
    lines.append(words("why-index", generation=given.generation, count=given.articles))
    if serving != given.generation:
        lines.append(words("why-index-changed"))
    message = Message()
    message.add_foreign("\n".join(lines))
    return message


def _asked(given: AnswerRecord, words: Words) -> list[str]:
    if given.question is None:
        return []
    if given.before is None or given.reason is None:
        return [words("why-question", question=given.question)]
    both = words("why-question", question=f"{given.before} {given.question}")
    return [both, words("why-together", reason=given.reason)]


def _verdict(given: AnswerRecord, words: Words) -> str:
    best = max((quote.confidence for quote in given.quotes), default=None)
    if best is None:
        return words("why-nothing")
    if given.state == "absent":
        return words("why-absent", percent=_percent(best), limit=_percent(PERHAPS))
    name = "why-answered" if given.state == "answered" else "why-perhaps"
    return words(name, percent=_percent(best), limit=_percent(ANSWERED))


def _signals(quote: RecordedPassage, hit: Hit, words: Words) -> str:
    signals = quote.signals
    return words(
        "why-signals",
        title=title(hit.article),
        cosine=_degree(signals.cosine),
        match=_degree(signals.match),
        coverage=_percent(signals.coverage),
        missing=_percent(signals.missing),
    )


def _name(hit: Hit, given: AnswerRecord) -> str:
    """A runner-up by its article, or by its words where the article is that of the first passage."""
    same = hit.article.id == given.quotes[0].article
    return line(hit.article.text[slice(*hit.sentence)]) if same else title(hit.article)


def _degree(value: float) -> Degree:
    return "high" if value >= HIGH else "middle" if value >= MIDDLE else "low"


def _percent(share: float) -> int:
    return round(100 * min(max(share, 0.0), 1.0))
