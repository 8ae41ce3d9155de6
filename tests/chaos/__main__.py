"""`make chaos`: awards under fire, with a report; the exit status is 0 only if all of it held."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from random import SystemRandom

from bench import pages
from devkit.postgres import PostgresError
from local import signals
from tests.chaos import report
from tests.chaos.breaking import BREAKS
from tests.chaos.processes import Trouble
from tests.chaos.report import console
from tests.chaos.run import Run, Settings


def main() -> int:
    settings = read_settings(sys.argv[1:])
    signals.install_handlers()
    with tempfile.TemporaryDirectory(prefix="mastermind-chaos-") as folder:
        run = Run(settings, Path(folder))
        try:
            return play(run)
        except signals.StopRequested:
            console.print("Stopped.")
        except (Trouble, PostgresError) as trouble:
            report.print_examples([str(trouble)])
            report.print_examples(run.logged_errors())
            report.print_examples(run.last_words())
            if run.model.awards:
                report.print_figures(run.figures())
        finally:
            signals.stopping = True
            run.close()
    return 1


def read_settings(arguments: list[str]) -> Settings:
    usual = Settings()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--awards", type=int, default=usual.awards)
    parser.add_argument("--kills", type=int, default=usual.kills, help="of consumers, by SIGKILL")
    parser.add_argument("--kills-after-commit", type=int, default=usual.kills_after_commit, help="how many of them")
    parser.add_argument("--crashes", type=int, default=usual.crashes, help="of PostgreSQL")
    parser.add_argument("--holds", type=int, default=usual.holds, help="of locks, by somebody else")
    parser.add_argument("--freezes", type=int, default=usual.freezes, help="of sessions, by SIGSTOP")
    parser.add_argument("--delay", type=int, default=usual.delay, help="seconds from a tick to its award")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000), help="chosen when left out")
    parser.add_argument("--limit", type=float, default=usual.limit, help="seconds after which the run gives up")
    parser.add_argument("--record", action="store_true", help="write the figures to docs/benchmarks")
    broken = "; ".join(f"{name}: {each.meaning}" for name, each in BREAKS.items())
    parser.add_argument("--break", dest="broken", choices=list(BREAKS), default="", help=f"a broken award ({broken})")
    return Settings(**vars(parser.parse_args(arguments)))


def play(run: Run) -> int:
    settings = run.settings
    console.print(f"Seed {settings.seed}: {settings.awards} awards through the shipped handlers.")
    if settings.broken:
        console.print(f"[yellow]Broken on purpose[/]: it {settings.taken_away.meaning}.")
    with report.Screen() as screen:
        run.play(screen)
    found, figures = run.settle(), run.figures()
    shown = [*figures, *report.figures_of(found)]
    report.print_figures(shown)
    if settings.record:
        pages.write("awards", 'make chaos CHAOS="--record"', report.figures_table(shown))
    report.print_invariants(found)
    report.print_examples(run.model.contradictions)
    report.print_examples(run.logged_errors())
    return 0 if found.holds and all(figure.fine for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
