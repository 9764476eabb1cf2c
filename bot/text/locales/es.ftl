# Spanish: the messages of en.ftl.

## Private chats

start =
    ¡Hola! Pregúntame lo que quieras sobre los artículos que tengo.

    Respondo con los pasajes que contienen la respuesta, palabra por palabra, cada uno con su fuente. Si los artículos no la contienen, lo digo; nunca invento nada.

    Prueba con: Who signed the border pact with Iraq?

    /help muestra todo lo que sé hacer.
help =
    Escribe tu pregunta con tus propias palabras. Muestro hasta tres pasajes, con la frase que responde en negrita y la fuente de cada uno; al tocar el título se abre la página, si la hay. Si no tengo certeza, lo digo.

    Responde a una respuesta mía o sigue con «¿y …?», y lo entenderé junto con la pregunta anterior; /new la olvida.
    En preguntas en inglés, «latest», «this week», «since May» o «in 2023» piden artículos de esas fechas.
    En cualquier otro chat, escribe { $bot } y tu pregunta para elegir un pasaje y enviarlo allí.

    /ask – una pregunta, para quien prefiera los comandos
    /why – en respuesta a una respuesta mía: cómo la encontré
    /articles – con qué artículos respondo
    /subscribe – artículos nuevos, aquí o en un canal suyo
    /subscriptions – sus suscripciones
    /new – olvidar la pregunta anterior
    /watch – una pregunta que espera un artículo que la responda
    /watches – tus preguntas pendientes
    /language – el idioma en que hablo
    /privacy – qué guardo sobre ti
    /forgetme – borrar lo que guardo sobre ti
help-group =
    Aquí respondo cuando me preguntan: { $ways }.

    /ask – una pregunta; en respuesta a un mensaje, ese mensaje es la pregunta
    /why – en respuesta a una respuesta mía: cómo la encontré
    /subscribe – para administradores: artículos nuevos aquí, en cuanto llegan
    /settings – para administradores: cuándo respondo y en qué idioma
    /privacy – qué guardo sobre ti
privacy =
    Qué guardo sobre ti:
    • una pregunta y quién la hizo, { $days ->
        [one] durante un día, para que funcionen los botones y las preguntas de seguimiento
       *[other] durante { $days } días, para que funcionen los botones y las preguntas de seguimiento
    }; mi responsable ve, sin nombres, las que ningún artículo responde; después, solo qué pasajes mostró la respuesta
    • un pulgar arriba o abajo, el mismo tiempo; después solo se cuenta; el idioma que elegiste; una pregunta que no pude responder por un error, durante siete días, para corregirlo
    • una pregunta que espera un artículo, y tus suscripciones, hasta que las termines con /watches y /unsubscribe
    • nada de lo que se escribe en grupos sin preguntarme; ni nombres ni perfil; de cada día, solo cuántas preguntas hubo y cómo fueron
    • /forgetme lo borra todo al momento, pero no lo que alguien hizo como mi administrador; lo que escribes se busca en esta máquina y no se entrega a nadie.
forgotten = Hecho: ya no guardo nada sobre ti.
new-topic = Olvidado: tu próxima pregunta empieza de cero.
how-to-ask = Escribe tu pregunta después del comando, así: /ask Who signed the border pact?
text-only = Solo sé leer texto. Escribe tu pregunta como mensaje, por favor.
unknown-command = No conozco ese comando. Escribe tu pregunta sin más, o mira /help.
not-ready = Todavía estoy leyendo los artículos. Pregunta de nuevo dentro de un minuto, por favor.
not-invited = Solo respondo a quienes ha invitado mi responsable. Para entrar, dale este número: { $id }
question-too-long = Es demasiado largo: pregunta en { $limit } caracteres como máximo, por favor.
question-without-words = No veo palabras ahí: haz tu pregunta con palabras, por favor.
apology = Lo siento, algo ha fallado por mi parte. Si lo comunicas, indica la referencia { $reference }.

## Too much at once, or too late

too-fast = Preguntas más rápido de lo que puedo responder: { $limit ->
        [one] una pregunta
       *[other] hasta { $limit } preguntas
    } por minuto. Pregunta de nuevo dentro de un minuto, por favor.
too-many-here = Son más preguntas a la vez de las que puedo responder aquí. Pregunta de nuevo dentro de un minuto, por favor.
busy = Pregunta tanta gente que no doy abasto. Pregunta de nuevo dentro de un minuto, por favor.
while-away = Preguntaste esto mientras yo no estaba.
answer-now = Responder ahora
index-away = Ahora mismo no puedo consultarlo; responderé en cuanto pueda.
command-too-old = Ese comando tiene más de cinco minutos. Envíalo otra vez si aún lo quieres.

## Answers

searched-for = He buscado: { $question }
unsure = No es seguro que esto responda a la pregunta. Los pasajes más cercanos:
nearest = Creo que no responden a la pregunta, pero son los pasajes más cercanos:
more-passages = Otros pasajes, con menos probabilidad de responder:
no-articles = Todavía no hay artículos, así que no puedo responder.
cannot-compare = No puedo buscar en estos artículos en { $asked }: están en { $languages }, y mi modelo no lee ambos idiomas. Prueba a preguntar en { $languages }.
not-held = Eso no está en los artículos. He buscado en { $count ->
        [one] un artículo
       *[other] { $count } artículos
    }.
not-held-newest = Eso no está en los artículos. He buscado en { $count ->
        [one] un artículo
       *[other] { $count } artículos
    }; el más reciente es del { $date }.
from-period = De los artículos { $period }:
outside-period = Ningún artículo { $period } responde a esto; de todos los artículos:
period-since = desde el { $date }
period-until = hasta el { $date }
period-day = del { $date }
period-month = de { $month }
period-year = de { $year }
period-between = del { $first } al { $last }
period-newest-first = { $period }, primero los más recientes
period-latest = por fecha, primero los más recientes
also-in = también en { $title }
also-in-more = y en { $count ->
        [one] otro artículo más
       *[other] { $count } artículos más
    }
articles-count = Respondo a partir de { $count ->
        [one] un artículo
       *[other] { $count } artículos
    }:
articles-more = … y { $count } más.

## Buttons under an answer

more = Más
back = Atrás
context = Contexto
context-numbered = Contexto { $number }
open = Abrir
copy-citation = Copiar cita
copy-link = Copiar enlace
show-nearest = Pasajes cercanos
thanks = Gracias, anotado.
vote-taken-back = Voto retirado.
answer-too-old = Esta respuesta es demasiado antigua para usar sus botones. Pregunta de nuevo, por favor.
no-more = No hay más pasajes.
not-yours = Solo quien hizo la pregunta puede pasar estas páginas. Pregúntame tú con /ask.
button-unknown = Este botón ya no lleva a ninguna parte.
changed-since = El artículo ha cambiado desde que se mostró esto.

## An answer opened again by its link

permalink-gone = No tengo esa respuesta, o ya no la tengo.
permalink-changed = El artículo ha cambiado desde entonces; este pasaje sigue en él.
permalink-rewritten = «{ $title }» ha cambiado desde entonces y ya no contiene el pasaje citado.
permalink-withdrawn = El artículo citado se ha retirado.

## Why

why-how = Envía /why en respuesta a una de mis respuestas.
why-unknown = Ya no sé cómo encontré eso.
why-question = Pregunta: { $question }
why-together = Se apoya en la pregunta anterior, porque { $reason ->
        [joins] empieza con una palabra de enlace
        [points] remite a ella con un pronombre
       *[fragment] por sí sola no es una pregunta completa
    }: busqué las dos juntas.
why-answered = Tengo una certeza del { $percent } %, así que la doy por respondida; lo hago a partir del { $limit } %.
why-perhaps = No es seguro: { $percent } %. A partir del { $limit } % la daría por respondida.
why-absent = Digo que no está en los artículos: el pasaje más cercano llega al { $percent } %, y por debajo del { $limit } % no muestro ninguno como respuesta.
why-nothing = Nada en los artículos se le parece.
why-signals = { $title }: el significado es { $cosine ->
        [high] cercano
        [middle] afín
       *[low] lejano
    }, la formulación es { $match ->
        [high] cercana
        [middle] afín
       *[low] lejana
    }; cubre el { $coverage } % de lo que se pregunta{ $missing ->
        [0] .
       *[other] , y la palabra de más peso que le falta es el { $missing } % de la pregunta.
    }
why-runners-up = Otros candidatos:
why-runner-up = { $title }: { $percent } %
why-index = Índice { $generation }, { $count ->
        [one] un artículo
       *[other] { $count } artículos
    }.
why-index-changed = El índice se ha renovado desde entonces.

## Groups and channels

joined = ¡Hola! Respondo preguntas a partir de { $count ->
        [one] un artículo
       *[other] { $count } artículos
    }, con pasajes palabra por palabra y sus fuentes.
    Aquí se me pregunta así: { $ways }.
ways-command = /ask y la pregunta, /ask en respuesta a un mensaje
ways-reply = una respuesta a un mensaje mío
ways-mention = un mensaje que nombre a { $bot }
ways-questions = cualquier mensaje que termine en signo de interrogación
sees-all = Aquí puedo ver todos los mensajes, pero solo respondo a los que son para mí.
sees-some = Aquí no puedo ver los demás mensajes (modo de privacidad), y puede que una mención no me llegue. Para cambiarlo, un administrador puede hacerme administrador, o mi responsable puede desactivar la privacidad con /setprivacy en @BotFather y añadirme de nuevo.
sees-questions-needs = Para responder a todo lo que termine en signo de interrogación, tendría que ver todos los mensajes.
admins-settings = Los administradores deciden con /settings cuándo respondo.
may-not-write = No puedo escribir en { $title }. Un administrador puede permitirlo en los permisos del grupo.
joined-channel = Ya estoy en el canal { $title }. Para que publique allí artículos nuevos, un administrador envía /subscribe como publicación, o a mí en privado; en los comentarios de sus publicaciones respondo cuando me preguntan con /ask, una vez que también forme parte de su grupo de comentarios.
not-open-here = Este chat no está entre los que atiendo. Para admitirlo, mi responsable necesita su número: { $id }

settings-title = ¿Cuándo respondo aquí?
settings-mode = { $mode ->
        [mention] Si me preguntan: /ask, respuesta, mención
        [questions] A lo que acabe en interrogación
       *[off] Nunca
    }
settings-quiet = Callar si hay duda
settings-only-admins = Solo un administrador de este grupo puede cambiar eso.
settings-saved = Guardado.
language-title = ¿En qué idioma hablo? Las citas se quedan en el suyo.
language-auto = Como en Telegram

## Inline

inline-ask = Escribe una pregunta
inline-nothing = No está en los artículos
inline-closed = Solo con invitación
inline-away = Ahora no puedo buscar

## The menu and the profile

command-ask = Preguntar sobre los artículos
command-why = Cómo se encontró una respuesta
command-articles = Con qué artículos respondo
command-subscribe = Recibir artículos nuevos aquí
command-subscriptions = Sus suscripciones
command-new = Olvidar la pregunta anterior
command-watch = Avisar cuando un artículo responda a una pregunta
command-watches = Preguntas que esperan un artículo
command-language = El idioma en que hablo
command-settings = Cuándo respondo aquí (administradores)
command-privacy = Qué guardo sobre ti
command-forgetme = Borrar lo que guardo sobre ti
command-help = Qué sé hacer
command-add = Añadir artículos por su dirección
command-article = Un artículo y su historial
command-withdraw = Retirar un artículo, un medio o una fuente
command-restore = Recuperar un artículo retirado
command-feeds = Ver las fuentes que se siguen
command-addfeed = Seguir una fuente
command-removefeed = Dejar de seguir una fuente
command-outbox = Lo que falta por publicar y lo que quizá no llegó
command-reindex = Poner el índice al día; «full» lo hace de nuevo
command-rollback = Volver al índice anterior
command-generations = Los índices que se conservan
command-status = Qué sirve, qué espera y qué falla
command-stats = Cuántas preguntas y cómo fueron
command-unanswered = Lo que se preguntó y no está en los artículos
command-audit = Lo que hicieron los administradores
description = Pregunta sobre los artículos: respondo con sus pasajes, palabra por palabra, cada uno con su fuente.

## New articles

digest = { $count ->
        [one] Un artículo nuevo:
       *[other] { $count } artículos nuevos:
    }
read = Leer
ask-about = Preguntar sobre esto
subscribed = Suscrito: publico aquí cada artículo nuevo en cuanto llega. Los botones lo precisan; /unsubscribe lo termina.
unsubscribed = Este chat ya no recibe artículos nuevos.
not-subscribed = Este chat no está suscrito; /subscribe lo suscribe.
subscription-paused = Ya no puedo publicar en { $title }, así que la suscripción queda en pausa. Seguirá cuando pueda publicar allí de nuevo.

## Subscriptions

menu-what = Qué
menu-when = Cuándo
menu-how = Cómo
menu-next = Vista previa
menu-unsubscribe = Cancelar
what-feeds = Canales RSS
feed-gone = Canal RSS { $number }, que ya no se sigue
what-outlets = Medios
what-languages = Idiomas
what-words = Palabras…
what-everything = Todo
when-now = Enseguida
when-daily = A diario
when-weekly = Cada semana
when-zone = Zona horaria: { $zone }
zone-other = Otra zona…
quiet-off = Sin horas de silencio
how-silent = Sin sonido
how-preview = Vista del enlace
how-hashtags = Etiquetas
pick-channel = Elegir un canal
pick-group = Elegir un grupo
subscription-here = Artículos nuevos aquí:
subscription-of = Artículos nuevos en { $title }:
our-chat = Nuestro chat
subscription-rests = Está en pausa, porque no puedo publicar allí. Cuando pueda, /subscribe o mis permisos la reanudan.
chosen-everything = Todos los artículos nuevos
chosen-feeds = Canales RSS: { $names }
chosen-outlets = Medios: { $names }
chosen-languages = Idiomas: { $names }
chosen-include = Solo con alguna de estas palabras: { $names }
chosen-exclude = Sin estas palabras: { $names }
chosen-now = Según llegan
chosen-daily = Cada día a las { $time } ({ $zone })
chosen-weekly = Cada semana: { $day }, { $time } ({ $zone })
chosen-quiet = Silencio de { $start } a { $end } ({ $zone }); lo nuevo llega después
chosen-how = Publicaciones: { $names }
next-post = Vista previa: así se vería la próxima publicación.
next-none = Ninguno de los artículos más recientes encaja, así que aún no hay nada que mostrar.
subscribed-chat = Suscrito: publico en { $title } cada artículo nuevo en cuanto llega. Los botones lo precisan.
subscribe-elsewhere = Para suscribir un canal o un grupo suyo, elíjalo con el teclado de abajo. En un canal se le pedirá que me haga administrador con permiso para publicar; los privados también valen.
subscribe-may-not-post = Aún no puedo publicar allí. Hágame administrador del canal con permiso para publicar mensajes, o miembro del grupo, y elíjalo de nuevo.
subscribe-only-admins = Solo un administrador de ese chat puede hacerlo.
subscriptions = Sus suscripciones:
no-subscriptions = Aún no se ha suscrito a nada; /subscribe lo hace.
subscription-gone = Esa suscripción ya no existe.
unsubscribed-from = Ya no se envían artículos nuevos a { $title }.
subscription-resumed = Puedo publicar de nuevo en { $title }: la suscripción continúa.
ask-words = Responda a este mensaje con palabras de las que un artículo debe contener alguna, una por línea o separadas por comas. Un menos delante de una palabra excluye los artículos que la contienen. Un menos solo borra la lista.
ask-zone = Responda a este mensaje con el nombre de una zona horaria, como Europe/Madrid, o una ciudad de ella.
asked-in-private = Se lo pregunto en nuestro chat privado, para que no lo lea el canal. Si no llega nada, inícieme allí primero.
too-many-words = Son demasiadas palabras, o demasiado largas. Acepto hasta { $limit }; responda de nuevo, por favor.
zone-unknown = No conozco esa zona horaria. Responda de nuevo con un nombre como Europe/Madrid.

## A question about one article

about-what = Pregúnteme sobre «{ $title }».
about-unknown = No conozco esa publicación. Haga simplemente su pregunta.
about-article = Solo sobre «{ $title }»:
not-held-in-it = Eso no está en este artículo.

## Standing questions

watch = 🔔 Avísame cuando se publique
watching = Anotado: te avisaré aquí en cuanto un artículo nuevo lo responda. /watches muestra tus preguntas y las termina.
watching-already = Esa pregunta ya está pendiente. /watches muestra tus preguntas y las termina.
watches-full = No puede haber más de { $limit } preguntas pendientes a la vez: termina antes una con /watches.
watch-how = Escribe después del comando lo que quieres saber, así: /watch Who signed the border pact?
watch-answered = 🔔 Ya se ha publicado. Habías preguntado: { $question }
watches = Espero artículos que respondan a estas preguntas:
watches-none = No espero nada. Pregunta algo, o envía /watch y tu pregunta.
watch-end = 🔕 { $number }
watch-ended = Terminada: esa pregunta ya no está pendiente.
watch-not-yours = Solo quien hizo la pregunta puede terminarla.

## Corrections

changed-on = Cambiado el { $date }:
withdrawn-on = Retirado el { $date }:
correction = Corrección: { $title } ya no dice lo que cité aquí. El mensaje muestra lo que ha cambiado.
correction-withdrawn = Corrección: un artículo que cité aquí se ha retirado.
