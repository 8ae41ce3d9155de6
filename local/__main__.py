"""`python -m local` is `make run`, `python -m local demo` is `make demo`; both can be interrupted at any time."""

import sys

from local import signals


def main() -> int:
    """Handle Ctrl-C before anything slow is imported; a program that has started cleans up itself."""
    is_demo = sys.argv[1:] == ["demo"]
    try:
        signals.install_handlers()
        if is_demo:
            from local.demo import main as program
        else:
            from local.run import main as program
        return program()
    except signals.StopRequested:
        signals.stopping = True
        return 130 if is_demo else 0


if __name__ == "__main__":
    status = main()
    signals.ignore()
    sys.exit(status)
