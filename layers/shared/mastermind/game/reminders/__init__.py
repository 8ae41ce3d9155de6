"""Reminders: a member is reminded at their hour, on days on which they have done nothing yet."""
