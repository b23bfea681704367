"""Citations by key become links; what does not fit is named with its page and line."""

from pathlib import Path

import pytest
from lxml import html

from introdl_site.pages.citations import Bibliography
from introdl_site.problems import line_of

ENTRIES = r"""
@article{rosenblatt1958,
  author  = {Rosenblatt, Frank},
  title   = {The Perceptron: A Probabilistic Model},
  journal = {Psychological Review},
  year    = {1958},
  volume  = {65},
  number  = {6},
  pages   = {386--408},
  doi     = {10.1037/h0042519}
}

@inproceedings{widrow1960,
  author    = {Widrow, Bernard and Hoff, Marcian E.},
  title     = {Adaptive Switching Circuits},
  booktitle = {1960 IRE WESCON Convention Record, Part 4},
  year      = {1960},
  pages     = {96--104}
}

@article{rumelhart1986,
  author  = {Rumelhart, David E. and Hinton, Geoffrey E. and Williams, Ronald J.},
  title   = {Learning Representations by Back-propagating Errors},
  journal = {Nature},
  year    = {1986}
}

@incollection{rumelhart1986pdp,
  author    = {Rumelhart, David E. and Hinton, Geoffrey E. and Williams, Ronald J.},
  title     = {Learning Internal Representations by Error Propagation},
  booktitle = {Parallel Distributed Processing},
  publisher = {MIT Press},
  year      = {1986}
}

@book{scholkopf2002,
  author    = {Sch{\"o}lkopf, Bernhard and Smola, Alexander J.},
  title     = {Learning with {Kernels} \& Friends: A <Book>},
  publisher = {MIT Press},
  year      = {2002},
  url       = {https://mitpress.example/kernels}
}
"""
LINK = "../../reference/bibliography/"


@pytest.fixture
def load(tmp_path):
    def load(text: str) -> Bibliography:
        path = tmp_path / "docs" / "reference" / "bibliography.bib"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return Bibliography.load(path)

    return load


@pytest.fixture
def bibliography(load):
    loaded = load(ENTRIES)
    assert not loaded.problems
    return loaded


def cite(key, label):
    return f'<a class="cite" href="{LINK}#{key}">{label}</a>'


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[@rosenblatt1958].", f"({cite('rosenblatt1958', 'Rosenblatt, 1958')})."),
        ("[@widrow1960]:", f"({cite('widrow1960', 'Widrow &amp; Hoff, 1960')}):"),
        (
            "[@rosenblatt1958; @scholkopf2002, p. 3]",
            f"({cite('rosenblatt1958', 'Rosenblatt, 1958')}; "
            f"{cite('scholkopf2002', 'Schölkopf &amp; Smola, 2002')}, p. 3)",
        ),
        # Two works of the same people in the same year are told apart, by title.
        ("[@rumelhart1986pdp]", f"({cite('rumelhart1986pdp', 'Rumelhart et al., 1986a')})"),
        ("[@rumelhart1986]", f"({cite('rumelhart1986', 'Rumelhart et al., 1986b')})"),
    ],
)
def test_a_citation_becomes_a_link(bibliography, written, shown):
    assert bibliography.render(written, "docs/a.md", LINK)[0] == shown


def test_keys_come_once_in_the_order_of_the_page(bibliography):
    text = "[@widrow1960] [@rosenblatt1958]\n\n[@widrow1960]"
    assert bibliography.render(text, "a.md", LINK)[1] == ["widrow1960", "rosenblatt1958"]


@pytest.mark.parametrize(
    "text",
    [
        "```python\nx = '[@nobody1999]'\n```",
        "    ```\n    [@nobody1999]\n    ```",
        "~~~\n```\n[@nobody1999]\n~~~",
        "```\n[@nobody1999] and the fence never ends",
        "say `[@nobody1999]` or ``a ` [@nobody1999]``",
        "$[@nobody1999]$ and $$\n[@nobody1999]\n$$ and \\([@nobody1999]\\)",
        "---\ndescription: '[@nobody1999]'\n---\ntext",
        "<!-- [@nobody1999] -->",
        r"\[@nobody1999]",
        "mail a@nobody1999.org, or see https://a.b/@nobody1999",
    ],
)
def test_code_math_and_comments_are_left_alone(bibliography, text):
    assert bibliography.render(text, "docs/a.md", LINK) == (text, [], [])


def test_prose_after_code_is_still_read(bibliography):
    text = "a `tick` b\n```\n`\n```\ncosts $5 [@rosenblatt1958], not $6 [@nobody1999]"
    _, keys, problems = bibliography.render(text, "docs/a.md", LINK)
    assert keys == ["rosenblatt1958"]
    assert [problem.line for problem in problems] == [5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[@rosenblat1958]", "unknown citation key 'rosenblat1958'; did you mean rosenblatt1958?"),
        ("[@x1]", "unknown citation key 'x1'; add it to docs/reference/bibliography.bib"),
        ("[see @rosenblatt1958]", "a citation is [@key], [@one; @two] or [@key, p. 3]; not [see"),
        ("[@rosenblatt1958 @widrow1960]", "a citation is [@key]"),
        ("as @rosenblatt1958 says", "write the citation @rosenblatt1958 as [@rosenblatt1958]"),
    ],
)
def test_a_citation_that_cannot_be_made_is_named_with_its_line(bibliography, text, message):
    _, _, problems = bibliography.render(f"# A\n\n{text}\n", "docs/history/a.md", LINK)
    assert len(problems) == 1
    assert str(problems[0]).startswith(f"docs/history/a.md:3: {message}")


def test_references_are_complete_and_safe(bibliography):
    page, problems = bibliography.page(
        {"rosenblatt1958": [("Perceptron", "../../history/perceptron/"), ("A & B", "../b/")]}
    )
    entries = {item.get("id"): item for item in html.fromstring("".join(page.values())).iter("li")}
    assert list(entries) == [
        "rosenblatt1958",
        "rumelhart1986pdp",
        "rumelhart1986",
        "scholkopf2002",
        "widrow1960",
    ]
    rosenblatt = entries["rosenblatt1958"]
    assert rosenblatt.text_content() == (
        "Rosenblatt, F. (1958). The Perceptron: A Probabilistic Model. Psychological Review, "
        "65(6), 386–408. doi:10.1037/h0042519 Cited on Perceptron, A & B."
    )
    assert [link.get("href") for link in rosenblatt.iter("a")] == [
        "https://doi.org/10.1037/h0042519",
        "../../history/perceptron/",
        "../b/",
    ]
    assert entries["scholkopf2002"].text_content() == (
        "Schölkopf, B. & Smola, A. J. (2002). Learning with Kernels & Friends: A <Book>. "
        "MIT Press. mitpress.example"
    )
    assert "(1986a). Learning Internal" in entries["rumelhart1986pdp"].text_content()
    assert entries["widrow1960"].text_content() == (
        "Widrow, B. & Hoff, M. E. (1960). Adaptive Switching Circuits. In 1960 IRE WESCON "
        "Convention Record, Part 4 (pp. 96–104)."
    )
    unused = ["rumelhart1986pdp", "rumelhart1986", "scholkopf2002", "widrow1960"]
    assert [problem.line for problem in problems] == [line_of(ENTRIES, f"{k},") for k in unused]
    assert problems[3].path == "docs/reference/bibliography.bib"
    assert (
        problems[3].message == "no page cites widrow1960; cite it as [@widrow1960] or take it out"
    )


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        (
            "@article{mnih2015, author={Mnih, Volodymyr and others}, title={What learns?}, "
            "journal={Nature}, year={2015}, volume={518}, pages={529--533}}",
            "Mnih, V. et al. (2015). What learns? Nature, 518, 529–533.",
        ),
        (
            "@mastersthesis{hochreiter1991, author={Hochreiter, Sepp}, title={Netze}, "
            'school={Technische Universit{\\"a}t M{\\"u}nchen}, year={1991}, '
            "type={Diploma thesis}, note={In German}}",
            "Hochreiter, S. (1991). Netze. Diploma thesis. Technische Universität München. "
            "In German.",
        ),
        (
            "@techreport{alpac1966, author={{National Committee}}, title={Language}, "
            "institution={National Academy}, number={1416}, year={1966}}",
            "National Committee (1966). Language. Report 1416. National Academy.",
        ),
        (
            "@book{lecun1990, editor={{le Cun}, Jean-Yves and van der Waals, B.}, title={Nets}, "
            "edition={3rd}, year={1990}, publisher={P}}",
            "le Cun, J.-Y. & van der Waals, B. (Eds.) (1990). Nets (3rd edition). P.",
        ),
    ],
)
def test_a_reference_of_each_kind(load, entry, shown):
    bibliography = load(entry)
    assert not bibliography.problems
    page, _ = bibliography.page({})
    assert html.fromstring("".join(page.values())).text_content().strip() == shown


def test_the_sources_of_a_page_are_sorted_by_author(bibliography):
    listed = bibliography.sources(["widrow1960", "rosenblatt1958"], LINK)
    assert listed.index("Rosenblatt, F.") < listed.index("Widrow, B.")
    assert listed.count("<li>") == 2
    assert f'<a href="{LINK}">the bibliography</a>' in listed
    with pytest.raises(ValueError, match="not in the bibliography: nobody1999"):
        bibliography.sources(["nobody1999"], LINK)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "@book{rosenblatt1958, author={A, B}, title={T}, year={1958}}",
            ": key 'rosenblatt1958' is used twice, first on line 2; keep one entry",
        ),
        ("@book{a1990, title={T}, year={1990}}", ": a1990: no author; add author = {Family,"),
        ("@book{a1990, author={A, B}, year={1990}}", ": a1990: no title; add title = {...}"),
        ("@book{a1990, author={A, B}, title={T}}", ": a1990: no year; add year = {...}"),
        (
            "@book{a1990, author={A, B}, title={T}, year={in press}}",
            ": a1990: year 'in press' is not four digits",
        ),
        (
            "@book{a1990, author={A, B}, title={T}, year={1990}, doi={https://doi.org/10.1/x}}",
            ": a1990: doi 'https://doi.org/10.1/x' does not start with 10.",
        ),
        (
            "@book{a1990, author={A, B}, title={T}, year={1990}, url={www.a.b}}",
            ": a1990: url 'www.a.b' does not start with https://",
        ),
        (
            "@book{Smith90, author={A, B}, title={T}, year={1990}}",
            ": key 'Smith90' is not the first author and the year",
        ),
        ("@book{a1990, author = {A, B}, title = ", ": BibTeX cannot be read: "),
    ],
)
def test_an_entry_that_is_no_reference_is_named_with_its_line(load, entry, message):
    problems = load(f"{ENTRIES}\n{entry}\n").problems
    line = ENTRIES.count("\n") + 2
    found = [problem for problem in problems if message in str(problem)]
    assert found, problems
    assert found[0].path == "docs/reference/bibliography.bib"
    assert found[0].line in (line, line + 1)


def test_the_bibliography_of_the_course_is_right():
    path = Path(__file__).parents[3] / "docs" / "reference" / "bibliography.bib"
    bibliography = Bibliography.load(path)
    assert [str(problem) for problem in bibliography.problems] == []
    assert len(bibliography.entries) > 20


def test_the_bibliography_has_a_section_for_each_letter(bibliography):
    text = bibliography.headings()
    lists, _ = bibliography.page({})
    assert list(lists) == sorted(lists)
    for letter, entries in lists.items():
        assert f"## {letter}\n\n{bibliography.mark(letter)}" in text
        assert entries.count("<li id=") == len(bibliography.letters[letter])
