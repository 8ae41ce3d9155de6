"""Makes the fonts of the pictures again: `python -m devkit.fonts FOLDER` (needs npm and the network).

Each comes from a pinned npm package of Noto, and is cut down to what names and texts need. Beside the fonts stand their
licence and coverage.json, from which the function pictures knows which font has a character and how wide it is there.
"""

# pyright: basic, reportMissingTypeStubs=false
# fonttools brings no types.

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGES = "@expo-google-fonts"


def _codec(encoding: str, first: range, second: range) -> set[int]:
    """The characters that a double-byte encoding has."""
    pairs = (bytes((high, low)) for high in first for low in second)
    return {ord(found) for pair in pairs if len(found := pair.decode(encoding, errors="ignore")) == 1}


KANA = {*range(0x3000, 0x3100), *range(0x31F0, 0x3200), *range(0xFF00, 0xFFF0)}
HAN = {*range(0x4E00, 0xA000)}
EMOJI = {
    0x200D,
    0x20E3,
    *range(0xA9, 0x3300),
    *range(0xFE00, 0xFE10),
    *range(0x1F000, 0x1FB00),
    *range(0xE0020, 0xE0080),
}
"""Without digits and the space: resvg draws a whole text by one font that has every sign of it, asked or not."""

HANGUL = {*range(0xAC00, 0xD7A4), *range(0x1100, 0x1200), *range(0x3130, 0x3190)}


@dataclass(frozen=True, slots=True)
class Font:
    """A font, and the characters that are kept of it; None keeps all."""

    package: str
    version: str
    file: str
    kept: frozenset[int] | None = None


def _script(name: str, version: str, kept: Iterable[int] | None = None, weight: str = "700Bold") -> Font:
    pascal = "".join(part.upper() if part in {"sc", "jp", "kr"} else part.capitalize() for part in name.split("-"))
    return Font(name, version, f"{weight}/{pascal}_{weight}.ttf", None if kept is None else frozenset(kept))


FONTS = (
    _script("noto-sans", "0.4.2", weight="400Regular"),
    _script("noto-sans", "0.4.2"),
    _script("noto-sans-arabic", "0.4.3"),
    _script("noto-sans-armenian", "0.4.2"),
    _script("noto-sans-bengali", "0.4.4"),
    _script("noto-sans-devanagari", "0.4.1"),
    _script("noto-sans-ethiopic", "0.4.2"),
    _script("noto-sans-georgian", "0.4.3"),
    _script("noto-sans-gujarati", "0.4.2"),
    _script("noto-sans-gurmukhi", "0.4.1"),
    _script("noto-sans-hebrew", "0.4.1"),
    _script("noto-sans-kannada", "0.4.3"),
    _script("noto-sans-khmer", "0.4.3"),
    _script("noto-sans-lao", "0.4.2"),
    _script("noto-sans-malayalam", "0.4.2"),
    _script("noto-sans-myanmar", "0.4.2"),
    _script("noto-sans-sinhala", "0.4.2"),
    _script("noto-sans-tamil", "0.4.3"),
    _script("noto-sans-telugu", "0.4.2"),
    _script("noto-sans-thai", "0.4.2"),
    _script("noto-sans-kr", "0.4.3", HANGUL),
    _script("noto-sans-jp", "0.4.3", KANA | (_codec("euc_jp", range(0xB0, 0xF5), range(0xA1, 0xFF)) & HAN)),
    _script("noto-sans-sc", "0.4.3", KANA | HAN | {*range(0x3100, 0x3130), *range(0x3400, 0x3500)}),
    _script("noto-sans-symbols", "0.4.1"),
    _script("noto-sans-symbols-2", "0.4.1", weight="400Regular"),
    _script("noto-color-emoji", "0.4.6", EMOJI, "400Regular"),
)
"""In the order in which they are asked for a character (drawing/fonts.py says when it is another)."""

NEEDLESS = ["SVG", "DSIG", "vhea", "vmtx", "VORG", "BASE", "STAT", "meta", "gasp"]
"""Tables that nothing here reads: vertical writing, and a second copy of every emoji."""


def main(folder: Path) -> None:
    coverage: dict[str, list[list[int]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for font in FONTS:
            package = _unpacked(font, Path(scratch))
            target = folder / Path(font.file).name
            _subset(package / font.file, target, font.kept)
            coverage[target.name] = list(_coverage(target))
            shutil.copy(package / "LICENSE_FONT", folder / f"{target.stem.partition('_')[0]}.LICENSE")
    lines = (f'  "{name}": {json.dumps(runs, separators=(",", ":"))}' for name, runs in coverage.items())
    (folder / "coverage.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _unpacked(font: Font, scratch: Path) -> Path:
    """The folder of the font's package."""
    folder = scratch / f"{font.package}-{font.version}"
    if not folder.exists():
        npm = shutil.which("npm") or "npm"
        command = [npm, "pack", "--silent", f"{PACKAGES}/{font.package}@{font.version}"]
        name = subprocess.run(command, cwd=scratch, check=True, capture_output=True, text=True).stdout.split()[-1]
        with tarfile.open(scratch / name) as archive:
            archive.extractall(folder, filter="data")
    return folder / "package"


def _subset(source: Path, target: Path, kept: Iterable[int] | None) -> None:
    """Write the font with these characters only; the times in it stay those of its makers, so the bytes do too."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options(notdef_outline=True, glyph_names=False, hinting=False, drop_tables=NEEDLESS)
    options.layout_features = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=kept if kept is not None else list(font.getBestCmap() or {}))
    subsetter.subset(font)
    font.save(target)


def _coverage(path: Path) -> Iterator[list[int]]:
    """Runs of characters that are equally wide: the first, how many more, the width in thousandths of the size."""
    with TTFont(path) as font:
        size: int = font["head"].unitsPerEm  # pyright: ignore[reportAttributeAccessIssue]
        metrics = font["hmtx"]
        widths = {
            code: round(1000 * metrics[glyph][0] / size) for code, glyph in sorted((font.getBestCmap() or {}).items())
        }
    run: list[int] = []
    for code, width in chain(widths.items(), [(-1, -1)]):
        if run and code == run[0] + run[1] + 1 and width == run[2]:
            run[1] += 1
        else:
            if run:
                yield run
            run = [code, 0, width]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
