"""Which questions lean on the one before, and what both of them find together."""

import pytest

from bot.asking.followups import Reason, agreed, leans
from bot.assistant import Assistant
from corpus.article import Article
from index.language.times import Period
from index.searching.confidence import Signals
from index.searching.result import Hit, Result

# A question soon after another one in a private chat, and why it leans on that.
SOON: dict[str, Reason | None] = {
    "and to Kurdistan?": "joins",
    "“And Kurdistan?”": "joins",
    "But why?": "joins",
    "or Libya?": "joins",
    "What about the smugglers?": "joins",
    "How about in 2023?": "joins",
    "When did he sign it?": "points",
    "Where does she live?": "points",
    "Who said that?": "points",
    "Their costs?": "points",
    "Who signed the border pact with Iraq?": None,
    "What did Yvette Cooper say about it?": None,
    "Did the Home Secretary travel to Baghdad to sign it?": None,
    "How much does that cost the UK?": None,
    "O'Brien said what about the dam?": None,
    "E. coli causes which illness?": None,
    "Andrew Smith?": None,
    "Orbits of which planets?": None,
    "Who?": None,
    "in 2023?": None,
    "¿Y a Kurdistán?": "joins",
    "pero ¿por qué?": "joins",
    "¿Qué hay de Libia?": "joins",
    "¿E Irak?": "joins",
    "¿Qué es lo último sobre la presa?": None,
    "¿Cuantos llegaron?": None,
    "¿Cuándo lo firmó?": "points",
    "¿Cuál es su política?": "points",
    "¿Quién firmó el pacto fronterizo con Irak?": None,
    "¿Qué dijo la ministra de ella en Bagdad?": None,
    "¿Yvette Cooper?": None,
    "¿En 2023?": None,
    "Und nach Kurdistan?": "joins",
    "Was ist mit Afghanistan?": "joins",
    "Wann hat er es unterschrieben?": "points",
    "Wohin reiste sie?": "points",
    "Was ist seine Aufgabe?": "points",
    "Wer könnte der Täter sein?": None,
    "Wie viel kostet das?": "points",
    "Können Sie helfen?": None,
    "Wer hat den Grenzpakt mit dem Irak unterschrieben?": None,
    "Undine Müller?": None,
    "Im Jahr 2023?": None,
    "А Курдистану?": "joins",
    "Что насчёт Ливии?": "joins",
    "Когда он это подписал?": "points",
    "Почему они уехали?": "points",
    "Что известно о ней?": "points",
    "Кто сказал об этом?": "points",
    "Какую сумму выделили?": None,
    "Где завод им. Лихачёва?": None,
    "А.С. Пушкин где родился?": None,
    "Кто подписал пограничный пакт с Ираком?": None,
    "Андрей Смирнов?": None,
    "В 2023 году?": None,
    "وماذا عن كردستان؟": "joins",
    "ومتى؟": "joins",
    "أو ليبيا؟": "joins",
    "متى وقعه هو؟": "points",
    "كم يدفعون لهم؟": "points",
    "من هو؟": "points",
    "من قال ذلك؟": "points",
    "ما هي عاصمة العراق؟": None,
    "من هو وزير الخارجية؟": None,
    "ماذا حدث هذا الأسبوع؟": None,
    "هل هناك أخبار؟": None,
    "من وقع اتفاق الحدود مع العراق؟": None,
    "وزيرة الداخلية؟": None,
    "في عام 2023؟": None,
}
# Those that lean only where they reply to an answer; all that lean anyway do then too.
FRAGMENTS = {
    "in 2023?", "Andrew Smith?", "¿En 2023?", "¿Yvette Cooper?", "Im Jahr 2023?", "Undine Müller?",
    "Können Sie helfen?", "В 2023 году?", "Андрей Смирнов?", "في عام 2023؟", "وزيرة الداخلية؟",
}  # fmt: skip


@pytest.mark.parametrize(("question", "reason"), SOON.items())
def test_a_question_soon_after_another_leans_by_its_form(question: str, reason: Reason | None) -> None:
    assert leans(question, is_reply=False) == reason


@pytest.mark.parametrize("question", SOON)
def test_a_reply_leans_also_where_it_is_no_question_by_itself(question: str) -> None:
    assert leans(question, is_reply=True) == ("fragment" if question in FRAGMENTS else SOON[question])


# What was asked first, what then, and words of the sentence that answers the latter.
GOING_ON = [
    ("How much will the UK pay for Iraqi law enforcement training?", "and to Kurdistan?", "£200,000"),
    ("How many small boat arrivals were Iraqi in the year to June 2024?", "and from Afghanistan?", "5,370"),
    ("Who travelled to Baghdad?", "and what did she say about the French coast?", "French coast"),
    ("Where has the Home Office run social media campaigns?", "why did they do it?", "bust myths"),
    ("Which government follows a similar strategy?", "who criticised it?", "human rights groups"),
    ("What did Cooper say about smuggler gangs in France?", "and about human rights?", "commitment to int"),
    ("How much will the UK pay Iraq?", "what about Kurdistan?", "£200,000"),
    ("What did the Home Office agree about returns?", "but has the UK struggled with them?", "struggled"),
    ("What will the £300,000 pay for?", "and the further £300,000?", "further £300,000"),
    ("What share of small boat arrivals came from Iraq?", "or Afghanistan?", "18% (5,370)"),
    ("Who will be paid for training?", "and how much?", "up to £300,000"),
    ("Where did Yvette Cooper fly to?", "Why did she go there?", "agree a deal"),
]
STARTING_ANEW = [
    ("What was net migration to the UK in 2023?", "906,000"),
    ("Who criticised the Italian government?", "human rights groups"),
    ("How many Afghans arrived by small boat?", "5,370"),
    ("What did Keir Starmer accuse the Conservatives of?", "open borders"),
    ("Who travelled to Baghdad?", "Yvette Cooper travelled"),
    ("How much money goes to Kurdistan?", "£200,000"),
    ("What do smugglers tell people?", "myths"),
    ("Which religious groups suffer discrimination?", "religious minority groups"),
    ("Did Italy stop arrivals from Libya?", "Libya and Tunisia"),
    ("Has the UK struggled to return people to Iraq?", "struggled"),
]


def leading(result: Result) -> str:
    """The sentence that is shown first, in bold."""
    return result.hits[0].article.text[slice(*result.hits[0].sentence)]


@pytest.mark.parametrize(("before", "question", "answer"), GOING_ON)
def test_a_leaning_question_finds_its_own_answer(
    bundled: Assistant, before: str, question: str, answer: str
) -> None:
    assert leans(question, is_reply=False)
    together, alone = bundled.ask(f"{before} {question}", 6), bundled.ask(question, 6)
    found = agreed(together, alone)
    assert answer in leading(found)
    assert found.state == "answered"
    assert {hit.article.id for hit in found.hits} == {"uk-iraq-border-pact"}
    assert len(found.hits) == len(together.hits)


@pytest.mark.parametrize(("question", "answer"), STARTING_ANEW)
def test_a_whole_question_is_not_bent_by_the_one_before(
    bundled: Assistant, question: str, answer: str
) -> None:
    assert leans(question, is_reply=False) is leans(question, is_reply=True) is None
    assert answer in leading(bundled.ask(question, 6))


def hit(start: int, confidence: float, article: str = "one") -> Hit:
    signals = Signals(cosine=0, match=0, coverage=0, missing=0, size=0)
    return Hit(
        Article(article, "", "x" * 1000), start, start + 100, (start, start + 9), 1.0, confidence, signals
    )


def result(*hits: Hit, period: Period | None = None) -> Result:
    return Result("?", hits, 1, None, "g1", period=period)


def test_only_what_both_questions_together_find_is_shown() -> None:
    together = result(hit(0, 0.9), hit(200, 0.5), hit(400, 0.4))
    alone = result(hit(600, 0.99), hit(210, 0.8), hit(0, 0.99, "another"))
    found = agreed(together, alone).hits
    assert [each.start for each in found] == [210, 0, 400]
    assert [each.confidence for each in found] == [0.8, 0.9, 0.4]
    assert [each.article.id for each in found] == ["one"] * 3


def test_the_mark_moves_only_to_what_surely_answers() -> None:
    together = result(hit(0, 0.9))
    assert agreed(together, result(hit(50, 0.4))).hits[0].sentence == (0, 9)
    assert agreed(together, result(hit(50, 0.5))).hits[0].sentence == (50, 59)


def test_the_newest_stay_first_where_they_were_asked_for() -> None:
    latest = result(hit(0, 0.5), hit(200, 0.9), period=Period(None, None, True, "what leaks?"))
    assert agreed(latest, result(hit(200, 0.9))) == latest
