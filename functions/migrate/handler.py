"""Rings when a deploy wants the database brought up to date: `gate` outside of the VPC, `run` inside it."""

from pathlib import Path

from mastermind.entrypoints import runtime

gate = runtime.migrate_gate()
run = runtime.migrate_runner(Path(__file__).with_name("migrations"))
