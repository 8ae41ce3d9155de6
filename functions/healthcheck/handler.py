"""Called every five minutes and at each deploy: looks whether the game is well."""

from mastermind.entrypoints import healthcheck

handler = healthcheck.handler()
