from __future__ import annotations

import hashlib
import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import parse_qsl, urlsplit

import boto3
import httpx
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from mastermind.config import AwsSettings
from mastermind.deadline import Deadline
from mastermind.errors import ConfigError, Unavailable
from mastermind.gateways.s3 import Bucket
from tests.gateways.test_sqs import CREDENTIALS, emulator
from tests.serving import LocalServer, Quiet, serving
from tests.waiting import quickest, timed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

THEIRS = Credentials("AKIAEXAMPLE", "not-a-real-secret", "on-loan")
NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)
KEY = "exports/0f0e/mastermind.json"


class Asked(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class S3(LocalServer):
    """Stands in for S3: keeps what was put, and answers as scripted: 200 by default, 0 for no answer."""

    def __init__(self) -> None:
        super().__init__(Answering)
        self.asked: list[Asked] = []
        self.answers: list[int] = []


class Answering(Quiet, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        s3 = cast("S3", self.server)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        s3.asked.append(Asked(self.path, dict(self.headers), body))
        status = s3.answers.pop(0) if s3.answers else 200
        if not status:
            time.sleep(1)
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"said")


@pytest.fixture
def s3() -> Iterator[S3]:
    with serving(S3()) as server:
        yield server


@contextmanager
def bucket_at(url: str | None) -> Generator[Bucket]:
    bucket = Bucket("exported", AwsSettings("eu-central-1", url, CREDENTIALS))
    yield bucket
    bucket.close()


def test_what_is_put_bears_the_signature_that_botocore_would_give(s3: S3):
    with bucket_at(s3.url) as bucket:
        bucket.put(KEY, b"{}", Deadline.after(30), {"Content-Type": "application/json"})
    [(path, headers, body)] = s3.asked
    assert (path, body, headers["Content-Type"]) == (f"/exported/{KEY}", b"{}", "application/json")
    assert headers["X-Amz-Content-Sha256"] == hashlib.sha256(b"{}").hexdigest()
    signed = {name: headers[name] for name in ("Host", "Content-Type", "X-Amz-Date", "X-Amz-Content-Sha256")}
    request = AWSRequest("PUT", f"{s3.url}{path}", {**signed, "X-Amz-Security-Token": "on-loan"}, body)
    request.context["timestamp"] = headers["X-Amz-Date"]
    signer = S3SigV4Auth(THEIRS, "s3", "eu-central-1")
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert headers["Authorization"].endswith(f"Signature={signature}")


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:4566"])
def test_a_link_is_the_one_that_botocore_would_hand_out(url: str | None):
    with bucket_at(url) as bucket:
        link = urlsplit(bucket.link(KEY, 900, Deadline.after(1), now=NOW))
    query = dict(parse_qsl(link.query))
    signer = S3SigV4QueryAuth(THEIRS, "s3", "eu-central-1", expires=900)
    unsigned = link.query.rpartition("&X-Amz-Signature=")[0]
    request = AWSRequest("GET", link._replace(query=unsigned).geturl(), {"Host": link.netloc})
    request.context["timestamp"] = "20261123T080000Z"
    text = "\n".join(["GET", link.path, unsigned, f"host:{link.netloc}", "", "host", signer.payload(request)])
    assert query["X-Amz-Signature"] == signer.signature(signer.string_to_sign(request, text), request)
    assert query["X-Amz-Expires"] == "900"


def test_at_aws_a_bucket_has_a_host_of_its_own_in_its_region():
    with bucket_at(None) as bucket:
        link = bucket.link(KEY, 900, Deadline.after(1))
    assert link.startswith(f"https://exported.s3.eu-central-1.amazonaws.com/{KEY}?")


def test_a_failed_put_is_tried_once_more(s3: S3):
    s3.answers = [503]
    with bucket_at(s3.url) as bucket:
        bucket.put(KEY, b"{}", Deadline.after(30))
    assert len(s3.asked) == 2


@pytest.mark.parametrize("status", [200, 412])
def test_what_is_put_once_leaves_what_is_there_already(s3: S3, status: int):
    s3.answers = [status]
    with bucket_at(s3.url) as bucket:
        bucket.put_once(KEY, b"{}", Deadline.after(30))
    [(_, headers, _)] = s3.asked
    assert headers["If-None-Match"] == "*"


def test_two_failed_puts_are_unavailable_and_say_why(s3: S3):
    s3.answers = [403, 403]
    with bucket_at(s3.url) as bucket, pytest.raises(Unavailable, match="403 said"):
        bucket.put(KEY, b"{}", Deadline.after(30))


def test_the_deadline_bounds_both_tries(s3: S3):

    def put() -> None:
        s3.answers = [0, 0]
        with bucket_at(s3.url) as bucket, pytest.raises(Unavailable):
            bucket.put(KEY, b"{}", Deadline.after(1))

    assert quickest(timed(put), 1.8) < 1.8
    with bucket_at(s3.url) as bucket, pytest.raises(Unavailable, match="no time"):
        bucket.put(KEY, b"{}", Deadline.after(0))


def test_without_credentials_the_bucket_names_the_variable():
    with pytest.raises(ConfigError, match="AWS_ACCESS_KEY_ID"):
        Bucket("exported", AwsSettings("eu-central-1", None))


def test_what_was_put_into_the_emulator_is_read_from_it_by_the_link(tmp_path: Path):
    with emulator(tmp_path) as url:
        client: Any = boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        client.create_bucket(Bucket="exported")
        client.close()
        bucket = Bucket("exported", AwsSettings("us-east-1", url, CREDENTIALS))
        bucket.put(KEY, json.dumps({"said": "ö"}).encode(), Deadline.after(60), {"Content-Type": "application/json"})
        read = httpx.get(bucket.link(KEY, 900, Deadline.after(60)), trust_env=False, timeout=60)
        for words in (b"first", b"second"):
            bucket.put_once("deletions/1", words, Deadline.after(60))
        once = httpx.get(bucket.link("deletions/1", 900, Deadline.after(60)), trust_env=False, timeout=60)
        earlier = datetime.now(UTC) - timedelta(seconds=901)
        too_late = httpx.get(bucket.link(KEY, 900, Deadline.after(1), now=earlier), trust_env=False, timeout=60)
        other = bucket.link(KEY, 900, Deadline.after(1)).replace("exports/0f0e", "exports/0f0f")
        forged = httpx.get(other, trust_env=False, timeout=60)
        bucket.close()
    assert (read.status_code, read.json()) == (200, {"said": "ö"})
    assert once.content == b"first"
    assert (too_late.status_code, forged.status_code) == (403, 403)
