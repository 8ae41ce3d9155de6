"""What `ops logs` takes for an error, and how it shows what Lambda itself has written."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import ANY, Stubber

from ops import logs
from ops.target import Target

BEGIN = datetime(2026, 11, 23, tzinfo=UTC)


def of_lambda(kind: str, **record: object) -> str:
    return json.dumps({"time": "2026-11-23T08:00:00.000Z", "type": f"platform.{kind}", "record": record})


TIMEOUT = of_lambda("report", requestId="1", status="timeout", metrics={"durationMs": 10000.0})
OUT_OF_MEMORY = of_lambda("report", requestId="1", status="error", errorType="Runtime.OutOfMemory")
LOUD = [
    TIMEOUT,
    OUT_OF_MEMORY,
    of_lambda("runtimeDone", requestId="1", status="failure"),
    of_lambda("initReport", status="timeout", phase="init"),
    '{"time": "2026-11-23T08:00:00.000Z", "type": "platform.fault", "record": "RequestId: 1 Process exited"}',
    '{"timestamp": "2026-11-23T08:00:00Z", "log_level": "ERROR", "errorMessage": "no handler", "errorType": "Runtime"}',
    '{"level": "WARNING", "message": "unavailable"}',
    "2026-11-23T08:00:00.000Z 1 Task timed out after 10.00 seconds",
    "RequestId: 1 Error: Runtime exited with error: signal: killed",
]
QUIET = [
    of_lambda("report", requestId="1", status="success"),
    of_lambda("start", requestId="1", version="$LATEST"),
    '{"level": "INFO", "message": "award applied"}',
    '{"_aws": {"Timestamp": 1}, "service": "xp_award", "Errors": 1}',
    "START RequestId: 1 Version: $LATEST",
]


def wanted(lines: list[str], *, loud: bool) -> list[str]:
    session = boto3.Session("testing", "testing", region_name="eu-central-1")
    target = Target("game", "eu-central-1", session, None, None)
    with closing(target), Stubber(target.client("logs")) as stub:
        found = {"events": [{"message": f"{line}\n"} for line in lines]}
        stub.add_response("filter_log_events", found, {"logGroupName": "/aws/lambda/game-notify", "startTime": ANY})
        return list(logs.wanted(target, "notify", BEGIN, "", loud=loud))


def test_errors_are_what_we_the_runtime_and_lambda_itself_report():
    assert wanted([*LOUD, *QUIET], loud=True) == LOUD
    assert wanted([*LOUD, *QUIET], loud=False) == [*LOUD, *QUIET]


@pytest.mark.parametrize(
    ("line", "words"), [(TIMEOUT, "ERROR timeout"), (OUT_OF_MEMORY, "ERROR error Runtime.OutOfMemory")]
)
def test_what_lambda_reports_is_shown_with_its_time_and_what_went_wrong(
    line: str, words: str, capsys: pytest.CaptureFixture[str]
):
    logs.show(line)
    assert f"2026-11-23T08:00:00.000 {words}" in capsys.readouterr().out


def test_what_lambda_reports_of_what_went_well_is_noise_and_so_are_metrics():
    noise = [line for line in (*QUIET, *OF_TEXT_LOGS) if logs.is_noise(line)]
    assert noise == [QUIET[0], QUIET[1], QUIET[3], QUIET[4], *OF_TEXT_LOGS]
    assert not any(map(logs.is_noise, LOUD))


OF_TEXT_LOGS = [
    "END RequestId: 1",
    "REPORT RequestId: 1\tDuration: 1.50 ms\tBilled Duration: 2 ms",
    "INIT_START Runtime Version: python:3.13",
    "EXTENSION\tName: insights\tState: Ready",
    "TELEMETRY\tName: insights\tState: Subscribed",
]


def test_an_event_is_one_line_that_ends_its_message_with_what_went_wrong(capsys: pytest.CaptureFixture[str]):
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: no such thing'
    logs.show(
        json.dumps(
            {
                "level": "ERROR",
                "location": "serve:12",
                "timestamp": "2026-11-23T08:00:00.000+00:00",
                "service": "relay",
                "message": "a bug\nof ours",
                "exception": trace,
                "exception_name": "ValueError",
                "request_id": "1",
            }
        )
    )
    line = "2026-11-23T08:00:00.000 ERROR a bug of ours: ValueError: no such thing request_id=1\n"
    assert capsys.readouterr().out == line
