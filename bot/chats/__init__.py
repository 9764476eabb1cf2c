"""Who writes, where, and what they may: chats, requests, rights, membership."""
