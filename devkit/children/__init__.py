"""Programs that run as child processes."""
