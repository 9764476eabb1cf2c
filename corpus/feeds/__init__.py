"""Feeds and the web: following feeds, fetching pages, storing new articles."""
