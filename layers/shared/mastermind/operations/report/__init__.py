"""What a community's leader asks: how a week went, in figures without a name."""
