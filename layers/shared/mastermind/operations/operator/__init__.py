"""Operators' queries."""
