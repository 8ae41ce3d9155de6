from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from mastermind.config import AwsCredentials
from mastermind.gateways import sigv4

credentials = st.builds(
    AwsCredentials,
    access_key_id=st.from_regex(r"[A-Z0-9]{16,20}", fullmatch=True),
    secret_access_key=st.text("abcXYZ019+/=", min_size=1, max_size=60),
    session_token=st.none() | st.text("abcXYZ019+/=", min_size=1, max_size=400),
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
hosts = st.from_regex(r"[a-z][a-z0-9-]{0,20}(\.[a-z]{2,9}){1,3}(:[1-9][0-9]{1,3})?", fullmatch=True)
regions = st.from_regex(r"[a-z]{2}-[a-z]{4,9}-[1-9]", fullmatch=True)
words = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
header_names = st.from_regex(r"[A-Z][a-z]{1,9}(-[A-Z][a-z]{1,9}){0,2}", fullmatch=True).filter(
    lambda name: name.lower() not in {"host", "expect", "authorization", "connection", "content-length", "user-agent"}
)


def stamp(now: datetime) -> str:
    return now.strftime("%Y%m%dT%H%M%SZ")


def theirs(credentials: AwsCredentials) -> Credentials:
    return Credentials(credentials.access_key_id, credentials.secret_access_key, credentials.session_token)


@given(credentials, moments, hosts, regions, st.dictionaries(header_names, words, max_size=4), st.binary(max_size=300))
def test_we_sign_headers_just_as_botocore_does(
    credentials: AwsCredentials,
    now: datetime,
    host: str,
    region: str,
    headers: dict[str, str],
    body: bytes,
) -> None:
    ours = sigv4.signed_headers(
        "POST", "/", {"Host": host, **headers}, body, service="sqs", region=region, credentials=credentials, now=now
    )

    signer = auth.SigV4Auth(theirs(credentials), "sqs", region)
    request = AWSRequest("POST", f"https://{host}/", {"Host": host, "X-Amz-Date": stamp(now), **headers}, body)
    request.context["timestamp"] = stamp(now)
    if credentials.session_token:
        request.headers["X-Amz-Security-Token"] = credentials.session_token
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)

    assert ours["Authorization"].endswith(f"Signature={signature}")
    assert f"SignedHeaders={signer.signed_headers(signer.headers_to_sign(request))}," in ours["Authorization"]
    assert f"Credential={signer.scope(request)}," in ours["Authorization"]


@given(credentials, moments, hosts, regions, st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=4))
def test_we_sign_queries_just_as_botocore_does(
    credentials: AwsCredentials, now: datetime, host: str, region: str, query: dict[str, str]
) -> None:
    ours = sigv4.presigned_query(
        "GET", host, "/", query, service="rds-db", region=region, credentials=credentials, now=now, expires=900
    )

    given_parameters = ours.rpartition("&X-Amz-Signature=")[0]
    signer = auth.SigV4QueryAuth(theirs(credentials), "rds-db", region, expires=900)
    request = AWSRequest("GET", f"https://{host}/?{given_parameters}", {"Host": host})
    request.context["timestamp"] = stamp(now)
    canonical = "\n".join(["GET", "/", given_parameters, f"host:{host}", "", "host", signer.payload(request)])
    signature = signer.signature(signer.string_to_sign(request, canonical), request)

    assert ours == f"{given_parameters}&X-Amz-Signature={signature}"
    assert query.items() <= dict(parse_qsl(ours, keep_blank_values=True)).items()


def test_a_session_token_is_part_of_what_is_signed() -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    signed = [
        sigv4.presigned_query(
            "GET",
            "h:1",
            "/",
            {},
            service="s",
            region="r",
            credentials=AwsCredentials("A", "b", token),
            now=now,
            expires=1,
        )
        for token in (None, "one", "two")
    ]

    assert len({dict(parse_qsl(query))["X-Amz-Signature"] for query in signed}) == 3


def test_secrets_do_not_show_when_credentials_are_printed() -> None:
    assert "hush" not in repr(AwsCredentials("AKIA", "hush", "hush-hush"))


def test_the_query_is_one_of_a_url() -> None:
    query = sigv4.presigned_query(
        "GET",
        "h:1",
        "/",
        {"a b": "ü&="},
        service="s",
        region="r",
        credentials=AwsCredentials("A", "b", None),
        now=datetime(2026, 7, 1, tzinfo=UTC),
        expires=1,
    )

    assert urlsplit(f"https://h:1/?{query}").query == query
