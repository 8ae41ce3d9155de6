"""Rings when a snapshot of the database shall be made: each night, and when an admin asks (queue Jobs)."""

from mastermind import runtime

handler = runtime.backup()
