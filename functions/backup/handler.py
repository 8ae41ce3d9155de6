"""Rings when a snapshot of the database shall be made: each night, and when an admin asks (queue Jobs)."""

from mastermind.entrypoints import runtime

handler = runtime.backup()
