"""Slash commands of the Tensey application."""
