"""A plain Python runtime for machines without awslambdaric, which has wheels for Linux only."""

import http.client
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

RUNTIME = "/2018-06-01/runtime"
type Handler = Callable[[Any, "Context"], Any]


@dataclass(frozen=True)
class Context:
    """What a handler gets about its invocation, with Lambda's names."""

    aws_request_id: str
    invoked_function_arn: str
    deadline_in_ms: int
    function_name: str = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    function_version: str = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
    memory_limit_in_mb: str = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    log_group_name: str = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
    log_stream_name: str = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self.deadline_in_ms - int(time.time() * 1000))


def ask(method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> tuple[Any, bytes]:
    host, _, secret = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
    connection = http.client.HTTPConnection(host)
    try:
        connection.request(method, f"/{secret}{RUNTIME}{path}", body, dict(headers or {}))
        response = connection.getresponse()
        return response.headers, response.read()
    finally:
        connection.close()


def failure(error: BaseException, kind: str | None = None) -> dict[str, Any]:
    print(f"[ERROR] {type(error).__name__}: {error}\n{traceback.format_exc()}", flush=True)
    trace = traceback.format_tb(error.__traceback__)[1:]
    return {"errorMessage": str(error), "errorType": kind or type(error).__name__, "stackTrace": trace}


def load(handler: str) -> Handler:
    module, _, name = handler.rpartition(".")
    try:
        return getattr(importlib.import_module(module.replace("/", ".")), name)
    except Exception as error:  # noqa: BLE001 (an import may raise anything)
        kind = "Runtime.ImportModuleError" if isinstance(error, ImportError) else None
        ask("POST", "/init/error", json.dumps(failure(error, kind)))
        sys.exit(1)


def serve(handler: Handler) -> None:
    headers, event = ask("GET", "/invocation/next")
    call = headers["Lambda-Runtime-Aws-Request-Id"]
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
    arn, deadline = headers["Lambda-Runtime-Invoked-Function-Arn"], int(headers["Lambda-Runtime-Deadline-Ms"])
    try:
        answer = json.dumps(handler(json.loads(event), Context(call, arn, deadline)))
    except Exception as error:  # noqa: BLE001 (a runtime reports whatever a handler raises)
        kind = type(error).__name__
        ask(
            "POST",
            f"/invocation/{call}/error",
            json.dumps(failure(error)),
            {"Lambda-Runtime-Function-Error-Type": kind},
        )
    else:
        sys.stdout.flush()  # what was printed is logged before the answer is known
        ask("POST", f"/invocation/{call}/response", answer)


def main(name: str) -> None:
    sys.path.append(os.path.dirname(__file__))  # noqa: PTH120 (as light as the real runtime)
    handler = load(name)
    while True:
        serve(handler)
