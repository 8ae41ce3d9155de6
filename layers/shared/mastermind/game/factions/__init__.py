"""Factions."""
