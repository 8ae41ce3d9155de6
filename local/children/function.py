"""One execution environment of a Lambda function: `function.py HANDLER RUNTIME CODE LAYER...`.

The path is that of Lambda: the code, the layers, the runtime, the standard library, and none of the developer's
packages. The runtime is awslambdaric where it exists (Linux), otherwise the plain one beside this file.
"""

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import Any


def main(handler: str, runtime: str, code: str, *layers: str) -> None:
    inside = [
        folder for layer in layers for folder in (f"{layer}/python/lib/python3.13/site-packages", f"{layer}/python")
    ]
    sys.path[:0] = [code, *(folder for folder in inside if Path(folder).is_dir()), runtime]
    answer_the_emulator()
    if (Path(runtime) / "awslambdaric").exists():
        run_awslambdaric(handler)
    else:
        importlib.import_module("plain_runtime").main(handler)


def answer_the_emulator() -> None:
    """The game's custom resources answer CloudFormation alone, and here that is the emulator."""
    if "AWS_ENDPOINT_URL" in os.environ and importlib.util.find_spec("mastermind"):
        importlib.import_module("mastermind.gateways.cloudformation").stand_ins.append(os.environ["AWS_ENDPOINT_URL"])


def run_awslambdaric(handler: str) -> None:
    """What its own `main` does, but for a Runtime API whose address has a path: the secret of this environment.

    Its native client takes the address as it is, http.client does not.
    """
    bootstrap = importlib.import_module("awslambdaric.bootstrap")
    native: Any = importlib.import_module("awslambdaric.lambda_runtime_client").LambdaRuntimeClient
    host, _, secret = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")

    client = native(host, use_thread_for_polling_next=True)
    ask = client.call_rapid

    def ask_with_secret(method: str, endpoint: str, *rest: object) -> None:
        ask(method, f"/{secret}{endpoint}", *rest)

    client.call_rapid = ask_with_secret
    sys.argv = ["bootstrap", handler]
    bootstrap.run(handler, client)


if __name__ == "__main__":
    main(*sys.argv[1:])
