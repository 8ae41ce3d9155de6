"""psycopg's compiled wrapper of libpq: the module `pq` beside this file."""
