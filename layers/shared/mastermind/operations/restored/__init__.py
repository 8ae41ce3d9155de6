"""A database that is about to be replaced by an older one, and one that was restored."""
