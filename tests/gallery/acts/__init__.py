"""What is played, an act for each message or each way that it can go."""
