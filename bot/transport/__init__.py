"""The Bot API: durable inbox, sender, rate limits, webhook."""

from bot.transport.buttons import NO_BUTTONS, View, in_rows, openable, plain, rows, tap, ticked
from bot.transport.client import Bot
from bot.transport.edits import EditQueue
from bot.transport.errors import OUTAGE_SECONDS, Failure, apology, wait_after
from bot.transport.inbox import Inbox
from bot.transport.pacing import Later
from bot.transport.sender import Misquoted, Place, Sender, Undeliverable
from bot.transport.worker import BackgroundWorker, comes
