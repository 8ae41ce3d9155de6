"""The AWS emulator as a child process: ministack with a few patches that make it closer to AWS.

Runs in the emulator's own environment (it pins botocore). The patches:

* a function's error type and log tail come from our runner, whose time-out fires first;
* the runner gets the revision of the function with each call, so that it runs what is deployed at that moment;
* alarms are evaluated by `local.alarms`, which knows dimensions, missing data and OK; the emulator only stores state;
* the answers of the REST APIs are buffered, for the metrics that API Gateway would publish;
* each function has an access key of its own, and what it asks of AWS is written down for tests of IAM's policies;
  so are the policies of VPC endpoints handed out, which the emulator keeps to itself;
* a snapshot can be marked as failed, which the emulator itself never does;
* an instance that is made of a snapshot has what was asked for, one can be made of a moment, and one can be renamed;
  a new name or master password is pending until PostgreSQL is said to have it (`emulated_restores.py`);
* its schedules can be left off, for tests in which nothing may happen by itself;
* its state can be saved while it runs, so that a killed emulator comes back with its stack;
* it answers with an identity, so that the readiness check never accepts another server;
* it accepts only what knows the secret of this local cloud, which its addresses begin with. Everybody may use what is
  public at AWS as well: the REST APIs, and links that are signed (the secret signs them).
"""

import base64
import http.client
import importlib
import json
import os
import re
import secrets
import sys
import urllib.parse
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

SPARE = 60  # seconds the runner may take beyond the function's time-out: a cold start, and its own time-out's answer

KEPT = 10_000  # answers of the REST APIs that are buffered, and different calls of functions that are written down

OWN_HOST = f"127.0.0.1:{os.environ['GATEWAY_PORT']}"
SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
FUNCTION_KEY = f"{os.environ['AWS_ACCESS_KEY_ID']}-"  # the access key of a function ends with its name
CALLS = Path(os.environ["LOCAL_CALLS"])
PUBLIC_API = re.compile(r"/restapis/[a-z0-9]+/[A-Za-z0-9_-]+/_user_request_(/|$)")
OUR_OWN_PAGES = {None, "none", "same-origin"}  # values of Sec-Fetch-Site: a browser names who asks

type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[dict[str, Any]]]
type Send = Callable[[dict[str, Any]], Awaitable[None]]

sys.path.append(str(Path(__file__).parent))
gateway = importlib.import_module("ministack.app")
functions = importlib.import_module("ministack.services.lambda_svc")
alarms = importlib.import_module("ministack.services.cloudwatch")
apis = importlib.import_module("ministack.services.apigateway_v1")
databases = importlib.import_module("ministack.services.rds")
buckets = importlib.import_module("ministack.services.s3")
networks = importlib.import_module("ministack.services.ec2")
schedules = importlib.import_module("ministack.services.scheduler")
restoring = importlib.import_module("emulated_restores")
resources = importlib.import_module("ministack.services.cloudformation.custom_resource")
templates = importlib.import_module("ministack.services.cloudformation.helpers")
provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
evaluator = importlib.import_module("ministack.core.iam_evaluator")
requests = importlib.import_module("ministack.core.iam_actions")
emulated = gateway.app
dispatch = gateway._dispatch_service_request  # noqa: SLF001 (the version is pinned)
is_root = evaluator.is_root_access_key
execute = apis.handle_execute
settings_of_methods = provisioners._apigw_method_settings  # noqa: SLF001 (the version is pinned)
answered: deque[dict[str, Any]] = deque(maxlen=KEPT)
called: set[str] = set()


def correct(module: ModuleType, name: str, replacement: Callable[..., Any]) -> None:
    """Replace a function of the emulator; exits if a newer emulator no longer has it."""
    if not callable(getattr(module, name, None)):
        sys.exit(f"ministack has no {module.__name__}.{name} any more: see {__file__}")
    setattr(module, name, replacement)


def ask_runner(function: dict[str, Any], event: object, url: str, request_id: str) -> dict[str, Any]:
    """Invoke a function through the runner; the shape of the answer is the emulator's own."""
    config = function.get("config") or function
    headers = {"Content-Type": "application/json", "X-Amzn-Lambda-Request-Id": request_id}
    headers["X-Revision"] = config.get("RevisionId") or ""
    if trace := functions._xray_trace_id_for_invocation(config):  # noqa: SLF001 (the version is pinned)
        headers["X-Amzn-Trace-Id"] = trace
    try:
        return answer_of(url, json.dumps(event, ensure_ascii=False).encode(), headers, int(config.get("Timeout") or 3))
    except OSError as error:
        return {"error": True, "body": {"errorType": "Runner.Unreachable", "errorMessage": str(error)}}


def answer_of(url: str, body: bytes, headers: dict[str, str], timeout: int) -> dict[str, Any]:
    place = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(place.netloc, timeout=timeout + SPARE)
    try:
        connection.request("POST", place.path, body, headers)
        response = connection.getresponse()
        result: dict[str, Any] = {"body": json.loads(response.read() or b"null")}
    finally:
        connection.close()
    if failure := response.headers.get("X-Amz-Function-Error"):
        result |= {"error": True, "function_error": failure}
    result["log"] = base64.b64decode(response.headers.get("X-Amz-Log-Result", "")).decode(errors="replace")
    return result


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The emulator's gateway with our own paths."""
    if scope["type"] == "lifespan":
        return await emulated(scope, receive, send)
    admitted = admit(scope) if scope["type"] == "http" else None
    if admitted is None:
        return await answer(send, "this address is for the programs of the user who started the emulator", 403)
    return await serve(admitted, receive, send)


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request that was admitted."""
    match scope.get("method"), scope["path"]:
        case _, "/_local/identity":
            await answer(send, os.environ["LOCAL_IDENTITY"])
        case "POST", "/_local/save":
            gateway.save_all(gateway._build_persistence_save_dict())  # noqa: SLF001 (the same)
            await answer(send, "saved")
        case "POST", "/_local/answers":
            await answer(send, json.dumps([answered.popleft() for _ in range(len(answered))]))
        case "POST", "/_local/snapshots":
            for name, status in json.loads((await receive())["body"]).items():
                databases._snapshots[name]["Status"] = status  # noqa: SLF001 (the same)
            await answer(send, "changed")
        case "POST", "/_local/passwords":
            restoring.in_force(json.loads((await receive())["body"]))
            await answer(send, "changed")
        case "POST", "/_local/addresses":
            restoring.at_address(json.loads((await receive())["body"]))
            await answer(send, "changed")
        case _, "/_local/passwords":
            await answer(send, json.dumps(restoring.passwords))
        case _, "/_local/endpoint-policies":
            found = networks._vpc_endpoints.values()  # noqa: SLF001 (the same)
            await answer(send, json.dumps({one["ServiceName"]: one["PolicyDocument"] for one in found}))
        case _:
            await emulated(scope, receive, send)


def admit(scope: Scope) -> Scope | None:
    """The request as the emulator gets it, without the secret; None when it is refused."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if headers.get("host") != OWN_HOST:  # DNS rebinding
        return None
    if is_signed_link(scope, headers):
        return scope
    if "origin" in headers or headers.get("sec-fetch-site") not in OUR_OWN_PAGES:
        return None
    given, _, rest = scope["path"].removeprefix("/").partition("/")
    if secrets.compare_digest(given.encode(), SECRET.encode()):
        raw = scope["raw_path"].removeprefix(f"/{SECRET}".encode()) or b"/"
        return {**scope, "path": f"/{rest}", "raw_path": raw}
    return scope if PUBLIC_API.match(scope["path"]) else None


def is_signed_link(scope: Scope, headers: dict[str, str]) -> bool:
    """Whether it reads an object by a link whose signature covers all of it."""
    asked = urllib.parse.parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    is_signed = asked.get("X-Amz-Algorithm") == ["AWS4-HMAC-SHA256"] and "X-Amz-Signature" in asked
    if scope["method"] != "GET" or not is_signed:
        return False
    return buckets._verify_presigned_sigv4("GET", scope["path"], headers, asked) is None  # noqa: SLF001 (the same)


def own_address() -> str:
    """Where a function answers CloudFormation."""
    return f"http://{OWN_HOST}/{SECRET}"


def without_secret(url: str) -> urllib.parse.ParseResult:
    """The parts of a template's address, which names a bucket and a key after our secret."""
    return urllib.parse.urlparse(url.replace(f"/{SECRET}/", "/", 1))


async def answer(send: Send, text: str, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": text.encode()})


async def note_answer(api_id: str, stage: str, method: str, path: str, *request: object) -> tuple[int, Any, Any]:
    """Answer a request to a REST API, and buffer the API's name, the path and the status."""
    status, headers, body = await execute(api_id, stage, method, path, *request)
    if scope := apis.find_api_scope(api_id):
        name = apis._rest_apis.get_scoped(*scope, api_id)["name"]  # noqa: SLF001 (the same)
        answered.append({"api": name, "stage": stage, "path": path, "status": int(status)})
    return status, headers, body


async def note_call(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], request_id: str
) -> tuple[int, Any, Any]:
    """Answer a request to AWS; if a function sent it, write down what IAM would be asked about it."""
    key = gateway.extract_access_key_id(headers, query)
    if key.startswith(FUNCTION_KEY):
        function = key.removeprefix(FUNCTION_KEY)
        for action, resource, context in checks(method, path, headers, body, query):
            asked = {"function": function, "action": action, "resource": resource, "context": context}
            note({**asked, "linked": "X-Amz-Signature" in query})
    return await dispatch(method, path, headers, body, query, request_id)


def note(call: dict[str, Any]) -> None:
    line = json.dumps(call, sort_keys=True)
    if line in called or len(called) >= KEPT:
        return
    called.add(line)
    with CALLS.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def checks(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each action, resource and condition keys for which the request needs a right: RDS may need several."""
    asked = gateway._routing_params(method, path, headers, body, query)  # noqa: SLF001 (the same)
    service = gateway.detect_service(method, path, headers, asked)
    action = requests.extract_iam_action(service, method, path, headers, body, asked) or f"{service}:Unknown"
    if service == "sqs":
        action = action.removesuffix("Batch")  # which needs the right to the single one
    region, account = gateway.extract_region(headers), os.environ["MINISTACK_ACCOUNT_ID"]
    resource = requests.extract_resource_arn(service, method, path, headers, body, asked, region, account)
    tags = requests.request_tag_context(service, action, body, asked)
    if service != "rds" or "Snapshot" not in action:
        yield action, resource, {**tags, **condition_keys(action, path, headers, body, query)}
        return
    (snapshot,) = asked.get("DBSnapshotIdentifier", ["*"])
    named = f"arn:aws:rds:{region}:{account}:snapshot:{snapshot}"
    if resource != "*":
        yield action, resource, tags
    kept = databases._snapshots.get(snapshot, {}).get("TagList", [])  # noqa: SLF001 (the same)
    yield action, named, {**tags, **{f"aws:ResourceTag/{tag['Key']}": tag["Value"] for tag in kept}}
    if tags:
        yield "rds:AddTagsToResource", named, tags


def condition_keys(
    action: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> dict[str, Any]:
    """The keys that a service takes from the request, for services that our policies have conditions about."""
    if action == "cloudwatch:PutMetricData":
        return {"cloudwatch:namespace": json.loads(body)["Namespace"]}
    if not action.startswith("s3:"):
        return {}
    given = headers.get("if-none-match")
    own = requests.s3_service_context(action, query, path, headers)
    return {**own, **({"s3:if-none-match": given} if given else {})}


def is_root_or_function(key: str) -> bool:
    """Functions sign with the secret, too; the name in their key is for `note_call` alone."""
    return key.startswith(FUNCTION_KEY) or is_root(key)


def method_settings(raw: object) -> dict[str, Any]:
    """A template's settings of methods under the keys by which UpdateStage and the throttle find them: with slashes."""
    return {key.replace("/~1", "/").replace("~1", "/"): value for key, value in settings_of_methods(raw).items()}


def leave_off(*_: object) -> None:
    """Alarms are evaluated, and their messages published, by `local.alarms`; schedules may be unwanted."""


if __name__ == "__main__":
    correct(functions, "_execute_function_proxy", ask_runner)
    correct(alarms, "_evaluate_all_alarms", leave_off)
    correct(alarms, "_evaluate_alarm", leave_off)
    correct(alarms, "_dispatch_alarm_actions", leave_off)
    correct(apis, "handle_execute", note_answer)
    correct(evaluator, "is_root_access_key", is_root_or_function)
    correct(gateway, "_dispatch_service_request", note_call)
    correct(resources, "_gateway_url", own_address)
    correct(templates, "urlparse", without_secret)
    correct(provisioners, "_apigw_method_settings", method_settings)
    correct(gateway, "app", app)
    if "LOCAL_WITHOUT_SCHEDULES" in os.environ:
        correct(schedules, "start_scheduler", leave_off)
    databases._ACTION_MAP.update(restoring.ACTIONS)  # noqa: SLF001 (the same)
    gateway.main()
