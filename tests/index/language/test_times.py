"""What is read as a time, and what is left to be words like others."""

import time
from datetime import date

import pytest

from index.language.times import LATEST, NOT_AFTER, RULES, Period, read
from index.searching.search import MAX_QUESTION

TODAY = date(2024, 11, 20)  # a Wednesday

READ = {
    "What is the latest news?": "by date, newest first",
    "What's the latest on the dam?": "by date, newest first",
    "the most recent figures": "by date, newest first",
    "What is the latest?": "by date, newest first",
    "Who was recently hurt?": "by date, newest first",
    "the newest report on the dam": "by date, newest first",
    "LATEST figures": "by date, newest first",
    "What happened today?": "since 20 Nov 2024",
    "Today, what happened?": "since 20 Nov 2024",
    "What happened yesterday?": "of 19 Nov 2024",
    "news since yesterday": "since 19 Nov 2024",
    "Any news this week?": "since 18 Nov 2024",
    "What did the council decide this month": "since 1 Nov 2024",
    "What changed this year?": "since 1 Jan 2024",
    "What happened last week in Paris?": "from 11 Nov 2024 to 17 Nov 2024",
    "Who resigned last month?": "of October 2024",
    "What did it cost last year?": "of 2023",
    "What was said last Monday?": "of 18 Nov 2024",
    "What was said last Wednesday?": "of 13 Nov 2024",
    "What has happened since Monday?": "since 18 Nov 2024",
    "What has happened since last Friday?": "since 15 Nov 2024",
    "What happened after Sunday?": "since 18 Nov 2024",
    "Who resigned in the last 3 days?": "since 17 Nov 2024",
    "over the past two weeks what was built": "since 6 Nov 2024",
    "accidents of the last six months": "since 20 May 2024",
    "accidents within the past 12 months": "since 20 Nov 2023",
    "who died the past 1 year": "since 20 Nov 2023",
    "What happened in the last week?": "since 13 Nov 2024",
    "What was built over the past year?": "since 20 Nov 2023",
    "What happened since May?": "since 1 May 2024",
    "what happened since may": "since 1 May 2024",
    "What has been said since November?": "since 1 Nov 2024",
    "What has been said since December?": "since 1 Dec 2023",
    "since Sept. what was built?": "since 1 Sep 2024",
    "What was built since Sept?": "since 1 Sep 2024",
    "What was built since 3 May?": "since 3 May 2024",
    "What was built since the 3rd of May, 2023?": "since 3 May 2023",
    "What was built since May 3, 2023?": "since 3 May 2023",
    "What was built since May the 3rd?": "since 3 May 2024",
    "What was built since 2024-05-01?": "since 1 May 2024",
    "What was built since 2020?": "since 1 Jan 2020",
    "What was built since last year?": "since 1 Jan 2023",
    "What was built since 24 December?": "since 24 Dec 2023",
    "What was built from May 2023 onwards?": "since 1 May 2023",
    "What was built after 2020?": "since 1 Jan 2021",
    "What was built after May 2023?": "since 1 Jun 2023",
    "What was built after 3 May?": "since 4 May 2024",
    "What was built before 2020?": "until 31 Dec 2019",
    "Before March 2024, who was mayor?": "until 29 Feb 2024",
    "Who was mayor until June 2024?": "until 30 Jun 2024",
    "Up until June 2024, who was mayor?": "until 30 Jun 2024",
    "Who was mayor till 1 June 2024?": "until 1 Jun 2024",
    "How many people arrived in 2023?": "of 2023",
    "How many people arrived in 2024?": "since 1 Jan 2024",
    "How many people arrived in the year 2023": "of 2023",
    "In 2023, how many people arrived?": "of 2023",
    "In 2023 how many people arrived?": "of 2023",
    "articles from 2023 about the dam": "of 2023",
    "What happened in May?": "of May 2024",
    "Who may run in may?": "of May 2024",
    "What happened in May of 2023?": "of May 2023",
    "What was built during February 2024?": "of February 2024",
    "What happened on 3 May?": "of 3 May 2024",
    "What happened on 3 May 2023?": "of 3 May 2023",
    "What happened on the 29th of February 2024?": "of 29 Feb 2024",
    "¿Qué pasó 2024-05-01?": "of 1 May 2024",
    "articles from 3 May": "of 3 May 2024",
    "Which articles are from 3 May?": "of 3 May 2024",
    "Which articles are from last week?": "from 11 Nov 2024 to 17 Nov 2024",
    "What was built between May and August 2023?": "from 1 May 2023 to 31 Aug 2023",
    "What was built between November and February?": "from 1 Nov 2023 to 29 Feb 2024",
    "What was built between 3 May and 2 June?": "from 3 May 2024 to 2 Jun 2024",
    "What was built from 2020 to 2022?": "from 1 Jan 2020 to 31 Dec 2022",
    "What was built between 2020 and yesterday?": "from 1 Jan 2020 to 19 Nov 2024",
    "the latest on the dam since May": "since 1 May 2024, newest first",
    "the latest news of 2023 (in 2023)": "of 2023, newest first",
}
NOT_READ = """
May I ask who won?
Who may be mayor?
What may happen in the future?
Who is on the march?
Where did they march on Sunday?
What is the March of Dimes?
What did Theresa May say?
What happened after May resigned?
Who was prime minister before May?
Who came after May?
Who ruled until May?
What has changed since May became leader?
What happened since the May election?
How many fell in the last week of the war?
How many fell in the last 3 days of the siege?
What happened in the last days of Pompeii?
What was the last day of school?
What did he do the last year that he lived?
What was the last week like?
What did it cost in 2023 dollars?
Who won the 2023 election?
Who won in 2023's final?
the class of 2023
in 2000 schools
in 1500 words
in section 2023
How much is 2,024 in 2,023.50?
What was the harvest in 2023-24?
How many came in 2020 and 2021?
How many came in 2020, 2021 and 2022?
What happened in May, June and July?
What happened in 2022 and last year?
What happened in 2022 in Paris and since May in Rome, since June in Milan?
Is it more than in 2023?
Are prices higher than last year?
How much will it cost in 2030?
What is planned until 2030?
By 2030, what will be built?
When will it end at the latest?
Will it end at the very latest in spring?
Who was mayor until recently?
What is the latest epoch called?
When was the most recent census?
What do recent studies say?
How many people live there today?
What is known of the dam today?
What happened in recent years?
Is it as recent as the dam?
Which is more recent?
What was in yesterday's paper?
What is today's youth like?
Who won this week's vote?
What did USA Today write?
Who owns USA Today?
What happened the day before yesterday?
What happened the week before last week?
What happened two days after 3 May?
What happened the year before 2020?
What happened on 31 June?
What happened since 2023-13-01?
What happened on 40 May?
What happened between 2023 and 2020?
What did they wear in May Day parades?
How do they walk in March formation?
What is the budget for this year?
What are the plans for next year?
What did he say about last year?
Who sings "Since May"?
latest
this week?
In 2023
What is covid-19?
Is it open from 9 to 5?
What happened before the war?
What was decided after all?
Что было in 2023 году?
""".strip().split("\n")


@pytest.mark.parametrize(("question", "said"), READ.items())
def test_a_time_is_read(question: str, said: str) -> None:
    period = read(question, TODAY)
    assert period is not None
    assert period.said == said


@pytest.mark.parametrize("question", NOT_READ)
def test_what_may_be_no_time_is_left_to_be_words(question: str) -> None:
    assert read(question, TODAY) is None


def test_the_tables_are_large_enough() -> None:
    assert len(READ) >= 60
    assert len(NOT_READ) >= 20


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What happened since May?", "What happened?"),
        ("Since May, what  happened?", "what happened?"),
        ("In 2023 how many came (if any)?", "how many came (if any)?"),
        ("Give me the latest news on the dam since 3 May 2024.", "Give me the news on the dam"),
        ("Who met LAST WEEK in Paris", "Who met in Paris"),
    ],
)
def test_what_is_searched_is_the_question_without_the_time(question: str, words: str) -> None:
    period = read(question, TODAY)
    assert period is not None
    assert period.words == words


def test_a_leap_day_and_the_end_of_a_month_are_days_like_others() -> None:
    for question, today, said in [
        ("Who came last year?", date(2024, 2, 29), "of 2023"),
        ("Who came in the last 1 year?", date(2024, 2, 29), "since 28 Feb 2023"),
        ("Who came in the last 3 months?", date(2024, 5, 31), "since 29 Feb 2024"),
        ("Who came last month?", date(2024, 1, 31), "of December 2023"),
        ("Who came this week?", date(2024, 12, 31), "since 30 Dec 2024"),
    ]:
        period = read(question, today)
        assert period is not None
        assert period.said == said


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What happened in 2023?", "year"),
        ("What happened in May 2024?", "month"),
        ("What happened yesterday?", "day"),
        ("What happened between 3 May 2024 and 5 May 2024?", "between"),
        ("What happened between January 2023 and December 2023?", "year"),
        ("What happened last week?", "between"),
        ("What happened since May?", "since"),
        ("What happened before 2024?", "until"),
        ("What is the latest on the dam?", "latest"),
        ("What is the latest on the dam since May?", "since"),
    ],
)
def test_a_period_is_of_the_kind_that_says_it_shortest(question: str, kind: str) -> None:
    period = read(question, TODAY)
    assert period is not None
    assert period.kind == kind


def test_a_period_holds_the_articles_of_its_days_and_all_days_hold_every_article() -> None:
    may = Period(date(2024, 5, 1), date(2024, 5, 31), latest=False, words="?")
    dates = ["2024-04-30", "2024-05-01", "2024-05-31T23:59:00+01:00", "2024-06-01", None]
    assert [may.holds(day) for day in dates] == [False, True, True, False, False]
    assert all(Period(None, None, latest=True, words="?").holds(day) for day in dates)


HOSTILE = [
    *["since May ", "in 2023 ", "the last 3 days ", "between May and ", "3 may ", "latest ", "(in 2023 ) "],
    *["in 2023!!!!", "in 2023" + "?" * 900 + "x", "on the the 1st of may, ", "2024-05-", "a", " ", "!"],
]


@pytest.mark.parametrize("piece", HOSTILE, ids=lambda piece: piece[:12])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    for rule in [LATEST, NOT_AFTER, *(rule for rule, _ in RULES)]:
        assert _seconds(lambda rule=rule: list(rule.finditer(text))) < 0.05
    assert _seconds(lambda: read(text[:MAX_QUESTION], TODAY)) < 0.05


def _seconds(call) -> float:
    """Return the least of some CPU times, since the machine may be busy."""
    taken = []
    for _ in range(5):
        begun = time.thread_time()
        call()
        taken.append(time.thread_time() - begun)
        if taken[-1] < 0.01:
            break
    return min(taken)
