# %% [markdown]
# # Autograd, executed
#
# An engine of 200 lines finds slopes. They are compared with rules written by hand and with
# nudges, and they train a net on real handwritten digits. All seeds are fixed. The text is in
# [the lesson](../../networks/autograd.md).

# %%
import numpy as np

from introdl import data, plot
from introdl.history.backpropagation import Network, squared_error, symmetry_task
from introdl.networks.autograd import Tensor, fit, fit_torch, nudged
from introdl.networks.autograd.timing import time_training
from introdl.show import table, values

# %% [markdown]
# ## One expression, nudged
#
# (a·b + c)² at a = 2, b = −1, c = 4. The nudge to a becomes smaller and smaller.


# %%
def square(a, b=-1.0, c=4.0):
    return (a * b + c) ** 2


NUDGES = (1, 0.1, 0.01, 0.001)
# %% name="nudges"
table(
    ["nudge to a", "result before", "result after", "change ÷ nudge"],
    [
        [
            f"{h:g}",
            f"{square(2):g}",
            f"{square(2 + h):.7g}",
            f"{(square(2 + h) - 4) / h:.3f}".replace("-", "−"),
        ]
        for h in NUDGES
    ],
)

# %% [markdown]
# ## By hand, by the engine, by nudges
#
# The net with six inputs from the history lesson, whose backward rules were written by hand. The
# engine gets only the forward pass.

# %%
X, T = symmetry_task()
net = Network([6, 2, 1], np.random.default_rng(0))
error, slope = squared_error(net.forward(X), T)
by_hand = np.concatenate([g.ravel() for g in net.backward(slope)])
first, second = net.linear
start = [first.W, first.b, second.W, second.b]


def sigmoid(z):
    return 1 / (1 + (-z).exp())


def forward(W1, b1, W2, b2):
    """The squared error of the net: all that the engine is given."""
    y = sigmoid(sigmoid(Tensor(X) @ W1 + b1) @ W2 + b2)
    return ((y - T) ** 2).sum() * 0.5


weights = [Tensor(w) for w in start]
said = forward(*weights)
said.backward()
engine = np.concatenate([w.grad.ravel() for w in weights])
sizes = np.cumsum([w.size for w in start])[:-1]


def of_flat(flat):
    parts = [p.reshape(w.shape) for p, w in zip(np.split(flat, sizes), start, strict=True)]
    return float(forward(*parts).data)


flat = np.concatenate([w.ravel() for w in start])
nudge = nudged(of_flat, flat)
NAMES = ("first weight", "second weight", "first bias", "last weight", "last bias")
PLACES = (0, 1, 12, 15, 16)

# %% name="three"
table(
    ["slope by", "by hand", "engine", "nudge of 0.000001"],
    [
        [name, *(f"{found[i]:.12f}".replace("-", "−") for found in (by_hand, engine, nudge))]
        for name, i in zip(NAMES, PLACES, strict=True)
    ],
)


# %% [markdown]
# ## How large should a nudge be?
#
# If it is too large, the curve bends within it. If it is too small, the difference of two nearly
# equal numbers has few digits left.

# %%
SIZES = 10.0 ** -np.arange(1, 13)
apart = [np.abs(nudged(of_flat, flat, h) - engine).max() for h in SIZES]

# %% name="sizes"
fig, ax = plot.subplots(width=3.6, height=2.4)
ax.loglog(SIZES, apart, "o-", color=plot.BLUE, ms=4)
ax.set_xlabel("nudge")
ax.set_ylabel("largest difference\nfrom the engine's slopes")
ax.set_xticks([1e-1, 1e-4, 1e-8, 1e-12])
plot.figure(
    fig,
    alt="On logarithmic axes the difference falls as the nudge shrinks from a tenth, is smallest "
    f"near a nudge of {SIZES[np.argmin(apart)]:.0e}, and rises again below it.",
    caption="The largest difference between nudged slopes and the engine's, over the 17 weights "
    "and biases.",
)

# %% [markdown]
# ## Real digits
#
# A net with 64 inputs, 32 units and 10 outputs learns from 1,797 digits of 8 × 8 pixels: with the
# engine and with PyTorch, from the same weights, with the same batches. Five splits.

# %%
right = {"engine": [], "PyTorch": []}
apart_weights = []
X10, y10 = data.digits()
for seed in range(5):
    digits = data.split(X10, y10, seed=seed)
    nets = {}
    for name, train in (("engine", fit), ("PyTorch", fit_torch)):
        nets[name] = train(digits.X_train, digits.y_train, seed=seed)
        hits = nets[name].predict(digits.X_test) == digits.y_test
        right[name].append(100 * hits.mean())
    pairs = zip(*nets.values(), strict=True)
    apart_weights.append(max(np.abs(ours - theirs).max() for ours, theirs in pairs))
most = max(np.mean(y10 == digit) for digit in range(10))

# %% name="digits"
table(
    ["slopes from", *(f"split {i}" for i in range(1, 6))],
    [[name, *(f"{r:.1f} %" for r in found)] for name, found in right.items()],
)


# %%
def power(number):
    """A power of ten near a number, as in 10⁻⁶."""
    digits = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return "10" + str(round(np.log10(number))).translate(digits)


# %% name="numbers"
values(
    apart=power(max(apart_weights)),
    most=f"{100 * most:.0f}",
    best=power(SIZES[np.argmin(apart)]),
)

# %% [markdown]
# ## Time
#
# The same training, one pass in batches of 50, with slopes from each of the two. They take turns,
# on one thread. The data do not matter here: 1,000 random examples, and three sizes.

# %%
SIZED = {
    "64 inputs, 32 hidden units": (64, 32),
    "64 inputs, 512 hidden units": (64, 512),
    "784 inputs, 512 hidden units": (784, 512),
}
speeds = {name: time_training(*sized, epochs=1) for name, sized in SIZED.items()}

# %% name="speed" timed=true
table(
    ["net", "engine : PyTorch"],
    [[name, f"{s.engine / s.torch:.1f}"] for name, s in speeds.items()],
)

# %% [markdown]
# ## What this notebook claims

# %%
assert np.allclose(by_hand, engine, rtol=0, atol=1e-12)
assert np.abs(nudge - engine).max() < 1e-8
assert max(apart_weights) < 1e-8
assert np.abs(np.subtract(right["engine"], right["PyTorch"])).max() <= 1
assert min(right["engine"]) > 90
assert 1e-8 < SIZES[np.argmin(apart)] < 1e-3
assert apart[0] > 100 * min(apart)
assert apart[-1] > 100 * min(apart)
