"""Mastermind: a community game of social courage, played in Discord, run without servers."""

__version__ = "0.1.0"
