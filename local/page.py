"""The page that `make run` opens: what runs, where it answers, how to play. The simulator will take its place."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from local.listener import Listener, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mastermind, on this machine</title>
<style>
  body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
  th {{ text-align: left; padding-right: 1.5rem; vertical-align: top; font-weight: normal; }}
  code {{ overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>Mastermind runs on this machine</h1>
<p>The whole game is up: the database, the queues and the functions, without Discord and without AWS.</p>
<h2>Play</h2>
<p>In a second terminal, <code>make demo</code> ticks a challenge and watches it become 100 XP.
Whatever you write against the interaction URLs must be signed; the keys are in <code>{endpoints_file}</code>.</p>
<h2>Where things are</h2>
<table>{rows}</table>
<p>Ctrl-C in the first terminal stops everything. What you did is kept; <code>make run FRESH=1</code> starts over.</p>
</body>
</html>
"""


class Page:
    """`facts` are the rows of its table, asked at each view."""

    def __init__(self, endpoints_file: str, facts: Callable[[], Mapping[str, str]]) -> None:
        self._endpoints_file, self._facts = endpoints_file, facts
        self._listener = Listener(_Request, self)

    @property
    def url(self) -> str:
        return f"{self._listener.url}/"

    def stop(self) -> None:
        self._listener.stop()

    def render(self) -> bytes:
        rows = "".join(
            f"<tr><th scope=row>{html.escape(name)}<td><code>{html.escape(value)}</code>"
            for name, value in self._facts().items()
        )
        return PAGE.format(endpoints_file=html.escape(self._endpoints_file), rows=rows).encode()


class _Request(Request):
    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        assert isinstance(self.owner, Page)
        if self.path != "/":
            return self.answer(404)
        safe = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return self.answer(200, self.owner.render(), {"Content-Type": "text/html; charset=utf-8", **safe})
