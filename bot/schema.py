"""Every table of the bot, in the order in which they came to be.

Tables of articles and feeds are in `corpus`. All times are UNIX times unless a column says otherwise.
"""

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus import article_tables
from corpus.database import Database
from corpus.feeds import feed_table

TABLES = Migrations("bot")

# Up to version 0.1 each feature had a set of its own; the names of their steps are the same.
EARLIER_SETS = """migration_set in ('chats', 'inbox', 'silences', 'posts', 'introduction', 'audit',
    'expected', 'ledger', 'drafts', 'handles', 'daily', 'outbox', 'subscriptions', 'watches', 'arrivals',
    'corrections', 'orders')"""


def migrate(database: Database) -> None:
    """Create the tables that are missing, those of articles and feeds first."""
    database.migrate(article_tables.migrations)
    database.migrate(feed_table.migrations)
    if database.read().execute(f"select 1 from _sqlite_migrations where {EARLIER_SETS}").fetchone():
        adopt = f"update _sqlite_migrations set migration_set = 'bot' where {EARLIER_SETS}"
        database.write(lambda db: db.execute(adopt))
    database.migrate(TABLES)


@TABLES()
def create_inbox(db: Connection) -> None:
    """`payload`: the update as JSON until it is done; `due`: not to be tried before."""
    db.execute(
        """create table inbox (number integer primary key autoincrement,
           update_id integer not null unique, chat integer not null, payload text,
           state text not null, starts integer not null default 0,
           failures integer not null default 0, due real not null default 0,
           received real not null, reference text)"""
    )
    db.execute("create index inbox_by_state on inbox(state, chat, number)")
    db.execute("create index inbox_by_age on inbox(state, received)")


@TABLES()
def add_lanes(db: Connection) -> None:
    """`lane`: updates of one lane are handled in order; `person` sent the update, 0 if nobody did."""
    db.execute("alter table inbox add column lane text not null default ''")
    db.execute("alter table inbox add column person integer not null default 0")
    db.execute("update inbox set lane = chat where state != 'done'")
    db.execute(
        """update inbox set person = coalesce(cast(json_extract(payload, '$.message.from.id') as integer), 0)
           where state != 'done' and json_valid(payload)"""
    )
    db.execute("drop index inbox_by_state")
    db.execute("create index inbox_by_lane on inbox(state, lane, number)")


@TABLES()
def add_asked(db: Connection) -> None:
    """`asked`: for how many seconds an update was put off."""
    db.execute("alter table inbox add column asked real not null default 0")


@TABLES()
def create_silences(db: Connection) -> None:
    """`until`: the end of a long Retry-After; `asked`: its seconds, counted from when it was stored."""
    db.execute("create table silences (chat integer primary key, until real not null, asked real not null)")


@TABLES()
def create_chats(db: Connection) -> None:
    """`gone`: since when the bot can't reach the chat; `moved`: groups that became supergroups."""
    db.execute(
        """create table chats (id integer primary key, mode text not null default 'mention',
           quiet integer not null default 1, language text not null default '',
           missed integer not null default 0, gone real) without rowid"""
    )
    db.execute("create table moved (old integer primary key, new integer not null)")


@TABLES()
def create_introduced(db: Connection) -> None:
    """A digest of the commands and descriptions that Telegram was sent last."""
    db.execute("create table introduced (digest text not null)")


@TABLES()
def create_answers(db: Connection) -> None:
    """`shown`: what the message shows now; `page` is null for passages that no page has shown yet."""
    for statement in (
        """create table answers (id text primary key, chat integer not null, message integer,
           thread integer, asked integer, person integer, question text, before text, reason text,
           head text not null, state text not null, generation text not null,
           articles integer not null, shown text not null, made real not null) without rowid""",
        "create index answers_by_message on answers(chat, message)",
        "create index answers_by_person on answers(person, made)",
        """create table quotes (answer text not null references answers(id) on delete cascade,
           rank integer not null, page integer, article text not null, version text not null,
           start integer not null, end integer not null, first integer not null, last integer not null,
           confidence real not null, signals text not null, also text not null,
           primary key (answer, rank)) without rowid""",
        "create index quotes_by_article on quotes(article)",
        """create table votes (answer text not null references answers(id) on delete cascade,
           person integer, vote text not null, made real not null, unique (answer, person))""",
    ):
        db.execute(statement)


@TABLES()
def add_code_and_about(db: Connection) -> None:
    """`code`: of the answer's language; `about`: the one article that was asked, null for all."""
    db.execute("alter table answers add column code text not null default ''")
    db.execute("alter table answers add column about text")


@TABLES()
def index_unanswered(db: Connection) -> None:
    """The few questions that the articles don't answer."""
    db.execute(
        "create index answers_unanswered on answers(made) where state = 'absent' and question is not null"
    )


@TABLES()
def index_waiting(db: Connection) -> None:
    """The few questions that wait for the index."""
    db.execute("create index answers_waiting on answers(chat, asked) where state = 'waits'")


@TABLES()
def create_posts(db: Connection) -> None:
    """`message`: a channel's post as Telegram forwarded it into the discussion group."""
    db.execute(
        """create table posts (chat integer not null, message integer not null, article text not null,
           primary key (chat, message)) without rowid"""
    )


@TABLES()
def create_daily(db: Connection) -> None:
    """`day` in UTC; `what`: the state of an answer, or "took" and a tenth of a decade of its seconds."""
    db.execute(
        """create table daily (day text not null, what text not null, count integer not null,
           primary key (day, what)) without rowid"""
    )


@TABLES()
def create_audit(db: Connection) -> None:
    """`person`: the id of an admin, 0 for the terminal."""
    db.execute(
        """create table audit (id integer primary key autoincrement, at real not null,
           person integer not null, act text not null, about text not null, result text not null)"""
    )


@TABLES()
def create_deliveries(db: Connection) -> None:
    """`due`: when to send it, `retry`: not before; `digest`: sent together with what else is due then."""
    db.execute(
        """create table deliveries (number integer primary key autoincrement, chat integer not null,
           thread integer not null, kind text not null, article text not null,
           about integer not null default 0, digest integer not null default 0,
           state text not null default 'held', due real not null,
           retry real not null default 0, message integer, why text, made real not null,
           unique (chat, thread, kind, article, about))"""
    )
    db.execute("create index deliveries_by_state on deliveries(state, chat, number, due, retry)")
    db.execute("create index deliveries_by_message on deliveries(chat, message)")


@TABLES()
def create_subscriptions(db: Connection) -> None:
    """`thread` is 0 outside of topics; `paused`: since when the bot can't post there."""
    db.execute(
        """create table subscriptions (id integer primary key, chat integer not null,
           thread integer not null, owner integer not null, choices text not null, paused real,
           made real not null, unique (chat, thread))"""
    )


@TABLES()
def add_titles(db: Connection) -> None:
    """`title`: of the chat when it was subscribed; "" for a private chat."""
    db.execute("alter table subscriptions add column title text not null default ''")


@TABLES()
def create_watches(db: Connection) -> None:
    """`thread` is 0 outside of topics, `message` the question's.

    `told`: the terms of each passage that answered a watch, and of its answering sentence.
    """
    db.execute(
        """create table watches (id integer primary key autoincrement, chat integer not null,
           thread integer not null, person integer not null, question text not null, message integer,
           code text not null, made real not null)"""
    )
    db.execute("create index watches_by_person on watches(person)")
    db.execute(
        """create table told (watch integer not null references watches(id) on delete cascade,
           article text not null, answer text not null, passage text not null, sentence text not null,
           primary key (watch, article)) without rowid"""
    )


@TABLES()
def create_fresh(db: Connection) -> None:
    """New articles that the watches were not asked about yet."""
    db.execute("create table fresh (number integer primary key autoincrement, article text not null unique)")


@TABLES()
def create_altered(db: Connection) -> None:
    """`altered`: changes of articles whose quotations were not checked yet, whichever process made them.

    `struck`: the quotes that are struck out, since which day, and a digest of the message as it was left.
    """
    for statement in (
        """create table altered (number integer primary key autoincrement, article text not null,
           day text not null)""",
        """create trigger articles_altered after update of version, withdrawn on articles
           when old.version != new.version or old.withdrawn is not new.withdrawn
           begin insert into altered (article, day) values (new.id, date('now')); end""",
        """create table struck (answer text not null references answers(id) on delete cascade,
           rank integer not null, shown text not null, day text not null,
           primary key (answer, rank)) without rowid""",
    ):
        db.execute(statement)


@TABLES()
def create_reindexes(db: Connection) -> None:
    """`message` of `chat` shows the progress; `result`: what its person is still to be told."""
    db.execute(
        """create table reindexes (number integer primary key autoincrement, full integer not null,
           chat integer not null, message integer not null, person integer not null, began real, result text,
           unique (chat, message))"""
    )


@TABLES()
def create_pending_items(db: Connection) -> None:
    """`data` by kind: an article as JSON, an id, a text; `message`: the prompt that is to be replied to.

    Takes over what waited in the tables that this one replaces, but for the texts of buttons.
    """
    db.execute(
        """create table pending_items (id integer primary key autoincrement, person integer not null,
           chat integer not null, message integer not null, kind text not null, data text not null,
           until real not null)"""
    )
    db.execute("create index pending_items_by_message on pending_items(chat, message)")
    held = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'").fetchall()}
    columns = "insert into pending_items (person, chat, message, kind, data, until)"
    if "drafts" in held:
        db.execute(
            """insert into pending_items (id, person, chat, message, kind, data, until)
               select id, person, person, 0, 'draft', incoming, until from drafts"""
        )
    if "expected" in held:
        db.execute(f"{columns} select 0, chat, message, kind, about, until from expected")
    for name in held & {"drafts", "expected", "handles"}:
        db.execute(f"drop table {name}")
