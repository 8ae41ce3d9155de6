"""Weeks: the summary of one, for a member and for the server."""
