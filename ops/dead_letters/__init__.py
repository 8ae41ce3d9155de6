"""What failed too often and lies in a dead-letter queue: to look at, to send back, to drop."""
