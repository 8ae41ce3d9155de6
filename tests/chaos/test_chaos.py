"""A short run of `make chaos`, and runs of a broken award that must not pass for a sound one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(1800)

ROOT = Path(__file__).parents[2]
SEED = 20260801
CALM = "--holds", "0", "--freezes", "0"


def chaos(*arguments: str) -> tuple[int, str]:
    """Exit status and report of a run."""
    command = [sys.executable, "-m", "tests.chaos", "--delay", "1", "--seed", str(SEED), "--limit", "1200", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1500, check=False)
    return done.returncode, done.stdout + done.stderr


def figure(report: str, name: str) -> int:
    """A figure of the report's table."""
    found = re.search(rf"^│ {re.escape(name)} +│ +(\d+) │", report, re.MULTILINE)
    assert found, report
    return int(found[1])


def test_nothing_is_lost_doubled_or_drifts_under_fire():
    fire = "--kills", "25", "--kills-after-commit", "8", "--crashes", "1", "--holds", "3", "--freezes", "8"
    status, report = chaos("--awards", "150", *fire)
    assert status == 0, report
    assert f"Seed {SEED}" in report
    assert figure(report, "awards: ticks acknowledged") == 150
    assert figure(report, "kills of consumers (exit code -9)") >= 25
    assert figure(report, "of these between commit and acknowledgement") >= 8
    assert figure(report, "crashes of PostgreSQL") == 1
    assert figure(report, "sessions that stood still") == 8
    assert [figure(report, name) for name in ("lost", "doubled", "drift (XP)")] == [0, 0, 0]


def test_an_award_that_does_not_look_at_the_status_is_found_out():
    status, report = chaos(
        "--awards", "30", "--kills", "2", "--kills-after-commit", "1", "--crashes", "0", *CALM, "--break", "status"
    )
    assert status == 1, report
    assert figure(report, "doubled") > 0
    assert figure(report, "drift (XP)") > 0


def test_an_award_without_a_sweep_is_found_out():
    status, report = chaos(
        "--awards", "60", "--kills", "0", "--kills-after-commit", "0", "--crashes", "0", *CALM, "--break", "sweep"
    )
    assert status == 1, report
    assert figure(report, "lost") > 0


def test_an_award_before_its_time_is_found_out():
    fire = "--kills", "2", "--kills-after-commit", "1", "--crashes", "0", *CALM
    status, report = chaos("--awards", "30", "--delay", "3", *fire, "--break", "due")
    assert status == 1, report
    assert "I6: awarded before it was due" in report
