"""Programs that the operator's tool starts."""
