"""The challenge of the day, and a member's today on one card."""
