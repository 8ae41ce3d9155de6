"""`python -m local` is `make run`, `python -m local demo` is `make demo`; either can be stopped from the start."""

import sys

from local import signals


def main() -> int:
    """Heed Ctrl-C before anything slow is imported; a program that has begun has its own way to stop."""
    signals.heed()
    is_demo = sys.argv[1:] == ["demo"]
    try:
        if is_demo:
            from local.demo import main as program
        else:
            from local.run import main as program
        return program()
    except signals.Enough:
        signals.over = True
        return 130 if is_demo else 0


if __name__ == "__main__":
    sys.exit(main())
