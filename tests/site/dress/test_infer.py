"""`infer.js` against PyTorch, on random networks of random shapes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Error
from torch import Tensor, nn
from torch.nn import functional as F

pytestmark = pytest.mark.browser

MODULE = "src/introdl_site/dress/theme/assets/infer.js"
Infer = Callable[..., object]


@pytest.fixture
def infer(js: Callable[..., object]) -> Infer:
    """`infer(function, *args)`; tensors go as arrays."""

    def give(value: object) -> object:
        if isinstance(value, Tensor):
            return value.detach().numpy()
        if isinstance(value, dict):
            return {name: give(one) for name, one in value.items()}
        if isinstance(value, list):
            return [give(one) for one in value]
        return value

    return lambda name, *args: js(MODULE, name, *map(give, args))


@pytest.fixture(autouse=True)
def draw(rng: np.random.Generator) -> None:
    torch.manual_seed(int(rng.integers(2**31)))


def close(ours: object, reference: Tensor) -> None:
    expected = reference.detach().numpy()
    assert isinstance(ours, np.ndarray)
    assert ours.dtype == np.float32
    assert ours.shape == expected.shape
    assert ours.size
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


def sizes(rng: np.random.Generator, count: int, low: int = 1, high: int = 7) -> list[int]:
    return [int(n) for n in rng.integers(low, high, count)]


ELEMENTWISE = {
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "gelu": F.gelu,
    "softmax": lambda x: F.softmax(x, dim=-1),
    "logSoftmax": lambda x: F.log_softmax(x, dim=-1),
}


@pytest.mark.parametrize("scale", [1, 30])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_activations(infer: Infer, rng: np.random.Generator, name: str, scale: int) -> None:
    x = scale * torch.randn(*sizes(rng, int(rng.integers(1, 5)), 2))
    close(infer(name, x), ELEMENTWISE[name](x))


def test_softmax_of_large_numbers_is_finite(infer: Infer) -> None:
    x = torch.tensor([[1000.0, 999.0, -1000.0], [-1e30, 0.0, -torch.inf]])
    close(infer("softmax", x), F.softmax(x, dim=-1))
    close(infer("logSoftmax", x[:1]), F.log_softmax(x[:1], dim=-1))


def test_erf_everywhere(infer: Infer) -> None:
    x = torch.linspace(-7, 7, 2001)
    ours = infer("gelu", x)
    exact = F.gelu(x.double()).float()
    np.testing.assert_allclose(ours, exact.numpy(), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
def test_dense(infer: Infer, rng: np.random.Generator, bias: bool) -> None:
    *lead, inputs, outputs = sizes(rng, int(rng.integers(2, 5)), 1, 20)
    layer = nn.Linear(inputs, outputs, bias=bias)
    x = torch.randn(*lead, inputs)
    close(infer("dense", x, layer.weight, layer.bias), layer(x))


def test_layer_norm(infer: Infer, rng: np.random.Generator) -> None:
    *lead, width = sizes(rng, 3, 2)
    layer = nn.LayerNorm(width, eps=float(rng.choice([1e-5, 1e-2])))
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    x = 5 + 3 * torch.randn(*lead, width)
    close(infer("layerNorm", x, layer.weight, layer.bias, layer.eps), layer(x))
    close(infer("layerNorm", x), F.layer_norm(x, [width]))


def test_embedding(infer: Infer, rng: np.random.Generator) -> None:
    size, width, *shape = sizes(rng, 4, 2)
    layer = nn.Embedding(size, width)
    indices = torch.randint(size, shape)
    close(infer("embedding", indices, layer.weight), layer(indices))
    close(infer("embedding", [0, size - 1], layer.weight), layer(torch.tensor([0, size - 1])))


@pytest.mark.parametrize("draw_again", range(4))
def test_convolution(infer: Infer, rng: np.random.Generator, draw_again: int) -> None:
    batch, channels, outputs = sizes(rng, 3, 1, 4)
    kernel, stride, padding, dilation = (tuple(sizes(rng, 2, low, 4)) for low in (1, 1, 0, 1))
    least = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    x = torch.randn(batch, channels, *(n + int(rng.integers(8)) for n in least))
    layer = nn.Conv2d(channels, outputs, kernel, stride, padding, dilation)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    close(infer("conv2d", x, layer.weight, layer.bias, options), layer(x))
    close(infer("conv2d", x, layer.weight), F.conv2d(x, layer.weight))


@pytest.mark.parametrize("draw_again", range(3))
@pytest.mark.parametrize(("name", "reference"), [("max", F.max_pool2d), ("avg", F.avg_pool2d)])
def test_pooling(
    infer: Infer, rng: np.random.Generator, name: str, reference: Callable, draw_again: int
) -> None:
    kernel, stride = sizes(rng, 2, 1, 4)
    padding = int(rng.integers(kernel // 2 + 1))
    x = torch.randn(*sizes(rng, 2, 1, 4), *sizes(rng, 2, kernel, 9))
    options = {"stride": stride, "padding": padding}
    close(infer(f"{name}Pool2d", x, kernel, options), reference(x, kernel, stride, padding))
    close(infer(f"{name}Pool2d", x, kernel), reference(x, kernel))


CELLS = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}
NETS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", CELLS)
def test_cells(infer: Infer, rng: np.random.Generator, name: str, bias: bool) -> None:
    batch, inputs, width = sizes(rng, 3)
    cell = CELLS[name](inputs, width, bias=bias)
    x, h, c = torch.randn(batch, inputs), torch.randn(batch, width), torch.randn(batch, width)
    start = [h, c] if name == "lstm" else h
    ours = infer(f"{name}Cell", x, start, dict(cell.state_dict()))
    reference = cell(x, (h, c)) if name == "lstm" else [cell(x, h)]
    for mine, theirs in zip(ours if name == "lstm" else [ours], reference, strict=True):
        close(mine, theirs)


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("name", NETS)
def test_sequences(infer: Infer, rng: np.random.Generator, name: str, given: bool) -> None:
    steps, batch, inputs, width, layers = sizes(rng, 5, 1, 5)
    net = NETS[name](inputs, width, num_layers=layers)
    x = torch.randn(steps, batch, inputs)
    start = [torch.randn(layers, batch, width) for _ in range(2 if name == "lstm" else 1)]
    theirs = tuple(start) if name == "lstm" else start[0]
    output, end = net(x, theirs) if given else net(x)
    ours = infer(
        name, x, dict(net.state_dict()), *([start if name == "lstm" else start[0]] * given)
    )
    for mine, reference in zip(ours, [output, *(end if name == "lstm" else [end])], strict=True):
        close(mine, reference)


@pytest.mark.parametrize("causal", [True, False])
def test_attention(infer: Infer, rng: np.random.Generator, causal: bool) -> None:
    batch, heads, queries, keys, width, values = sizes(rng, 6)
    q = torch.randn(batch, heads, queries, width)
    k, v = torch.randn(batch, heads, keys, width), torch.randn(batch, heads, keys, values)
    ours = infer("attention", q, k, v, {"causal": causal})
    close(ours["output"], F.scaled_dot_product_attention(q, k, v, is_causal=causal))
    close(ours["output"], torch.from_numpy(ours["weights"]) @ v)


@pytest.mark.parametrize("causal", [True, False])
def test_multi_head_attention(infer: Infer, rng: np.random.Generator, causal: bool) -> None:
    batch, length, memory, heads, head = sizes(rng, 5)
    memory = length if causal else memory
    width = heads * head
    layer = nn.MultiheadAttention(width, heads, batch_first=True)
    nn.init.normal_(layer.in_proj_bias)
    nn.init.normal_(layer.out_proj.bias)
    x, m, n = (torch.randn(batch, s, width) for s in (length, memory, memory))
    mask = torch.ones(length, memory).triu(1).bool() if causal else None
    output, weights = layer(x, m, n, attn_mask=mask, average_attn_weights=False)
    options = {"heads": heads, "causal": causal}
    ours = infer("multiHeadAttention", x, m, n, dict(layer.state_dict()), options)
    close(ours["output"], output)
    close(ours["weights"], weights)


def test_argmax_is_the_first_of_the_largest(infer: Infer, rng: np.random.Generator) -> None:
    x = torch.randn(int(rng.integers(1, 50)))
    assert infer("argmax", x) == int(x.argmax())
    assert infer("argmax", torch.tensor([1.0, 3.0, 3.0])) == 1


# A module of the test's own, since a function cannot be handed to the browser.
SAMPLE = """
import { sample } from "./assets/infer.js";
export const many = (logits, options, draws) =>
  [...draws].map((draw) => sample(logits, { ...options, random: () => draw }));
"""


@pytest.mark.parametrize("top", [1, 3, None])
@pytest.mark.parametrize("temperature", [0.5, 1, 3])
def test_samples_follow_the_distribution(
    js: Callable[..., object],
    rng: np.random.Generator,
    tmp_path: Path,
    temperature: float,
    top: int | None,
) -> None:
    module = tmp_path / "sample.js"
    module.write_text(SAMPLE)
    count = int(rng.integers(4, 9))
    logits = torch.randn(count)
    grid = (np.arange(20_000) + 0.5) / 20_000  # each part of [0, 1) once
    options = {"temperature": temperature, **({"topK": top} if top else {})}
    drawn = js(module, "many", logits.numpy(), options, grid)
    kept = torch.full((count,), -torch.inf)
    best = logits.topk(top or count).indices
    kept[best] = logits[best] / temperature
    share = np.bincount(drawn, minlength=count) / len(grid)
    np.testing.assert_allclose(share, F.softmax(kept, dim=0).numpy(), atol=2e-4)


def test_without_temperature_the_largest_is_taken(infer: Infer) -> None:
    logits = torch.randn(9)
    assert infer("sample", logits, {"temperature": 0}) == int(logits.argmax())


def test_a_wrong_shape_is_named(infer: Infer) -> None:
    for message, name, *args in [
        (r"x has shape \(2,3\), expected \(…, 4\)", "dense", torch.ones(2, 3), torch.ones(5, 4)),
        (
            r"bias has shape \(4\), expected \(5\)",
            "dense",
            torch.ones(4),
            torch.ones(5, 4),
            torch.ones(4),
        ),
        (
            r"weight has shape \(2,1,3,3\), expected \(2,3,3,3\)",
            "conv2d",
            torch.ones(1, 3, 5, 5),
            torch.ones(2, 1, 3, 3),
        ),
        (r"3 × 3 does not fit into 2 × 2", "maxPool2d", torch.ones(1, 1, 2, 2), 3),
        (r"has not 4 axes", "conv2d", torch.ones(3, 5, 5), torch.ones(2, 3, 3, 3)),
        (r"index 7 is not below 5", "embedding", [7], torch.ones(5, 2)),
        (r"index -1 is not below 5", "embedding", [-1], torch.ones(5, 2)),
        (
            r"k has shape",
            "attention",
            torch.ones(1, 1, 2, 3),
            torch.ones(1, 1, 2, 4),
            torch.ones(1, 1, 2, 3),
        ),
        (r"y has shape", "add", torch.ones(3), torch.ones(1, 3)),
        (r"6 values are not of shape \(4\)", "reshape", torch.ones(2, 3), [4]),
        (r"not a number", "argmax", torch.tensor([1.0, torch.nan])),
    ]:
        with pytest.raises(Error, match=message):
            infer(name, *args)


LENET = """
import { conv2d, dense, maxPool2d, relu, reshape } from "./assets/infer.js";
export function lenet(x, w) {
  x = maxPool2d(relu(conv2d(x, w["0.weight"], w["0.bias"], { padding: 2 })), 2);
  x = maxPool2d(relu(conv2d(x, w["3.weight"], w["3.bias"])), 2);
  x = reshape(x, [x.shape[0], 400]);
  x = relu(dense(x, w["7.weight"], w["7.bias"]));
  x = relu(dense(x, w["9.weight"], w["9.bias"]));
  return dense(x, w["11.weight"], w["11.bias"]);
}
export function timed(x, w) {
  const took = Array.from({ length: 20 }, () => {
    const start = performance.now();
    lenet(x, w);
    return performance.now() - start;
  });
  return Math.min(...took);
}
"""


def test_a_lenet_is_right_and_fast(js: Callable[..., object], tmp_path: Path) -> None:
    net = nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()),
        nn.Linear(84, 10),
    )
    module = tmp_path / "lenet.js"
    module.write_text(LENET)
    weights = {name: value.numpy() for name, value in net.state_dict().items()}
    x = torch.rand(1, 1, 28, 28)
    close(js(module, "lenet", x.numpy(), weights), net(x))
    took = js(module, "timed", x.numpy(), weights)
    assert took < 30, f"{took:.1f} ms for one image"
