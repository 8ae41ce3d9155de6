"""Called each minute, with messages of the queue OutboxDue, and with those of OutboxResults."""

from mastermind.entrypoints import relay

handler = relay.handler()
