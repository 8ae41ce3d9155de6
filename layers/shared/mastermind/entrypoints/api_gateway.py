"""API Gateway's events and answers; both payload formats (REST and HTTP API) become one plain request."""

from __future__ import annotations

import json
from binascii import a2b_base64
from dataclasses import dataclass
from os import urandom
from typing import TYPE_CHECKING, cast

from mastermind.errors import BadRequest, BadSignature, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import NoReturn

    from mastermind.json_types import Json


LARGEST_BODY = 64 * 1024  # bytes (docs/rules/reach.md, Limits of a request)
LARGEST_BASE64 = 4 * -(-LARGEST_BODY // 3)  # characters of such a body in base64


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request: header names in lower case, several headers of one name joined by commas, the body as sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def read(event: object) -> Request:
    """Read an event of either shape.

    Raises TooLarge above 64 KiB, BadSignature for a body that nobody can have signed, BadRequest for what is no event.
    """
    record = _record(event, "the event")
    method, path = _target(record)
    return Request(method.upper(), path, dict(_headers(record)), _body(record))


def respond(
    status: int, body: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, object]:
    """The answer both shapes understand; a body is sent as JSON."""
    kind = {} if body is None else {"content-type": "application/json"}
    return {
        "statusCode": status,
        "headers": {**kind, **(headers or {})},
        "body": "" if body is None else json.dumps(body, separators=(",", ":")),
        "isBase64Encoded": False,
    }


def of_release(answer: Json, release: str) -> Json:
    """The answer with the header that says which release it comes from."""
    headers = cast("Mapping[str, str]", answer["headers"])
    return {**answer, "headers": {**headers, "x-release": release}}


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file in an answer: its name, its media type, what it holds."""

    name: str
    kind: str
    text: str


def respond_with_files(status: int, body: Json, files: Sequence[TextFile]) -> dict[str, object]:
    """An answer that brings files: a form whose field `payload_json` is the JSON, `files[0]` the first file ...

    All of it is text, so that API Gateway hands it on as it is; what is not text would need its `BinaryMediaTypes`.
    """
    boundary = urandom(16).hex()
    fields = [_field('name="payload_json"', "application/json", json.dumps(body, separators=(",", ":")))]
    fields += [
        _field(f'name="files[{number}]"; filename="{file.name}"', file.kind, file.text)
        for number, file in enumerate(files)
    ]
    return {
        "statusCode": status,
        "headers": {"content-type": f"multipart/form-data; boundary={boundary}"},
        "body": "".join(f"--{boundary}\r\n{field}\r\n" for field in fields) + f"--{boundary}--\r\n",
        "isBase64Encoded": False,
    }


def _field(names: str, kind: str, text: str) -> str:
    return f"Content-Disposition: form-data; {names}\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{text}"


def _target(event: Json) -> tuple[str, str]:
    """Method and path; the HTTP API puts the stage before the path unless it is the default one."""
    if event.get("version") != "2.0":
        return _text(event, "httpMethod"), _text(event, "path")
    context = _record(event.get("requestContext"), "requestContext")
    method = _text(_record(context.get("http"), "http"), "method")
    return method, _without_stage(_text(event, "rawPath"), f"/{context.get('stage')}")


def _without_stage(path: str, stage: str) -> str:
    return path.removeprefix(stage) if path.startswith(f"{stage}/") else path


def _headers(event: Json) -> Iterator[tuple[str, str]]:
    """Headers by lower-case name; the REST API repeats in `multiValueHeaders` what `headers` says, and more."""
    found: dict[str, list[str]] = {}
    for name, value in _pairs(event):
        found.setdefault(name.lower(), []).append(value)
    return ((name, ",".join(values)) for name, values in found.items())


def _pairs(event: Json) -> Iterator[tuple[str, str]]:
    several = _optional_record(event, "multiValueHeaders")
    for name, values in several.items():
        yield from ((name, _header(value)) for value in _list(values))
    for name, value in _optional_record(event, "headers").items():
        if name not in several:
            yield name, _header(value)


def _body(event: Json) -> bytes:
    text = event.get("body")
    if text is None:
        return b""
    if not isinstance(text, str):
        _refuse("the body is not a text")
    return _sized(_decoded(text) if event.get("isBase64Encoded") is True else _encoded(text))


def _decoded(text: str) -> bytes:
    _check(len(text), LARGEST_BASE64)
    try:
        return a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise BadSignature("the body is not base64") from error


def _encoded(text: str) -> bytes:
    _check(len(text), LARGEST_BODY)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadSignature("the body is not Unicode") from error


def _sized(body: bytes) -> bytes:
    _check(len(body), LARGEST_BODY)
    return body


def _check(size: int, most: int) -> None:
    if size > most:
        raise TooLarge(f"the body is larger than {LARGEST_BODY} bytes")


def _optional_record(event: Json, name: str) -> Json:
    return {} if event.get(name) is None else _record(event[name], name)


def _record(value: object, name: str) -> Json:
    return cast("Json", value) if isinstance(value, dict) else _refuse(f"{name} is not an object")


def _list(value: object) -> Iterable[object]:
    return cast("list[object]", value) if isinstance(value, list) else _refuse("a header's values are not a list")


def _header(value: object) -> str:
    return value if isinstance(value, str) else _refuse("a header is not a text")


def _text(source: Json, name: str) -> str:
    value = source.get(name)
    return value if isinstance(value, str) else _refuse(f"{name} is not a text")


def _refuse(problem: str) -> NoReturn:
    raise BadRequest(problem)
