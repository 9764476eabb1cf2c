"""Explains in words how an answer was found."""

from typing import Literal

from bot.records import AnswerLog, AnswerRecord, RecordedPassage
from bot.text import Message, Words, line, title
from index.searching.confidence import ANSWERED, PERHAPS
from index.searching.result import Hit

RUNNERS_UP = 3
# Thresholds for naming a cosine or a token match; the bundled model gives .7 and more to near repetitions.
HIGH, MIDDLE = 0.6, 0.35

Degree = Literal["high", "middle", "low"]


def why(answer: AnswerRecord, answer_log: AnswerLog, serving: str, words: Words) -> Message:
    """Explains an answer: the searched question, its confidence, the runners-up and the index."""
    standing = [(quote, answer_log.hit(quote)) for quote in answer.quotes]
    lines = [*_asked(answer, words), _verdict(answer, words)]
    if standing and standing[0][1]:
        lines.append(_signals(standing[0][0], standing[0][1], words))
    others = [(quote, hit) for quote, hit in standing[1:] if hit][:RUNNERS_UP]
    if others:
        lines.append(words("why-runners-up"))
        lines += [
            "• " + words("why-runner-up", title=_name(hit, answer), percent=_percent(quote.confidence))
            for quote, hit in others
        ]
    lines.append(words("why-index", generation=answer.generation, count=answer.articles))
    if serving != answer.generation:
        lines.append(words("why-index-changed"))
    message = Message()
    message.add_foreign("\n".join(lines))
    return message


def _asked(answer: AnswerRecord, words: Words) -> list[str]:
    if answer.question is None:
        return []
    if answer.before is None or answer.reason is None:
        return [words("why-question", question=answer.question)]
    both = words("why-question", question=f"{answer.before} {answer.question}")
    return [both, words("why-together", reason=answer.reason)]


def _verdict(answer: AnswerRecord, words: Words) -> str:
    best = max((quote.confidence for quote in answer.quotes), default=None)
    if best is None:
        return words("why-nothing")
    if answer.state == "absent":
        return words("why-absent", percent=_percent(best), limit=_percent(PERHAPS))
    name = "why-answered" if answer.state == "answered" else "why-perhaps"
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


def _name(hit: Hit, answer: AnswerRecord) -> str:
    """Names a runner-up by its article, or by its words if the article is that of the first passage."""
    same = hit.article.id == answer.quotes[0].article
    return line(hit.article.text[slice(*hit.sentence)]) if same else title(hit.article)


def _degree(value: float) -> Degree:
    return "high" if value >= HIGH else "middle" if value >= MIDDLE else "low"


def _percent(share: float) -> int:
    return round(100 * min(max(share, 0.0), 1.0))
