"""The kinds of requests: each is the constant KIND of one file here, found by its name."""
