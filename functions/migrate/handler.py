"""Called at each deploy, to bring the database up to date: `gate` outside the VPC, `run` inside it."""

from mastermind.entrypoints import migrate

gate, run = migrate.gate(), migrate.runner(beside=__file__)
