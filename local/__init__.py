"""The local cloud: the whole game on one machine, and never shipped."""
