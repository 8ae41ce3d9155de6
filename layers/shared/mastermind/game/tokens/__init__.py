"""Interaction tokens."""
