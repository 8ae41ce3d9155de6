"""Discord's protocol: signature, interactions, replies, components, limits; knows nothing of the game."""
