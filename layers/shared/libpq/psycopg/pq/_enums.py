"""The numbers of libpq-fe.h by which the game reads libpq."""


class ConnStatus:
    OK, BAD = range(2)


class PollingStatus:
    FAILED, READING, WRITING, OK = range(4)


class TransactionStatus:
    IDLE = 0


class ExecStatus:
    FATAL_ERROR = 7
    PIPELINE_ABORTED = 11


class DiagnosticField:
    SQLSTATE, MESSAGE_DETAIL = b"CD"


class Format:
    TEXT, BINARY = range(2)


class Trace:
    """Of tests alone."""
