"""The SQL: one module per table, constants in capitals, typed rows."""
