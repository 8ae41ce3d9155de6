"""Rest days: a member takes one day off, and the streak is held."""
