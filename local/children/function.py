"""One execution environment of a Lambda function: `function.py HANDLER RUNTIME CODE LAYER...`.

The path is that of Lambda: the code, the layers, the runtime, the standard library, and none of the developer's
packages. The runtime is awslambdaric where it exists (Linux), otherwise the plain one beside this file.
"""

import importlib
import sys
from pathlib import Path


def main(handler: str, runtime: str, code: str, *layers: str) -> None:
    inside = [
        folder for layer in layers for folder in (f"{layer}/python/lib/python3.13/site-packages", f"{layer}/python")
    ]
    sys.path[:0] = [code, *(folder for folder in inside if Path(folder).is_dir()), runtime]
    name = "awslambdaric.__main__" if (Path(runtime) / "awslambdaric").exists() else "plain_runtime"
    sys.argv = ["bootstrap", handler]
    importlib.import_module(name).main(sys.argv)


if __name__ == "__main__":
    main(*sys.argv[1:])
