"""The errors that the wrapper raises."""


class Error(Exception):
    """What libpq could not do."""


class InterfaceError(Error):
    """As psycopg names them."""


class DatabaseError(Error):
    """As psycopg names them."""


class DataError(DatabaseError):
    """As psycopg names them."""


class InternalError(DatabaseError):
    """As psycopg names them."""


class NotSupportedError(DatabaseError):
    """As psycopg names them."""


class OperationalError(DatabaseError):
    """As psycopg names them."""


class ProgrammingError(DatabaseError):
    """As psycopg names them."""
