"""Where CloudFormation accepts the answers of custom resources: a bucket of its own in each region.

Source: "Custom resource request and response reference" and "Amazon S3 bucket names" for VPC endpoints, in the
CloudFormation user guide. S3 writes a bucket's host in three ways.
"""

from __future__ import annotations

BUCKET = "cloudformation-custom-resource-response-{}"
HOSTS = ("{}.s3.amazonaws.com", "{}.s3.{}.amazonaws.com", "{}.s3-{}.amazonaws.com")

stand_ins: list[str] = []
"""Where an emulator takes them. What runs a function on a developer's machine fills it, with code that is never
deployed: there is no variable that could add an address on AWS.
"""


def takes_answers_at(url: str, region: str) -> bool:
    """Whether it is an address of CloudFormation's in that region: over TLS, without a port or a name to sign in."""
    bucket = BUCKET.format(region.replace("-", ""))
    own = [f"https://{host.format(bucket, region)}" for host in HOSTS]
    return url.isascii() and url.isprintable() and any(url.startswith(f"{place}/") for place in (*own, *stand_ins))
