"""What Discord itself says of the JSON that it takes: its own API description, and what that has against ours."""
