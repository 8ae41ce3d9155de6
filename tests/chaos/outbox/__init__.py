"""The outbox under fire: killed processes, lost answers, doubled messages and every kind of 429, on a fast clock."""
