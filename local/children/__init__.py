"""The programs that run inside the local cloud's child processes, each under an interpreter of its own."""
