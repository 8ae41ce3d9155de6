"""AWS as moto plays it in this process."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Generator

    import pytest


@contextmanager
def moto_aws(monkeypatch: pytest.MonkeyPatch, region: str | None = None) -> Generator[None]:
    """An empty account, whose credentials are the environment's; `region` becomes the default."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    if region:
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield
