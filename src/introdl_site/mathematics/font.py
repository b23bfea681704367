"""The font of the formulas: STIX Two Math, cut to the characters that the site uses.

The font ships in the ziamath wheel under the SIL Open Font License 1.1. A browser sets MathML well
only in a font with a MATH table, and few systems have one.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from introdl_site.mathematics.mend import alphabet

#: What a browser draws on its own, as the root of `msqrt`, and what every formula may hold.
_ALWAYS = " \u00a0-−+=(),.[]{}|‖√′″‴0123456789"


def write_font(characters: Iterable[str], out: Path) -> int:
    """Write STIX Two Math with these characters as WOFF2; the same characters give the same bytes.

    Args:
        characters: What stands in the formulas. A browser shows a variable by the italic of its
            letter, which is added.
        out: The file to write, whole or not at all.

    Returns:
        Its size in bytes.

    Raises:
        ValueError: If the font lacks a character, or the file has a name other than `.woff2`.
    """
    if out.suffix != ".woff2":
        raise ValueError(f"write_font(): {out.name} must end in .woff2")
    wanted = {character for text in characters for character in text if character >= " "}
    wanted |= set(_ALWAYS)
    wanted |= {alphabet("ITALIC")[letter] for letter in wanted & alphabet("ITALIC").keys()}
    with TTFont(io.BytesIO(_source().read_bytes()), recalcTimestamp=False) as font:
        missing = sorted(wanted - {chr(code) for code in font.getBestCmap()})
        if missing:
            names = ", ".join(f"{character} (U+{ord(character):04X})" for character in missing)
            raise ValueError(f"STIX Two Math lacks {names}; write the formula with another symbol")
        _turn_connectors(font)
        _narrow_roots(font)
        options = Options(
            flavor="woff2",
            layout_features=["ccmp", "kern", "mark", "mkmk"],
            hinting=False,
            name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],  # with the copyright and the licence
            notdef_outline=True,
        )
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=map(ord, wanted))
        subsetter.subset(font)
        font.flavor = "woff2"
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=out.parent, delete=False) as file:
            part = Path(file.name)
        try:
            font.save(part)
            part.chmod(0o644)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    return out.stat().st_size


@cache
def known() -> frozenset[str]:
    """Every character that the font has."""
    with TTFont(_source(), lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


def _turn_connectors(font: TTFont) -> None:
    """Give the heads of long arrows their connector where the shaft is, else they never grow."""
    variants = font["MATH"].table.MathVariants
    for construction in [*variants.HorizGlyphConstruction, *variants.VertGlyphConstruction]:
        parts = construction.GlyphAssembly.PartRecords if construction.GlyphAssembly else []
        for here, part in enumerate(parts):
            start, end = part.StartConnectorLength, part.EndConnectorLength
            if (here == 0 < start and end == 0) or (here == len(parts) - 1 and start == 0 < end):
                part.StartConnectorLength, part.EndConnectorLength = end, start


def _narrow_roots(font: TTFont) -> None:
    """Give every size of the root the width of the smallest.

    Chromium leaves room in a line for the widest: a gap stood after each small root.
    """
    glyphs, variants = font["glyf"], font["MATH"].table.MathVariants
    root = font.getBestCmap()[ord("√")]
    made = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(root)]
    parts = [part.glyph for part in made.GlyphAssembly.PartRecords]
    width = font["hmtx"][root][0]
    for name in {*(record.VariantGlyph for record in made.MathGlyphVariantRecord), *parts}:
        glyph, (wide, _) = glyphs[name], font["hmtx"][name]
        glyph.coordinates.scale((width / wide, 1))
        glyph.coordinates.toInt()
        glyph.recalcBounds(glyphs)
        font["hmtx"][name] = (width, glyph.xMin)


def _source() -> Path:
    """The font in the ziamath package, found without an import of that package."""
    spec = find_spec("ziamath")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, "fonts", "STIXTwoMath-Regular.ttf")
        if path.is_file():
            return path
    raise ValueError(
        "the ziamath package holds no fonts/STIXTwoMath-Regular.ttf; "
        "install the version that constraints.txt names"
    )
