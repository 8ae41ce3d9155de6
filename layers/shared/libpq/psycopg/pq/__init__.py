"""libpq: its connections and results."""

# ruff: noqa: E402 # the wrapper imports the names above it
from psycopg.pq._enums import (
    ConnStatus,
    DiagnosticField,
    ExecStatus,
    Format,
    PollingStatus,
    Trace,
    TransactionStatus,
)


def version_pretty(version: int) -> str:
    return str(version)


from psycopg_binary.pq import PGconn  # pyright: ignore[reportUnknownVariableType] # compiled

__all__ = [
    "ConnStatus",
    "DiagnosticField",
    "ExecStatus",
    "Format",
    "PGconn",
    "PollingStatus",
    "Trace",
    "TransactionStatus",
]
