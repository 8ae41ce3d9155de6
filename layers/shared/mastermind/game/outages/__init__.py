"""Outages of ours that are over: they bridge streaks, unless an admin decides that one does not count."""
