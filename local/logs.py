"""The log reader: writes the functions' output to files, and forwards the metrics in it (EMF) to CloudWatch."""

from __future__ import annotations

import json
import queue
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from pathlib import Path

LARGEST = 20_000_000  # bytes; a longer file of an earlier run is renamed at the start
TAIL = 4096  # bytes of a call's log that Lambda returns when asked (API reference, Invoke, LogResult)

type Datum = dict[str, Any]


class Metrics(Protocol):
    """The part of the CloudWatch client that is used here."""

    def put_metric_data(self, *, Namespace: str, MetricData: Sequence[Any]) -> object: ...  # noqa: N803


def embedded_metrics(line: str) -> Iterator[tuple[str, list[Datum]]]:
    """The metrics in one log line of the embedded metric format: (namespace, data of PutMetricData)."""
    if '"CloudWatchMetrics"' not in line:
        return
    try:
        entry = json.loads(line)
        for directive in entry["_aws"]["CloudWatchMetrics"]:
            yield directive["Namespace"], list(_data(entry, directive))
    except (ValueError, KeyError, TypeError):
        return  # like CloudWatch: a malformed line is only a log line


def _data(entry: dict[str, Any], directive: dict[str, Any]) -> Iterator[Datum]:
    at = datetime.fromtimestamp(entry["_aws"]["Timestamp"] / 1000, UTC)
    groups: list[list[str]] = directive.get("Dimensions") or [[]]
    for dimensions in groups:
        for metric in directive["Metrics"]:
            value: float | list[float] = entry[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            yield {
                "MetricName": metric["Name"],
                "Dimensions": [{"Name": name, "Value": str(entry[name])} for name in dimensions],
                "Timestamp": at,
                "Values": [float(one) for one in values],
                "Unit": metric.get("Unit", "None"),
            }


def make_private(folder: Path) -> None:
    """Create a folder for the owner only, or restrict an existing one: it has passwords and members' words."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


class LogReader:
    """Writes each function's output below `folder` and forwards its metrics in the background."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._metrics: queue.SimpleQueue[tuple[str, list[Datum]] | None] = queue.SimpleQueue()
        self._sender: threading.Thread | None = None
        self._subscribers: list[Callable[[str, str], None]] = []
        make_private(folder)
        for file in folder.glob("*.log"):
            if file.stat().st_size > LARGEST:
                file.replace(file.with_suffix(".log.old"))

    def send_metrics_to(self, connect: Callable[[], Metrics], failed: Callable[[Exception], None]) -> None:
        """Start forwarding metrics; `connect` creates the client when the first one arrives."""
        self._sender = threading.Thread(target=self._send, args=(connect, failed), name="metrics", daemon=True)
        self._sender.start()

    def _send(self, connect: Callable[[], Metrics], failed: Callable[[Exception], None]) -> None:
        client: Metrics | None = None
        while found := self._metrics.get():
            client = client or connect()
            namespace, data = found
            try:
                client.put_metric_data(Namespace=namespace, MetricData=data)
            except Exception as error:  # noqa: BLE001 (a metric lost while the emulator restarts must not end the reader)
                failed(error)

    def close(self) -> None:
        self._metrics.put(None)
        if self._sender is not None:
            self._sender.join(5)

    def write(self, function: str, line: str) -> None:
        """Write one line of a function's log, time first, as CloudWatch Logs shows it."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._lock, (self._folder / f"{function}.log").open("a", encoding="utf-8") as file:
            file.write(f"{now} {line}\n")
            for callback in self._subscribers:
                callback(function, line)
        for found in embedded_metrics(line):
            self._metrics.put(found)

    @contextmanager
    def subscribed(self, callback: Callable[[str, str], None]) -> Generator[None]:
        """Call `callback` with each (function, line) as it is written; it must be fast and must not write itself."""
        with self._lock:
            self._subscribers.append(callback)
        try:
            yield
        finally:
            with self._lock:
                self._subscribers.remove(callback)

    def follow(self, function: str, stream: IO[bytes]) -> Tail:
        """Read a process's output until it ends."""
        tail = Tail()
        threading.Thread(target=self._read, args=(function, stream, tail), name=f"log {function}", daemon=True).start()
        return tail

    def _read(self, function: str, stream: IO[bytes], tail: Tail) -> None:
        with stream:
            for raw in stream:
                line = raw.decode(errors="replace").rstrip("\r\n").replace("\r", "\n")
                self.write(function, line)
                tail.add(line)


class Tail:
    """The end of what one execution environment has printed since the last `take`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._text = ""

    def add(self, line: str) -> None:
        with self._lock:
            self._text = f"{self._text}{line}\n"[-TAIL:]

    def take(self) -> str:
        with self._lock:
            text, self._text = self._text, ""
            return text
