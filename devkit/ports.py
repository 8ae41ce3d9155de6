"""Free ports of 127.0.0.1."""

from __future__ import annotations

import socket


def free_port(wanted: int = 0) -> int:
    """A free port of 127.0.0.1: `wanted` if possible."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
