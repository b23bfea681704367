"""Draw the picture that shows where a page of the course is shared."""

from __future__ import annotations

import hashlib
from pathlib import Path

import matplotlib
from fontTools.ttLib import TTFont
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from PIL import Image, ImageDraw, ImageFont

from introdl.palette import BLUE, GRID, INK, MUTED, ORANGE, PAPER

#: What social sites ask for.
WIDTH, HEIGHT = 1200, 630

_NAME = "Deep Learning, Executed"
_CLAIM = "Every figure and number computed from code you can run."
_MARGIN = 84
_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
# The title is set in the largest of these sizes in which it fits.
_SIZES = (84, 72, 62, 54, 46)
_LINES = 3


def give_card(cache: Path, page: Page, files: Files, config: MkDocsConfig) -> None:
    """Draw the card that shows when the page is shared, once for each title."""
    part = page.url.split("/")[0] if page.url.count("/") > 1 else ""
    name = str(page.title or config.site_name)
    digest = hashlib.sha256(f"{name}\n{part}".encode()).hexdigest()[:16]
    drawn = cache / "cards" / f"{digest}.png"
    if not drawn.is_file():
        drawn.parent.mkdir(parents=True, exist_ok=True)
        card(name, part.replace("_", " ").title(), drawn)
    uri = f"assets/cards/{digest}.png"
    if files.get_file_from_path(uri) is None:
        files.append(File.generated(config, uri, abs_src_path=str(drawn)))
    page.meta["og_image"] = uri


def card(title: str, part: str, out: Path) -> None:
    """Write a 1200 x 630 PNG with the title of a page and the part it belongs to.

    The same arguments give the same picture. A title too long for three lines is cut with "…".

    Args:
        title: The page's title.
        part: The part of the course, such as "History"; empty where there is none.
        out: The file to write; its folder must exist.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 15, HEIGHT), fill=BLUE)
    image.paste(_mark(150), (WIDTH - _MARGIN - 150, 56))
    draw.text((_MARGIN, 76), part.upper(), font=_font("DejaVuSans-Bold", 26), fill=ORANGE)
    font, lines = _fit(_drawable(title), WIDTH - 2 * _MARGIN)
    step = round(font.size * 1.22)
    top = 318 - step * len(lines) // 2
    for number, line in enumerate(lines):
        draw.text((_MARGIN, top + number * step), line, font=font, fill=INK)
    draw.line((_MARGIN, 512, WIDTH - _MARGIN, 512), fill=GRID, width=2)
    draw.text((_MARGIN, 534), _NAME, font=_font("DejaVuSerif-Bold", 28), fill=INK)
    claim = _font("DejaVuSans", 20)
    draw.text((WIDTH - _MARGIN, 541), _CLAIM, font=claim, fill=MUTED, anchor="ra")
    image.save(out, format="PNG", optimize=True)


def _drawable(title: str) -> str:
    """The title as far as the font has it; the course's name where letters would be boxes."""
    with TTFont(_FONTS / "DejaVuSerif-Bold.ttf", lazy=True) as font:
        known = font.getBestCmap()
    if any(letter.isalnum() and ord(letter) not in known for letter in title):
        return _NAME
    kept = "".join(letter if ord(letter) in known else " " for letter in title)
    return " ".join(kept.split()) or _NAME


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    # Plain layout is in every Pillow; the other one depends on what the machine has.
    return ImageFont.truetype(_FONTS / f"{name}.ttf", size, layout_engine=ImageFont.Layout.BASIC)


def _fit(title: str, width: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    for size in _SIZES:
        font = _font("DejaVuSerif-Bold", size)
        lines = _wrap(title, font, width)
        if len(lines) <= _LINES and all(font.getlength(line) <= width for line in lines):
            break
    else:
        lines = [*lines[: _LINES - 1], " ".join(lines[_LINES - 1 :])]
        lines = [_cut(line, font, width) for line in lines if line]
    return font, lines


def _cut(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(line) <= width:
        return line
    while font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _wrap(title: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in title.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _mark(size: int) -> Image.Image:
    """The course's mark: two inputs that lead into a play button."""
    scale = 4 * size / 24  # drawn large and made small, so that edges are smooth
    picture = Image.new("RGB", (4 * size, 4 * size), PAPER)
    draw = ImageDraw.Draw(picture)
    for y, end in ((6, 10.4), (18, 13.6)):
        line = [4.5 * scale, y * scale, 13 * scale, end * scale]
        draw.line(line, fill=MUTED, width=round(1.3 * scale))
        draw.circle((4.5 * scale, y * scale), 2.6 * scale, fill=ORANGE)
    corners = [(11.4, 5.6), (22.2, 12), (11.4, 18.4)]
    draw.polygon([(x * scale, y * scale) for x, y in corners], fill=BLUE)
    return picture.resize((size, size), Image.Resampling.LANCZOS)
