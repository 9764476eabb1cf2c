"""Everything that a person or an operator touches: Telegram, the terminal, the settings."""
