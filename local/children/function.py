"""One execution environment of a Lambda function: `function.py HANDLER RUNTIME CODE LAYER...`.

The path is what Lambda's is: the code, then the layers, then the runtime, then the standard library; nothing of the
developer's own packages. The runtime is the real awslambdaric where it exists (Linux), else the plain one beside this
file.
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
