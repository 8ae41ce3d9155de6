"""The commands of the code that is on the disk, as Discord would register them: by application, as JSON.

`python -m local.registered` prints them. It imports every entry point first, so it fails if one cannot be imported.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from typing import TYPE_CHECKING

from mastermind import entrypoints
from mastermind.bot import registry
from mastermind.bot.registration import to_json

if TYPE_CHECKING:
    from devkit.json_types import Json


def commands() -> dict[str, list[Json]]:
    return {app: [to_json(command) for command in registry.commands(app)] for app in registry.APPS}


if __name__ == "__main__":
    for module in pkgutil.iter_modules(entrypoints.__path__, f"{entrypoints.__name__}."):
        importlib.import_module(module.name)
    sys.stdout.write(json.dumps(commands()))
