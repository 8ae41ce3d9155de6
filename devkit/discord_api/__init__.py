"""Validates our JSON against Discord's own API description."""
