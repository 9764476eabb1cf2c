"""People and chats: requests, rights, settings, membership."""

from bot.chats.request import Context, Request, Tap
from bot.chats.rights import is_chat_admin
from bot.chats.router import Command, Router
from bot.chats.services import Services, Workspace
