"""The types of JSON for the tools, the local cloud and the simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

type Json = dict[str, Any]
"""A JSON object. Its values are of any JSON type, and are checked where they are used."""

type ReadOnlyJson = Mapping[str, object]
"""A JSON object that is only looked at; each value has to be narrowed before it is used."""
