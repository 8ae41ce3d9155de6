"""The composition of each Lambda function, and the routing of its events."""
