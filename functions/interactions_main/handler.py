"""Rings when Discord posts an interaction of the main application, and when somebody asks for /health."""

from mastermind.entrypoints import runtime

handler = runtime.interactions("main")
