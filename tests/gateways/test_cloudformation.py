"""Which addresses a custom resource may answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.gateways import cloudformation

BUCKET = "cloudformation-custom-resource-response-euwest1"
SIGNED = "/arn%3Aaws%3Acloudformation%3Aeu-west-1%3A1%3Astack/game/1%7CMigrations?X-Amz-Signature=ab"


@pytest.mark.parametrize("host", ["s3.amazonaws.com", "s3-eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"])
def test_cloudformation_is_answered_however_s3_writes_its_bucket(host: str):
    assert cloudformation.takes_answers_at(f"https://{BUCKET}.{host}{SIGNED}", "eu-west-1")


@pytest.mark.parametrize(
    "url",
    [
        f"http://{BUCKET}.s3.amazonaws.com{SIGNED}",
        f"https://{BUCKET}.s3.amazonaws.com:8443{SIGNED}",
        f"https://{BUCKET}.s3.amazonaws.com",
        f"https://{BUCKET}.s3.amazonaws.com.example.org{SIGNED}",
        f"https://{BUCKET}.s3.amazonaws.com@example.org{SIGNED}",
        f"https://me@{BUCKET}.s3.amazonaws.com{SIGNED}",
        f"https://example.org/{BUCKET}.s3.amazonaws.com{SIGNED}",
        f"https://{BUCKET}-of-mine.s3.amazonaws.com{SIGNED}",
        f"https://{BUCKET}.example.org{SIGNED}",
        f"https://{BUCKET.replace('euwest1', 'useast1')}.s3.amazonaws.com{SIGNED}",
        f"https://{BUCKET}.s3-us-east-1.amazonaws.com{SIGNED}",
        f"https://{BUCKET}.s3.amazonaws.com/\r\nHost: example.org",
        f"https://s3.amazonaws.com/{BUCKET}{SIGNED}",
        "https://mine.s3.amazonaws.com/key?X-Amz-Signature=ab",
        "https://169.254.169.254/latest/meta-data",
        "http://169.254.169.254/latest/meta-data",
        "https://10.80.0.7/",
        "https://[::1]/",
        "https://localhost/",
        "http://127.0.0.1:4566/_ministack/cfn-response/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_other_address_is_answered(url: str):
    assert not cloudformation.takes_answers_at(url, "eu-west-1")


@given(st.text(max_size=40), st.text(max_size=40))
def test_nothing_put_before_or_into_the_host_makes_an_address_of_it(before: str, within: str):
    assert not cloudformation.takes_answers_at(f"{before}x{within}.s3.amazonaws.com{SIGNED}", "eu-west-1")
