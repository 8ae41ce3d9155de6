"""The chain that seals the audit log."""
