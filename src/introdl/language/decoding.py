"""Which token is written next: cuts of the shares, beam search, and a GPT that keeps its keys.

Sources: Fan, Lewis and Dauphin (2018), "Hierarchical neural story generation", for top-k; Holtzman
et al. (2020), "The curious case of neural text degeneration", section 3.1, for top-p. V tokens may
come next; N texts are read at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from introdl.arguments import takes
from introdl.language.attention.scaled import attend
from introdl.networks.activations import gelu, softmax


def temper(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Turn scores into shares, after a division by the temperature.

    Args:
        scores: One score per token, (..., V).
        temperature: Above 0: below 1 the likeliest gets likelier, above 1 the shares level out.

    Returns:
        The shares, (..., V).

    Examples:
        >>> temper(np.log([0.8, 0.2]), 0.5).round(3)
        array([0.941, 0.059])
    """
    return softmax((scores - scores.max(axis=-1, keepdims=True)) / temperature)


def top_k(p: np.ndarray, k: int) -> np.ndarray:
    """Keep the `k` likeliest tokens, and share out anew among them (Fan et al., 2018).

    Args:
        p: Shares, (..., V).
        k: How many are kept, 1 to V. Of equal ones the first are.

    Returns:
        The new shares, (..., V).

    Examples:
        >>> top_k(np.array([0.1, 0.3, 0.6]), 2).round(3)
        array([0.   , 0.333, 0.667])
    """
    order = np.argsort(-p, axis=-1, kind="stable")
    kept = np.zeros_like(p)
    np.put_along_axis(kept, order[..., :k], 1.0, axis=-1)
    return _anew(p * kept)


def top_p(p: np.ndarray, share: float) -> np.ndarray:
    """Keep the likeliest tokens, as few as reach a share together (Holtzman et al., 2020).

    Args:
        p: Shares, (..., V).
        share: What those that are kept must reach, above 0, at most 1.

    Returns:
        The new shares, (..., V).

    Examples:
        >>> top_p(np.array([0.1, 0.3, 0.6]), 0.7).round(3)
        array([0.   , 0.333, 0.667])
    """
    order = np.argsort(-p, axis=-1, kind="stable")
    sorted_p = np.take_along_axis(p, order, axis=-1)
    before = np.cumsum(sorted_p, axis=-1) - sorted_p  # the share of all likelier ones
    kept = np.zeros_like(p)
    # A sum that is the share but for rounding has reached it.
    needed = before < share - 1e-9
    needed[..., 0] = True  # the likeliest always stays
    np.put_along_axis(kept, order, needed.astype(float), axis=-1)
    return _anew(p * kept)


def _anew(p: np.ndarray) -> np.ndarray:
    return p / p.sum(axis=-1, keepdims=True)


def draw(p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one token for each row of shares, (N, V) to (N,) int64."""
    up_to = np.cumsum(p, axis=-1)
    up_to /= up_to[:, -1:]  # 1 to the last digit, so that no draw lies beyond
    return (up_to <= rng.random((len(p), 1))).sum(axis=-1)


#: Turns B texts of t tokens, (B, t) int64, into log p of what may follow each, (B, V). The second
#: argument, (B,), says which of the texts of the call before each goes on with.
LogP = Callable[[np.ndarray, np.ndarray], np.ndarray]


def beam(log_p: LogP, length: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Search for likely texts: go on with the `width` likeliest beginnings at each step.

    Args:
        log_p: Scores what may follow; first asked for one text of no token.
        length: How many tokens are written, 1 or more.
        width: How many beginnings are kept, 1 or more; with 1 it is the greedy choice.

    Returns:
        The texts, likeliest first, (B, length) int64, and log p of each whole text, (B,).

    Raises:
        ValueError: If the length or the width is below 1.
    """
    if length < 1 or width < 1:
        raise ValueError(f"beam(): length {length} and width {width} must be 1 or more")
    texts, totals, row = np.zeros((1, 0), dtype=np.int64), np.zeros(1), np.zeros(1, dtype=np.int64)
    for _ in range(length):
        longer = totals[:, None] + log_p(texts, row)  # (B, V)
        best = np.argsort(-longer, axis=None, kind="stable")[:width]
        row, token = np.divmod(best, longer.shape[1])
        texts = np.column_stack([texts[row], token])
        totals = longer.ravel()[best]
    return texts, totals


class CachedGPT:
    """A trained GPT in NumPy that keeps the keys and values of all that it has read.

    Args:
        weights: Arrays by the names of `introdl.language.gpt.stages.GPT`.
        heads: How many heads a block has.

    Attributes:
        length: How many tokens it has read.
        work: How many multiplications its matrix products took so far.
    """

    def __init__(self, weights: Mapping[str, np.ndarray], heads: int) -> None:
        self.weights = {name: np.asarray(part, dtype=float) for name, part in weights.items()}
        self.heads = heads
        self.length, self.work = 0, 0
        self.kept: list[tuple[np.ndarray, ...]] = []

    def read(self, ids: np.ndarray) -> np.ndarray:
        """Read the next tokens of each text, and score what may follow the last of them.

        Args:
            ids: t new tokens for each of N texts, (N, t) int64.

        Returns:
            The scores, (N, V).

        Raises:
            ValueError: If the texts get longer than the places that the GPT knows.
        """
        w, end = self.weights, self.length + ids.shape[1]
        if end > len(w["place.weight"]):
            raise ValueError(
                f"read(): {end} tokens, but the GPT has {len(w['place.weight'])} places"
            )
        x = w["letter.weight"][ids] + w["place.weight"][self.length : end]
        for b in range(sum(name.endswith("qkv.weight") for name in w)):
            x = x + self._listen(b, self._norm(f"blocks.{b}.norm1", x))
            wide = self._dense(f"blocks.{b}.wide", self._norm(f"blocks.{b}.norm2", x))
            x = x + self._dense(f"blocks.{b}.narrow", gelu(wide))
        self.length = end
        return self._dense("out", self._norm("norm", x[:, -1]))

    def choose(self, rows: np.ndarray) -> None:
        """Go on with these texts alone, by their places (M,); one may come more than once."""
        self.kept = [tuple(part[rows] for part in pair) for pair in self.kept]

    def _listen(self, b: int, x: np.ndarray) -> np.ndarray:
        """Let the new tokens listen to all that were read: (N, t, D) to (N, t, D)."""
        new = np.split(self._dense(f"blocks.{b}.attention.qkv", x), 3, axis=-1)
        q, k, v = (part.reshape(*x.shape[:2], self.heads, -1).swapaxes(1, 2) for part in new)
        if b < len(self.kept):
            k, v = (np.concatenate(pair, 2) for pair in zip(self.kept[b], (k, v), strict=True))
        self.kept[b : b + 1] = [(k, v)]
        t, s = q.shape[2], k.shape[2]
        self.work += 2 * q.size * s  # the scores, then the mix
        heard, _ = attend(q, k, v, np.tri(t, s, s - t, dtype=bool))  # (N, heads, t, D / heads)
        return self._dense(f"blocks.{b}.attention.out", heard.swapaxes(1, 2).reshape(x.shape))

    def _dense(self, name: str, x: np.ndarray) -> np.ndarray:
        weight = self.weights[f"{name}.weight"]
        self.work += x.size * len(weight)
        return x @ weight.T + self.weights[f"{name}.bias"]

    def _norm(self, name: str, x: np.ndarray) -> np.ndarray:
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-5)
        return x * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def _shares(**given: Any) -> None:
    """Refuse shares that are none, and a cut that keeps nothing or more than there is."""
    p = given["p"]
    if not np.allclose(p.sum(axis=-1), 1):
        raise ValueError("p must add up to 1 along its last axis")
    if "k" in given and not 1 <= given["k"] <= p.shape[-1]:
        raise ValueError(f"top_k(): k must be from 1 to {p.shape[-1]}, got {given['k']}")
    if "share" in given and not 0 < given["share"] <= 1:
        raise ValueError(f"top_p(): share must be above 0 and at most 1, got {given['share']}")


def _warm(**given: Any) -> None:
    if not given["temperature"] > 0:
        raise ValueError(f"temper(): temperature must be above 0, got {given['temperature']}")


def _tokens(**given: Any) -> None:
    ids, letters = given["ids"], len(given["self"].weights["letter.weight"])
    if ids.min() < 0 or ids.max() >= letters:
        raise ValueError(f"read(): ids must be from 0 to {letters - 1}")


def _texts(**given: Any) -> None:
    rows, model = given["rows"], given["self"]
    texts = len(model.kept[0][0]) if model.kept else 0
    if rows.min() < 0 or rows.max() >= texts:
        raise ValueError(f"choose(): rows must be places of the {texts} texts that were read")


takes(temper, {"scores": "(..., V), not empty", "temperature": "()"}, also=_warm)
takes(top_k, {"p": "(..., V) in [0, 1], not empty", "k": "() of integers"}, also=_shares)
takes(top_p, {"p": "(..., V) in [0, 1], not empty", "share": "()"}, also=_shares)
takes(draw, {"p": "(N, V) in [0, 1], not empty"}, also=_shares)
takes(CachedGPT.read, {"ids": "(N, t) of integers, not empty"}, also=_tokens)
takes(CachedGPT.choose, {"rows": "(M,) of integers, not empty"}, also=_texts)
