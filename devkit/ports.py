"""Free ports of 127.0.0.1."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress


def free_port(wanted: int = 0) -> int:
    """A free port of 127.0.0.1: `wanted` if possible."""
    with _reusing() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def keep(port: int) -> socket.socket:
    """Keep a free port for a server that will be told to listen on it: close what is returned once it does.

    Linux hands a bound port to nobody who asks for any port, and still lets a server listen on it when both set
    SO_REUSEADDR (socket(7)); until then connections are refused. Other systems would refuse the server, so that nothing
    is kept there.
    """
    kept = _reusing()
    if sys.platform == "linux":
        with suppress(OSError):  # somebody was faster
            kept.bind(("127.0.0.1", port))
    return kept


def _reusing() -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made
