"""The leaders' report about a week, in figures without a name."""
