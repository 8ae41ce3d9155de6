"""What functions print goes to files, and the metrics in it to CloudWatch."""

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.logs import LogReader, embedded_metrics
from tests.waiting import wait_for

LINE = json.dumps(
    {
        "_aws": {
            "Timestamp": 1_700_000_000_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "mastermind",
                    "Dimensions": [["service"], ["service", "command"]],
                    "Metrics": [{"Name": "Answered", "Unit": "Count"}, {"Name": "Latency", "Unit": "Milliseconds"}],
                }
            ],
        },
        "service": "interactions_main",
        "command": "help",
        "Answered": [1.0],
        "Latency": 12.5,
    }
)


OTHERS = ["plain words", '{"level": "INFO"}', '"CloudWatchMetrics" in {', LINE.replace("12.5", "{}")]


class Received:
    """A CloudWatch that records its input, and refuses the first call if asked to."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.calls: list[tuple[str, Sequence[Any]]] = []
        self._refuses = refuses

    def put_metric_data(self, *, Namespace: str, MetricData: Sequence[Any]) -> None:  # noqa: N803 (the client's words)
        if self._refuses:
            self._refuses = False
            raise ConnectionError
        self.calls.append((Namespace, MetricData))


def test_an_embedded_metric_becomes_data_for_each_group_of_dimensions():
    [(namespace, data)] = embedded_metrics(LINE)
    assert namespace == "mastermind"
    assert [(one["MetricName"], len(one["Dimensions"]), one["Values"], one["Unit"]) for one in data] == [
        ("Answered", 1, [1.0], "Count"),
        ("Latency", 1, [12.5], "Milliseconds"),
        ("Answered", 2, [1.0], "Count"),
        ("Latency", 2, [12.5], "Milliseconds"),
    ]
    assert data[0]["Timestamp"] == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("line", OTHERS)
def test_any_other_line_is_just_a_line(line: str):
    assert not list(embedded_metrics(line))


def test_lines_are_kept_with_their_time_and_metrics_passed_on(tmp_path: Path):
    reader, received = LogReader(tmp_path), Received()
    reader.send_metrics_to(lambda: received, lambda error: pytest.fail(str(error)))
    reader.write("xp-award", LINE)
    reader.close()
    assert (tmp_path / "xp-award.log").read_text().endswith(f"+00:00 {LINE}\n")
    assert [namespace for namespace, _ in received.calls] == ["mastermind"]


def test_a_metric_that_cannot_be_passed_on_stops_nothing(tmp_path: Path):
    reader, received, failures = LogReader(tmp_path), Received(refuses=True), list[Exception]()
    reader.send_metrics_to(lambda: received, failures.append)
    reader.write("xp-award", LINE)
    reader.write("xp-award", LINE)
    reader.close()
    assert (len(received.calls), len(failures)) == (1, 1)


def test_a_processs_output_is_read_to_its_end(tmp_path: Path):
    reader = LogReader(tmp_path)
    with subprocess.Popen([sys.executable, "-c", "print('one'); print('two')"], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        tail = reader.follow("toy", child.stdout)
        child.wait()
        wait_for(lambda: "two" in tail.take())
    assert [line.split(" ", 1)[1] for line in (tmp_path / "toy.log").read_text().splitlines()] == ["one", "two"]


def test_nobody_else_on_this_machine_may_read_them(tmp_path: Path):
    (tmp_path / "logs").mkdir(mode=0o755)  # as an earlier version made it
    LogReader(tmp_path / "logs")
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700


def test_a_long_log_of_an_earlier_run_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("local.logs.LARGEST", 10)
    (tmp_path / "toy.log").write_text("x" * 11)
    LogReader(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["toy.log.old"]
