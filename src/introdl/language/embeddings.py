"""Word vectors: skip-gram with negative sampling, vectors from counts, and who is near whom."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import eigh

from introdl.arguments import takes


def words(text: str) -> list[str]:
    """The words of a text, in small letters; a word is a run of the letters a to z.

    Examples:
        >>> words("The cat's x2.")
        ['the', 'cat', 's', 'x']
    """
    return re.findall("[a-z]+", text.lower())


def commonest(texts: list[list[str]], size: int) -> list[str]:
    """The `size` words that come most often in all texts together, most common first."""
    counts = Counter(word for text in texts for word in text)
    return sorted(counts, key=lambda word: (-counts[word], word))[:size]


def neighbours(texts: list[list[str]], vocabulary: list[str], window: int) -> np.ndarray:
    """Count which words of a vocabulary stand at most `window` places apart in the same text.

    Words outside the vocabulary keep their places.

    Returns:
        How often word j stood near word i, (V, V) float64; row and column i are
        `vocabulary[i]`'s.

    Examples:
        >>> neighbours([["the", "cat", "sees", "the", "dog"]], ["cat", "the"], 1)
        array([[0., 1.],
               [1., 0.]])
    """
    place = {word: i for i, word in enumerate(vocabulary)}
    gap = [-1] * window  # so that no window reaches into the next text
    places = (i for text in texts for i in [*(place.get(w, -1) for w in text), *gap])
    row = np.fromiter(places, dtype=int)
    counts = np.zeros((len(vocabulary), len(vocabulary)))
    for apart in range(1, window + 1):
        left, right = row[:-apart], row[apart:]
        known = (left >= 0) & (right >= 0)
        pair = left[known] * len(vocabulary) + right[known]
        counts += np.bincount(pair, minlength=counts.size).reshape(counts.shape)
    return counts + counts.T


def sigmoid(s: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-s)), without overflow."""
    e = np.exp(-np.abs(s))
    return np.where(s >= 0, 1, e) / (1 + e)


def skip_gram(
    U: np.ndarray, C: np.ndarray, word: np.ndarray, near: np.ndarray, drawn: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Skip-gram with negative sampling: loss and gradients (Mikolov et al., 2013b, equation 4).

    Per pair, -log sigmoid(u.c) of the word that stood near, and -log sigmoid(-u.c) of each drawn.

    Args:
        U: The vectors of the words, (V, D).
        C: The vectors of the words as neighbours, (V, D).
        word: B words, as rows of U, (B,).
        near: A neighbour of each, as rows of C, (B,).
        drawn: K words drawn at random for each, as rows of C, (B, K).

    Returns:
        The mean loss of the B pairs, and its gradients: (V, D) for U and (V, D) for C.
    """
    B, K = drawn.shape
    others = np.concatenate([near[:, None], drawn], axis=1)  # (B, 1 + K)
    sign = np.array([1] + [-1] * K, dtype=U.dtype)
    s = sign * np.einsum("bd,bkd->bk", U[word], C[others])  # (B, 1 + K)
    loss = np.logaddexp(0, -s).sum() / B
    g = -sign * sigmoid(-s) / B  # the slope in each product u.c
    # Tables with few entries per row: the word, its neighbours' slopes.
    ends, V = np.arange(B + 1), len(U)
    ones = np.ones(B, dtype=U.dtype)
    one = sparse.csr_array((ones, word, ends), (B, V))
    entries = g.ravel(), others.ravel(), ends * (1 + K)
    slopes = sparse.csr_array(entries, (B, V))
    return float(loss), one.T @ (slopes @ C), slopes.T @ (one @ U)


def thin(counts: np.ndarray, share: float) -> np.ndarray:
    """Count frequent words less: a word of a larger share than `share` keeps sqrt(share / its own).

    What Mikolov et al. (2013b, section 2.3) do by dropping words of the text by lot, done to the
    counts, on average.

    Args:
        counts: How often word j stood near word i, (V, V).
        share: From which share of all counts on a word is frequent.

    Returns:
        The counts, each times what its two words keep, (V, V).
    """
    own = counts.sum(axis=1)
    keep = np.sqrt(np.minimum(1, share * own.sum() / np.where(own > 0, own, 1)))
    return counts * keep * keep[:, None]


def train(
    counts: np.ndarray,
    D: int,
    steps: int,
    *,
    B: int = 2048,
    K: int = 3,
    eta: float = 0.3,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Learn word vectors: draw pairs as often as they stood together, and walk down the slope.

    The drawn words have probabilities in proportion to their counts to the power of 3/4 (Mikolov
    et al., 2013b). Each number of a vector has its own rate, eta by the root of its summed squared
    gradients (AdaGrad: Duchi et al., 2011), which falls to zero along a line.

    Args:
        counts: How often word j stood near word i, (V, V).
        D: How many numbers a vector has.
        steps: How many batches are drawn.
        B: Pairs per batch.
        K: Words drawn at random per pair.
        eta: The rate at the start.
        rng: Draws the first vectors, the pairs and the random words.

    Returns:
        The vectors of the words and those of the words as neighbours, both (V, D) float32, and the
        loss of each batch, (steps,).
    """
    V = len(counts)
    pairs = _draw(counts.ravel(), steps * B, rng)
    single = counts.sum(axis=1) ** 0.75
    # A list in which each word stands in proportion, to a millionth: fast to draw from.
    often = np.repeat(np.arange(V), np.rint(1e6 * single / single.sum()).astype(int))
    vectors = [rng.normal(scale=0.1, size=(V, D)) for _ in "UC"]
    vectors = [vector.astype(np.float32) for vector in vectors]
    squares = [np.full((V, D), 1e-10, dtype=np.float32) for _ in "UC"]
    losses = np.zeros(steps)
    slopes_of = inspect.unwrap(skip_gram)  # what checks its arguments makes float64 of them
    for step in range(steps):
        word, near = np.divmod(pairs[step * B : (step + 1) * B], V)
        losses[step], *slopes = slopes_of(*vectors, word, near, rng.choice(often, (B, K)))
        for vector, square, slope in zip(vectors, squares, slopes, strict=True):
            square += slope**2
            vector -= eta * (1 - step / steps) * slope / np.sqrt(square)
    return *vectors, losses


def _draw(weights: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw places, each with a probability in proportion to its weight."""
    (places,) = np.nonzero(weights)
    times = rng.multinomial(draws, weights[places] / weights.sum())
    return rng.permutation(np.repeat(places, times))  # as if drawn one by one


def ppmi(counts: np.ndarray) -> np.ndarray:
    """Positive pointwise mutual information: log(count / expected), and 0 where that is negative.

    Expected is what chance would give: row sum times column sum by the sum of all (Church & Hanks,
    1990; its positive part as in Levy, Goldberg & Dagan, 2015, section 2.1).

    Args:
        counts: How often word j stood near word i, (V, V).

    Returns:
        The table of the same shape; a word without neighbours has a row of zeros.
    """
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0))
    expected /= counts.sum() or 1
    ratio = counts / np.where(expected > 0, expected, 1)
    return np.log(np.maximum(ratio, 1))


def compress(table: np.ndarray, D: int, power: float = 1.0) -> np.ndarray:
    """Vectors (V, D) whose dot products come as near to those of a table's rows as D numbers can.

    The first D left singular vectors of the table (V, V), times their singular values to `power`;
    the sentence above holds for 1 (Levy, Goldberg & Dagan, 2015, section 2.2). The sign of each
    column is made such that its largest entry is positive.
    """
    table = table.astype(float)
    V = len(table)
    # The table's singular values are the roots of these; eigh gives the same for the same
    # table each time, which scipy's svds does not where two of them are equal.
    squares, left = eigh(table @ table.T, subset_by_index=[V - D, V - 1])
    left = left[:, ::-1] * np.maximum(squares[::-1], 0) ** (power / 2)
    size = np.abs(left)
    largest = (size >= 0.999999 * size.max(axis=0)).argmax(axis=0)
    return left * np.sign(left[largest, np.arange(D)])


def unit(vectors: np.ndarray) -> np.ndarray:
    """Divide each vector (..., D) by its length: then their dot products are cosines."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def cosines(vectors: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The cosine between each row of vectors (V, D) and a target (D,), (V,)."""
    return unit(vectors) @ unit(target)


def analogy(vectors: np.ndarray, a: int, b: int, c: int) -> np.ndarray:
    """The cosine of each word with b - a + c, all of length 1: "a is to b as c is to ...".

    Args:
        vectors: (V, D).
        a: The place of the first word, as b and c are of theirs.
        b: What a is to.
        c: What the answer is to.

    Returns:
        (V,); those of a, b and c are in it, too (Mikolov et al., 2013a, leave them out).
    """
    one = unit(vectors)
    return cosines(vectors, one[b] - one[a] + one[c])


def _positive(**given: Any) -> None:
    if (given["counts"] < 0).any():
        raise ValueError("counts must not be negative")


def _has_length(**given: Any) -> None:
    for name, value in given.items():
        if not np.linalg.norm(value, axis=-1).all():
            raise ValueError(f"{name} holds a vector of length 0, which has no direction")


def _numbers(**given: Any) -> None:
    D, V = given["D"], len(given["table"])
    if not isinstance(D, int | np.integer) or not 1 <= D <= V:
        raise ValueError(f"compress(): D must be a whole number from 1 to {V}, not {D}")


def _has_words(**given: Any) -> None:
    if not all(0 <= given[name] < len(given["vectors"]) for name in "abc"):
        raise ValueError("analogy(): a, b and c must be rows of vectors")
    _has_length(vectors=given["vectors"])


def _rows(**given: Any) -> None:
    for name, table in (("word", "U"), ("near", "C"), ("drawn", "C")):
        rows = given[name]
        if rows.size and not 0 <= rows.min() <= rows.max() < len(given[table]):
            raise ValueError(f"skip_gram(): {name} must hold rows of {table}")


takes(sigmoid, {"s": "(..., N)"})
takes(
    skip_gram,
    {
        "U": "(V, D)",
        "C": "(V, D)",
        "word": "(B,) of integers, not empty",
        "near": "(B,) of integers",
        "drawn": "(B, K) of integers",
    },
    also=_rows,
)
takes(thin, {"counts": "(V, V)", "share": "()"}, also=_positive)
takes(train, {"counts": "(V, V), not empty"}, also=_positive)
takes(ppmi, {"counts": "(V, V)"}, also=_positive)
takes(compress, {"table": "(V, V), not empty"}, also=_numbers)
takes(unit, {"vectors": "(..., D), not empty"}, also=_has_length)
takes(cosines, {"vectors": "(V, D), not empty", "target": "(D,)"}, also=_has_length)
takes(analogy, {"vectors": "(V, D), not empty"}, also=_has_words)
