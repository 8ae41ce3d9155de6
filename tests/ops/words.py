"""What the operator's tool prints, without the frame that stands around a wrong option."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typer.testing import Result


def words(result: Result) -> str:
    """The output on one line."""
    return " ".join(result.output.replace("│", " ").split())
