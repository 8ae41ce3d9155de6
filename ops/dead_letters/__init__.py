"""The messages in dead-letter queues: showing them, sending them back, dropping them."""
