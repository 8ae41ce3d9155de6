"""Code that tests, tools and the local cloud share; never shipped."""
