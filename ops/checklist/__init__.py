"""The lines of `ops launch-check`, by who or what confirms them."""
