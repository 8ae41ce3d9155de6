"""The SQLSTATEs that our own functions in the database raise, and what each means."""

TOO_FAST = "MM429"
"""A use beyond the rate limit; the error's detail is when to try again, in seconds since 1970."""

FORGOTTEN = "MM410"
"""The member who acts was deleted while this waited for their row."""
