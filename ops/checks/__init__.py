"""The checks of `ops doctor` and `ops preflight`, by what they look at."""
