"""The Bot API, durably and paced: inbox, sender, rate limits, webhook."""
