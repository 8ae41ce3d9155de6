"""Weeks: what became of one, for a member and for the server."""
