"""Pauses: a streak is held while a member takes a break."""
