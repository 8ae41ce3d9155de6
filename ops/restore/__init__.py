"""The parts of `ops restore-drill`."""
