"""What is said to people, without Telegram: messages, words in each language, quotations, links."""
