"""The XP ledger."""
