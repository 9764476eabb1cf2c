"""The words that say a time in each language, as pieces of regular expressions.

A piece names others in upper case: those of its language and of `time_grammar.COMMON`, and MONTH, WEEKDAY,
NUMBER and UNIT, any one of them. NUMBERS are one to twelve (ten in Arabic), UNITS day, week, month and year.
Questions may leave accents out, and have any case except inside `(?-i:...)`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeWords:
    """What the grammar of times needs to know of a language."""

    locales: tuple[str, ...]  # whose month and weekday names count
    pieces: dict[str, str]
    abbreviated: bool = False  # whether abbreviated month names count
    endings: str = ""  # case endings, which replace the last letter of a name


def either(words: str) -> str:
    """Alternatives from words separated by spaces."""
    return "|".join(words.split())


def following(words: str) -> str:
    """Matches only after one of these words and a space."""
    return "(?:" + "|".join(f"(?<=\\b{word} )" for word in words.split()) + ")"


ENGLISH = {
    "NUMBERS": "one two three four five six seven eight nine ten eleven twelve",
    "UNITS": "days? weeks? months? years?",
    "BETWEEN": "between",
    "AND": " and ",
    "FROM": "from",
    "TO": "to|until|till",
    "ONWARDS": "onwards?",
    "SINCE": "since",
    "AFTER": "after",
    "BEFORE": "before",
    "UNTIL": "(?:up )?(?:until|till)",
    "IN": "in|during",
    "ON": "on",
    "OF": "from",
    "OVER": either("in over during within for"),
    "DAY": "NTH (?:of )?MONTH(?:,? YEAR)?|MONTH NTH(?:,? YEAR)?",
    "NTH": "(?:the )?[0-9]{1,2}(?:st|nd|rd|th)?",
    "ANY_MONTH": "MONTH",
    "MONTH_YEAR": "MONTH,? (?:of )?YEAR",
    "ONE_YEAR": "(?:the year )?YEAR",
    "DOUBTFUL": "may",  # somebody called May came after others
    "YESTERDAY": "yesterday",
    "TODAY": "today",
    "TODAY_AFTER": following("happened news said"),  # elsewhere it is these days, or a paper
    "THIS_WEEK": "this week",
    "THIS_MONTH": "this month",
    "THIS_YEAR": "this year",
    "LAST_WEEK": "last week",
    "LAST_MONTH": "last month",
    "LAST_YEAR": "last year",
    "LAST_DAY": "last WEEKDAY",
    "PAST": "(?:the )?(?:past|last) COUNT UNIT",
    "PAST_ONE": "the (?:past|last) (?:week|month|year)",
    "NOT_AFTER": either(
        "than like unlike as to with for about on by and or the not between since after before until till"
        " days? weeks? months? years? night eve"
    ),
    "GOES_ON": either(
        "in at on by with for about from near what who whose which where why how did do does the a an"
    ),
    "NEWS": either("news articles? reports? updates? developments? figures numbers polls? data information"),
    "LATEST": r"(?:latest|newest|(?:most )?recent)(?= NEWS\b)"
    r"|(?<!until )(?<!\bas )(?<!more )(?:most )?recently"
    r"|latest(?<!at the latest)(?<!very latest)(?= (?:on|about|from|with)\b|[ ?!.]*$)",
}

SPANISH = {
    "NUMBERS": "una? dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "UNITS": "días? semanas? mes(?:es)? años?",
    "BETWEEN": "entre(?: el)?",
    "AND": " y (?:el )?",
    "FROM": "del?|desde(?: el)?",
    "TO": "al?|hasta(?: el)?",
    "ONWARDS": "en adelante",
    "SINCE": "(?:desde|a partir de)(?: el)?|a partir del",
    "AFTER": "después del?",
    "BEFORE": "antes del?",
    "UNTIL": "hasta(?: el)?",
    "IN": "en|durante",
    "ON": "el día",
    "OF": following("noticias artículos") + "del?",
    "OVER": "en|durante|dentro de",
    "DAY": "DAY_YEAR|NTH de MONTH",
    "DAY_YEAR": "NTH de MONTH_YEAR|NTH/NTH/YEAR",
    "NTH": "[0-9]{1,2}º?",
    "BARE": "el DAY_YEAR|"
    + following("pasó ocurrió sucedió pasado ocurrido sucedido")
    + "el DAY",  # else a feast
    "ANY_MONTH": "(?-i:MONTH)",  # Julio and Abril are people
    "MONTH_YEAR": "MONTH,? (?:del? )?(?:año )?YEAR",
    "ONE_YEAR": "(?:el )?(?:año )?YEAR",
    "DOUBTFUL": "abril|julio",
    "YESTERDAY": "(?<!antes de )(?-i:ayer)",  # a day later than antes de ayer; Ayer is a philosopher
    "TODAY": "(?-i:hoy)",
    "TODAY_AFTER": following("pasó ocurrió sucedió pasado ocurrido sucedido dijo noticias"),
    "WHILE": "(?:en |durante )?",
    "THIS_WEEK": "esta semana",
    "THIS_MONTH": "este mes",
    "THIS_YEAR": "este año",
    "LAST_WEEK": "la (?:semana pasada|pasada semana)",
    "LAST_MONTH": "el (?:mes pasado|pasado mes)",
    "LAST_YEAR": "el (?:año pasado|pasado año)",
    "LAST_DAY": "el (?:WEEKDAY pasado|pasado WEEKDAY)",
    "PAST": "l[oa]s (?:últim|pasad)[oa]s COUNT UNIT",
    "PAST_ONE": "la última semana|el último (?:mes|año)",
    "NOT_AFTER": either(
        "que como cual a con para sobre por y e o u ni no de entre desde hasta antes después"
        " días? semanas? mes(?:es)? años? noches? víspera es era celebra significa conmemora llama"
    ),
    "GOES_ON": either(
        "en el la los las un una sobre con por para contra qué quién(?:es)? cuál(?:es)? cuándo dónde cómo"
        " cuánt[oa]s? hubo se"
    ),
    "NEWS": either("noticias? novedades artículos? informes? cifras datos encuestas? información reportes?"),
    "LATEST": r"(?:últim|reciente)[oa]?s(?= NEWS\b)"
    r"|" + following("noticias novedades artículos cifras datos") + "(?:más )?recientes"
    r"|lo (?:último|más reciente)(?= (?:sobre|acerca)\b)|(?<=qué hay de )nuevo"
    r"|(?<!más )(?:más )?recientemente|(?<!hasta )hace poco(?! tiempo)",
}

# It ends the question: Was ist im Mai geschehen? Was ist seit Mai gebaut worden?
PARTICIPLE = (
    "(?-i:(?:[a-zäöü]{0,9}(?:ge|be|ver|er|ent|zer)[a-zäöüß]{2,20}(?:t|en)|[a-zäöüß]{2,20}iert)"
    "(?: worden)?(?=[ ?!.]*$))"
)
GERMAN = {
    "NUMBERS": "eine[nm]? zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "UNITS": "Tagen? Wochen? Monaten? Jahren?",
    "BETWEEN": "zwischen(?: dem)?",
    "AND": " und (?:dem )?",
    "FROM": "von|vom",
    "TO": "bis(?: zum)?",
    "ONWARDS": "an",
    "SINCE": "(?<!, )seit(?: dem)?",  # after a comma it opens a clause: …, seit Mai regiert
    "AFTER": "nach(?: dem)?",
    "BEFORE": "vor(?: dem)?",
    "UNTIL": "(?<!, )bis(?: zum)?",
    "IN": "im|während des",
    "ON": "am",
    "OF": following("Nachrichten Meldungen Artikel Berichte Zahlen") + "(?:vom|von|aus|aus dem)",
    "OVER": either("in innerhalb während über"),
    "DAY": r"NTH MONTH(?:,? YEAR)?|NTH\.NTH\.YEAR",
    "NTH": r"[0-9]{1,2}\.?",
    "ANY_MONTH": "MONTH",
    "MONTH_YEAR": "MONTH (?:des Jahres )?YEAR",
    "ONE_YEAR": "(?:Jahre? )?YEAR",
    "BARE": following("wurde ist war") + f"YEAR(?= {PARTICIPLE})|" + following("geschah passierte") + "YEAR",
    "DOUBTFUL": "März|Mai|August",
    "YESTERDAY": "gestern",
    "TODAY": "heute",
    "TODAY_AFTER": following("geschah passierte ist Nachrichten sagte"),
    "WHILE": "(?:in der |in |im )?",
    "THIS_WEEK": "diese[r]? Woche",
    "THIS_MONTH": "diese[mn] Monat",
    "THIS_YEAR": "diese[ms] Jahr",
    "LAST_WEEK": "(?:letzte|vergangene|vorige)[nr]? Woche",
    "LAST_MONTH": "(?:letzte|vergangene|vorige)[mn] Monat",
    "LAST_YEAR": "(?:letzte|vergangene|vorige)[ns] Jahr",
    "LAST_DAY": "(?:letzten|vergangenen|vorigen) WEEKDAY",
    "PAST": "(?:de[nr]|die) (?:letzten|vergangenen) COUNT UNIT",
    "NOT_AFTER": either(
        "als wie mit für über um an auf zu von und oder nicht zwischen seit vor nach bis ab der die das dem"
        " den des Tage? Wochen? Monate? Jahre? Abend Nacht gegenüber"
    ),
    "GOES_ON": PARTICIPLE
    + r"\b|"
    + either(
        "in im an am auf bei beim mit für über zu zum zur durch gegen aus nach es er sie wir man wer wen wem"
        " was wo wohin wann warum wieso wie welche[rsnm]?"
    ),
    "COMPARED": "als",
    "NEWS": either(
        "Nachrichten Neuigkeiten Meldung(?:en)? Artikel Berichte? Zahlen Daten Umfragen? Entwicklungen"
        " Informationen"
    ),
    "LATEST": r"(?:neueste|aktuellste|jüngste|aktuelle)[nr]?(?= NEWS\b)"
    r"|letzten?(?= Nachrichten\b)|(?<=was gibt es )Neues|(?<=was ist )das Neueste(?= (?:zu|über|von|aus)\b)"
    r"|kürzlich|neulich|(?<!bis )vor kurzem",
}

RUSSIAN = {
    "NUMBERS": "од(?:ин|ну|ного) дв[ауе]х? тр[иех]{1,2} четыр[ех]{1,2} пят[ьи] шест[ьи] сем[ьи]"
    " вос[еь]м[ьи] девят[ьи] десят[ьи] одиннадцат[ьи] двенадцат[ьи]",
    "UNITS": "день|дн(?:я|ей|и) недел[иья]|неделю|недель месяц(?:а|ев|ы)? год[аы]?|лет",
    "BETWEEN": "(?:в период )?между",
    "AND": " и ",
    "FROM": "(?:в период )?со?",
    "TO": "по|до",
    "SINCE": "со?|начиная со?",
    "AFTER": "после",
    "BEFORE": "до",
    "IN": "во?|за|в течение",
    "BARE": following("произошло случилось происходило") + "DAY",  # elsewhere 9 мая is a holiday
    "OF": following("статьи новости сообщения") + "(?:за|от)",
    "OVER": either("за в") + "|в течение|на протяжении",
    "DAY": r"NTH MONTH(?: YEAR(?: года?| г\b\.?)?)?|NTH\.NTH\.YEAR",
    "NTH": "[0-9]{1,2}",
    "ANY_MONTH": "(?-i:MONTH)",  # Август and Мая are people
    "MONTH_YEAR": r"MONTH YEAR(?: год[ау]?| г\b\.?)?",
    "ONE_YEAR": r"YEAR(?:-(?:м|го))? (?:год(?:а|у|ом|ами)?|гг?)\b\.?",
    "YESTERDAY": "вчера",
    "TODAY": "сегодня",
    "TODAY_AFTER": following("произошло случилось происходит сказал новости"),
    "WHILE": "(?:на|во?|за) ",
    "THIS_WEEK": "эт(?:ой неделе|у неделю)",
    "THIS_MONTH": "этом месяце|этот месяц",
    "THIS_YEAR": "этом году|этот год",
    "LAST_WEEK": "прошл(?:ой недел[еи]|ую неделю)",
    "LAST_MONTH": "прошл(?:ом месяце|ого месяца|ый месяц)",
    "LAST_YEAR": "прошл(?:ом году|ого года|ый год)",
    "LAST_DAY": "прошл(?:ый|ую|ое|ого|ой) WEEKDAY",
    "PAST": "последни[ех] COUNT UNIT",
    "PAST_ONE": "последн(?:юю неделю|ий месяц|ий год)",
    "NOT_AFTER": either(
        "чем как о об про и или ни не для между со? до после от по кроме день дня дней недел[яюией]"
        " месяца? месяцев года? лет ночь накануне"
    ),
    "GOES_ON": r"[а-я]{2,30}(?:л|ла|ло|ли)(?:с[ья])?\b|"
    + either(
        "во? на об? про у к из за над при кто кого кому что чего где куда откуда когда почему зачем как"
        " как(?:ой|ая|ие|ое|их) сколько"
    ),
    "COMPARED": "чем",
    "NEWS": either(
        "новост[иь] события стать[ия] сообщени[ея] сведения данные публикации отчеты? цифры опросы?"
    ),
    "LATEST": r"(?:последн|свеж|новейш)[иы][ех](?= NEWS\b)|(?<=что )нового"
    r"|недавно",
}

ARABIC = {
    "NUMBERS": "واحدة? اثنين ثلاثة? أربعة? خمسة? ستة? سبعة? ثمانية? تسعة? عشرة?",
    "UNITS": "يوم|أيام أسبوع|أسابيع شهر|أشهر|شهور عام|أعوام|سنة|سنوات",
    "BETWEEN": "(?:في الفترة )?(?:ما )?بين(?: عامي| شهري)?",
    "AND": " و ?(?:بين )?",
    "FROM": "(?:في الفترة )?من",
    "TO": "إلى|حتى",
    "SINCE": "منذ|(?:اعتبارً?ا|ابتداءً?|بدءً?ا) من",
    "AFTER": "بعد",
    "BEFORE": "قبل",
    "UNTIL": "حتى",
    "IN": either("في خلال طوال"),
    "ON": "في|بتاريخ|(?:في )?يوم",
    "OVER": either("في خلال"),
    "DAY": "NTH (?:من )?MONTH(?:,? (?:من )?(?:عام |سنة )?YEAR)?|NTH/NTH/YEAR",
    "NTH": "[0-9]{1,2}",
    "ANY_MONTH": "(?:شهر )?MONTH",
    "MONTH_YEAR": "(?:شهر )?MONTH (?:من )?(?:(?:ال)?عام |سنة )?YEAR",
    "ONE_YEAR": "(?:(?:ال)?عام |(?:ال)?سنة )?YEAR",
    "BARE": following("حدث حصل جرى") + "(?:عام|سنة) YEAR",
    "DOUBTFUL": "أغسطس",
    "YESTERDAY": "(?:يوم )?أمس|البارحة",
    "TODAY": "اليوم",
    "TODAY_AFTER": following("حدث حصل جرى أخبار الأخبار"),
    "WHILE": "(?:في |خلال )?",
    "THIS_WEEK": "هذا الأسبوع|الأسبوع (?:الحالي|الجاري)",
    "THIS_MONTH": "هذا الشهر|الشهر (?:الحالي|الجاري)",
    "THIS_YEAR": "هذا العام|هذه السنة|العام (?:الحالي|الجاري)|السنة (?:الحالية|الجارية)",
    "LAST_WEEK": "الأسبوع (?:الماضي|الفائت|المنصرم)",
    "LAST_MONTH": "الشهر (?:الماضي|الفائت|المنصرم)",
    "LAST_YEAR": "العام (?:الماضي|الفائت|المنصرم)|السنة (?:الماضية|الفائتة|المنصرمة)",
    "LAST_DAY": "(?:يوم )?WEEKDAY الماضي",
    "PAST": "آخر COUNT UNIT|الUNIT (?:الـ?)?COUNT (?:الماضية|الأخيرة)",
    "NOT_AFTER": either(
        "هو هي من عن على مثل بين و أو غير لا ليس قبل بعد منذ حتى إلى مع حول أول يوم أيام أسبوع أسابيع"
        " شهر أشهر عام أعوام سنة سنوات ليلة مساء صباح"
    ),
    "GOES_ON": either("في على عن مع ضد حول بشأن ماذا ما كم هل أين متى كيف لماذا"),
    "NEWS": either("(?:ال)?أخبار التطورات المستجدات المقالات التقارير الأرقام البيانات المعلومات"),
    "LATEST": r"(?:آخر|أحدث)(?= NEWS\b)|(?<=أخبار )الأخيرة"
    r"|(?<=ما )الجديد(?= (?:في|عن|حول|بشأن)\b)|(?<!حتى )مؤخرً?ا",
}

TIME_WORDS = {
    "en": TimeWords(("en", "en_GB"), ENGLISH, abbreviated=True),
    "es": TimeWords(("es",), SPANISH),
    "de": TimeWords(("de", "de_AT"), GERMAN),
    "ru": TimeWords(("ru",), RUSSIAN, endings="[аеуыяйь]"),
    "ar": TimeWords(("ar",), ARABIC),
}
