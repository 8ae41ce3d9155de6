"""Called each night, and with messages of the queue Jobs: makes snapshots of the database."""

from mastermind.entrypoints import backup

handler = backup.handler()
