"""What admins of the bot do from their own chat."""
