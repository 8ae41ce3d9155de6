"""Challenges and their awards."""
