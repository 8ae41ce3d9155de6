"""Signed requests for tests: a key pair, and API Gateway's events of both shapes around a body."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING

from devkit.discord_client import public_key, signed_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkit.json_types import Json

PRIVATE_KEY = bytes(range(32))
PUBLIC_KEY = public_key(PRIVATE_KEY)


def signed_event(
    payload: Json, *, path: str = "/interactions/main", shape: str = "rest", at: float | None = None
) -> dict[str, object]:
    """The event of an interaction signed by PRIVATE_KEY; `shape` is "rest", "http" or "base64" (HTTP API, encoded)."""
    body = json.dumps(payload, ensure_ascii=False).encode()
    headers = signed_headers(PRIVATE_KEY, body, time.time() if at is None else at)
    if shape == "rest":
        return rest_event(path, body.decode(), headers)
    if shape == "http":
        return http_event(path, body.decode(), headers)
    return {**http_event(path, base64.b64encode(body).decode(), headers), "isBase64Encoded": True}


def rest_event(path: str, body: str | None, headers: Mapping[str, str], *, method: str = "POST") -> dict[str, object]:
    """What a REST API sends: headers as the sender wrote them, and all of them once more as lists."""
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": method,
            "path": f"/prod{path}",
            "stage": "prod",
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def http_event(path: str, body: str | None, headers: Mapping[str, str], *, method: str = "POST") -> dict[str, object]:
    """What an HTTP API sends (payload format 2.0): header names in lower case."""
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "requestId": "id",
            "routeKey": f"{method} {path}",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }
