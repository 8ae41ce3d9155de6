"""Warnings and what they propose."""
