"""Rings when somebody shall look whether the game is well: every five minutes, and at each deploy."""

from mastermind.entrypoints import runtime

handler = runtime.healthcheck()
