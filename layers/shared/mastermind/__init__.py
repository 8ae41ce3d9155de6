"""Mastermind: a community game of social courage, played in Discord, run without servers."""
