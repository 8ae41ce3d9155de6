"""Called when Discord sends an interaction of the main application, and for GET /health."""

from mastermind.entrypoints import interactions

handler = interactions.handler("main")
