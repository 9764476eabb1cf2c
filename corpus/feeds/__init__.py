"""Feeds and the web: what is followed, what is fetched, what comes in."""
