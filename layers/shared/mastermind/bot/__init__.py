"""How a command is declared, found and run."""
