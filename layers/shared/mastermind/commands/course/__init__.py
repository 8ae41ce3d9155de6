"""What /course shows and what its questions do; `commands.main.course` declares the whole."""
