"""In the layer, psycopg is its compiled wrapper of libpq alone (psycopg_binary.pq), and here is what that imports.

psycopg as it is published imports connections, cursors and adapters, each twice, with asyncio, ssl and 270 classes of
errors, for which the functions have no use: docs/decisions/033-exchanges-on-libpq.md.
"""
