"""Pictures: what is on them, in figures and in words; the function pictures draws them."""
