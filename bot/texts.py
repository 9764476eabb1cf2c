"""What the bot says of itself."""

from telegram import BotCommand

START = """Hello! Ask me anything about the articles that I hold.

I answer with the passages that hold the answer, word for word, each with its source. \
When the articles don't hold it, I say so; I never make anything up.

Try: Who signed the border pact with Iraq?

/help shows all that I can do."""

HELP = """Just write your question, in your own words. I show up to three passages, the answering sentence \
in bold, each with its source; a tap on the title opens the page where there is one. \
If I am not sure, I say so.

“latest”, “this week”, “since May” or “in 2023” ask for articles of that time.

/ask – a question, for those who like commands
/articles – what I answer from
/privacy – what I keep about you
/help – this message"""

PRIVACY = """What I keep about you:
• your question, only until it is answered (the database’s journal forgets it soon after)
• the number of each message handled, for two days, so that none is answered twice
• a question that I failed to answer because of an error, for seven days, for repair
• no names, no profile, no statistics about you
• what you write is searched on this machine and given to nobody."""

HOW_TO_ASK = "Write your question after the command, like this: /ask Who signed the border pact?"
TEXT_ONLY = "I can only read text. Please write your question as a message."
UNKNOWN_COMMAND = "I don't know that command. Just write your question, or see /help."
NOT_READY = "I am still reading the articles. Please ask again in a minute."

COMMANDS = [
    BotCommand("ask", "Ask about the articles"),
    BotCommand("articles", "What I answer from"),
    BotCommand("privacy", "What I keep about you"),
    BotCommand("help", "What I can do"),
]
ADMIN_COMMANDS = [*COMMANDS, BotCommand("reindex", "Bring the index up to the article files")]
DESCRIPTION = "Ask about the articles: I answer with their passages, word for word, each with its source."
