"""Questions and answers, with pages, follow-ups, votes and inline mode."""
