"""Notifying the moderators of somebody in need."""
