"""A small threaded HTTP server on a port of 127.0.0.1, for the parts of the local cloud.

Other users of the machine and every page in a browser can reach that port, so the path of each address begins with a
secret that only our own programs know.
"""

from __future__ import annotations

import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, override

if TYPE_CHECKING:
    from collections.abc import Mapping


class Listener(ThreadingHTTPServer):
    """Listens from its creation until `stop`; `owner` is the object that handles the requests.

    `port` and `secret` are new ones unless they are given. Raises OSError when the port is taken.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, handler: type[Request], owner: object, *, port: int = 0, secret: str = "") -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.owner, self.secret = owner, secret or secrets.token_urlsafe(24)
        threading.Thread(target=self.serve_forever, args=(0.05,), name=handler.__name__, daemon=True).start()

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect before the answer is written."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """What every accepted address begins with; it has the secret."""
        return f"{self.origin}/{self.secret}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class Request(BaseHTTPRequestHandler):
    """HTTP/1.1 with kept connections, no Nagle, whole answers in one packet, and no access log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    @property
    def owner(self) -> object:
        assert isinstance(self.server, Listener)
        return self.server.owner

    @override
    def parse_request(self) -> bool:
        """Accept only requests that know the secret and come from a program or our own page.

        Otherwise any web page could send something here (CSRF), or reach us by DNS rebinding. `path` is then what
        follows the secret.
        """
        if not super().parse_request():
            return False
        if self._is_from_us() and self._knows_secret():
            return True
        self.close_connection = True
        self.answer(403, b'{"error": "this address is for the programs and the page of the user who started it"}')
        return False

    def _is_from_us(self) -> bool:
        """Whether no page of another origin sent it; after DNS rebinding the Host is another one."""
        assert isinstance(self.server, Listener)
        own, headers = self.server.origin, self.headers
        return (
            f"http://{headers.get('Host')}" == own
            and headers.get("Origin") in {None, own}
            and headers.get("Sec-Fetch-Site") in {None, "none", "same-origin"}
        )

    def _knows_secret(self) -> bool:
        """Whether the path begins with the secret, which is taken off."""
        assert isinstance(self.server, Listener)
        given, _, rest = self.path.removeprefix("/").partition("/")
        self.path = f"/{rest}"
        return secrets.compare_digest(given.encode(), self.server.secret.encode())

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        if status != 204:  # which may have no length (RFC 9110, 8.6)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    @override
    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionResetError:
            self.close_connection = True  # the client was killed

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Write no access log."""
