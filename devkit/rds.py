"""PostgreSQL as RDS offers it: the template's parameters, a master who is no superuser, TLS, and log-in by IAM token.

The wheel's PostgreSQL has neither TLS nor PAM. A proxy ends the TLS and checks the tokens; pg_hba.conf decides who
needs one, and trusts those that come from the proxy.
"""

from __future__ import annotations

import struct
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, LiteralString, override
from urllib.parse import parse_qs

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from devkit.postgres import OWNER, temporary
from devkit.tls import Authority, PostgresProxy, read

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from devkit.json_types import Json
    from devkit.postgres import Postgres
    from devkit.template import Template
    from mastermind.config import AwsCredentials

HOST = "localhost"

LONGEST = timedelta(minutes=15)
"""After it a token is refused, whatever it says itself ("IAM database authentication" in the RDS user guide)."""

# RDS lets the master grant rds_iam and still log in with a password. In plain PostgreSQL the right to grant a role is
# membership in it, so the master has a line of their own here, before the one about members.
CLIENTS = f"""
host all {OWNER} 127.0.0.1/32 scram-sha-256
host all +rds_iam 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""

MASTER: LiteralString = """
CREATE ROLE rds_superuser;
GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION;
CREATE ROLE rds_iam;
GRANT rds_iam TO rds_superuser WITH ADMIN OPTION;
ALTER ROLE mastermind_owner CREATEDB;
GRANT rds_superuser TO mastermind_owner;
"""

AUTHENTICATED = struct.pack("!cii", b"R", 8, 0)
ASK_FOR_TOKEN = struct.pack("!cii", b"R", 8, 3)
PASSWORD = b"p"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who signs tokens, and the one database user that their policy lets them connect as (`rds-db:connect`)."""

    credentials: AwsCredentials
    user: str


@dataclass(slots=True)
class Clock:
    """The instance's, which decides whether a token is still valid."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True, slots=True)
class Rds:
    """A running instance: its endpoint is `HOST` and `port`; `authority` is the file that a client must trust."""

    server: Postgres
    port: int
    authority: Path
    clock: Clock


class Tokens:
    """Decides about the tokens that are presented at one endpoint, by the SDK's signature."""

    def __init__(self, region: str, address: str, principals: Sequence[Principal]) -> None:
        self._region = region
        self._address = address
        self._principals = {one.credentials.access_key_id: one for one in principals}

    def accepts(self, token: str, user: str, now: datetime) -> bool:
        """Whether the token lets `user` in at the moment `now`."""
        address, _, query = token.partition("/?")
        signed, _, signature = query.partition("&X-Amz-Signature=")
        said = {name: value for name, (value, *_) in parse_qs(signed).items()}
        principal = self._principals.get(said.get("X-Amz-Credential", "").partition("/")[0])
        if principal is None or address != self._address:
            return False
        is_asked = (said.get("Action"), said.get("DBUser"), principal.user) == ("connect", user, user)
        return is_asked and _is_valid_at(now, said) and self._is_signed(signed, said, signature, principal.credentials)

    def _is_signed(self, query: str, said: Mapping[str, str], signature: str, credentials: AwsCredentials) -> bool:
        keys = Credentials(credentials.access_key_id, credentials.secret_access_key, credentials.session_token)
        signer = SigV4QueryAuth(keys, "rds-db", self._region)
        request = AWSRequest("GET", f"https://{self._address}/?{query}")
        request.context["timestamp"] = said["X-Amz-Date"]
        is_ours = said["X-Amz-Credential"] == signer.scope(request)
        is_whole = said.get("X-Amz-Security-Token") == credentials.session_token
        text = signer.string_to_sign(request, signer.canonical_request(request))
        return is_ours and is_whole and signature == signer.signature(text, request)


class _TokenProxy(PostgresProxy):
    """Asks those for a token whom PostgreSQL lets in without a password."""

    def __init__(
        self, certificate: Path, target: int, region: str, principals: Sequence[Principal], clock: Clock
    ) -> None:
        super().__init__(certificate, target)
        self._clock = clock
        self._tokens = Tokens(region, f"{HOST}:{self.port}", principals)

    @override
    def connect(self, client: socket.socket, server: socket.socket) -> None:
        startup = _packet(client)
        server.sendall(startup)
        answer = read(server, 1) + _packet(server)
        user = _user(startup)
        if answer == AUTHENTICATED and not self._tokens.accepts(_ask(client), user, self._clock.now()):
            client.sendall(_refusal(user))
            return
        client.sendall(answer)
        super().connect(client, server)


@contextmanager
def like_rds(folder: Path, template: Template, region: str, principals: Sequence[Principal]) -> Generator[Rds]:
    """A temporary instance with the template's parameter group, as for the smallest class."""
    clients, authority = folder / "pg_hba.conf", Authority(folder)
    clients.write_text(CLIENTS)
    settings = parameters(template) | {"hba_file": str(clients)}
    with temporary(folder / "postgres", settings=settings) as server:
        with closing(server.as_superuser()) as conn:
            conn.execute(MASTER)
        clock = Clock()
        with _TokenProxy(authority.issue(HOST), server.port, region, principals, clock) as proxy:
            yield Rds(server, proxy.port, authority.certificate, clock)


def parameters(template: Template) -> dict[str, str]:
    """The parameters of the template's group; of a choice that which the smallest class gets."""
    [(_, group)] = template.resources("AWS::RDS::DBParameterGroup")
    written: Json = group["Properties"]["Parameters"]
    return {name: value if isinstance(value, str) else value["Fn::If"][1] for name, value in written.items()}


def _is_valid_at(now: datetime, said: Mapping[str, str]) -> bool:
    begins = datetime.strptime(said["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return timedelta() <= now - begins < min(timedelta(seconds=int(said["X-Amz-Expires"])), LONGEST)


# --- PostgreSQL's protocol, version 3.0 ---


def _packet(source: socket.socket) -> bytes:
    """A length and what it counts."""
    head = read(source, 4)
    (length,) = struct.unpack("!i", head)
    return head + read(source, length - 4)


def _user(startup: bytes) -> str:
    words = startup[8:].split(b"\0")
    return dict(zip(words[::2], words[1::2], strict=False))[b"user"].decode()


def _ask(client: socket.socket) -> str:
    """The token, sent as a password is sent in clear."""
    client.sendall(ASK_FOR_TOKEN)
    if read(client, 1) != PASSWORD:
        raise ConnectionError("the client sent no password")
    return _packet(client)[4:-1].decode()


def _refusal(user: str) -> bytes:
    fields = ("SFATAL", "VFATAL", "C28000", f'MPAM authentication failed for user "{user}"')
    body = b"".join(field.encode() + b"\0" for field in fields) + b"\0"
    return b"E" + struct.pack("!i", len(body) + 4) + body
