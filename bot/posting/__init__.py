"""What the bot sends unasked: posts to subscribers, answers to watches, corrections."""
