"""Levels and classes."""
