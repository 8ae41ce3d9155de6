"""CloudFormation's custom resources: a deploy waits for our answer at an address of its own, so it always gets one.

Source: "Custom resource request and response reference" in the CloudFormation user guide.
"""

from __future__ import annotations

import json
import logging
import os
import time
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from mastermind import config
from mastermind.deadline import Deadline, within
from mastermind.discord.text import fit, one_line
from mastermind.errors import BadEvent, MastermindError, Unavailable
from mastermind.gateways import cloudformation, http
from mastermind.operations.config import CustomResourceSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

ANSWERING = 20.0
"""Seconds of an invocation's time that are kept to answer CloudFormation, which may take more than one try."""

PATIENCE = 5  # seconds for each try to answer
PAUSES = (0.2, 1.0, 0.0)  # seconds after each try
MOST_REASON = 1000  # bytes in UTF-8; the whole answer may have 4 096


class ResourceRequest(BaseModel):
    """What CloudFormation sends, as far as we need it."""

    request_type: Literal["Create", "Update", "Delete"] = Field(alias="RequestType")
    response_url: str = Field(alias="ResponseURL")
    stack_id: str = Field(alias="StackId")
    request_id: str = Field(alias="RequestId")
    logical_resource_id: str = Field(alias="LogicalResourceId")
    properties: dict[str, object] = Field(alias="ResourceProperties", default={})


def property_of(event: Mapping[str, object], name: str) -> str:
    """A text that the template passes with the resource; empty if it passes none."""
    return str(ResourceRequest.model_validate(event).properties.get(name, ""))


def fingerprint(event: Mapping[str, object]) -> str:
    """Changes with each property that the template passes with the resource."""
    properties = ResourceRequest.model_validate(event).properties
    return sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest()[:12]


def deadline_of_work(deadline: Deadline) -> Deadline:
    """When the work has to end, so that CloudFormation is answered before the invocation's deadline."""
    return Deadline.after(deadline.remaining() - ANSWERING)


def serve(
    event: Mapping[str, object], physical_id: str, work: Callable[[], Mapping[str, str]], deadline: Deadline
) -> dict[str, object]:
    """Do `work` for a create or an update and answer with its attributes, or with the reason why there are none.

    A delete always succeeds and does nothing: what is in the database outlives the stack's wish to be rid of it.
    Whatever happens CloudFormation is answered, at the latest a moment after `deadline`; a late `work` is left alone.
    Returns what was sent; raises ConnectionError when it was not accepted, and BadEvent before any work when somebody
    else waits for the answer.
    """
    request = ResourceRequest.model_validate(event)
    _refuse_strangers(request.response_url)
    if request.request_type == "Delete":
        return _answer(request, physical_id, Status="SUCCESS")
    try:
        attributes = within(deadline, work)
    except Exception as error:
        log.exception("the custom resource failed")
        return _answer(request, physical_id, Status="FAILED", Reason=fit(one_line(_reason(error)), MOST_REASON))
    return _answer(request, physical_id, Status="SUCCESS", Data=dict(attributes))


def _refuse_strangers(url: str) -> None:
    """Who may invoke the function could name any address, and have it do a deploy's work and answer there."""
    if not cloudformation.takes_answers_at(url, config.read(CustomResourceSettings, os.environ).region):
        raise BadEvent("ResponseURL is not an address of CloudFormation's in this region")


def _reason(error: Exception) -> str:
    """What the person who deploys may read: our own words, or where to find more."""
    if isinstance(error, MastermindError):
        return str(error)
    if isinstance(error, TimeoutError):
        return "It was not done before the function's own time-out."
    return f"{type(error).__name__}: the function's log says more."


def _answer(request: ResourceRequest, physical_id: str, **outcome: object) -> dict[str, object]:
    same = request.model_dump(by_alias=True, include={"stack_id", "request_id", "logical_resource_id"})
    body = json.dumps({**same, "PhysicalResourceId": physical_id, **outcome}, ensure_ascii=False).encode()
    for pause in PAUSES:
        if failure := _put(request.response_url, body):
            log.warning("CloudFormation did not accept the answer", extra={"error": failure})
            time.sleep(pause)
        else:
            return outcome
    raise ConnectionError("CloudFormation did not accept the answer")


def _put(url: str, body: bytes) -> str:
    """What went wrong, or an empty text. The address is signed for an empty content type."""
    try:
        response = http.send("PUT", url, body, {"Content-Type": ""}, Deadline.after(PATIENCE))
    except Unavailable as error:
        return str(error)
    return "" if HTTPStatus(response.status).is_success else response.words
