"""Pending work of admins and moderators, and the figures of the week."""
