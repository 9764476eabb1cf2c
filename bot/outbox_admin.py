"""What an admin may do about the outbox from their private chat with the bot."""

import asyncio
from functools import partial

from bot import keyboards, outbox
from bot.courier import Courier
from bot.message import Message, join
from bot.outbox_report import LISTED, report
from bot.updates import Asked, Handler
from bot.views import View
from corpus.database import Database
from corpus.store import Store

HOW = "a button sends it once more"
AGAIN = "It is sent once more."
SETTLED = "That is settled already."


class OutboxAdmin:
    """Lists what became of deliveries, and sends once more what may not have arrived."""

    def __init__(self, database: Database, store: Store, courier: Courier) -> None:
        self._db = database
        self._store = store
        self._courier = courier

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"outbox": self._list}

    def view(self) -> View:
        """The outbox as it stands, with a button for each that is uncertain."""
        lines = [_foreign(line) for line in report(self._db, self._store, HOW)]
        uncertain = outbox.rows(self._db.read(), "uncertain", LISTED)
        return join(lines, "\n")[0], keyboards.under_outbox([row.number for row in uncertain])

    async def send_again(self, number: int) -> str:
        """Have a delivery sent once more if it is uncertain; what to say of it."""
        change = partial(outbox.send_again, number=number)
        return AGAIN if await asyncio.wrap_future(self._db.submit(change)) else SETTLED

    async def _list(self, asked: Asked) -> None:
        message, keyboard = self.view()
        await self._courier.send(asked.place, message, keyboard=keyboard)


def _foreign(text: str) -> Message:
    message = Message()
    message.add_foreign(text)
    return message
