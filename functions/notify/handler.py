"""Rings when the server shall hear of something: with announcements of the queue Notices."""

from mastermind import runtime

handler = runtime.notify()
