"""What an admin may do about the outbox from their private chat with the bot."""

import re
from functools import partial

from bot.admin.outbox_report import LISTED, report
from bot.asking import buttons
from bot.asking.answer_taps import notify
from bot.asking.pages import View
from bot.chats.request import Handler, Request, Tap, TapHandler
from bot.posting import outbox
from bot.records.audit import AuditLog
from bot.text.message import join, listed
from bot.transport.edits import EditQueue
from bot.transport.sender import Sender
from corpus.database import Database
from corpus.store import Store

HOW = "a button sends it once more"
LINE = 180  # UTF-16 units of one: what is listed of both kinds makes one message
AGAIN = "It is sent once more."
SETTLED = "That is settled already."
NUMBER = re.compile("[0-9]{1,15}")


class OutboxAdmin:
    """Lists what became of deliveries, and sends once more what may not have arrived."""

    def __init__(
        self, database: Database, store: Store, sender: Sender, edits: EditQueue, audit: AuditLog
    ) -> None:
        self._db = database
        self._store = store
        self._sender = sender
        self._edits = edits
        self._audit = audit

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"outbox": self._list}

    def taps(self) -> dict[str, TapHandler]:
        """Every button and what handles it."""
        return {"again": self._again}

    def view(self) -> View:
        """The outbox as it stands, with a button for each that is uncertain."""
        lines = [listed(line, LINE) for line in report(self._db, self._store, HOW)]
        uncertain = outbox.rows(self._db.read(), "uncertain", LISTED)
        return join(lines, "\n")[0], buttons.under_outbox([row.number for row in uncertain])

    async def _again(self, tapped: Tap) -> None:
        """Have a delivery sent once more if it is uncertain, and show those that are left."""
        change = partial(outbox.send_again, number=int(tapped.value) if NUMBER.fullmatch(tapped.value) else 0)
        is_sent = await self._db.written(change)
        said = AGAIN if is_sent else SETTLED
        await notify(tapped.query, said)
        await self._audit.note(tapped.person, "outbox", f"again {tapped.value}", said)
        self._edits.put(tapped.message.chat.id, tapped.message.message_id, self.view())

    async def _list(self, request: Request) -> None:
        message, keyboard = self.view()
        await self._sender.send(request.place, message, keyboard=keyboard)
