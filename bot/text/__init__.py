"""What the bot says, independent of Telegram: messages, translated words, quotations, links."""

from bot.text.links import page
from bot.text.message import Mark, Message, foreign, join, listed, shown
from bot.text.opening import first_sentences
from bot.text.passages import add_about, add_source, answer, passage
from bot.text.titles import SLOT, line, title, with_name
from bot.text.words import LANGUAGES, Words, words_for
