"""Called when Discord sends an interaction of the tensey application."""

from mastermind.entrypoints import interactions

handler = interactions.handler("tensey")
