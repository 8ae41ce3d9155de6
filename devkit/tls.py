"""A certificate authority that lives for one test run, and proxies that add TLS to a server without it."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self, override

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
NOW = datetime.now(UTC)
YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)

SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)

type PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
type PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def new_elliptic_key() -> PrivateKey:
    """The quickest to make."""
    return ec.generate_private_key(ec.SECP256R1())


def new_rsa_key() -> PrivateKey:
    """As AWS's endpoints have them."""
    return rsa.generate_private_key(65537, 2048)


class Authority:
    """A certificate authority with its certificates in `folder`; strict clients accept them (RFC 5280)."""

    def __init__(self, folder: Path, new_key: Callable[[], PrivateKey] = new_elliptic_key) -> None:
        self._folder = folder
        self._new_key = new_key
        self._key = new_key()
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Authority of {folder.name}")])
        basic = x509.BasicConstraints(ca=True, path_length=None)
        own = self._signed(self._name, self._key.public_key(), TOMORROW).add_extension(basic, critical=True)
        own = own.add_extension(SIGNS_CERTIFICATES, critical=True)
        own = own.add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
        self.certificate = folder / "authority.pem"
        self.certificate.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(self, host: str, until: datetime = TOMORROW) -> Path:
        """A certificate for `host` and its key, in one file."""
        key = self._new_key()
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

    def _signed(self, subject: x509.Name, key: PublicKey, until: datetime) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().issuer_name(self._name).subject_name(subject).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        own_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(own_key, critical=False)
        return builder.not_valid_before(NOW - timedelta(days=30)).not_valid_after(until)


class Proxy:
    """TLS in front of the server at `target`. Used as a context manager it serves in the background."""

    def __init__(self, certificate: Path, target: int) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self.target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.port: int = self._listener.getsockname()[1]
        self.encrypted = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        with suppress(OSError):  # it ends when the listener is closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._attend, args=[client], daemon=True).start()

    def _attend(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if not self.is_asked_for_tls(client):
                return
            with (
                self._context.wrap_socket(client, server_side=True) as inside,
                socket.create_connection(("127.0.0.1", self.target)) as server,
            ):
                self.encrypted += 1
                self.connect(inside, server)

    def is_asked_for_tls(self, client: socket.socket) -> bool:  # noqa: ARG002 # with HTTPS nobody asks: it begins
        """Whether the handshake follows; the client is disconnected otherwise."""
        return True

    def connect(self, client: socket.socket, server: socket.socket) -> None:
        """Pass everything on in both directions, until one side ends."""
        threading.Thread(target=_pass_on, args=[server, client], daemon=True).start()
        _pass_on(client, server, self.translate)

    def translate(self, words: bytes) -> bytes:
        """What the server gets for the client's words."""
        return words


class PostgresProxy(Proxy):
    """TLS in front of a PostgreSQL, as RDS has it: the wheel's is built without."""

    @override
    def is_asked_for_tls(self, client: socket.socket) -> bool:
        if read(client, len(SSL_REQUEST)) != SSL_REQUEST:
            return False
        client.sendall(b"S")
        return True


def read(source: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes; raises ConnectionError when the other side ends before."""
    received = b""
    while len(received) < size:
        more = source.recv(size - len(received))
        if not more:
            raise ConnectionError("the other side has ended the connection")
        received += more
    return received


def _pass_on(source: socket.socket, target: socket.socket, translate: Callable[[bytes], bytes] = bytes) -> None:
    with suppress(OSError):
        while words := source.recv(65536):
            target.sendall(translate(words))
        target.shutdown(socket.SHUT_RDWR)
