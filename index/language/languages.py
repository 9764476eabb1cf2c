"""What full-text search knows of languages: their Snowball stemmers and stop words."""

import unicodedata
from functools import lru_cache

SNOWBALL = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "st": "sesotho",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}

# Function words and the words that questions are made of, in lower case as tokens are. The longer lists of
# stopwordsiso lack some of these, and have content words such as “area” and “research”.
_STOP_WORDS = {
    "en": """a about after all also am an and any are as at be because been before being both but
        by can could did do does doing during each for from had has have having he her here
        hers him his how i if in into is it its just may me might more most my no nor not of
        off on once only or other our out over own please s same shall she should so some
        such t tell than that the their them then there these they this those through to too
        under until up very was we were what when where which while who whom whose why will
        with would you your""",
    "de": """aber als am an auch auf aus bei bin bis bist da damit das dass dein dem den der des
        dessen die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem
        einen einer eines er es euer für gab hat hatte hatten ich ihm ihn ihr ihre im in ist
        ja kann können man mein mit muss nach nicht noch nur ob oder ohne sehr sein seine
        seinen seiner sich sie sind so um und uns unter vom von vor war waren warum was
        welche welchem welchen welcher welches wem wen wenn wer wie wieder wieviel wird wo
        wurde wurden zu zum zur zwischen über""",
    "es": """a al algo ante antes aquel como con contra cual cuando cuál cuáles cuándo cuánta
        cuántas cuánto cuántos cómo de del desde donde durante dónde e el ella ellas ellos
        en entre era eran es esa ese eso esta estaba este esto estos está están fue fueron
        ha haber había han hasta hay la las le les lo los me mi mucho muy más ni no nos
        nosotros o para pero por porque que quien quién quiénes qué se ser si sin sobre son
        su sus también te tiene tienen todo todos tu un una uno unos y ya yo él""",
    "fr": """a ai alors au aucun aussi autre aux avec avoir c ce ces cet cette chez comme comment
        d dans de depuis des du elle elles en entre est et eux fait il ils j je l la le les
        leur leurs lui m ma mais me mes moi mon même n ne ni nos notre nous on ont ou où par
        pas plus pour pourquoi qu quand que quel quelle quelles quels qui s sa sans se ses
        si son sont sous sur t ta te tes toi ton tous tout tu un une vos votre vous y à
        étaient était été être""",
    "it": """a ad ai al alla alle allo anche c che chi ci come con cosa da dal dalla dalle dei
        del della delle dello di dove e ed era erano fu gli ha hanno i il in io l la le lei
        li lo loro lui ma mi ne nei nel nella nelle noi non o per perché più qual quale
        quali quando quanti quanto quello questa questo se si sono su sua sue sui sul sulla
        suo tra tu un una uno voi è""",
    "nl": """aan al als bij dan dat de deze die dit door een en er had heb hebben heeft hem het
        hier hij hoe hoeveel ik in is je kan maar me meer met mijn naar niet nog nu of om
        omdat onder ons ook op over te tot uit van veel voor waar waarom wanneer waren was
        wat welke werd wie wij worden wordt ze zich zij zijn zo zou""",
    "pt": """a ao aos as com como da das de dela dele do dos e ela elas ele eles em entre era
        eram essa esse esta este foi foram há isso isto já lhe mais mas me mesmo meu minha
        muito na nas nem no nos não o onde os ou para pela pelo por porque quais qual quando
        quantas quanto quantos que quem se sem ser seu seus sobre sua suas são só também te
        tem um uma umas uns você à""",
    "ru": """а без более бы был была были было быть в вам вас весь во вот все всего всех вы где
        да даже для до его ее если есть еще ещё её же за здесь и из или им их к как какая
        какие каким какими каких какого какое какой какую когда кого кому которая которые
        который кто ли между меня мне много может мы на над него нее нет ни них но ну о об
        он она они оно от перед по под после почему при с сколько со так также такой там то
        тоже только том ты у уже чего чем что чтобы эта эти это этого этой этот я""",
    "ar": """اذا الا التي الذي الذين الى ان او اي اين ب بعد بين تم ثم حتى حيث خلال ذلك على عن عند
        فى في قبل قد كان كانت كل كم كما كيف لا لقد لكن لم لماذا لن له لها ما ماذا متى مع من
        منذ هذا هذه هل هم هناك هو هي و وقد وكان يا""",
}

STOP_WORDS = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}


@lru_cache(maxsize=100)
def stop_words(language: str) -> frozenset[str]:
    """Returns the stop words of a language as tokens: those above, else those of stopwordsiso, if any."""
    if language in STOP_WORDS:
        return STOP_WORDS[language]
    from stopwordsiso import stopwords  # reads all lists when it is imported

    return frozenset(unicodedata.normalize("NFKC", word).casefold() for word in stopwords(language))
