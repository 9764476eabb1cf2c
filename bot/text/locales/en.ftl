# What the bot says of itself. Quotations and titles are never translated; $names are filled in.
# $count, $days, $limit, $percent, $coverage and $missing are numbers; all others are text, ids too.

## Private chats

start =
    Hello! Ask me anything about the articles that I hold.

    I answer with the passages that hold the answer, word for word, each with its source. When the articles don’t hold it, I say so; I never make anything up.

    Try: Who signed the border pact with Iraq?

    /help shows all that I can do.
help =
    Just write your question, in your own words. I show up to three passages, the answering sentence in bold, each with its source; a tap on the title opens the page where there is one. If I am not sure, I say so.

    Reply to an answer, or go on with “and …?”, and I understand it with the question before; /new forgets that one.
    “latest”, “this week”, “since May” or “in 2023” ask for articles of that time.
    In any other chat, write { $bot } and your question to pick a passage and send it there.

    /ask – a question, for those who like commands
    /why – as a reply to an answer: how I found it
    /articles – what I answer from
    /subscribe – new articles, here or in a channel of yours
    /subscriptions – what you have subscribed
    /new – forget the question before
    /watch – a question that waits for an article to answer it
    /watches – your questions that wait
    /language – the language that I speak
    /privacy – what I keep about you
    /forgetme – delete what I keep about you
help-group =
    Here I answer when I am asked: { $ways }.

    /ask – a question; as a reply to a message, that message is the question
    /why – as a reply to an answer: how I found it
    /subscribe – for admins: new articles here, as they arrive
    /settings – for admins: when I answer, and in which language
    /privacy – what I keep about you
privacy =
    What I keep about you:
    • a question and who asked it, { $days ->
        [one] for one day, so that buttons and follow-ups work
       *[other] for { $days } days, so that buttons and follow-ups work
    }; my owner sees, without names, those that no article answers; after that, only which passages the answer showed
    • a thumb up or down, for the same time; after that it is only counted; the language that you chose; a question that I failed to answer, for seven days, for repair
    • a question that waits for an article, and what you subscribed to, until you end them with /watches and /unsubscribe
    • nothing that is written in groups without asking me; no names, no profile; of each day only how many questions there were and how they went
    • /forgetme deletes it all now, but not what somebody did as my admin; what you write is searched on this machine and given to nobody.
forgotten = Done: nothing about you is kept any more.
new-topic = Forgotten: your next question stands by itself.
how-to-ask = Write your question after the command, like this: /ask Who signed the border pact?
text-only = I can only read text. Please write your question as a message.
unknown-command = I don’t know that command. Just write your question, or see /help.
not-ready = I am still reading the articles. Please ask again in a minute.
not-invited = I answer only those whom my owner has invited. To be let in, give them this number: { $id }
question-too-long = That is long: please ask in at most { $limit } characters.
question-without-words = I see no words in that: please ask your question in words.
apology = Sorry, something went wrong on my side with that. If you report it, mention the reference { $reference }.

## Too much at once, or too late

too-fast = You are asking faster than I may answer: { $limit ->
        [one] one question
       *[other] up to { $limit } questions
    } a minute. Please ask again in a minute.
too-many-here = These are more questions at once than I may answer here. Please ask again in a minute.
busy = So many people are asking that I can’t keep up. Please ask again in a minute.
while-away = You asked this while I was away.
answer-now = Answer now
index-away = I can’t look that up right now; I’ll answer as soon as I can.
command-too-old = That command is older than five minutes. Send it again if you still want it.

## Answers

searched-for = Searched for: { $question }
unsure = I am not sure that this answers it. The nearest passages:
nearest = As far as I can tell these don’t answer it, but they are the nearest passages:
more-passages = Further passages, less likely to answer it:
no-articles = There are no articles yet, so I can’t answer.
cannot-compare = I can’t search these articles in { $asked }: they are in { $languages }, and my model doesn’t read both. Please try asking in { $languages }.
not-held = That is not in the articles. I looked through { $count ->
        [one] one article
       *[other] { $count } articles
    }.
not-held-newest = That is not in the articles. I looked through { $count ->
        [one] one article
       *[other] { $count } articles
    }, the newest from { $date }.
from-period = From articles { $period }:
outside-period = No article { $period } answers this; from all articles:
period-since = since { $date }
period-until = until { $date }
period-day = of { $date }
period-month = of { $month }
period-year = of { $year }
period-between = from { $first } to { $last }
period-newest-first = { $period }, newest first
period-latest = by date, newest first
also-in = also in { $title }
also-in-more = and in { $count ->
        [one] one more article
       *[other] { $count } more articles
    }
articles-count = I answer from { $count ->
        [one] one article
       *[other] { $count } articles
    }:
articles-more = … and { $count } more.

## Buttons under an answer

more = More
back = Back
context = Context
context-numbered = Context { $number }
open = Open
copy-citation = Copy citation
copy-link = Copy link
show-nearest = Nearest passages
thanks = Thank you, noted.
vote-taken-back = Taken back.
answer-too-old = This answer is too old for its buttons. Please ask again.
no-more = There are no further passages.
not-yours = Only the person who asked can turn these pages. Ask me yourself with /ask.
button-unknown = This button leads nowhere any more.
changed-since = The article has changed since this was shown.

## An answer opened again by its link

permalink-gone = I have no such answer, or have it no longer.
permalink-changed = The article has changed since; this passage still stands in it.
permalink-rewritten = “{ $title }” has changed since and no longer holds the passage that was quoted.
permalink-withdrawn = The article that was quoted has been withdrawn.

## Why

why-how = Send /why as a reply to one of my answers.
why-unknown = I no longer know how I found that.
why-question = Question: { $question }
why-together = It leans on the question before, since { $reason ->
        [joins] it opens with a linking word
        [points] it points back with a pronoun
       *[fragment] it is not a whole question by itself
    }: I searched for both together.
why-answered = I am { $percent }% sure, so I call it answered; I do from { $limit }% up.
why-perhaps = I am not sure: { $percent }%. From { $limit }% up I would call it answered.
why-absent = I say that it is not in the articles: the nearest passage reaches { $percent }%, and below { $limit }% I show none as an answer.
why-nothing = Nothing in the articles resembles it.
why-signals = { $title }: the meaning is { $cosine ->
        [high] close
        [middle] related
       *[low] far
    }, the wording { $match ->
        [high] close
        [middle] related
       *[low] far
    }; it covers { $coverage }% of what is asked{ $missing ->
        [0] .
       *[other] , and the weightiest word that it lacks is { $missing }% of the question.
    }
why-runners-up = Runners-up:
why-runner-up = { $title }: { $percent }%
why-index = Index { $generation }, { $count ->
        [one] one article
       *[other] { $count } articles
    }.
why-index-changed = The index has been renewed since.

## Groups and channels

joined = Hello! I answer questions from { $count ->
        [one] one article
       *[other] { $count } articles
    }, with passages word for word and their sources.
    Ask me here like this: { $ways }.
ways-command = /ask and your question, /ask as a reply to a message
ways-reply = a reply to a message of mine
ways-mention = a message that names { $bot }
ways-questions = any message that ends in a question mark
sees-all = I can see all messages here, but answer only those meant for me.
sees-some = I can’t see other messages here (privacy mode), and a mention may not reach me. To change that, an admin can make me an admin, or the owner can switch privacy off with /setprivacy at @BotFather and add me again.
sees-questions-needs = To answer whatever ends in a question mark, I would need to see all messages.
admins-settings = Admins set when I answer with /settings.
may-not-write = I may not write in { $title }. An admin can allow it in the group’s permissions.
joined-channel = I am in the channel { $title } now. To have new articles posted there, an admin sends /subscribe as a post, or to me in private; in the comments under its posts I answer when I am asked with /ask, once I am a member of its discussion group too.
not-open-here = I am not open to this chat. To let it in, my owner needs its number: { $id }

settings-title = When shall I answer here?
settings-mode = { $mode ->
        [mention] When asked: /ask, a reply to me, a mention
        [questions] Whatever ends in a question mark
       *[off] Never
    }
settings-quiet = Silent when unsure
settings-only-admins = Only an admin of this group can change that.
settings-saved = Saved.
language-title = Which language shall I speak? Quotations stay in their own.
language-auto = As in Telegram

## Inline

inline-ask = Write a question
inline-nothing = Not in the articles
inline-closed = Only for invited people
inline-away = I can’t search right now

## The menu and the profile

command-ask = Ask about the articles
command-why = How an answer was found
command-articles = What I answer from
command-subscribe = Get new articles here
command-subscriptions = What you have subscribed
command-new = Forget the question before
command-watch = Tell me when an article answers a question
command-watches = Questions that wait for an article
command-language = The language that I speak
command-settings = When I answer here (admins)
command-privacy = What I keep about you
command-forgetme = Delete what I keep about you
command-help = What I can do
command-add = Put in articles, by their addresses
command-article = An article, with its history
command-withdraw = Take out an article, an outlet or a feed
command-restore = Put back an article that was taken out
command-feeds = List the feeds that are followed
command-addfeed = Follow a feed
command-removefeed = Follow a feed no longer
command-outbox = What waits to be posted, and what may not have arrived
command-reindex = Bring the index up to the articles; “full” makes it anew
command-rollback = Let the index before serve again
command-generations = The indexes that are kept
command-status = What serves, what waits, what is in trouble
command-stats = How many questions, and how they went
command-unanswered = What was asked and the articles don’t hold
command-audit = What admins did
description = Ask about the articles: I answer with their passages, word for word, each with its source.

## New articles

digest = { $count ->
        [one] One new article:
       *[other] { $count } new articles:
    }
read = Read
ask-about = Ask about this
subscribed = Subscribed: I post every new article here, as it arrives. The buttons refine that; /unsubscribe ends it.
unsubscribed = This chat gets no new articles any more.
not-subscribed = This chat is not subscribed; /subscribe does that.
subscription-paused = I can’t post in { $title } any more, so the subscription rests. It goes on when I may post there again.

## Subscriptions

menu-what = What
menu-when = When
menu-how = How
menu-next = Preview
menu-unsubscribe = Unsubscribe
what-feeds = Feeds
feed-gone = Feed { $number }, no longer followed
what-outlets = Outlets
what-languages = Languages
what-words = Words…
what-everything = Everything
when-now = At once
when-daily = Daily
when-weekly = Weekly
when-zone = Time zone: { $zone }
zone-other = Another zone…
quiet-off = No quiet hours
how-silent = Silent
how-preview = Link preview
how-hashtags = Hashtags
pick-channel = Pick a channel
pick-group = Pick a group
subscription-here = New articles here:
subscription-of = New articles in { $title }:
our-chat = Our chat
subscription-rests = It rests, since I may not post there. Once I may, /subscribe or my rights bring it back.
chosen-everything = Every new article
chosen-feeds = Feeds: { $names }
chosen-outlets = Outlets: { $names }
chosen-languages = Languages: { $names }
chosen-include = Only with one of these words: { $names }
chosen-exclude = Without these words: { $names }
chosen-now = As they arrive
chosen-daily = Every day at { $time } ({ $zone })
chosen-weekly = Every week: { $day }, { $time } ({ $zone })
chosen-quiet = Quiet from { $start } to { $end } ({ $zone }); what is new comes after that
chosen-how = Posts: { $names }
next-post = Preview: this is how the next post would look.
next-none = None of the newest articles fits, so there is nothing to preview yet.
subscribed-chat = Subscribed: I post every new article in { $title }, as it arrives. The buttons refine that.
subscribe-elsewhere = To subscribe a channel or a group of yours, pick it with the keyboard below. For a channel you will be asked to make me an admin who may post; private ones work, too.
subscribe-may-not-post = I may not post there yet. Make me an admin of the channel who may post messages, or a member of the group, and pick it again.
subscribe-only-admins = Only an admin of that chat may do this.
subscriptions = Your subscriptions:
no-subscriptions = You have subscribed to nothing yet; /subscribe does that.
subscription-gone = There is no such subscription any more.
unsubscribed-from = No new articles go to { $title } any more.
subscription-resumed = I may post in { $title } again: the subscription goes on.
ask-words = Reply to this with the words that an article must hold one of, one a line or parted by commas. A minus before a word leaves out the articles that hold it. A minus alone clears the list.
ask-zone = Reply to this with a time zone by its name, like Europe/Madrid, or a city in it.
asked-in-private = I ask you in our private chat, so that the channel need not read it. If nothing comes, start me there first.
too-many-words = These are too many words, or too long ones. I take up to { $limit }; please reply again.
zone-unknown = I know no such time zone. Please reply again with a name like Europe/Madrid.

## A question about one article

about-what = Ask me about “{ $title }”.
about-unknown = I know of no such post. Just ask your question.
about-article = About “{ $title }” alone:
not-held-in-it = That is not in this article.

## Standing questions

watch = 🔔 Tell me when it is reported
watching = Noted: I will tell you here as soon as a new article answers it. /watches lists your questions and ends them.
watching-already = That question stands already. /watches lists your questions and ends them.
watches-full = More than { $limit } questions can’t stand at once: end one with /watches first.
watch-how = Write after the command what you want to be told, like this: /watch Who signed the border pact?
watch-answered = 🔔 Now reported. You had asked: { $question }
watches = I wait for articles that answer these questions:
watches-none = I am not waiting for anything. Ask something, or send /watch and your question.
watch-end = 🔕 { $number }
watch-ended = Ended: I ask it no more.
watch-not-yours = Only the person who asked it can end that.

## Corrections

changed-on = Changed on { $date }:
withdrawn-on = Withdrawn on { $date }:
correction = Correction: { $title } no longer says what I quoted here. The message shows what has changed.
correction-withdrawn = Correction: an article that I quoted here has been withdrawn.
