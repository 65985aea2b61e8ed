"""Handing over: who owns a conversation, the queue, office hours, presence, staff's words."""
