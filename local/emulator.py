"""The AWS emulator: starts it on a free port of 127.0.0.1, waits until it is ready, saves its state, stops it."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devkit import processes
from devkit.ports import free_port, keep
from local.aws import ACCESS_KEY, ACCOUNT, REGION
from local.logs import LARGEST, make_private

if TYPE_CHECKING:
    import socket
    import subprocess
    from collections.abc import Mapping

PROGRAM = Path(__file__).parent / "children" / "emulator.py"
START_LIMIT = 120  # seconds; 0.2-0.7 measured


class EmulatorError(Exception):
    """The emulator did not start or did not answer; the message has the end of its log."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Emulator:
    """One emulator with its state below `folder`; `python` is the interpreter of its own environment.

    Without `schedules` none of EventBridge's is carried out, though they are there.
    """

    def __init__(
        self, folder: Path, python: Path, children: processes.ChildProcesses, *, schedules: bool = True
    ) -> None:
        self._folder, self._python, self._children, self._schedules = folder, python, children, schedules
        self._child: subprocess.Popen[bytes] | None = None
        self._log, self._calls = folder / "emulator.log", folder / "calls.jsonl"
        self.port, self.secret = 0, ""
        self._kept: socket.socket | None = None

    @property
    def origin(self) -> str:
        """Where everybody reaches what is public: the REST APIs."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where our own programs reach AWS: the address has the secret."""
        return f"{self.origin}/{self.secret}"

    @property
    def pid(self) -> int:
        return self._child.pid if self._child else 0

    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def choose_address(self) -> None:
        """Take the port of last time if it is free, and its secret: addresses which people noted stay valid.

        Nobody else gets the port before `start`, or `stop`.
        """
        make_private(self._folder)
        for name in ("state", "tmp"):
            (self._folder / name).mkdir(exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > LARGEST:
            self._log.replace(self._log.with_suffix(".log.old"))
        self._calls.write_bytes(b"")
        self.secret = self._kept_secret()
        kept = self._folder / "port"
        last = int(kept.read_text(encoding="ascii")) if kept.exists() else 0
        self._let_go_of_port()
        self.port = free_port(last)
        self._kept = keep(self.port)
        if last not in {0, self.port}:
            self._move(last, self.port)
        kept.write_text(str(self.port), encoding="ascii")

    def _kept_secret(self) -> str:
        file = self._folder / "secret"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24), encoding="ascii")
        return file.read_text(encoding="ascii")

    def _move(self, old: int, new: int) -> None:
        """Replace the old address in the saved state, for example in queue URLs in the functions' variables."""
        for file in (self._folder / "state").glob("*.json"):
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}"), encoding="utf-8")

    def start(self, runner_url: str, functions: tuple[str, ...]) -> None:
        """Start on the chosen port and wait until it is ready; each function's calls go to the runner."""
        nonce = secrets.token_hex(8)
        environment = self._environment(nonce)
        for name in functions:
            environment[f"MINISTACK_LAMBDA_PROXY_{name}"] = f"{runner_url}/{name}"
        try:
            with self._log.open("ab") as output:
                self._child = self._children.start(
                    [str(self._python), "-I"], PROGRAM, environment=environment, folder=self._folder, output=output
                )
            self._await_readiness(nonce)
        finally:
            self._let_go_of_port()

    def _let_go_of_port(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _environment(self, nonce: str) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder / "tmp"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            # With these it verifies presigned URLs.
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._folder / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._folder / "s3"),
            # These two listen on all interfaces, whatever BIND_HOST says; the third keeps it from a real Docker.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent",
            "LOG_LEVEL": "WARNING",
            "LOCAL_IDENTITY": nonce,
            "LOCAL_CALLS": str(self._calls),
            **({} if self._schedules else {"LOCAL_WITHOUT_SCHEDULES": "1"}),
        }

    def _await_readiness(self, nonce: str) -> None:
        deadline = time.monotonic() + START_LIMIT
        while not self._is_ours(nonce):
            if not self.is_running() or time.monotonic() > deadline:
                self.kill()
                raise EmulatorError(f"The AWS emulator did not start; {self._log} ends with:\n{self._end_of_log()}")
            time.sleep(0.02)

    def _is_ours(self, nonce: str) -> bool:
        try:
            return self.ask("GET", "/_local/identity", timeout=1).body == nonce.encode()
        except OSError:
            return False

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Answer:
        """One plain HTTP request to the emulator; raises OSError when it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, f"/{self.secret}{path}", body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.read())
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def messages(self) -> dict[str, list[dict[str, Any]]]:
        """Every message in every queue, by queue URL, from the emulator's debug endpoint."""
        found = json.loads(self.ask("GET", f"/_ministack/sqs/messages?account={ACCOUNT}&region={REGION}").body)
        return found["messages"].get(ACCOUNT, {}).get(REGION, {})

    def answers(self) -> list[dict[str, Any]]:
        """The answers of the REST APIs since the last call: `api` (its name), `stage`, `path`, `status`."""
        return json.loads(self.ask("POST", "/_local/answers").body)

    def calls(self) -> list[dict[str, Any]]:
        """Each different call of a function to AWS so far: `function`, `action`, `resource`, `context`, `linked`.

        `context` has condition keys; `linked` means that somebody else followed a link which the function signed.
        """
        written = self._calls.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in written if line.endswith("\n")]  # it may be writing the last one

    def passwords(self) -> dict[str, str]:
        """What RDS was asked to have the master of an instance log in with, and has not done yet."""
        return json.loads(self.ask("GET", "/_local/passwords").body)

    def password_in_force(self, instance: str) -> None:
        """The master of an instance logs in with the new password: RDS has no change pending from then on."""
        self.ask("POST", "/_local/passwords", body=json.dumps(instance).encode())

    def at_address(self, instance: str) -> None:
        """A renamed instance can be reached under its new name: RDS calls it available from then on."""
        self.ask("POST", "/_local/addresses", body=json.dumps(instance).encode())

    def endpoint_policies(self) -> dict[str, Any]:
        """The policy of each VPC endpoint by the name of its service."""
        return json.loads(self.ask("GET", "/_local/endpoint-policies").body)

    def save(self) -> None:
        """Save its state, so that a later kill loses only what came after (the sweep makes up for that)."""
        self.ask("POST", "/_local/save")

    def stop(self) -> None:
        """Save its state, then end it; one that waits for a function of a failed deploy is killed."""
        self._let_go_of_port()
        if self._child is not None:
            if self.is_running():
                with suppress(OSError):
                    self.save()
            processes.stop(self._child, patience=5)
            self._children.forget(self._child.pid)

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._children.forget(self._child.pid)

    def _end_of_log(self) -> str:
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
