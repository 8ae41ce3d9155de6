"""Slash commands of the main application."""
