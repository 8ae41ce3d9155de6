"""The penalties that strikes propose, and their outcome in Discord."""
