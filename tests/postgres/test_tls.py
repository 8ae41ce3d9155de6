from __future__ import annotations

import socket
import ssl
import struct
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devkit.postgres import OWNER, Postgres
from mastermind.config import DatabaseSettings
from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.postgres.connection import Connection, Database

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
NOW = datetime.now(UTC)
YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)


class Authority:
    """A certificate authority that lives for one test run, with its certificates in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Authority of {folder.name}")])
        basic = x509.BasicConstraints(ca=True, path_length=None)
        own = self._signed(self._name, self._key.public_key(), TOMORROW).add_extension(basic, critical=True)
        self.certificate = folder / "authority.pem"
        self.certificate.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(self, host: str, until: datetime) -> Path:
        """A certificate for `host` and its key, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        issued = self._signed(subject, key.public_key(), until).add_extension(names, critical=False)
        path = self._folder / f"{host}-{until:%d}.pem"
        path.write_bytes(
            issued.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return path

    def _signed(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().issuer_name(self._name).subject_name(subject).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(NOW - timedelta(days=30)).not_valid_after(until)


class Proxy:
    """TLS in front of a PostgreSQL that has none, as RDS has it: the wheel's is built without."""

    def __init__(self, certificate: Path, port: int) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.encrypted = 0

    @property
    def port(self) -> int:
        return self.listener.getsockname()[1]

    def serve(self) -> None:
        with suppress(OSError):  # the test is over when the listener is closed
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._attend, args=[client], daemon=True).start()

    def _attend(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            assert client.recv(8) == SSL_REQUEST
            client.sendall(b"S")
            with (
                self._context.wrap_socket(client, server_side=True) as inside,
                socket.create_connection(("127.0.0.1", self._target)) as server,
            ):
                self.encrypted += 1
                threading.Thread(target=pass_on, args=[server, inside], daemon=True).start()
                pass_on(inside, server)


def pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while words := source.recv(65536):
            target.sendall(words)
        target.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def proxy(certificate: Path, postgres: Postgres) -> Generator[Proxy]:
    proxy = Proxy(certificate, postgres.port)
    thread = threading.Thread(target=proxy.serve)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.listener.shutdown(socket.SHUT_RDWR)
        proxy.listener.close()
        thread.join()


@pytest.fixture
def enter(postgres: Postgres) -> Iterator[Enter]:
    entered = Enter(postgres)
    yield entered
    for database in entered.databases:
        database.close()


class Enter:
    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self.databases: list[Database] = []

    def __call__(self, port: int, root: Path | None) -> str:
        """The role as which we got in at `port`, believing the authorities in `root`."""
        password = self._postgres.password(OWNER)
        trusted = str(root) if root else None
        database = Database(DatabaseSettings("localhost", port, "mastermind", OWNER, password, "verify-full", trusted))
        self.databases.append(database)
        return database.run(whoami, Deadline.after(2.5))


def whoami(conn: Connection) -> str:
    (name,) = conn.execute("SELECT current_user").fetchone() or ("",)
    return name


def test_a_certificate_for_our_host_lets_us_in(postgres: Postgres, authority: Authority, enter: Enter) -> None:
    with proxy(authority.issue("localhost", TOMORROW), postgres) as tls:
        assert enter(tls.port, authority.certificate) == OWNER
        assert tls.encrypted == 1


def test_a_certificate_for_another_host_keeps_us_out(postgres: Postgres, authority: Authority, enter: Enter) -> None:
    with proxy(authority.issue("other.example", TOMORROW), postgres) as tls, pytest.raises(Unavailable) as refusal:
        enter(tls.port, authority.certificate)
    assert "does not match host name" in str(refusal.value.__cause__)


def test_an_expired_certificate_keeps_us_out(postgres: Postgres, authority: Authority, enter: Enter) -> None:
    with proxy(authority.issue("localhost", YESTERDAY), postgres) as tls, pytest.raises(Unavailable) as refusal:
        enter(tls.port, authority.certificate)
    assert "certificate verify failed" in str(refusal.value.__cause__)


def test_a_certificate_of_an_unknown_authority_keeps_us_out(
    postgres: Postgres, authority: Authority, enter: Enter, tmp_path: Path
) -> None:
    with proxy(authority.issue("localhost", TOMORROW), postgres) as tls, pytest.raises(Unavailable) as refusal:
        enter(tls.port, Authority(tmp_path).certificate)
    assert "certificate verify failed" in str(refusal.value.__cause__)


def test_a_server_without_encryption_is_not_spoken_to(postgres: Postgres, authority: Authority, enter: Enter) -> None:
    with pytest.raises(Unavailable) as refusal:
        enter(postgres.port, authority.certificate)
    assert "does not support SSL" in str(refusal.value.__cause__)


def test_a_missing_file_of_authorities_keeps_us_out(
    postgres: Postgres, authority: Authority, enter: Enter, tmp_path: Path
) -> None:
    with proxy(authority.issue("localhost", TOMORROW), postgres) as tls, pytest.raises(Unavailable):
        enter(tls.port, tmp_path / "nowhere.pem")


def test_a_handshake_that_never_ends_is_unavailable_in_time(postgres: Postgres, authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port: int = silent.getsockname()[1]
        settings = DatabaseSettings("127.0.0.1", port, "m", OWNER, "-", "verify-full", str(authority.certificate))
        deadline = Deadline.after(0.5)
        with pytest.raises(Unavailable):
            Database(settings).run(whoami, deadline)
        assert -0.3 < deadline.moment - Deadline.after(0).moment <= 0
    assert postgres.running
