"""Whether AWS itself publishes the certificate authorities that the functions trust for the database."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from ops.checks.findings import fine, noted, skipped, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.checks.findings import Finding
    from ops.checks.planned import Planned

WHAT = "RDS's authorities"
COMMITTED = Path(__file__).parents[2] / "layers" / "shared" / "rds-ca"
TRUST_STORE = "https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem"
"""Where AWS publishes them (Amazon RDS User Guide, "Using SSL/TLS to encrypt a connection to a DB instance")."""

PROXIES = ("Amazon Root CA", "Starfield Services Root")
"""The authorities of RDS's proxies. They are not in AWS's bundle; a test compares them with Mozilla's."""


def authorities(planned: Planned, source: str = TRUST_STORE) -> Iterator[Finding]:
    """Compares the committed file of the region with AWS's. Nothing is said of a region without one: `region` does."""
    region = planned.target.region
    file = COMMITTED / f"{region}.pem"
    if planned.target.is_local:
        yield skipped(WHAT, "the local cloud's database is not one of RDS")
    elif file.is_file():
        yield _compared(region, _certificates(file.read_text(encoding="ascii")), source.format(region=region))


def _compared(region: str, ours: dict[bytes, str], url: str) -> Finding:
    try:
        theirs = _certificates(httpx.get(url, timeout=10).raise_for_status().text)
    except (httpx.HTTPError, ssl.SSLError, ValueError) as error:
        return skipped(WHAT, f"AWS's own bundle could not be read: {type(error).__name__}")
    unknown = [name for one, name in ours.items() if one not in theirs and not name.startswith(PROXIES)]
    missing = [name for one, name in theirs.items() if one not in ours and f" {region} Root CA " in name]
    if unknown:
        words = f"AWS does not publish {', '.join(unknown)}, which the functions would trust"
        return wrong(WHAT, words, "Do not deploy. Take a checkout whose commit you trust, and compare its files.")
    if missing:
        words = f"AWS publishes {', '.join(missing)} as well: a database that uses it is refused"
        return noted(WHAT, words, "Take a newer release, or `make -C layers/shared rds-ca`.")
    return fine(WHAT, "AWS publishes each one that the functions trust")


def _certificates(bundle: str) -> dict[bytes, str]:
    """The name of each certificate of a PEM bundle, by its DER."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.load_verify_locations(cadata=bundle)
    return dict(zip(trust.get_ca_certs(binary_form=True), map(_name, trust.get_ca_certs()), strict=True))


def _name(certificate: Mapping[str, Any]) -> str:
    """Its common name; `subject` is a tuple of tuples of pairs (https://docs.python.org/3/library/ssl.html)."""
    return next(value for ((key, value),) in certificate["subject"] if key == "commonName")
