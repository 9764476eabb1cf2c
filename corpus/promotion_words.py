"""The words by which promotion is recognised, and those of the pages that it must not be looked for in.

Regular expressions by language; all are tried, since outlets mix them. Upper and lower case are the same
unless an expression says otherwise.
"""

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
        "en": r"(?-i:[Oo]ur|us|[Ww]e)|(?:read|enjoy|lik)(?:ed|ing) this (?:article|story)",  # but not the US
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
"""What each signal looks like; `WEIGHTS` in `boilerplate` says what it means and what it is worth."""

ADDRESS = {
    "en": r"you\w{0,3}|(?-i:[Oo]ur|us|[Ww]e)",
    "de": r"wir|uns|unser\w{0,2}|(?-i:Sie|Ihnen|Ihre?[mnrs]?)|du|dich|dir|deine?[mnrs]?",
    "es": r"nos|nosotros|nuestr[oa]s?|usted(?:es)?|te|t[úu]s?",
    "ru": r"мы|нас|нам|нами|наш\w{0,3}|вы|вас|вам|вами|ваш\w{0,3}",
    "ar": r"نحن|أنتم?|لكم?|لنا|\w{2,}(?:كم|نا)",
}
"""Words of a page that speaks to its reader, or of itself as “we”."""

SERVICE = {
    "en": r"cookies?|privacy|(?:personal|your) (?:data|information)|accounts?|passwords?|settings"
    r"|log(?:ged|ging)? in|sign(?:ed|ing)? (?:in|up)|(?:un)?subscri\w+|newsletters?|apps?"
    r"|(?:push )?notifications|email address(?:es)?|members?(?:hip)?|terms (?:of|and)",
    "de": r"daten|datenschutz\w*|konto|passwort|e-mail-adresse|anmeld\w+|abos?|abonn\w+|mitglied\w*",
    "es": r"datos|privacidad|cuentas?|contraseñas?|bolet[íi]n|correos?|suscri\w+|aplicaci[óo]n\w*",
    "ru": r"данны\w+|аккаунт\w*|кабинет\w*|парол\w+|рассылк\w*|подписк\w*|приложени\w+",
    "ar": r"البيانات|بياناتك\w*|الخصوصية|حسابك\w*|كلمة المرور|الاشتراك|التطبيق|النشرة",
}
"""What policies, terms, help pages and manuals are about, and the promotion of outlets, too."""
