"""Rings when Discord posts an interaction of the tensey application."""

from mastermind import runtime

handler = runtime.interactions("tensey")
