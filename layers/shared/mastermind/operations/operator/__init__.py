"""The operator's questions."""
