"""Forgetting a member."""
