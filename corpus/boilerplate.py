"""Promotion in an article: kept in its text, but never found or quoted.

Each paragraph collects signals, each with a weight; from THRESHOLD on it is promotion. No one
word is enough, since newsrooms also report on newsletters, apps and privacy law.
"""

import hashlib
import re
from collections.abc import Callable

from corpus.article import Span
from corpus.reading.paragraphs import paragraphs

THRESHOLD = 3
INSPECTED = 600  # An appeal shows itself early; this also bounds the work on hostile text.
LONGEST = 1000  # A longer paragraph tells something, whatever else it asks for.
PLAIN = 150  # So many characters in sentences without any signal are text a reader would miss.
FEW, MANY = 1, 4  # Other articles of the outlet with the same paragraph.
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
    "plain text": -3,  # a real paragraph with an appeal at its end must not be lost with it
}
ASKING = {"appeal", "nudge", "delivery"}
OFFERED = {"product", "platform", "offer"}

# What a signal looks like, by language; all are tried, since outlets mix them. Nothing counts
# inside quotation marks, and `appeal` and `nudge` only where a clause begins.
WORDING = {
    "appeal": {
        "en": r"subscribe|sign[ -](?:up|in)|(?:click|tap) here|log in|get in touch|enter your email"
        r"|become an? (?:member|subscriber|supporter)|already an? (?:member|subscriber)"
        r"|have your say|share this (?:article|story|page)|follow @\w+",
        "de": r"abonnieren? sie|abonniere|melden sie sich|melde dich|folg(?:en sie|e?) uns\w*"
        r"|jetzt(?: \w+){1,4} (?:anmelden|abonnieren|herunterladen|registrieren)",
        "es": r"suscr[ií]b(?:ete|ase)|ap[úu]ntate|reg[íi]strate|s[íi]g(?:ue|a)nos",
        "ru": r"подпи(?:сывайтесь|шитесь)(?! под)|оформите подписку|следите за нами",
        "ar": r"و?اشتركو?ا?|و?تابعو?نا|و?سجل(?:وا)? هنا",
    },
    "nudge": {
        "en": r"join|listen|follow|download|get|read|watch|hear|share|support|like|try|give|check"
        r"|stay|keep|turn on|be (?:the )?first|consider|help|register|visit|click|tap|contact"
        r"|send|tell|email|never miss|don['’]t miss",
        "de": r"h[öo]ren? sie|lesen sie|laden? sie|treten sie|werden sie|unterst[üu]tzen sie",
        "es": r"[úu]n[ea](?:te|se)|desc[áa]rg(?:a|ate|ue)|escuch[ae]|recib[ae]|ap[óo]yanos|hazte",
        "ru": r"присоединяйтесь|вступайте|слушайте|скач(?:ив)?айте|читайте|поддержите|узнавайте",
        "ar": r"و?انضمو?ا?|و?استمعو?ا?|و?حمّ?لو?ا?|و?تابعو?ا?|و?ادعمونا",
    },
    "ours": {
        "en": r"(?-i:[Oo]ur|us|[Ww]e)",  # but not the US
        "de": r"uns|unser\w{0,2}",
        "es": r"nuestr[oa]s?",
        "ru": r"нас|нам|нами|наш\w{0,3}",
        "ar": r"\w+تنا|تطبيقنا|الخاصة? بنا|معنا|تابعو?نا",
    },
    "product": {
        "en": r"newsletters?|podcasts?|(?:daily|weekly|morning|evening) (?:email|briefing)"
        r"|whatsapp (?:group|channel|community)|(?:telegram|youtube) channel|membership"
        r"|(?:our|free) (?:\w+ )?app|(?:news|push) (?:alerts|notifications)|subscriptions?"
        r"|community (?:members|of)|journalism|comments section|your (?:story|stories|views)",
        "de": r"whatsapp-kanal|push-nachrichten|unser\w{0,2} app",
        "es": r"bolet[íi]n|p[óo]dcast|canal de (?:whatsapp|telegram)|nuestra (?:app|aplicaci[óo]n)",
        "ru": r"рассылк\w{1,2}|подкаст\w{0,2}|подписк\w|(?:канал|групп)\w{0,2} в \w+"
        r"|наше приложение",
        "ar": r"نشرتنا|قناتنا|تطبيقنا|(?:ال)?نشرة البريدية|(?:ال)?بودكاست|التطبيق الآن",
    },
    "way": {"en": r"by (?:joining|subscribing|signing up|downloading|tapping|clicking|emailing)"},
    "delivery": {
        "en": r"(?:straight|direct|directly|delivered|sent) (?:in)?to your (?:inbox|phone|email)"
        r"|in your inbox (?:every|each)",
        "de": r"in (?:ihr|dein) postfach",
        "es": r"en (?:tu|su) (?:correo|bandeja)",
        "ru": r"на (?:вашу )?почту",
        "ar": r"(?:إلى|في) بريدك",
    },
    "platform": {
        "any": r"(?:on|auf|en|в|على) (?:facebook|twitter|x|instagram|tiktok|youtube|linkedin"
        r"|whatsapp|telegram|threads|bluesky|spotify|apple podcasts|google news|дзен"
        r"|فيسبوك|واتساب|تويتر|يوتيوب|إنستغرام|تلغرام)"
        r"|[\w.]+@[\w.]+"
    },
    "offer": {
        "en": r"(?:from|for) (?:just |only |as little as )?[£$€]\d+|half[ -]price|cancel any ?time"
        r"|(?:full|unlimited) access|(?:continue|keep) reading|wherever you get your podcasts"
        r"|you can (?:leave|check out)(?: at)? any ?time|(?:to|for) subscribers"
        r"|latest (?:\w+ )?(?:news|headlines|updates|stories|episode)|breaking news|more stories"
        r"|(?:top|best|biggest) (?:news|stories|reads)|stories that matter|first to know"
        r"|miss an? (?:story|thing|moment|update)|\d[\d,]+ readers",
        "de": r"jederzeit (?:abmelden|k[üu]ndigen)|weiterlesen",
        "es": r"(?:seguir|contin[úu]a) leyendo|darte de baja",
        "ru": r"читать дальше|отписаться",
        "ar": r"لمواصلة القراءة|إلغاء الاشتراك",
    },
    "notice": {
        "en": r"we use cookies|this (?:web)?site uses cookies|no part of this (?:article|site) may"
        r"|(?:see|read|with) our (?:privacy|cookie) (?:policy|notice)|newsletters? may contain"
        r"|by (?:signing up|subscribing|continuing)[^.]{0,40} you (?:are )?(?:agree|consent)(?:ing)? to"
        r" (?:our|the)|you can unsubscribe(?: at)? any ?time|all rights reserved(?=\W*$|\. )"
        r"|we and our (?:\w+ )?partners (?:use|store|process)|protected by recaptcha",
        "de": r"alle rechte vorbehalten|es gilt unsere datenschutzerkl[äa]rung",
        "es": r"todos los derechos reservados",
        "ru": r"все права защищены",
        "ar": r"جميع الحقوق محفوظة",
    },
    "reported": {
        "en": r"said|says|(?<!your )say|told|asked|added|wrote|shouted|urged|advised|warned"
        r"|replied|sang|argued|announced|according to|(?:court|tribunal|jury|inquiry) heard",
        "de": r"sagt|sagte|rief|riet|teilte|erkl[äa]rte|forderte|nach angaben",
        "es": r"dice|dijo|dijeron|grit[óo]|gritaban|a[ñn]adi[óo]|seg[úu]n",
        "ru": r"сказал\w?|сообщил\w?|заявил\w?|крикнул\w?|по словам",
        "ar": r"و?قالت?|و?أضافت?|و?صرحت?|و?أعلنت?",
    },
    "label": {
        "any": r"whatsapp|telegram|newsletter|podcast|app|alerts|listen|watch|read|join|subscribe"
        r"|sign up|bolet[íi]n|p[óo]dcast|рассылка|подкаст"
    },
    "related": {
        "en": r"read (?:more|next|also)|see also|related(?: (?:story|stories|articles?))?"
        r"|you may also like|(?-i:MORE)|more on this(?: story)?|most read|more from [^.:!?]{1,30}",
        "de": r"lesen sie (?:auch|mehr)|mehr zum thema",
        "es": r"lee tambi[ée]n|leer m[áa]s|te puede interesar",
        "ru": r"читайте также|читать далее|по теме",
        "ar": r"اقرأ أيضا|اقرأ المزيد|للمزيد|مواضيع ذات صلة",
    },
}
ANYWHERE = ("ours", "product", "way", "delivery", "platform", "offer", "notice", "reported")

# A clause begins a sentence, or follows a colon, a dash, “you can” or “For the latest news,”; never
# any comma: “drivers enter a plate, download the app and pay” tells what drivers do.
CLAUSE = (
    r"(?:^\W*+|[.!?؟…:;–—]\s++|(?:^|[.!?]\s)(?:for|to|if|want|when)\s[^.!?]{1,90},\s"
    r"|\byou can(?: also)?\s)"
    r"(?:(?:and|or|please|why not|make sure you|be sure to|bitte|und|y|o|и|или)\s)?"
)


def _pattern(signal: str, before: str = r"\b(?=\w)", after: str = r"(?!\w)") -> re.Pattern[str]:
    words = "|".join(WORDING[signal].values())
    return re.compile(f"{before}(?:{words}){after}", re.IGNORECASE)


CALLS = {signal: _pattern(signal, before=CLAUSE) for signal in ("appeal", "nudge")}
MENTIONS = {signal: _pattern(signal) for signal in ANYWHERE}
LABEL = _pattern("label")
RELATED = _pattern("related", before=r"^\W*+", after=r"(?:\s*[:|>]|\W*$|\s(?:about|on)\s)")
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
    found = [signals(text[a:b], repeats(digest(text[a:b]))) for a, b in spans]
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
    ended = paragraph.rstrip('”’"»)').endswith((".", "!", "?", "؟", "…"))
    if repeats >= MANY and not ended and len(paragraph) <= HEADING:
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
