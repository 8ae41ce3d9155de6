"""Requests to Discord's REST API: those that need the bot token, and edits of answers."""
