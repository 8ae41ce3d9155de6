"""`make chaos-outbox`: messages under fire, with a report; the exit status is 0 only if all of it held."""

from __future__ import annotations

import argparse
import sys
from random import SystemRandom

from rich.console import Console
from rich.table import Table

from tests.chaos.outbox.run import Run, Settings

console = Console(highlight=False)


def main() -> int:
    settings = read_settings(sys.argv[1:])
    console.print(f"Seed {settings.seed}: {settings.messages} requests to a Discord that forgets nonces.")
    run = Run(settings)
    try:
        run.play()
        figures = run.figures()
    finally:
        run.close()
    table = Table("figure", "value", "is fine")
    for name, value, is_fine in figures:
        table.add_row(name, str(value), "yes" if is_fine else "[red]NO[/]")
    console.print(table)
    for key in run.unknown()[:20]:
        console.print(f"unknown: {key}")
    return 0 if all(is_fine for _, _, is_fine in figures) else 1


def read_settings(arguments: list[str]) -> Settings:
    usual = Settings(seed=0)
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.outbox", description=__doc__)
    parser.add_argument("--messages", type=int, default=usual.messages)
    parser.add_argument("--kills", type=int, default=usual.kills, help="of processes, by SIGKILL")
    parser.add_argument("--outages", type=int, default=usual.outages, help="in which Discord answers nothing")
    parser.add_argument("--longest-outage", type=float, default=usual.longest_outage, help="seconds of the fast clock")
    parser.add_argument(
        "--patience", type=float, default=usual.patience, help="seconds from a hand-over to its deadline"
    )
    parser.add_argument("--speed", type=float, default=usual.speed, help="how fast the clock runs")
    parser.add_argument("--limit", type=float, default=usual.limit, help="seconds after which the run gives up")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000), help="chosen when left out")
    parser.add_argument("--break", dest="broken", choices=["", "window"], default="", help="an outbox that is wrong")
    return Settings(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
