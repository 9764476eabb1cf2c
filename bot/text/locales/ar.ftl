# Arabic: the messages of en.ftl. What is written in Latin letters is a term, so that it is isolated and its
# slash or question mark stays on its side.

-ask = /ask
-why = /why
-articles = /articles
-new = /new
-watch = /watch
-watches = /watches
-language = /language
-settings = /settings
-privacy = /privacy
-forgetme = /forgetme
-help = /help
-subscribe = /subscribe
-subscriptions = /subscriptions
-unsubscribe = /unsubscribe
-zone-example = Europe/Madrid
-setprivacy = /setprivacy
-botfather = @BotFather
-example = Who signed the border pact with Iraq?
-example-command = /ask Who signed the border pact?
-example-watch = /watch Who signed the border pact?
-latest = latest
-this-week = this week
-since-may = since May
-in-year = in 2023

## Private chats

start =
    مرحبًا! اسألني عن أي شيء في المقالات التي لديّ.

    أجيب بالمقاطع التي تحوي الجواب كما وردت حرفيًا، ومع كل مقطع مصدره. وإن لم يكن الجواب في المقالات قلت ذلك؛ فأنا لا أختلق شيئًا.

    جرّب مثلًا: { -example }

    { -help } يعرض كل ما يمكنني فعله.
help =
    اكتب سؤالك بكلماتك. أعرض ثلاثة مقاطع على الأكثر، الجملة المجيبة فيها بخط عريض، ومع كل مقطع مصدره؛ والضغط على العنوان يفتح الصفحة إن وُجدت. وإن لم أكن متأكدًا قلت ذلك.

    ردّ على أحد أجوبتي أو تابع بـ«و…؟» فأفهمه مع السؤال السابق؛ و{ -new } يمحو ذلك السؤال.
    في الأسئلة الإنجليزية تطلب عبارات مثل «{ -latest }» و«{ -this-week }» و«{ -since-may }» و«{ -in-year }» مقالات من ذلك الوقت.
    في أي محادثة أخرى اكتب { $bot } ثم سؤالك لتختار مقطعًا وترسله هناك.

    { -ask } – سؤال، لمن يفضّل الأوامر
    { -why } – ردًّا على أحد أجوبتي: كيف وجدته
    { -articles } – المقالات التي أجيب منها
    { -subscribe } – المقالات الجديدة، هنا أو في قناة لك
    { -subscriptions } – اشتراكاتك
    { -new } – نسيان السؤال السابق
    { -watch } – سؤال ينتظر مقالًا يجيب عنه
    { -watches } – أسئلتك المنتظرة
    { -language } – اللغة التي أتحدث بها
    { -privacy } – ما أحتفظ به عنك
    { -forgetme } – حذف ما أحتفظ به عنك
help-group =
    هنا أجيب حين أُسأل: { $ways }.

    { -ask } – سؤال؛ وإن كان ردًّا على رسالة فتلك الرسالة هي السؤال
    { -why } – ردًّا على أحد أجوبتي: كيف وجدته
    { -subscribe } – للمشرفين: المقالات الجديدة هنا فور وصولها
    { -settings } – للمشرفين: متى أجيب وبأي لغة
    { -privacy } – ما أحتفظ به عنك
privacy =
    ما أحتفظ به عنك:
    • السؤال ومن سأله، { $days ->
        [zero] لمدة { $days } يوم، لتعمل الأزرار وأسئلة المتابعة
        [one] ليوم واحد، لتعمل الأزرار وأسئلة المتابعة
        [two] ليومين، لتعمل الأزرار وأسئلة المتابعة
        [few] لمدة { $days } أيام، لتعمل الأزرار وأسئلة المتابعة
        [many] لمدة { $days } يومًا، لتعمل الأزرار وأسئلة المتابعة
       *[other] لمدة { $days } يوم، لتعمل الأزرار وأسئلة المتابعة
    }؛ ويرى مالكي، دون أسماء، ما لا يجيب عنه أي مقال؛ وبعدها لا يبقى إلا المقاطع التي عرضها الجواب
    • تقييمك 👍 أو 👎 للمدة نفسها؛ وبعدها يُحسب في العدد فقط؛ واللغة التي اخترتها؛ سؤال لم أستطع الإجابة عنه بسبب خطأ، لسبعة أيام، لإصلاح الخطأ
    • سؤال ينتظر مقالًا، واشتراكاتك، إلى أن تنهيها بواسطة { -watches } و{ -unsubscribe }
    • لا شيء مما يُكتب في المجموعات دون سؤالي؛ ولا أسماء ولا ملفًّا شخصيًّا؛ ومن كل يوم عدد الأسئلة وما آلت إليه فقط
    • { -forgetme } يحذف كل ذلك الآن، إلا ما فعله أحدهم بصفته مشرفًا عليّ؛ وما تكتبه يُبحث عنه على هذا الجهاز ولا يُعطى لأحد.
forgotten = تم: لم يعد محفوظًا عنك أي شيء.
new-topic = تم النسيان: سؤالك التالي مستقل بنفسه.
how-to-ask = اكتب سؤالك بعد الأمر، هكذا: { -example-command }
text-only = لا أستطيع قراءة غير النصوص. اكتب سؤالك في رسالة من فضلك.
unknown-command = لا أعرف هذا الأمر. اكتب سؤالك فحسب، أو راجع { -help }.
not-ready = ما زلت أقرأ المقالات. اسأل مجددًا بعد دقيقة من فضلك.
not-invited = لا أجيب إلا من دعاه مالكي. للسماح لك أعطه هذا الرقم: { $id }
question-too-long = هذا طويل: اكتب سؤالك من فضلك بما لا يزيد على { $limit ->
        [zero] { $limit } حرف
        [one] حرف واحد
        [two] حرفين
        [few] { $limit } أحرف
        [many] { $limit } حرفًا
       *[other] { $limit } حرف
    }.
question-without-words = لا أرى كلمات هنا: اكتب سؤالك بالكلمات من فضلك.
apology = عذرًا، حدث خطأ من جهتي. إذا أبلغت عنه فاذكر الرمز { $reference }.

## Too much at once, or too late

too-fast = أنت تسأل أسرع مما يُسمح لي بالإجابة: { $limit ->
        [zero] { $limit } سؤال
        [one] سؤال واحد
        [two] سؤالان على الأكثر
        [few] { $limit } أسئلة على الأكثر
        [many] { $limit } سؤالًا على الأكثر
       *[other] { $limit } سؤال على الأكثر
    } في الدقيقة. اسأل مجددًا بعد دقيقة من فضلك.
too-many-here = هذه أسئلة في وقت واحد أكثر مما يُسمح لي بالإجابة عنه هنا. اسأل مجددًا بعد دقيقة من فضلك.
busy = يسأل كثيرون الآن فلا أستطيع مجاراتهم. اسأل مجددًا بعد دقيقة من فضلك.
while-away = سألت هذا حين كنت غائبًا.
answer-now = أجب الآن
index-away = لا أستطيع البحث عن هذا الآن؛ سأجيب حالما أستطيع.
command-too-old = مضى على هذا الأمر أكثر من خمس دقائق. أرسله مرة أخرى إن كنت ما زلت تريده.

## Answers

searched-for = بحثت عن: { $question }
unsure = لست متأكدًا أن هذا يجيب عن السؤال. أقرب المقاطع:
nearest = على حد علمي لا تجيب هذه عن السؤال، لكنها أقرب المقاطع:
more-passages = مقاطع أخرى، احتمال أن تجيب أقل:
no-articles = لا توجد مقالات بعد، لذا لا أستطيع الإجابة.
cannot-compare = لا أستطيع البحث في هذه المقالات باللغة { $asked }: فهي باللغة { $languages }، ونموذجي لا يقرأ اللغتين معًا. جرّب السؤال باللغة { $languages }.
not-held = هذا ليس في المقالات. بحثت في { $count ->
        [zero] { $count } مقال
        [one] مقال واحد
        [two] مقالين
        [few] { $count } مقالات
        [many] { $count } مقالًا
       *[other] { $count } مقال
    }.
not-held-newest = هذا ليس في المقالات. بحثت في { $count ->
        [zero] { $count } مقال
        [one] مقال واحد
        [two] مقالين
        [few] { $count } مقالات
        [many] { $count } مقالًا
       *[other] { $count } مقال
    }، أحدثها بتاريخ { $date }.
from-period = من المقالات { $period }:
outside-period = لا يجيب عن هذا أي مقال { $period }؛ من كل المقالات:
period-since = منذ { $date }
period-until = حتى { $date }
period-day = بتاريخ { $date }
period-month = من { $month }
period-year = من عام { $year }
period-between = من { $first } إلى { $last }
period-newest-first = { $period }، الأحدث أولًا
period-latest = حسب التاريخ، الأحدث أولًا
also-in = وأيضًا في { $title }
also-in-more = وفي { $count ->
        [zero] { $count } مقال آخر
        [one] مقال آخر
        [two] مقالين آخرين
        [few] { $count } مقالات أخرى
        [many] { $count } مقالًا آخر
       *[other] { $count } مقال آخر
    }
articles-count = أجيب من { $count ->
        [zero] { $count } مقال
        [one] مقال واحد
        [two] مقالين
        [few] { $count } مقالات
        [many] { $count } مقالًا
       *[other] { $count } مقال
    }:
articles-more = … و{ $count } غيرها.

## Buttons under an answer

more = المزيد
back = رجوع
context = السياق
context-numbered = السياق { $number }
open = فتح
copy-citation = نسخ الاقتباس
copy-link = نسخ الرابط
show-nearest = أقرب المقاطع
thanks = شكرًا، سُجّل ذلك.
vote-taken-back = سُحب التقييم.
answer-too-old = هذا الجواب أقدم من أن تعمل أزراره. اسأل مجددًا من فضلك.
no-more = لا توجد مقاطع أخرى.
not-yours = لا يقلّب هذه الصفحات إلا من سأل. اسألني بنفسك عبر { -ask }.
button-unknown = لم يعد هذا الزر يؤدي إلى شيء.
changed-since = تغيّر المقال منذ عرض هذا.

## An answer opened again by its link

permalink-gone = ليس لديّ هذا الجواب، أو لم يعد لديّ.
permalink-changed = تغيّر المقال منذ ذلك الحين، وما زال هذا المقطع فيه.
permalink-rewritten = تغيّر «{ $title }» منذ ذلك الحين ولم يعد فيه المقطع المقتبس.
permalink-withdrawn = سُحب المقال المقتبس منه.

## Why

why-how = أرسل { -why } ردًّا على أحد أجوبتي.
why-unknown = لم أعد أعرف كيف وجدت ذلك.
why-question = السؤال: { $question }
why-together = يستند إلى السؤال السابق، لأنه { $reason ->
        [joins] يبدأ بكلمة ربط
        [points] يشير إليه بضمير
       *[fragment] ليس سؤالًا كاملًا وحده
    }: بحثت عن الاثنين معًا.
why-answered = أنا متأكد بنسبة { $percent } بالمئة، فأعدّه جوابًا؛ وأفعل ذلك ابتداءً من { $limit } بالمئة.
why-perhaps = لست متأكدًا: { $percent } بالمئة. كنت سأعدّه جوابًا ابتداءً من { $limit } بالمئة.
why-absent = أقول إنه ليس في المقالات: بلغ أقرب مقطع { $percent } بالمئة، وما دون { $limit } بالمئة لا أعرضه جوابًا.
why-nothing = لا شيء في المقالات يشبهه.
why-signals = { $title }: المعنى { $cosine ->
        [high] قريب
        [middle] متصل
       *[low] بعيد
    }، والصياغة { $match ->
        [high] قريبة
        [middle] متصلة
       *[low] بعيدة
    }؛ يغطي { $coverage } بالمئة من السؤال{ $missing ->
        [0] .
       *[other] ، وأثقل كلمة تنقصه تبلغ { $missing } بالمئة من السؤال.
    }
why-runners-up = مقاطع مرشحة أخرى:
why-runner-up = { $title }: { $percent } بالمئة
why-index = الفهرس { $generation }، { $count ->
        [zero] { $count } مقال
        [one] مقال واحد
        [two] مقالان
        [few] { $count } مقالات
        [many] { $count } مقالًا
       *[other] { $count } مقال
    }.
why-index-changed = جُدّد الفهرس منذ ذلك الحين.

## Groups and channels

joined = مرحبًا! أجيب عن الأسئلة من { $count ->
        [zero] { $count } مقال
        [one] مقال واحد
        [two] مقالين
        [few] { $count } مقالات
        [many] { $count } مقالًا
       *[other] { $count } مقال
    }، بمقاطع حرفية مع مصادرها.
    اسألني هنا هكذا: { $ways }.
ways-command = { -ask } ثم سؤالك، أو { -ask } ردًّا على رسالة
ways-reply = ردّ على رسالة مني
ways-mention = رسالة تذكر { $bot }
ways-questions = أي رسالة تنتهي بعلامة استفهام
sees-all = أستطيع رؤية كل الرسائل هنا، لكني لا أجيب إلا عن الموجّه إليّ منها.
sees-some = لا أستطيع رؤية الرسائل الأخرى هنا (وضع الخصوصية)، وقد لا تصلني الإشارة إليّ. لتغيير ذلك يمكن لمشرف أن يجعلني مشرفًا، أو يمكن للمالك إيقاف هذا الوضع عبر { -setprivacy } لدى { -botfather } ثم إضافتي من جديد.
sees-questions-needs = للإجابة عن كل ما ينتهي بعلامة استفهام يلزمني أن أرى كل الرسائل.
admins-settings = يحدد المشرفون متى أجيب عبر { -settings }.
may-not-write = لا يُسمح لي بالكتابة في { $title }. يمكن لمشرف أن يسمح بذلك في أذونات المجموعة.
joined-channel = أنا الآن في القناة { $title }. لأنشر فيها المقالات الجديدة يرسل مشرف { -subscribe } منشورًا فيها أو إليّ في الخاص؛ وفي التعليقات على منشوراتها أجيب حين أُسأل عبر { -ask }، متى كنت عضوًا في مجموعة النقاش التابعة لها أيضًا.
not-open-here = لست متاحًا لهذه المحادثة. للسماح لها يحتاج مالكي إلى رقمها: { $id }

settings-title = متى أجيب هنا؟
settings-mode = { $mode ->
        [mention] حين أُسأل: { -ask } أو ردّ أو إشارة
        [questions] عن كل ما ينتهي بعلامة استفهام
       *[off] أبدًا
    }
settings-quiet = الصمت عند الشك
settings-only-admins = لا يغيّر ذلك إلا مشرف في هذه المجموعة.
settings-saved = تم الحفظ.
language-title = بأي لغة أتحدث؟ تبقى الاقتباسات بلغتها.
language-auto = كما في تيليجرام

## Inline

inline-ask = اكتب سؤالًا
inline-nothing = ليس في المقالات
inline-closed = للمدعوين فقط
inline-away = لا أستطيع البحث الآن

## The menu and the profile

command-ask = اسأل عن المقالات
command-why = كيف وُجد الجواب
command-articles = المقالات التي أجيب منها
command-subscribe = تلقي المقالات الجديدة هنا
command-subscriptions = اشتراكاتك
command-new = نسيان السؤال السابق
command-watch = إخبارك حين يجيب مقال عن سؤال
command-watches = الأسئلة التي تنتظر مقالًا
command-language = اللغة التي أتحدث بها
command-settings = متى أجيب هنا (للمشرفين)
command-privacy = ما أحتفظ به عنك
command-forgetme = حذف ما أحتفظ به عنك
command-help = ما يمكنني فعله
command-add = إضافة مقالات بعناوينها
command-article = مقال مع تاريخه
command-withdraw = سحب مقال أو وسيلة إعلام أو خلاصة
command-restore = إعادة مقال سُحب
command-feeds = عرض الخلاصات المتابَعة
command-addfeed = متابعة خلاصة
command-removefeed = إيقاف متابعة خلاصة
command-outbox = ما ينتظر النشر وما قد لا يكون وصل
command-reindex = تحديث الفهرس أو بناؤه من جديد
command-rollback = العودة إلى الفهرس السابق
command-generations = الفهارس المحفوظة
command-status = ما يعمل وما ينتظر وما تعطّل
command-stats = عدد الأسئلة وما آلت إليه
command-unanswered = ما سُئل عنه وليس في المقالات
command-audit = ما فعله المشرفون
description = اسأل عن المقالات: أجيب بمقاطعها كما وردت حرفيًا، ومع كل مقطع مصدره.

## New articles

digest = { $count ->
        [zero] { $count } مقال جديد:
        [one] مقال جديد واحد:
        [two] مقالان جديدان:
        [few] { $count } مقالات جديدة:
        [many] { $count } مقالًا جديدًا:
       *[other] { $count } مقال جديد:
    }
read = اقرأ
ask-about = اسأل عن هذا
subscribed = تم الاشتراك: سأنشر هنا كل مقال جديد فور وصوله. الأزرار تضبط ذلك؛ و{ -unsubscribe } ينهيه.
unsubscribed = لن تصل إلى هذه المحادثة مقالات جديدة بعد الآن.
not-subscribed = هذه المحادثة غير مشتركة؛ { -subscribe } يشتركها.
subscription-paused = لم يعد بإمكاني النشر في { $title }، لذلك توقف الاشتراك مؤقتًا. سيُستأنف حين يُسمح لي بالنشر هناك من جديد.

## Subscriptions

menu-what = ماذا
menu-when = متى
menu-how = كيف
menu-next = معاينة
menu-unsubscribe = إلغاء الاشتراك
what-feeds = الخلاصات
feed-gone = الخلاصة { $number } التي لم تعد متابَعة
what-outlets = المصادر
what-languages = اللغات
what-words = الكلمات…
what-everything = كل شيء
when-now = فورًا
when-daily = يوميًا
when-weekly = أسبوعيًا
when-zone = المنطقة الزمنية: { $zone }
zone-other = منطقة أخرى…
quiet-off = بلا ساعات هدوء
how-silent = بلا صوت
how-preview = معاينة الرابط
how-hashtags = وسوم
pick-channel = اختيار قناة
pick-group = اختيار مجموعة
subscription-here = المقالات الجديدة هنا:
subscription-of = المقالات الجديدة في { $title }:
our-chat = محادثتنا
subscription-rests = الاشتراك متوقف لأنه لا يُسمح لي بالنشر هناك. حين يُسمح لي يعيده { -subscribe } أو صلاحياتي.
chosen-everything = كل مقال جديد
chosen-feeds = الخلاصات: { $names }
chosen-outlets = المصادر: { $names }
chosen-languages = اللغات: { $names }
chosen-include = فقط ما فيه إحدى هذه الكلمات: { $names }
chosen-exclude = ما ليس فيه هذه الكلمات: { $names }
chosen-now = فور وصولها
chosen-daily = كل يوم عند { $time } ({ $zone })
chosen-weekly = كل أسبوع: { $day }، { $time } ({ $zone })
chosen-quiet = هدوء من { $start } إلى { $end } ({ $zone })؛ ويصل الجديد بعد ذلك
chosen-how = المنشورات: { $names }
next-post = معاينة: هكذا سيبدو المنشور التالي.
next-none = لا يطابق أي من أحدث المقالات اختيارك، فلا شيء للمعاينة بعد.
subscribed-chat = تم الاشتراك: سأنشر في { $title } كل مقال جديد فور وصوله. الأزرار تضبط ذلك.
subscribe-elsewhere = لاشتراك قناة أو مجموعة لك، اخترها من لوحة المفاتيح أدناه. في القناة سيُطلب منك جعلي مشرفًا يحق له النشر؛ والخاصة تصلح أيضًا.
subscribe-may-not-post = لا يُسمح لي بالنشر هناك بعد. اجعلني مشرفًا في القناة يحق له نشر الرسائل، أو عضوًا في المجموعة، ثم اخترها مجددًا.
subscribe-only-admins = لا يفعل ذلك إلا مشرف في تلك المحادثة.
subscriptions = اشتراكاتك:
no-subscriptions = لم تشترك في شيء بعد؛ { -subscribe } يفعل ذلك.
subscription-gone = لم يعد هذا الاشتراك موجودًا.
unsubscribed-from = لن تصل مقالات جديدة إلى { $title } بعد الآن.
subscription-resumed = يُسمح لي بالنشر في { $title } من جديد: الاشتراك مستمر.
ask-words = ردّ على هذه الرسالة بكلمات يجب أن يحوي المقال إحداها، كلمة في كل سطر أو مفصولة بفواصل. علامة ناقص قبل الكلمة تستبعد المقالات التي تحويها. وعلامة ناقص وحدها تمحو القائمة.
ask-zone = ردّ على هذه الرسالة باسم منطقة زمنية مثل { -zone-example }، أو مدينة فيها.
asked-in-private = سأسألك في محادثتنا الخاصة كي لا تقرأ القناة ذلك. إن لم يصلك شيء فابدأ المحادثة معي هناك أولًا.
too-many-words = هذه كلمات كثيرة جدًا أو طويلة جدًا. أقبل حتى { $limit }؛ ردّ مجددًا من فضلك.
zone-unknown = لا أعرف هذه المنطقة الزمنية. ردّ مجددًا باسم مثل { -zone-example } من فضلك.

## A question about one article

about-what = اسألني عن «{ $title }».
about-unknown = لا أعرف هذا المنشور. اطرح سؤالك فحسب.
about-article = عن «{ $title }» وحده:
not-held-in-it = ليس ذلك في هذا المقال.

## Standing questions

watch = 🔔 أخبرني حين يُنشر ذلك
watching = سُجّل: سأخبرك هنا حالما يجيب عنه مقال جديد. { -watches } يعرض أسئلتك وينهيها.
watching-already = هذا السؤال قائم من قبل. { -watches } يعرض أسئلتك وينهيها.
watches-full = لا يمكن أن يقوم أكثر من { $limit } من الأسئلة معًا: أنهِ سؤالًا منها أولًا بواسطة { -watches }.
watch-how = اكتب بعد الأمر ما تريد أن تعرفه، هكذا: { -example-watch }
watch-answered = 🔔 نُشر الآن. كنت قد سألت: { $question }
watches = أنتظر مقالات تجيب عن هذه الأسئلة:
watches-none = لا أنتظر شيئًا. اسأل سؤالًا، أو أرسل { -watch } مع سؤالك.
watch-end = 🔕 { $number }
watch-ended = انتهى: لم يعد هذا السؤال قائمًا.
watch-not-yours = لا ينهي السؤال إلا من سأله.

## Corrections

changed-on = تغيّر في { $date }:
withdrawn-on = سُحب في { $date }:
correction = تصحيح: لم يعد { $title } يقول ما اقتبسته هنا. تعرض الرسالة ما تغيّر.
correction-withdrawn = تصحيح: سُحب مقال اقتبست منه هنا.
