# German: the messages of en.ftl.

## Private chats

start =
    Guten Tag! Fragen Sie mich, was Sie möchten, zu den Artikeln, die ich habe.

    Ich antworte mit den Stellen, die die Antwort enthalten, Wort für Wort und mit Quelle. Steht sie nicht in den Artikeln, sage ich das; ich erfinde nie etwas.

    Zum Beispiel: Who signed the border pact with Iraq?

    /help zeigt alles, was ich kann.
help =
    Schreiben Sie einfach Ihre Frage, in Ihren eigenen Worten. Ich zeige bis zu drei Stellen, den antwortenden Satz fett, jede mit Quelle; ein Tippen auf den Titel öffnet die Seite, wenn es eine gibt. Bin ich nicht sicher, sage ich das.

    Antworten Sie auf eine Antwort oder fahren Sie mit „und …?“ fort, dann verstehe ich es zusammen mit der Frage davor; /new vergisst sie.
    In englischen Fragen meinen „latest“, „this week“, „since May“ oder „in 2023“ Artikel aus dieser Zeit.
    Schreiben Sie in einem anderen Chat { $bot } und Ihre Frage, um eine Stelle auszuwählen und dorthin zu senden.

    /ask – eine Frage, für alle, die Befehle mögen
    /why – als Antwort auf eine Antwort: wie ich sie gefunden habe
    /articles – woraus ich antworte
    /subscribe – neue Artikel, hier oder in einem Kanal von Ihnen
    /subscriptions – was Sie abonniert haben
    /new – die Frage davor vergessen
    /watch – eine Frage, die auf einen Artikel wartet, der sie beantwortet
    /watches – Ihre Fragen, die warten
    /language – die Sprache, die ich spreche
    /privacy – was ich über Sie speichere
    /forgetme – löschen, was ich über Sie speichere
help-group =
    Hier antworte ich, wenn ich gefragt werde: { $ways }.

    /ask – eine Frage; als Antwort auf eine Nachricht ist diese die Frage
    /why – als Antwort auf eine Antwort: wie ich sie gefunden habe
    /subscribe – für Admins: neue Artikel hier, sobald sie da sind
    /settings – für Admins: wann und in welcher Sprache ich antworte
    /privacy – was ich über Sie speichere
privacy =
    Was ich über Sie speichere:
    • eine Frage und wer sie gestellt hat, { $days ->
        [one] für einen Tag, damit Knöpfe und Anschlussfragen funktionieren
       *[other] für { $days } Tage, damit Knöpfe und Anschlussfragen funktionieren
    }; mein Betreiber sieht ohne Namen, welche kein Artikel beantwortet; danach nur, welche Stellen die Antwort gezeigt hat
    • einen Daumen hoch oder runter, ebenso lange; danach wird er nur noch gezählt; die Sprache, die Sie gewählt haben; eine Frage, die ich wegen eines Fehlers nicht beantworten konnte, für sieben Tage, um ihn zu beheben
    • eine Frage, die auf einen Artikel wartet, und was Sie abonniert haben, bis Sie es mit /watches und /unsubscribe beenden
    • nichts, was in Gruppen geschrieben wird, ohne mich zu fragen; keine Namen, kein Profil; von jedem Tag nur, wie viele Fragen es gab und wie sie ausgingen
    • /forgetme löscht alles sofort, aber nicht, was jemand als mein Administrator getan hat; was Sie schreiben, wird auf diesem Rechner gesucht und an niemanden weitergegeben.
forgotten = Erledigt: Über Sie ist nichts mehr gespeichert.
new-topic = Vergessen: Ihre nächste Frage steht für sich.
how-to-ask = Schreiben Sie Ihre Frage hinter den Befehl, zum Beispiel: /ask Who signed the border pact?
text-only = Ich kann nur Text lesen. Bitte schreiben Sie Ihre Frage als Nachricht.
unknown-command = Diesen Befehl kenne ich nicht. Schreiben Sie einfach Ihre Frage, oder sehen Sie unter /help nach.
not-ready = Ich lese die Artikel noch. Bitte fragen Sie in einer Minute noch einmal.
not-invited = Ich antworte nur denen, die mein Betreiber eingeladen hat. Um Zugang zu bekommen, nennen Sie ihm diese Nummer: { $id }
question-too-long = Das ist zu lang: Bitte fragen Sie mit höchstens { $limit } Zeichen.
question-without-words = Darin sehe ich keine Wörter: Bitte stellen Sie Ihre Frage in Worten.
apology = Entschuldigung, dabei ist bei mir etwas schiefgegangen. Wenn Sie es melden, nennen Sie bitte die Kennung { $reference }.

## Too much at once, or too late

too-fast = Sie fragen schneller, als ich antworten darf: { $limit ->
        [one] eine Frage
       *[other] bis zu { $limit } Fragen
    } pro Minute. Bitte fragen Sie in einer Minute noch einmal.
too-many-here = Das sind mehr Fragen auf einmal, als ich hier beantworten darf. Bitte fragen Sie in einer Minute noch einmal.
busy = Es fragen so viele, dass ich nicht nachkomme. Bitte fragen Sie in einer Minute noch einmal.
while-away = Das haben Sie gefragt, während ich nicht da war.
answer-now = Jetzt antworten
index-away = Das kann ich gerade nicht nachschlagen; ich antworte, sobald ich kann.
command-too-old = Dieser Befehl ist älter als fünf Minuten. Senden Sie ihn noch einmal, wenn Sie ihn noch möchten.

## Answers

searched-for = Gesucht nach: { $question }
unsure = Ich bin nicht sicher, dass das die Frage beantwortet. Die nächstliegenden Stellen:
nearest = Soweit ich sehe, beantworten sie die Frage nicht, aber das sind die nächstliegenden Stellen:
more-passages = Weitere Stellen, die die Frage weniger wahrscheinlich beantworten:
no-articles = Es gibt noch keine Artikel, daher kann ich nicht antworten.
cannot-compare = Auf { $asked } kann ich diese Artikel nicht durchsuchen: Sie sind auf { $languages }, und mein Modell liest nicht beides. Bitte fragen Sie auf { $languages }.
not-held = Das steht nicht in den Artikeln. Durchsucht habe ich { $count ->
        [one] einen Artikel
       *[other] { $count } Artikel
    }.
not-held-newest = Das steht nicht in den Artikeln. Durchsucht habe ich { $count ->
        [one] einen Artikel
       *[other] { $count } Artikel
    }, der neueste vom { $date }.
from-period = In Artikeln { $period }:
outside-period = Kein Artikel { $period } beantwortet das; in allen Artikeln:
period-since = seit dem { $date }
period-until = bis zum { $date }
period-day = vom { $date }
period-month = vom { $month }
period-year = aus dem Jahr { $year }
period-between = vom { $first } bis zum { $last }
period-newest-first = { $period }, die neuesten zuerst
period-latest = nach Datum, die neuesten zuerst
also-in = auch in { $title }
also-in-more = und in { $count ->
        [one] einem weiteren Artikel
       *[other] { $count } weiteren Artikeln
    }
articles-count = Ich antworte aus { $count ->
        [one] einem Artikel
       *[other] { $count } Artikeln
    }:
articles-more = … und { $count } weitere.

## Buttons under an answer

more = Mehr
back = Zurück
context = Kontext
context-numbered = Kontext { $number }
open = Öffnen
copy-citation = Zitat kopieren
copy-link = Link kopieren
show-nearest = Ähnliche Stellen
thanks = Danke, notiert.
vote-taken-back = Zurückgenommen.
answer-too-old = Diese Antwort ist zu alt für ihre Knöpfe. Bitte fragen Sie noch einmal.
no-more = Es gibt keine weiteren Stellen.
not-yours = Nur wer gefragt hat, kann hier blättern. Fragen Sie mich selbst mit /ask.
button-unknown = Dieser Knopf führt nirgends mehr hin.
changed-since = Der Artikel hat sich geändert, seit das gezeigt wurde.

## An answer opened again by its link

permalink-gone = Diese Antwort habe ich nicht oder nicht mehr.
permalink-changed = Der Artikel hat sich seither geändert; diese Stelle steht noch darin.
permalink-rewritten = „{ $title }“ hat sich seither geändert und enthält die zitierte Stelle nicht mehr.
permalink-withdrawn = Der zitierte Artikel wurde zurückgezogen.

## Why

why-how = Senden Sie /why als Antwort auf eine meiner Antworten.
why-unknown = Ich weiß nicht mehr, wie ich das gefunden habe.
why-question = Frage: { $question }
why-together = Sie stützt sich auf die Frage davor, denn { $reason ->
        [joins] sie beginnt mit einem Bindewort
        [points] sie verweist mit einem Pronomen zurück
       *[fragment] sie ist allein keine ganze Frage
    }: Ich habe nach beiden zusammen gesucht.
why-answered = Ich bin zu { $percent } % sicher und nenne es daher beantwortet; das tue ich ab { $limit } %.
why-perhaps = Ich bin nicht sicher: { $percent } %. Ab { $limit } % würde ich es beantwortet nennen.
why-absent = Ich sage, dass es nicht in den Artikeln steht: Die nächstliegende Stelle erreicht { $percent } %, und unter { $limit } % zeige ich keine als Antwort.
why-nothing = Nichts in den Artikeln kommt dem nahe.
why-signals = { $title }: Der Sinn ist { $cosine ->
        [high] nah
        [middle] verwandt
       *[low] fern
    }, der Wortlaut { $match ->
        [high] nah
        [middle] verwandt
       *[low] fern
    }; abgedeckt sind { $coverage } % der Frage{ $missing ->
        [0] .
       *[other] , und das gewichtigste fehlende Wort macht { $missing } % der Frage aus.
    }
why-runners-up = Weitere Kandidaten:
why-runner-up = { $title }: { $percent } %
why-index = Index { $generation }, { $count ->
        [one] ein Artikel
       *[other] { $count } Artikel
    }.
why-index-changed = Der Index wurde seither erneuert.

## Groups and channels

joined = Guten Tag! Ich beantworte Fragen aus { $count ->
        [one] einem Artikel
       *[other] { $count } Artikeln
    }, mit wörtlichen Stellen und ihren Quellen.
    So fragen Sie mich hier: { $ways }.
ways-command = /ask und die Frage, /ask als Antwort auf eine Nachricht
ways-reply = eine Antwort auf eine Nachricht von mir
ways-mention = eine Nachricht, die { $bot } nennt
ways-questions = jede Nachricht, die mit einem Fragezeichen endet
sees-all = Ich kann hier alle Nachrichten sehen, antworte aber nur auf die, die für mich bestimmt sind.
sees-some = Ich kann andere Nachrichten hier nicht sehen (Privatsphäre-Modus), und eine Erwähnung erreicht mich vielleicht nicht. Um das zu ändern, kann ein Admin mich zum Admin machen, oder mein Betreiber schaltet den Modus mit /setprivacy bei @BotFather aus und fügt mich neu hinzu.
sees-questions-needs = Um auf alles zu antworten, was mit einem Fragezeichen endet, müsste ich alle Nachrichten sehen.
admins-settings = Admins legen mit /settings fest, wann ich antworte.
may-not-write = Ich darf in { $title } nicht schreiben. Ein Admin kann es in den Berechtigungen der Gruppe erlauben.
joined-channel = Ich bin jetzt im Kanal { $title }. Damit ich dort neue Artikel poste, sendet ein Admin /subscribe als Beitrag oder privat an mich; in den Kommentaren zu seinen Beiträgen antworte ich, wenn ich mit /ask gefragt werde, sobald ich auch Mitglied seiner Diskussionsgruppe bin.
not-open-here = Für diesen Chat bin ich nicht freigegeben. Um ihn zuzulassen, braucht mein Betreiber seine Nummer: { $id }

settings-title = Wann soll ich hier antworten?
settings-mode = { $mode ->
        [mention] Auf Anfrage: /ask, Antwort, Erwähnung
        [questions] Auf alles, was mit „?“ endet
       *[off] Nie
    }
settings-quiet = Im Zweifel schweigen
settings-only-admins = Das kann nur ein Admin dieser Gruppe ändern.
settings-saved = Gespeichert.
language-title = Welche Sprache soll ich sprechen? Zitate bleiben in ihrer eigenen.
language-auto = Wie in Telegram

## Inline

inline-ask = Frage eingeben
inline-nothing = Nicht in den Artikeln
inline-closed = Nur für Eingeladene
inline-away = Suche geht gerade nicht

## The menu and the profile

command-ask = Zu den Artikeln fragen
command-why = Wie eine Antwort gefunden wurde
command-articles = Woraus ich antworte
command-subscribe = Neue Artikel hier bekommen
command-subscriptions = Was Sie abonniert haben
command-new = Die Frage davor vergessen
command-watch = Bescheid, wenn ein Artikel eine Frage beantwortet
command-watches = Fragen, die auf einen Artikel warten
command-language = Die Sprache, die ich spreche
command-settings = Wann ich hier antworte (Admins)
command-privacy = Was ich über Sie speichere
command-forgetme = Löschen, was ich über Sie speichere
command-help = Was ich kann
command-add = Artikel aufnehmen, per Adresse
command-article = Ein Artikel mit seiner Geschichte
command-withdraw = Einen Artikel, ein Medium oder einen Feed herausnehmen
command-restore = Einen herausgenommenen Artikel zurückholen
command-feeds = Die verfolgten Feeds auflisten
command-addfeed = Einem Feed folgen
command-removefeed = Einem Feed nicht mehr folgen
command-outbox = Was noch zu senden ist und was vielleicht nicht ankam
command-reindex = Den Index auf Stand bringen; „full“ macht ihn neu
command-rollback = Den Index davor wieder verwenden
command-generations = Die aufgehobenen Indizes
command-status = Was läuft, was wartet, was nicht geht
command-stats = Wie viele Fragen, und wie sie ausgingen
command-unanswered = Was gefragt wurde und nicht in den Artikeln steht
command-audit = Was Admins getan haben
description = Fragen Sie zu den Artikeln: Ich antworte mit Stellen daraus, Wort für Wort, jede mit ihrer Quelle.

## New articles

digest = { $count ->
        [one] Ein neuer Artikel:
       *[other] { $count } neue Artikel:
    }
read = Lesen
ask-about = Dazu fragen
subscribed = Abonniert: Ich schicke jeden neuen Artikel hierher, sobald er da ist. Die Knöpfe verfeinern das; /unsubscribe beendet es.
unsubscribed = Dieser Chat bekommt keine neuen Artikel mehr.
not-subscribed = Dieser Chat hat nichts abonniert; /subscribe ändert das.
subscription-paused = In { $title } kann ich nichts mehr schreiben, deshalb ruht das Abonnement. Es geht weiter, sobald ich dort wieder schreiben darf.

## Subscriptions

menu-what = Was
menu-when = Wann
menu-how = Wie
menu-next = Vorschau
menu-unsubscribe = Abbestellen
what-feeds = Feeds
feed-gone = Feed { $number }, dem nicht mehr gefolgt wird
what-outlets = Medien
what-languages = Sprachen
what-words = Wörter…
what-everything = Alles
when-now = Sofort
when-daily = Täglich
when-weekly = Wöchentlich
when-zone = Zeitzone: { $zone }
zone-other = Andere Zone…
quiet-off = Keine Ruhezeit
how-silent = Lautlos
how-preview = Linkvorschau
how-hashtags = Hashtags
pick-channel = Kanal auswählen
pick-group = Gruppe auswählen
subscription-here = Neue Artikel hier:
subscription-of = Neue Artikel in { $title }:
our-chat = Unser Chat
subscription-rests = Es ruht, weil ich dort nicht schreiben darf. Sobald ich es darf, setzen /subscribe oder meine Rechte es fort.
chosen-everything = Jeder neue Artikel
chosen-feeds = Feeds: { $names }
chosen-outlets = Medien: { $names }
chosen-languages = Sprachen: { $names }
chosen-include = Nur mit einem dieser Wörter: { $names }
chosen-exclude = Ohne diese Wörter: { $names }
chosen-now = Sobald sie da sind
chosen-daily = Jeden Tag um { $time } ({ $zone })
chosen-weekly = Jede Woche: { $day }, { $time } ({ $zone })
chosen-quiet = Ruhe von { $start } bis { $end } ({ $zone }); Neues kommt danach
chosen-how = Beiträge: { $names }
next-post = Vorschau: So sähe der nächste Beitrag aus.
next-none = Keiner der neuesten Artikel passt, also gibt es noch keine Vorschau.
subscribed-chat = Abonniert: Ich schicke jeden neuen Artikel nach { $title }, sobald er da ist. Die Knöpfe verfeinern das.
subscribe-elsewhere = Um einen Kanal oder eine Gruppe von Ihnen zu abonnieren, wählen Sie unten aus. Bei einem Kanal werden Sie gebeten, mich zum Admin zu machen, der posten darf; private gehen auch.
subscribe-may-not-post = Dort darf ich noch nicht schreiben. Machen Sie mich zum Admin des Kanals, der Nachrichten posten darf, oder zum Mitglied der Gruppe, und wählen Sie noch einmal aus.
subscribe-only-admins = Das darf nur ein Admin dieses Chats.
subscriptions = Ihre Abonnements:
no-subscriptions = Sie haben noch nichts abonniert; /subscribe tut das.
subscription-gone = Dieses Abonnement gibt es nicht mehr.
unsubscribed-from = Neue Artikel gehen nicht mehr an { $title }.
subscription-resumed = In { $title } darf ich wieder schreiben: Das Abonnement geht weiter.
ask-words = Antworten Sie hierauf mit Wörtern, von denen ein Artikel eines enthalten muss, eins je Zeile oder durch Kommas getrennt. Ein Minus vor einem Wort schließt Artikel damit aus. Ein Minus allein leert die Liste.
ask-zone = Antworten Sie hierauf mit dem Namen einer Zeitzone wie Europe/Madrid oder einer Stadt darin.
asked-in-private = Ich frage Sie in unserem privaten Chat, damit es der Kanal nicht lesen muss. Kommt nichts, starten Sie mich dort zuerst.
too-many-words = Das sind zu viele oder zu lange Wörter. Ich nehme bis zu { $limit }; bitte antworten Sie noch einmal.
zone-unknown = Diese Zeitzone kenne ich nicht. Bitte antworten Sie noch einmal mit einem Namen wie Europe/Madrid.

## A question about one article

about-what = Fragen Sie mich zu „{ $title }“.
about-unknown = Einen solchen Beitrag kenne ich nicht. Stellen Sie einfach Ihre Frage.
about-article = Nur zu „{ $title }“:
not-held-in-it = Das steht nicht in diesem Artikel.

## Standing questions

watch = 🔔 Sagen, wenn es berichtet wird
watching = Notiert: Ich sage es Ihnen hier, sobald ein neuer Artikel das beantwortet. /watches zeigt Ihre Fragen und beendet sie.
watching-already = Diese Frage steht schon. /watches zeigt Ihre Fragen und beendet sie.
watches-full = Mehr als { $limit } Fragen können nicht zugleich stehen: Beenden Sie erst eine mit /watches.
watch-how = Schreiben Sie hinter den Befehl, was Sie erfahren möchten, zum Beispiel: /watch Who signed the border pact?
watch-answered = 🔔 Jetzt berichtet. Sie hatten gefragt: { $question }
watches = Ich warte auf Artikel, die diese Fragen beantworten:
watches-none = Ich warte auf nichts. Fragen Sie etwas, oder senden Sie /watch und Ihre Frage.
watch-end = 🔕 { $number }
watch-ended = Beendet: Diese Frage steht nicht mehr.
watch-not-yours = Nur wer gefragt hat, kann das beenden.

## Corrections

changed-on = Geändert am { $date }:
withdrawn-on = Zurückgezogen am { $date }:
correction = Korrektur: In { $title } steht nicht mehr, was ich hier zitiert habe. Die Nachricht zeigt, was sich geändert hat.
correction-withdrawn = Korrektur: Ein Artikel, den ich hier zitiert habe, wurde zurückgezogen.
