"""Take a snapshot of what customers wrote about five products, and of what readers felt in it.

`python -m introdl.data._opinions_snapshot vaderSentiment-3.3.2.tar.gz` writes `opinions.txt` beside
this module, which `introdl.data.opinions` loads. What it reads is the package's source archive
(MIT), as `pip download --no-binary :all: --no-deps` brings it. It was run once, by hand.
"""

from __future__ import annotations

import argparse
import ast
import html
import re
import tarfile
from pathlib import Path

PLACE = Path(__file__).with_name("opinions.txt")
#: A sentence is kept if its mean rating, from -4 to 4, is at least this far from 0.
CLEAR = 0.5
_TABLE = "hutto_ICWSM_2014/amazonReviewSnippets"
_HEAD = """\
Sentences from customers' reviews of five products, with the ratings of 20 readers each.
The sentences: collected by Minqing Hu and Bing Liu (2004), "Mining and summarizing customer
reviews". NLTK's index lists the collection, product_reviews_1, Copyright (C) 2004 Bing Liu, under
CC BY 4.0, https://creativecommons.org/licenses/by/4.0/.
The ratings: C. J. Hutto and Eric Gilbert (2014), "VADER: A parsimonious rule-based model for
sentiment analysis of social media text", in the source archive of vaderSentiment 3.3.2.
Changed: sentences whose mean rating is nearer to 0 than 0.5, repeated ones, and those with an
address are left out; signs like &amp; are put back; of the ratings, the mean and how many lie
below, at and above 0 are kept.
A line: review, mean rating, readers below 0, at 0, above 0, sentence.

"""


def take(archive: Path) -> str:
    """All sentences of the source archive that are clear, each standing where it is met first."""
    with tarfile.open(archive) as outer:
        root = outer.getnames()[0].partition("/")[0]
        licence = _read(outer, f"{root}/LICENSE.txt")
        inner = outer.extractfile(f"{root}/additional_resources/hutto_ICWSM_2014.tar.gz")
        with tarfile.open(fileobj=inner) as tables:
            sentences, ratings = (
                [line.split("\t") for line in _read(tables, f"{_TABLE}_{kind}.txt").splitlines()]
                for kind in ("GroundTruth", "anonDataRatings")
            )
    votes_of = {name: ast.literal_eval(votes) for name, _, _, votes in ratings}
    head = (_HEAD + licence).strip().splitlines()
    lines, seen = [f"# {line}".rstrip() for line in head], set()
    for name, mean, text in sentences:
        key = " ".join(re.findall(r"[a-z']+", text.lower()))
        if abs(float(mean)) < CLEAR or not key or key in seen or re.search("@|www|http", text):
            continue
        seen.add(key)
        votes = votes_of[name]
        sides = [sum(v < 0 for v in votes), votes.count(0), sum(v > 0 for v in votes)]
        review = name.partition("_")[0]
        lines.append(
            "\t".join([review, mean, *map(str, sides), html.unescape(" ".join(text.split()))])
        )
    return "\n".join(lines) + "\n"


def _read(archive: tarfile.TarFile, name: str) -> str:
    """The text of a file in an archive."""
    file = archive.extractfile(name)
    assert file is not None
    return file.read().decode("utf-8-sig")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("archive", type=Path, help="the source archive of vaderSentiment")
    PLACE.write_text(take(parser.parse_args().archive), encoding="ascii")
