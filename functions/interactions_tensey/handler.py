"""Rings when Discord posts an interaction of the tensey application."""

from mastermind.entrypoints import runtime

handler = runtime.interactions("tensey")
