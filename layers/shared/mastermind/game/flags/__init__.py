"""Flags on what members write."""
