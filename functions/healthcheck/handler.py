"""Called every five minutes and at each deploy: checks whether the game is healthy."""

from mastermind.entrypoints import healthcheck

handler = healthcheck.handler()
