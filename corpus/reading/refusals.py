"""Texts that are no articles: empty ones, walls before an article, and loops."""

import re

from corpus.article import Article
from corpus.errors import NotAnArticle

# A full stop ends a sentence only where white space or a closing mark comes after it.
END = re.compile(r"([.!?…](?=[\s\"'”’»)\]*_]|$)|[。！？｡．।॥؟۔።։។།။]|\n)")
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
# Thai, Lao, Tibetan, Burmese and Khmer are written without full stops or without spaces.
UNSTOPPED = re.compile(r"[\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff]")
WORDS = 4
UNSTOPPED_LETTERS = 200
# Each different phrase of a wall allows so many words: an article about passwords has many more.
WORDS_A_PHRASE = 100
WORDS_OF_A_WALL = 500
WALLS = (
    (
        "a page that wants JavaScript; open it in a browser and send its text as .txt",
        r"(?:enable|activate|turn on|requires?|need) (?:java ?script|js)\b|"
        r"java ?script (?:is|must be|to be) (?:disabled|enabled|required|turned off|off)|"
        r"checking your browser|verify (?:that )?you are (?:a )?human|you are not a robot|^just a moment\W*$|"
        r"javascript aktivieren|activez? javascript|activar javascript|включите javascript",
    ),
    (
        "an error page in place of an article; check the address",
        r"\b(?:404|403|410|500|503)\b[ :–—-]*(?:error|not found|page|forbidden|gone|access)|"
        r"\berror 404\b|page (?:was |is |could |can )?(?:not|cannot) (?:be )?(?:found|exist)|"
        r"page (?:can['’]t|couldn['’]t|cannot) be found|page you (?:are|were) looking for|"
        r"^access denied|does not exist or has (?:been )?moved|no longer available at this address|"
        r"seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouvée)|página no encontrada|"
        r"страница не найдена|页面不存在|找不到页面",
    ),
    (
        "a login page; log in with a browser and send the article's text as .txt",
        r"(?:please |you (?:must|need to|have to) )(?:log|sign) ?in\b|"
        r"(?:log|sign) in (?:to (?:your|continue|read|view|see)|with (?:google|facebook|apple))|"
        r"forgot(?:ten)? (?:your )?password|^remember me$|^create an account|"
        r"don['’]t have an account|already have an account|"
        r"melden sie sich an|passwort vergessen|connectez-vous|mot de passe oublié|"
        r"inicie sesión|olvidó su contraseña|войдите,? чтобы|забыли пароль",
    ),
    (
        "a paywall's stub; open the whole article in a browser and send its text as .txt",
        r"subscribe (?:now )?to (?:continue|keep|read|unlock|get (?:full|unlimited))|"
        r"(?:this|the) (?:article|story|content) is (?:only )?(?:for|available to|reserved for) "
        r"(?:our )?(?:paying )?(?:subscribers|members)|for subscribers only|subscriber[- ]only|"
        r"to (?:continue|keep) reading|already a (?:subscriber|member)|"
        r"read the full (?:story|article) with|start your free trial|"
        r"you have (?:reached|read|used) your (?:\w+ )?(?:limit|free)|"
        r"nur für abonnenten|réservé aux abonnés|sólo para suscriptores|только для подписчиков",
    ),
    (
        "a cookie notice; accept or refuse in a browser and send the article's text as .txt",
        r"we (?:and our \S+ )?(?:use|value) (?:cookies|your privacy)|"
        r"this (?:web)?site uses cookies|cookie (?:settings|preferences)|"
        r"(?:accept|reject|manage|allow) (?:all )?cookies?\b|"
        r"by (?:clicking|continuing)[^.\n]{0,60}\b(?:cookies|agree|accept)|"
        r"wir verwenden cookies|nous utilisons des cookies|utilizamos cookies|мы используем cookie",
    ),
)
WALL_PATTERNS = tuple((what, re.compile(pattern, re.IGNORECASE | re.MULTILINE)) for what, pattern in WALLS)


def refuse_unquotable(article: Article, shown: str) -> None:
    """Raise NotAnArticle, beginning with `shown`, unless `article` holds text worth quoting."""
    if not article.text.strip():
        raise NotAnArticle(f"{shown} holds no text to quote; send the article's text as .txt.")
    refuse_wall(article.title, article.text, shown)
    sentences = split_sentences(article.text)
    if not any(len(WORD.findall(s)) >= WORDS for s, ended in sentences if ended) and (
        len(UNSTOPPED.findall(article.text)) < UNSTOPPED_LETTERS
    ):
        raise NotAnArticle(f"{shown} holds no whole sentence to quote; send an article with sentences in it.")
    if any(map(_loops, ([s for s, _ in sentences], article.text.split("\n")))):
        raise NotAnArticle(f"{shown} says the same over and over; send the article itself, once.")


def split_sentences(text: str) -> list[tuple[str, bool]]:
    """Roughly the sentences of `text`, each with whether a mark ends it; lines end them too."""
    pieces = [*END.split(text), ""]
    return [
        (piece.strip(), mark not in ("", "\n")) for piece, mark in zip(pieces[::2], pieces[1::2], strict=True)
    ]


def refuse_wall(title: str, content: str, shown: str) -> None:
    """Raise NotAnArticle for what stands before an article, told by its phrases among few words."""
    text = f"{title}\n{content}"
    words = len(WORD.findall(text))
    for what, pattern in WALL_PATTERNS if words <= WORDS_OF_A_WALL else ():
        phrases = {found[0].lower() for found in pattern.finditer(text)}
        if phrases and words <= WORDS_A_PHRASE * len(phrases):
            raise NotAnArticle(f"{shown} is {what}.")


def _loops(units: list[str]) -> bool:
    """Whether more than half of the units that have words were said before."""
    said = [unit.strip() for unit in units if WORD.search(unit)]
    repeated = len(said) - len(set(said))
    return repeated >= 3 and repeated * 2 > len(said)
