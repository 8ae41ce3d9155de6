"""PostgreSQL: the connection, exchanges, stored outcomes."""
