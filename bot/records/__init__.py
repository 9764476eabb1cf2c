"""Records of people and admins: answers, audit log, daily counts, pending items."""

from bot.records.answers import AnswerLog, AnswerRecord, Reason, RecordedPassage
from bot.records.audit import AuditLog
from bot.records.daily_counts import DailyCounts, Day, within
from bot.records.pending_items import PendingItem, PendingItems
