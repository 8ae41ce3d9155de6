"""The checks of `ops doctor`, by what they look at."""
