"""Exporting and forgetting a member."""
