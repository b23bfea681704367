"""The font of the formulas holds what they need, in few bytes, and the same bytes each time."""

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from introdl_site import dress
from introdl_site.mathematics import font

USED = "abcxyzABCW𝐰𝐱θαβγλΣ∑∏∫∂∇√→≤≥≈∈ℝ𝟙‖|⟨⟩⊤ˆ¯"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("font") / "STIXTwoMath.woff2"
    size = font.write_font(USED, path)
    assert size == path.stat().st_size
    return path


def test_the_same_characters_give_the_same_bytes(made, tmp_path):
    font.write_font(reversed([*USED, "x", "\n"]), tmp_path / "again.woff2")
    assert (tmp_path / "again.woff2").read_bytes() == made.read_bytes()


def test_it_is_small_and_keeps_what_mathml_needs(made):
    assert made.stat().st_size < 30_000
    with TTFont(made) as opened:
        table = opened["MATH"].table
        characters = opened.getBestCmap()
        stretched = set(table.MathVariants.VertGlyphCoverage.glyphs)
        names = {record.nameID for record in opened["name"].names}
    assert characters[ord("(")] in stretched
    assert characters[ord("√")] in stretched
    assert characters[ord("∑")] in stretched
    assert {0, 13} <= names, "the copyright and the licence stay in the font"
    # Browsers show <mi>x</mi> by the italic letter.
    assert {ord("𝑥"), ord("𝜃"), ord("𝜕"), ord("−"), ord("0")} <= characters.keys()
    assert ord("q") not in characters


def test_the_sizes_of_the_root_are_of_one_width_so_that_no_gap_stands_after_it(made):
    with TTFont(made) as opened:
        variants = opened["MATH"].table.MathVariants
        root = opened.getBestCmap()[ord("√")]
        sizes = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(root)]
        names = [record.VariantGlyph for record in sizes.MathGlyphVariantRecord]
        names += [part.glyph for part in sizes.GlyphAssembly.PartRecords]
        assert len(names) > 4
        assert len({opened["hmtx"][name][0] for name in names}) == 1


def test_a_long_arrow_has_its_connectors_where_its_shaft_is(made):
    with TTFont(made) as opened:
        variants = opened["MATH"].table.MathVariants
        arrow = opened.getBestCmap()[ord("→")]
        long = variants.HorizGlyphConstruction[variants.HorizGlyphCoverage.glyphs.index(arrow)]
        shaft, head = long.GlyphAssembly.PartRecords
        overlap = min(shaft.EndConnectorLength, head.StartConnectorLength)
        assert overlap >= variants.MinConnectorOverlap
        assert head.EndConnectorLength == 0


def test_a_character_that_the_font_lacks_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"STIX Two Math lacks 数 \(U\+6570\); write the formula"):
        font.write_font("x数", tmp_path / "a.woff2")
    assert list(tmp_path.iterdir()) == []


def test_another_name_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a\.ttf must end in \.woff2"):
        font.write_font("x", tmp_path / "a.ttf")


def test_a_failure_leaves_the_old_font_and_no_parts(made, tmp_path, monkeypatch):
    out = tmp_path / "a.woff2"
    out.write_bytes(b"old")

    def fail(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(TTFont, "save", fail)
    with pytest.raises(OSError, match="No space"):
        font.write_font("x", out)
    assert [path.name for path in tmp_path.iterdir()] == ["a.woff2"]
    assert out.read_bytes() == b"old"


def test_the_style_sheet_names_the_file_that_the_plugin_writes():
    assets = Path(dress.__file__).parent / "theme" / "assets"
    css = (assets / "math.css").read_text()
    assert re.search(r"@font-face \{[^}]*font-display: swap", css)
    assert 'url("fonts/math.woff2")' in css
    assert "http" not in css
