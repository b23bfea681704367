"""Slopes by hand and by small changes, the steps written out, the rules, and the figure."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage
from scipy.special import log_softmax, softmax
from sklearn.preprocessing import scale

from introdl.applications.deep_dreaming import (
    TEXTURES,
    TextureNet,
    ascend,
    dream,
    excitement,
    features,
    fit,
    roughness,
    shares,
    slope,
    soften,
    standardize,
    texture,
    texture_squares,
    textures,
)
from introdl.exercises.applications.deep_dreaming import share_slope


def odd_input(rng):
    return {
        "standardize": {"squares": rng.normal(size=(3, 5, 4))},
        "features": {"squares": rng.normal(size=(2, 32, 32))},
        "roughness": {"pictures": rng.normal(size=(3, 4, 5))},
        "shares": {"net": TextureNet(), "pictures": rng.normal(size=(2, 8, 12))},
        "fit": {
            "squares": rng.normal(size=(6, 8, 8)),
            "labels": np.array([0, 1, 2, 0, 1, 2]),
            "seed": 0,
            "steps": 2,
            "batch": 2,
        },
    }


SAME: dict[str, str] = {}

LAYERS = ["first", "second", "third", "last"]
PARTS = [(1, 3), (1, None), (2, 5), (2, None), (3, 7), (3, None), (4, 2)]


def random_net(rng, classes=5):
    """A net in float64 whose weights and thresholds all count."""
    net = TextureNet(classes).double().eval().requires_grad_(False)
    for name in LAYERS:
        layer = getattr(net, name)
        size = 1 / np.sqrt(layer.weight[0].numel())
        layer.weight.copy_(torch.tensor(rng.normal(size=layer.weight.shape) * 1.5 * size))
        layer.bias.copy_(torch.tensor(rng.normal(size=layer.bias.shape) * 0.3))
    return net


def convolved(x, layer, stride=1):
    """Maps (C, H, W) through a layer of kernels, place by place, and ReLU."""
    w, b = layer.weight.double().numpy(), layer.bias.double().numpy()
    pad = w.shape[-1] // 2
    full = [
        sum(
            ndimage.correlate(channel, kernel, mode="constant")
            for channel, kernel in zip(x, kernels, strict=True)
        )
        for kernels in w
    ]
    assert pad == (w.shape[-1] - 1) / 2
    maps = np.array(full)[:, ::stride, ::stride] + b[:, None, None]
    return np.maximum(maps, 0)


def fires(net, x, layer, unit):
    """The excitement of one picture, (H, W), written out."""
    a = convolved(x[None], net.first, 2)
    b = convolved(a, net.second)
    c, h, w = b.shape
    pooled = b.reshape(c, h // 2, 2, w // 2, 2).mean(axis=(2, 4))
    maps = [a, b, convolved(pooled, net.third)]
    if layer == 4:
        sums = net.last.weight.numpy() @ maps[2].mean(axis=(1, 2)) + net.last.bias.numpy()
        return log_softmax(sums)[unit]
    here = maps[layer - 1]
    return (here**2).mean() / 2 if unit is None else here[unit].mean()


@pytest.mark.parametrize(("layer", "unit"), PARTS)
def test_excitement_written_out(rng, layer, unit):
    net, x = random_net(rng), rng.normal(size=(2, 12, 16))
    found = excitement(net, torch.tensor(x)[:, None], layer, unit)
    expected = [fires(net, picture, layer, unit) for picture in x]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-12)


@pytest.mark.agreement
def test_the_slope_is_what_small_changes_do(rng, agreement):
    net, x = random_net(rng), rng.normal(size=(4, 8))

    def nudged():
        out = np.empty_like(x)
        for i in np.ndindex(*x.shape):
            up, down = x.copy(), x.copy()
            up[i] += 1e-6
            down[i] -= 1e-6
            out[i] = (fires(net, up, 4, 2) - fires(net, down, 4, 2)) / 2e-6
        return out

    agreement(
        slope(net, torch.tensor(x)[None, None], 4, 2)[0, 0].numpy(),
        nudged,
        what="slopes of a class's log share by 32 pixels",
        against="differences of a net written out with SciPy, float64",
        atol=1e-7,
    )


def test_one_class_per_picture(rng):
    net, x = random_net(rng), torch.tensor(rng.normal(size=(3, 1, 8, 8)))
    found = excitement(net, x, 4, [2, 0, 4])
    each = [excitement(net, x[i : i + 1], 4, k)[0] for i, k in enumerate([2, 0, 4])]
    torch.testing.assert_close(found, torch.stack(each))


def test_shares_are_softmax_of_the_sums(rng):
    net, x = TextureNet(), rng.normal(size=(3, 8, 12))
    sums = net(torch.tensor(x, dtype=torch.float32)[:, None]).detach().numpy()
    np.testing.assert_allclose(shares(net, x), softmax(sums, axis=1), atol=1e-6)


def test_softening_is_a_convolution_with_edges_repeated(rng):
    g = rng.normal(size=(2, 1, 7, 9))
    row = np.array([0.25, 0.5, 0.25])
    expected = g
    for times in range(4):
        found = soften(torch.tensor(g), times).numpy()
        np.testing.assert_allclose(found, expected, atol=1e-12)
        for axis in (2, 3):
            expected = ndimage.correlate1d(expected, row, axis=axis, mode="nearest")


def stepped(net, x, layer, unit, rate, blur, shift):
    """One step in NumPy."""
    moved = np.roll(x, shift, (0, 1))
    g = slope(net, torch.tensor(moved)[None, None], layer, unit)[0, 0].numpy()
    g = np.roll(g, (-shift[0], -shift[1]), (0, 1))
    for _ in range(blur):
        for axis in (0, 1):
            g = ndimage.correlate1d(g, [0.25, 0.5, 0.25], axis=axis, mode="nearest")
    return np.clip(x + rate * g / (np.abs(g).mean() + 1e-12), -2.5, 2.5)


def test_a_step_shifts_softens_and_adds(rng):
    net, x = random_net(rng), rng.normal(size=(2, 8, 12))
    found = ascend(net, torch.tensor(x)[:, None], 3, 4, rate=0.4, blur=2, shift=(3, -1))
    expected = [stepped(net, picture, 3, 4, 0.4, 2, (3, -1)) for picture in x]
    np.testing.assert_allclose(found[:, 0].numpy(), expected, atol=1e-9)
    plain = ascend(net, torch.tensor(x)[:, None], 4, 1)
    expected = [stepped(net, picture, 4, 1, 0.2, 0, (0, 0)) for picture in x]
    np.testing.assert_allclose(plain[:, 0].numpy(), expected, atol=1e-9)
    far = ascend(net, torch.tensor(x)[:, None], 4, 1, rate=50)
    assert float(far.abs().max()) == 2.5, "no pixel leaves the range"


def test_where_nothing_fires_nothing_changes():
    net = TextureNet().requires_grad_(False)
    net.first.weight.zero_()
    net.first.bias.fill_(-1)
    x = torch.ones(1, 1, 8, 8)
    assert torch.equal(ascend(net, x, 1, None), x)


def halved(x):
    return x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2).mean(axis=(1, 3))


def doubled(x):
    """Twice the size, by straight lines between the middles of pixels."""
    for axis in (0, 1):
        n = x.shape[axis]
        at = np.clip((np.arange(2 * n) + 0.5) / 2 - 0.5, 0, n - 1)
        x = np.apply_along_axis(lambda v, at=at, n=n: np.interp(at, np.arange(n), v), axis, x)
    return x


def written_out(net, start, layer, unit, octaves, jitter, seed, steps, blur):
    bases = [start]
    for _ in range(octaves - 1):
        bases.insert(0, halved(bases[0]))
    rng, x = np.random.default_rng(seed), bases[0]
    for k, base in enumerate(bases):
        if k:
            x = base + doubled(x - bases[k - 1])
        for _ in range(steps // octaves):
            shift = tuple(rng.integers(-jitter, jitter + 1, size=2))
            x = stepped(net, x, layer, unit, 0.2, blur, shift)
    return x


@pytest.mark.parametrize(("octaves", "jitter", "steps"), [(1, 0, 3), (2, 3, 4), (3, 1, 6)])
def test_a_dream_written_out(rng, octaves, jitter, steps):
    net, start = random_net(rng), rng.normal(size=(16, 32)) / 2
    found = dream(
        net, torch.tensor(start)[None, None], 4, 3, steps=steps, octaves=octaves, jitter=jitter,
        seed=5, blur=1,
    )  # fmt: skip
    expected = written_out(net, start, 4, 3, octaves, jitter, 5, steps, 1)
    np.testing.assert_allclose(found[0, 0].numpy(), expected, atol=1e-8)


def test_the_pages_dream_has_24_plain_steps(rng):
    net, start = random_net(rng), torch.tensor(rng.normal(size=(1, 1, 8, 8)))
    x = start
    for _ in range(24):
        x = ascend(net, x, 4, 0)
    torch.testing.assert_close(dream(net, start, 4, 0), x)


def test_a_dream_makes_its_net_surer(rng):
    net, start = random_net(rng), torch.tensor(rng.normal(size=(1, 1, 16, 16)) / 3)
    before, after = (excitement(net, x, 4, 1)[0] for x in (start, dream(net, start, 4, 1)))
    assert after > before + 0.1


def test_roughness_is_the_mean_over_pairs(rng):
    x = rng.normal(size=(2, 3, 5))
    for picture, found in zip(x, roughness(x), strict=True):
        pairs = [
            abs(picture[i, j] - picture[k, m])
            for i, j in np.ndindex(3, 5)
            for k, m in ((i + 1, j), (i, j + 1))
            if k < 3 and m < 5
        ]
        assert len(pairs) == 22
        assert found == pytest.approx(np.mean(pairs))


def test_roughness_takes_one_picture_of_two_by_two():
    assert roughness(np.array([[[0.0, 1.0], [0.0, 1.0]]])).tolist() == [0.5]


@pytest.mark.agreement
def test_squares_are_standardized_as_scikit_learn_does(rng, agreement):
    x = rng.normal(size=(4, 6, 5)) * 3 + 2
    agreement(
        standardize(x),
        lambda: scale(x.reshape(4, 30), axis=1).reshape(x.shape),
        what="four squares of mean 0 and spread 1",
        against="sklearn.preprocessing.scale",
        atol=1e-12,
    )


def test_a_flat_square_stays_flat():
    x = np.array([[[1.0, 1.002], [1.002, 1.0]]])
    np.testing.assert_allclose(standardize(x), (x - 1.001) / 0.02, atol=1e-12)
    np.testing.assert_allclose(standardize(x, least=0.1), (x - 1.001) / 0.1, atol=1e-12)


def test_features_count_pixels_and_find_waves(rng):
    x = rng.normal(size=(3, 32, 32))
    found = features(x)
    assert found.shape == (3, 40)
    for picture, row in zip(x, found, strict=True):
        counts = np.histogram(np.clip(picture, -3, 2.999), 16, (-3, 3))[0]
        np.testing.assert_allclose(row[:16], counts / 1024, atol=1e-12)
        expected = np.zeros((2, 24))
        for fy in range(-16, 16):
            for fx in range(-16, 16):
                size = np.hypot(fx, fy)
                if not size:
                    continue
                wave = np.exp(-2j * np.pi * (fy * np.arange(32)[:, None] + fx * np.arange(32)) / 32)
                power = np.log(abs((picture * wave).sum()) ** 2 + 1e-3)
                ring = sum(size >= edge for edge in (2, 4, 6, 8, 11))
                angle = np.degrees(np.arctan2(fy, fx)) % 180
                k = 4 * ring + int(angle // 45) % 4
                expected[:, k] += power, 1
        np.testing.assert_allclose(row[16:], expected[0] / expected[1], atol=1e-9)


def test_eight_textures_in_three_standardized_parts():
    assert list(TEXTURES) == [
        "brick", "grass", "gravel", "coins", "stars", "print", "fur", "tissue",
    ]  # fmt: skip
    for (squares, labels), count in zip(texture_squares((2, 1, 3), 4), (2, 1, 3), strict=True):
        assert squares.shape == (8 * count, 32, 32)
        assert labels.tolist() == np.repeat(range(8), count).tolist()
        np.testing.assert_allclose(squares.mean(axis=(1, 2)), 0, atol=1e-12)


def test_no_pixel_is_in_two_parts(monkeypatch):
    """In pictures whose brightness is the column, a square says where it comes from."""
    columns = np.broadcast_to(np.arange(200.0), (40, 200))
    monkeypatch.setattr(textures, "texture", lambda name: columns)
    monkeypatch.setattr(textures, "standardize", lambda squares: squares)
    parts = texture_squares((40, 40, 40), seed=4)
    for (squares, _), (left, right) in zip(parts, [(0, 100), (100, 150), (150, 200)], strict=True):
        assert squares.min() >= left
        assert squares.max() < right
    again, other = texture_squares((40, 40, 40), seed=4), texture_squares((40, 40, 40), seed=5)
    np.testing.assert_array_equal(parts[2][0], again[2][0])
    assert not np.array_equal(parts[2][0], other[2][0])
    assert not np.array_equal(parts[0][0][:40], parts[0][0][40:80]), "each class has its own places"


def test_a_photograph_is_averaged_in_blocks():
    from introdl import data

    np.testing.assert_allclose(texture("coins")[3, 5], data.photograph("coins")[6:8, 10:12].mean())
    steps = {name: step for name, (_, step) in TEXTURES.items()}
    assert steps.pop("print") == steps.pop("fur") == 1
    assert set(steps.values()) == {2}
    cat = data.photograph("cat")
    np.testing.assert_allclose(texture("fur"), cat.mean(axis=2))


def of_grey(layer=4, unit=0, **how):
    """A dream that begins with grey."""
    return dream(TextureNet(), torch.zeros(1, 1, 16, 16), layer, unit, **how)


@pytest.mark.parametrize(("layer", "last"), [(1, 11), (2, 15), (3, 23), (4, 7)])
def test_the_first_and_the_last_unit_are_taken(layer, last):
    net, x = TextureNet(), torch.ones(1, 1, 4, 4)
    assert excitement(net, x, layer, 0).shape == excitement(net, x, layer, last).shape == (1,)


def test_a_dream_of_no_steps_is_its_start():
    assert torch.equal(of_grey(steps=0, octaves=3), torch.zeros(1, 1, 16, 16))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: of_grey(layer=5), "layer = 5 is none of 1, 2, 3 and 4"),
        (lambda: of_grey(layer=0), "layer = 0 is none of 1, 2, 3 and 4"),
        (lambda: of_grey(unit=None), "unit = None, but layer 4 needs a class"),
        (lambda: of_grey(unit=8), "unit = 8 must lie in 0 to 7"),
        (lambda: of_grey(layer=2, unit=16), "unit = 16 must lie in 0 to 15"),
        (lambda: of_grey(unit=[-1]), r"unit = \[-1\] must lie in 0 to 7"),
        (lambda: of_grey(octaves=0), "divisible by octaves = 0"),
        (lambda: of_grey(steps=25, octaves=3), "steps = 25 must be divisible by octaves = 3"),
        (lambda: of_grey(steps=-1), "steps = -1 must"),
        (lambda: of_grey(jitter=-1), "jitter = -1 is below 0"),
        (lambda: of_grey(octaves=4), r"shape \(1, 1, 16, 16\), sides must be divisible by 32"),
        (lambda: soften(torch.ones(1, 1, 4, 4), -1), "times = -1 is below 0"),
        (lambda: shares(TextureNet(), np.ones((1, 30, 32))), r"1, 30, 32\), sides must be"),
        (lambda: shares(TextureNet(), np.ones((1, 32, 33))), r"1, 32, 33\), sides must be"),
        (lambda: texture("sand"), "no texture 'sand'; there are brick, grass"),
        (lambda: features(np.ones((2, 16, 32))), r"expected \(N, 32, 32\)"),
        (lambda: standardize(np.ones((1, 2, 2)), least=0), "least = 0 must be above 0"),
        (lambda: roughness(np.ones((1, 1, 4))), "sides need 2 or more"),
        (lambda: fit(np.ones((2, 8, 8)), np.array([0, 1]), seed=0, steps=1), "must be 2 or more"),
        (lambda: fit(np.ones((2, 8, 8)), np.array([0, 1]), seed=0, batch=0), "1 or more"),
        (lambda: fit(np.ones((2, 8, 8)), np.array([0, -1]), seed=0), "label -1 is below 0"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def stripes(count, seed):
    """Squares with lines across or down, and which."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(2, size=count)
    waves = np.sin(np.arange(16) * 1.3 + rng.uniform(0, 6, (count, 1)))
    flat = np.broadcast_to(waves[:, None], (count, 16, 16))
    return np.where(labels[:, None, None] == 1, flat, flat.swapaxes(1, 2)), labels


def test_a_net_learns_stripes_and_repeats():
    X, y = stripes(60, 1)
    T, t = stripes(40, 2)
    before = torch.random.get_rng_state()
    nets = [fit(X, y, seed=s, steps=40, batch=16) for s in (3, 3, 4)]
    assert torch.equal(before, torch.random.get_rng_state())
    assert np.mean(shares(nets[0], T).argmax(axis=1) == t) > 0.9
    assert torch.equal(nets[0].third.weight, nets[1].third.weight)
    assert not torch.equal(nets[0].third.weight, nets[2].third.weight)
    assert not any(p.requires_grad for p in nets[0].parameters())


def test_training_takes_adams_steps_on_noisy_squares():
    X, y = stripes(20, 1)
    fitted = fit(X, y, seed=3, steps=4, batch=5, rate=0.03, noise=0.2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        net = TextureNet(2)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.03)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.03, total_steps=4)
        for _ in range(4):
            drawn = torch.randint(20, (5,))
            x = torch.tensor(X, dtype=torch.float32)[drawn, None] + 0.2 * torch.randn(5, 1, 16, 16)
            sums = net(x)
            right = sums[torch.arange(5), torch.tensor(y)[drawn]]
            optimizer.zero_grad()
            (sums.logsumexp(dim=1) - right).mean().backward()
            optimizer.step()
            schedule.step()
    for ours, theirs in zip(fitted.parameters(), net.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-3)


def test_the_page_trains_for_120_steps_of_64(monkeypatch):
    sizes = []
    forward = TextureNet.forward
    monkeypatch.setattr(
        TextureNet, "forward", lambda self, x: (sizes.append(len(x)), forward(self, x))[1]
    )
    fit(*stripes(20, 1), seed=0)
    assert sizes == [64] * 120


@pytest.mark.agreement
def test_the_exercises_slope_is_that_of_autograd(rng, agreement):
    W, x = rng.normal(size=(4, 6)), rng.normal(size=6)

    def by_torch():
        pixels = torch.tensor(x, requires_grad=True)
        (torch.tensor(W) @ pixels).log_softmax(0)[2].backward()
        return pixels.grad.numpy()

    agreement(
        share_slope(W, x, 2),
        by_torch,
        what="slopes of a log share, 4 classes, 6 pixels",
        against="torch autograd, float64",
        atol=1e-12,
    )


SCRIPT = "docs/applications/deep_dreaming.js"


def for_js(net):
    """The weights of a net as the page loads them."""
    layers = [(k + 1, getattr(net, name)) for k, name in enumerate(LAYERS)]
    named = {f"w{k}": layer.weight for k, layer in layers}
    named |= {f"b{k}": layer.bias for k, layer in layers}
    return {name: values.float().numpy() for name, values in named.items()}


def close(found, expected):
    """Equal to 1e-4 of the largest."""
    expected = np.asarray(expected)
    most = np.abs(expected).max()
    assert most > 0
    np.testing.assert_allclose(np.reshape(found, expected.shape), expected, atol=1e-4 * most)


@pytest.mark.browser
@pytest.mark.parametrize(("layer", "unit"), PARTS)
def test_the_page_finds_the_slopes_of_python(js, rng, layer, unit):
    for _ in range(20):  # a unit that is 0 for this picture has no slope to compare
        net, x = random_net(rng), rng.normal(size=(12, 16)).astype(np.float32)
        expected = slope(net, torch.tensor(x).double()[None, None], layer, unit)[0, 0]
        if expected.any():
            break
    found = js(SCRIPT, "slope", x, for_js(net), layer, -1 if unit is None else unit)
    close(found, expected)


@pytest.mark.browser
def test_the_page_gives_the_shares_of_python(js, rng):
    net, x = random_net(rng), rng.normal(size=(16, 8)).astype(np.float32)
    close(js(SCRIPT, "shares", x, for_js(net)), shares(net.float(), x[None])[0])


@pytest.mark.browser
def test_the_page_softens_shifts_and_scales_as_python_does(js, rng):
    x = rng.normal(size=(6, 8)).astype(np.float32)
    for times in (0, 1, 3):
        close(js(SCRIPT, "soften", x, times), soften(torch.tensor(x)[None, None], times)[0, 0])
    close(js(SCRIPT, "rolled", x, [-2, 3]), np.roll(x, (-2, 3), (0, 1)))
    close(js(SCRIPT, "smaller", x), halved(x))
    close(js(SCRIPT, "larger", x), doubled(x.astype(float)))


@pytest.mark.browser
def test_the_page_takes_the_steps_of_python(js, rng):
    net, x = random_net(rng), rng.normal(size=(12, 8)).astype(np.float32)
    how = {"rate": 0.3, "blur": 2, "shift": (2, -3)}
    found = js(SCRIPT, "ascend", x, for_js(net), 4, 1, {**how, "shift": [2, -3]})
    close(found, ascend(net, torch.tensor(x).double()[None, None], 4, 1, **how)[0, 0])


@pytest.mark.browser
@pytest.mark.parametrize("octaves", [1, 2, 3])
def test_the_page_dreams_as_python_does(js, rng, octaves):
    net, x = random_net(rng), (rng.normal(size=(16, 32)) / 2).astype(np.float32)
    how = {"octaves": octaves, "rate": 0.2, "blur": 1, "steps": 6}
    found = js(SCRIPT, "dreamed", x, for_js(net), 4, 3, {**how, "jitter": 0})
    expected = dream(net, torch.tensor(x).double()[None, None], 4, 3, **how)[0, 0].numpy()
    np.testing.assert_allclose(np.reshape(found, expected.shape), expected, atol=1e-3)
