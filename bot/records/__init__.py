"""What is remembered of people and admins: answers, acts, counts by day, what waits for a reply."""
