"""Called with messages of the queues Notices and Alarms: posts them to Discord."""

from mastermind.entrypoints import notify

handler = notify.handler()
