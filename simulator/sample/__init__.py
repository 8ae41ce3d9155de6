"""The sample community of `make run`: people who have played for eight weeks, so that everything is alive at once."""
