"""A question and its answer, with everything under it: pages, follow-ups, votes, inline mode."""
