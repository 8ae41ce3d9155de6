"""Called with messages of the queues HandOvers and Edits: asks Discord's REST API."""

from mastermind.entrypoints import outbox

handler = outbox.handler()
