"""The Lambda runtime for the execution environments: awslambdaric where it exists, otherwise a plain one."""

from __future__ import annotations

from pathlib import Path

CHILDREN = Path(__file__).parent / "children"


def prepare_runtime(folder: Path) -> Path:
    """A folder with the Lambda runtime and nothing else: links to awslambdaric and what it needs, where it exists."""
    import importlib.util

    folder.mkdir(parents=True, exist_ok=True)
    for name in ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py"):
        found = importlib.util.find_spec(name) if importlib.util.find_spec("awslambdaric") else None
        if found is not None and found.origin is not None:
            _link(folder, Path(found.origin).parent if found.submodule_search_locations else Path(found.origin))
    _link(folder, CHILDREN / "plain_runtime.py")
    return folder


def _link(folder: Path, target: Path) -> None:
    link = folder / target.name
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)
