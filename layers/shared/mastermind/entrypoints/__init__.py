"""What each Lambda function is made of, and how its events are routed."""
