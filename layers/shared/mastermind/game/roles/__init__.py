"""Roles in Discord that members get for what they reach."""
