"""Exporting a member."""
