"""A real server in place of SSM, SNS, S3, SQS and one function: keeps what it gets, refuses as scripted."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

from tests.serving import LocalServer, Quiet, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

PAGE = 3  # parameters in one answer; SSM's own are short too


class Aws(LocalServer):
    """SSM takes JSON and names its operation in a header, SNS forms and names it in the body; S3 has methods."""

    def __init__(self) -> None:
        super().__init__(_Request)
        self.parameters: dict[str, str] = {}
        self.objects: dict[str, tuple[bytes, str]] = {}  # by path: the object and its version
        self.written = 0
        self.overtaken = 0  # writes for which somebody else is faster
        self.mails: list[dict[str, str]] = []
        self.sent: list[str] = []  # messages of queues
        self.signers: list[str] = []  # the keys that they were signed with
        self.function: Callable[[Any], object] | None = None
        self.refuses: set[str] = set()  # operations

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        """What SSM says; None for a parameter that it does not know."""
        match operation:
            case "GetParameter":
                value = self.parameters.get(asked["Name"])
                return None if value is None else {"Parameter": {"Name": asked["Name"], "Value": value}}
            case "PutParameter":
                assert len(asked["Value"].encode()) <= 4096
                self.parameters[asked["Name"]] = asked["Value"]
                return {"Version": 1}
            case _:
                return self._page(asked["Path"], int(asked.get("NextToken", "0")))

    def _page(self, path: str, begin: int) -> dict[str, Any]:
        found = [{"Name": name, "Value": value} for name, value in sorted(self.parameters.items()) if path in name]
        more = {"NextToken": str(begin + PAGE)} if len(found) > begin + PAGE else {}
        return {"Parameters": found[begin : begin + PAGE], **more}


class _Request(Quiet, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def aws(self) -> Aws:
        return cast("Aws", self.server)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        target = self.headers.get("X-Amz-Target")
        if self.aws.function and self.path.endswith("/invocations"):
            return self._say(200, json.dumps(self.aws.function(json.loads(body))).encode())
        if target == "AmazonSQS.SendMessage":
            self.aws.sent.append(json.loads(body)["MessageBody"])
            self.aws.signers.append(self.headers["Authorization"].partition("Credential=")[2].partition("/")[0])
            return self._say(200, b"{}", Connection="close")  # the handler of interactions keeps its own
        return self._ssm(target.partition(".")[2], json.loads(body)) if target else self._sns(body.decode())

    def do_GET(self) -> None:
        if "GetObject" in self.aws.refuses:
            return self._fail(503, "SlowDown")
        found = self.aws.objects.get(self._object)
        if found is None:
            return self._fail(403, "AccessDenied")  # as to who may not list the bucket
        return self._say(200, found[0], ETag=found[1])

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "PutObject" in self.aws.refuses:
            return self._fail(503, "SlowDown")
        _, version = self.aws.objects.get(self._object, (b"", None))
        wanted = None if self.headers.get("If-None-Match") == "*" else self.headers["If-Match"]
        self.aws.overtaken, is_overtaken = max(0, self.aws.overtaken - 1), self.aws.overtaken > 0
        if version != wanted or is_overtaken:
            return self._fail(412, "PreconditionFailed")
        self.aws.written += 1
        self.aws.objects[self._object] = (body, f'"{self.aws.written}"')
        return self._say(200, b"", ETag=self.aws.objects[self._object][1])

    @property
    def _object(self) -> str:
        return self.path.partition("?")[0]

    def _fail(self, status: int, code: str) -> None:
        self._say(status, f"<Error><Code>{code}</Code></Error>".encode())

    def _ssm(self, operation: str, asked: dict[str, Any]) -> None:
        if operation in self.aws.refuses:
            return self._say(400, b'{"__type": "AccessDeniedException"}')
        answer = self.aws.answer(operation, asked)
        if answer is None:
            return self._say(400, b'{"__type": "ParameterNotFound"}')
        return self._say(200, json.dumps(answer).encode())

    def _sns(self, form: str) -> None:
        if "Publish" in self.aws.refuses:
            return self._say(403, b"<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>")
        self.aws.mails.append({name: values[0] for name, values in parse_qs(form).items()})
        result = b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
        return self._say(200, result)

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def aws() -> Generator[Aws]:
    """The stand-in, listening on this machine alone."""
    with serving(Aws()) as server:
        yield server
