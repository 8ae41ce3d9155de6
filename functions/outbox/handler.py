"""Called with messages of the queues HandOvers and Edits: calls Discord's REST API."""

from mastermind.entrypoints import outbox

handler = outbox.handler()
