"""Every matrix between a sentence and the scores: its meaning, its line of code, its test."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import NamedTuple

from introdl.language.attention import heads, scaled
from introdl.language.transformer import layers, positions, reading


class Stage(NamedTuple):
    """One matrix: its name, what it means, the module and line that make it, and its test."""

    name: str
    meaning: str
    module: ModuleType
    code: str
    test: str

    def line(self) -> int:
        """Where the line stands in its module, counted from 1.

        Raises:
            ValueError: If the module does not have the line, or has it twice.
        """
        lines = [line.strip() for line in inspect.getsource(self.module).splitlines()]
        if lines.count(self.code) != 1:
            raise ValueError(f"Stage.line(): {self.module.__name__} has not one line {self.code!r}")
        return lines.index(self.code) + 1

    def test_at(self) -> str:
        """The test's file and name, as pytest takes them."""
        lesson = self.module.__name__.split(".")[2]
        return f"tests/language/test_{lesson}.py::{self.test}"


_START = 'x = chosen @ self.nets["word"][:, None] + self.places[:, :, : ids.shape[-1]]'
_QKV = 'self.Q, self.K, self.V = (self._split(given[n] @ self.W[n] + self.b[n]) for n in "qkv")'
_NORM = "return self.even * self.weight + self.bias"
_SIDE, _LAYER = "test_the_nets_side_by_side_are_the_layers_by_hand", "test_the_layer_agrees"
_SHARES = "test_scaled_attention_and_its_gradients_are_pytorchs"
_HEADS = "test_heads_and_all_their_gradients_are_pytorchs"

START = [
    Stage("words", "the learned row of each word", reading, _START, _SIDE),
    Stage(
        "places",
        "sines and cosines of each place",
        positions,
        "return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(places, dim)",
        "test_positions_are_the_papers_formula",
    ),
    Stage("x", "word and place, added", reading, _START, _SIDE),
]
#: What each layer has, in this order.
LAYER = [
    Stage(
        "norm 1",
        "each word's numbers, mean 0 and variance 1, then scaled and shifted",
        layers,
        _NORM,
        "test_layer_norm_is_pytorchs",
    ),
    Stage("queries", "what each word asks for, per head", heads, _QKV, _HEADS),
    Stage("keys", "what each word is found by, per head", heads, _QKV, _HEADS),
    Stage("values", "what each word has to tell, per head", heads, _QKV, _HEADS),
    Stage(
        "scores",
        "how well the query of each word (row) fits the key of each (column)",
        scaled,
        "scores = Q @ K.mT / np.sqrt(Q.shape[-1])  # (..., T, S)",
        _SHARES,
    ),
    Stage(
        "shares",
        "how much each word (row) listens to each (column); a row adds up to 1",
        scaled,
        "shares = softmax(scores)",
        _SHARES,
    ),
    Stage(
        "heard",
        "the values, mixed by the shares, per head",
        scaled,
        "return shares @ V, shares",
        _SHARES,
    ),
    Stage(
        "attention says",
        "the heads side by side, through one more matrix",
        heads,
        'return self.joined @ self.W["o"] + self.b["o"]',
        _HEADS,
    ),
    Stage(
        "x after listening",
        "the word, and what it heard, added",
        layers,
        "X = self.keep * X + self.attention.forward(N, N, mask)",
        _LAYER,
    ),
    Stage(
        "norm 2",
        "mean 0 and variance 1 again, scaled and shifted",
        layers,
        _NORM,
        "test_layer_norm_is_pytorchs",
    ),
    Stage(
        "hidden units",
        "the small net's ReLUs: none is below 0",
        layers,
        "self.A = relu(self.Z)",
        "test_the_small_net_is_pytorchs",
    ),
    Stage(
        "the small net says",
        "what it adds to each word",
        layers,
        "return self.A @ self.W[1] + self.b[1]",
        "test_the_small_net_is_pytorchs",
    ),
    Stage(
        "x after thinking",
        "the output of the layer",
        layers,
        "return self.keep * X + self.small.forward(self.norm2.forward(X))",
        _LAYER,
    ),
]
END = [
    Stage(
        "last norm",
        "mean 0 and variance 1, scaled and shifted",
        layers,
        _NORM,
        "test_layer_norm_is_pytorchs",
    ),
    Stage(
        "ending scores",
        "for each word, as if it were a verb: the score of no ending, and of -s",
        reading,
        'return self._layer(self._norm(x, "", ""), "", "out")',
        _SIDE,
    ),
]


def described(n_layers: int) -> list[dict[str, str]]:
    """All stages of an encoder, with where their lines stand, for the page's thing to move."""
    named = [("", stage) for stage in START]
    named += [(f"layer {i + 1}: ", stage) for i in range(n_layers) for stage in LAYER]
    named += [("", stage) for stage in END]
    return [
        {
            "name": prefix + stage.name,
            "meaning": stage.meaning,
            "code": stage.code,
            "where": f"{stage.module.__name__.replace('.', '/')}.py, line {stage.line()}",
            "test": stage.test_at(),
        }
        for prefix, stage in named
    ]
