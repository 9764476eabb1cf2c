"""Articles in: read, clean, store."""
