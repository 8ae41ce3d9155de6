"""Who is trusted at the other end of a request to AWS, on a server with a certificate authority of its own."""

from __future__ import annotations

import logging
import re
import ssl
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import certifi
import pytest

from devkit.tls import YESTERDAY, Authority
from mastermind.config import AwsCredentials, AwsSettings
from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.gateways import http, tls
from mastermind.gateways.http import Client
from mastermind.gateways.sqs import Queue
from mastermind.gateways.tls import AMAZON, Trust
from tests.gateways.aws_stand_in import Aws

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def aws(authority: Authority) -> Iterator[Aws]:
    """A stand-in that has a certificate of `authority` for localhost."""
    with Aws() as server:
        yield from serving(server, authority.issue("localhost"))


def serving(server: Aws, certificate: Path) -> Iterator[Aws]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield server
    server.shutdown()


def url_of(aws: Aws) -> str:
    return f"https://localhost:{aws.server_address[1]}"


def ask(aws: Aws, trust: Trust) -> int:
    with closing(Client(url_of(aws), trust)) as client:
        return client.send("GET", "/anything", None, {}, Deadline.after(30)).status


def test_the_roots_are_amazons_five_as_mozilla_knows_them():
    mozillas = Path(certifi.where()).read_text().split("# Issuer: ")
    amazons = [entry for entry in mozillas if entry.startswith(("CN=Amazon Root CA ", "CN=Starfield Services Root"))]
    assert len(amazons) == 5
    assert set(BLOCK.findall(AMAZON.read_text())) == {block for entry in amazons for block in BLOCK.findall(entry)}


def test_the_functions_trust_each_of_them_for_years():
    trusted = tls.of_aws(None).context.get_ca_certs()
    ends = [ssl.cert_time_to_seconds(str(one["notAfter"])) for one in trusted]
    assert len(ends) == 5
    assert min(ends) > ssl.cert_time_to_seconds("Jan  1 00:00:00 2036 GMT")


def test_all_clients_of_aws_share_one_context():
    assert tls.of_aws(None).context is tls.of_aws(None).context


def test_a_message_goes_through_tls_to_an_endpoint_with_a_bundle_of_its_own(aws: Aws, authority: Authority):
    credentials = AwsCredentials("AKIAEXAMPLE", "not-a-real-secret", "on-loan")
    settings = AwsSettings("eu-central-1", url_of(aws), credentials, str(authority.certificate))
    with closing(Queue(f"{url_of(aws)}/000000000000/XpAwards", settings)) as queue:
        queue.send("one", Deadline.after(30))
    assert aws.sent == ["one"]


def test_when_amazon_has_other_roots_the_systems_are_used_and_that_is_said_once(
    aws: Aws, authority: Authority, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    trust = Trust(AMAZON)
    with caplog.at_level(logging.WARNING):
        assert [ask(aws, trust) for _ in range(3)] == [403, 403, 403]
    [said] = caplog.records
    assert said.getMessage().startswith("Amazon has other certificate authorities")
    assert "unable to get local issuer certificate" in str(said.__dict__["reason"])


def test_a_certificate_that_nobody_vouches_for_is_refused(aws: Aws, caplog: pytest.LogCaptureFixture):
    trust = Trust(AMAZON)
    for _ in range(2):
        with pytest.raises(Unavailable, match="SSLCertVerificationError"):
            ask(aws, trust)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("certificate", ["another host", "expired"])
def test_a_certificate_that_is_not_the_endpoints_is_refused(authority: Authority, certificate: str):
    issued = authority.issue("localhost", YESTERDAY) if certificate == "expired" else authority.issue("other.example")
    with Aws() as server:
        for aws in serving(server, issued):
            with pytest.raises(Unavailable, match="SSLCertVerificationError"):
                ask(aws, Trust(authority.certificate))


def test_discord_and_others_are_trusted_by_the_systems_authorities(
    aws: Aws, authority: Authority, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    tls.of_system.cache_clear()
    response = http.send("GET", f"{url_of(aws)}/anything", None, {}, Deadline.after(30))
    tls.of_system.cache_clear()
    assert response.status == 403
