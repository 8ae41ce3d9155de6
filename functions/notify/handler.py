"""Rings when Discord shall hear of something: with announcements (queue Notices) or alarms (queue Alarms)."""

from mastermind.entrypoints import runtime

handler = runtime.notify()
