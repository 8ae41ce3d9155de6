"""Called with messages of the queue XpAwards, each minute for the sweep, and by the health check."""

from mastermind.entrypoints import award

handler = award.handler()
