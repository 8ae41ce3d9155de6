"""Rings when awards are due: with messages of the queue, and each minute with `{"sweep": true}`."""

from mastermind.entrypoints import runtime

handler = runtime.award()
