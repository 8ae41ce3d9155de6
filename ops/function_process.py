"""A Lambda function of some checkout, run as a child process of the tool."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from devkit.discord_client import Answer, read_answer, signed_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkit.json_types import Json
    from mastermind.config import DatabaseSettings

CHILD = Path(__file__).with_name("children") / "function.py"


class FunctionEndedError(Exception):
    """The process of a function ended before it answered; the message has its last line of output."""


class FunctionProcess:
    """A function of the checkout in `tree`. It has the given environment and nothing else, and logs to `log`."""

    def __init__(self, tree: Path, name: str, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("w") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(CHILD), name],
                cwd=tree,
                env={**environment, "PYTHONPATH": f"{tree / 'layers' / 'shared'}:{tree}"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )

    def invoke(self, event: Mapping[str, object]) -> Json:
        """The function's answer to an event; raises FunctionEndedError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(event) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            last = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-1:]
            raise FunctionEndedError(f"the function ended with {self._process.wait(5)}: {''.join(last)[:300]}")
        return json.loads(line)

    def interact(self, app: str, body: bytes, key: bytes) -> Answer:
        """The answer to an interaction that `key` signs, as API Gateway passes it on; raises FunctionEndedError."""
        headers = signed_headers(key, body, time.time())
        event = {"httpMethod": "POST", "path": f"/interactions/{app}", "headers": headers, "body": body.decode()}
        began = time.perf_counter()
        response = self.invoke(event)
        content_type = cast("dict[str, str]", response.get("headers", {})).get("content-type", "")
        shown, files = read_answer(content_type, str(response.get("body", "")).encode())
        return Answer(cast("int", response.get("statusCode", 500)), shown, time.perf_counter() - began, files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(BrokenPipeError), self._process:  # for what it has not read
            self._process.kill()


def database_variables(settings: DatabaseSettings) -> dict[str, str]:
    """The environment variables by which a function connects to that database."""
    return {
        "DATABASE_HOST": settings.host,
        "DATABASE_PORT": str(settings.port),
        "DATABASE_NAME": settings.name,
        "DATABASE_USER": settings.user,
        "DATABASE_PASSWORD": settings.password or "",
        "DATABASE_SSLMODE": settings.sslmode,
    }
