# %% [markdown]
# # Backpropagation, executed
#
# The gradient of a small net is worked out by hand, and checked against PyTorch and against finite
# differences. Then two tasks of 1986 run again from 100 random starts each, and a net is caught
# learning its training images by heart. All seeds are fixed.
# [The lesson](../../history/backpropagation.md) explains what you see here.

# %%
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import torch
from scipy.stats import binomtest, ttest_1samp
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from introdl import data, plot
from introdl.history.backpropagation import (
    Network,
    finite_differences,
    squared_error,
    sweeps,
    symmetry_task,
    torch_twin,
)
from introdl.show import table, values

RUNS = 100

# %% [markdown]
# ## One tiny net, forward and backward
#
# Two inputs, two hidden units, one output. The weights are chosen so that every gradient is a plain
# fraction, and the lesson works each one out.

# %%
tiny = Network([2, 2, 1], np.random.default_rng(0))
worked = [[[2, -2], [-1, 1]], [[0, np.log(3)]], [[3], [-2]], [[0]]]
for parameter, numbers in zip(tiny.parameters(), worked, strict=True):
    parameter[:] = numbers

forward = [np.array([[1.0, 2.0]])]
for layer in tiny.layers:
    forward.append(layer.forward(forward[-1]))
E, slope = squared_error(forward[-1], np.array([[1.0]]))
backward = [slope]
for layer in reversed(tiny.layers):
    backward.insert(0, layer.backward(backward[0]))

# %% name="still"
fig, ax = plot.subplots(width=3.6, height=2.5)
plot.bare(ax).set(xlim=(-0.4, 2.6), ylim=(-0.75, 1.75), aspect="equal")
spots = {"x₁": (0, 1.2), "x₂": (0, -0.2), "h₁": (1.1, 1.2), "h₂": (1.1, -0.2), "y": (2.2, 0.5)}


def written(value):
    """A number as a fraction, and the logarithm of 3 by its name."""
    text = str(Fraction(float(value)).limit_denominator(64))
    known = {str(Fraction(np.log(3)).limit_denominator(64)): "ln 3"}
    return known.get(text, text).replace("-", "−")


for start, end, weight, at in [
    ("x₁", "h₁", 2, 0.5),
    ("x₁", "h₂", -2, 0.3),
    ("x₂", "h₁", -1, 0.3),
    ("x₂", "h₂", 1, 0.5),
    ("h₁", "y", 3, 0.5),
    ("h₂", "y", -2, 0.5),
]:
    (x0, y0), (x1, y1) = spots[start], spots[end]
    ax.plot([x0, x1], [y0, y1], color=plot.MUTED, lw=1.2, zorder=1)
    place = (x0 + at * (x1 - x0), y0 + at * (y1 - y0))
    paper = {"facecolor": plot.PAPER, "edgecolor": "none", "pad": 1}
    ax.text(*place, written(weight), ha="center", va="center", size=9, bbox=paper)
found = np.concatenate([np.ravel(forward[0]), np.ravel(forward[2]), np.ravel(forward[4])])
for (name, place), value in zip(spots.items(), found, strict=True):
    box = {"boxstyle": "circle,pad=0.25", "facecolor": plot.BLUE_SOFT, "edgecolor": plot.BLUE}
    ax.text(*place, f"{name}\n{written(value)}", ha="center", va="center", size=9, bbox=box)
ax.text(1.1, -0.68, "bias ln 3", ha="center", size=8)
plot.figure(
    fig,
    alt="Two inputs, 1 and 2, lead with weights 2, -2, -1 and 1 to two hidden units with the "
    "values 1/2 and 3/4; these lead with weights 3 and -2 to the output, 1/2.",
    caption="The net of the worked example, after the forward pass.",
)

# %% [markdown]
# ## By hand, by PyTorch, by finite differences
#
# An array that counts its own multiply-adds stands in each layer, forward, backward, and in finite
# differences: as the weights `W`, and as the inputs `X` that the layer keeps for its way back.


# %%
class Counted(np.ndarray):
    """An array that counts the multiply-adds of every matrix product it takes part in."""

    total = 0

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        inputs = [a.view(np.ndarray) if isinstance(a, Counted) else a for a in inputs]
        result = getattr(ufunc, method)(*inputs, **kwargs)
        if ufunc is np.matmul:
            Counted.total += result.size * inputs[0].shape[-1]
        return result.view(Counted) if isinstance(result, np.ndarray) else result


def multiply_adds(work, *inputs):
    """Count those of `work(*inputs)`."""
    Counted.total = 0
    work(*inputs)
    return Counted.total


# %% [markdown]
# Four nets with random weights in float64: the worst difference in any entry of the gradient, as a
# share of its largest entry, and what the gradient costs, in forward passes.

# %% name="gradients"
rng = np.random.default_rng(1)
pixels, digit = data.digits()
batch = (pixels[:40], np.eye(10)[digit[:40]])
rows, gaps, ratios = [], [], []
for sizes, (X, T) in [
    ([6, 2, 1], symmetry_task()),
    ([8, 3, 8], (np.eye(8), np.eye(8))),
    ([64, 8, 10], batch),
    ([64, 6, 6, 6, 10], batch),
]:
    net = Network(sizes, rng, scale=1.0)
    _, slope = squared_error(net.forward(X), T)
    by_hand = np.concatenate([g.ravel() for g in net.backward(slope)])

    twin = torch_twin(net)
    loss = 0.5 * torch.sum((twin(torch.from_numpy(X)) - torch.from_numpy(T)) ** 2)
    loss.backward()
    autograd = np.concatenate([p.grad.numpy().T.ravel() for p in twin.parameters()])
    finite = np.concatenate([g.ravel() for g in finite_differences(net, X, T)])
    largest = np.abs(by_hand).max()
    gaps.append([np.abs(by_hand - other).max() / largest for other in (autograd, finite)])

    for layer in net.linear:
        layer.W = layer.W.view(Counted)
    once = multiply_adds(net.forward, X)
    for layer in net.linear:
        layer.X = layer.X.view(Counted)
    back = multiply_adds(net.backward, slope)
    nudged = multiply_adds(finite_differences, net, X, T)
    ratios.append([back / once, nudged / once / by_hand.size])

    name = "\N{NON-BREAKING HYPHEN}".join(map(str, sizes))
    rows.append([name, by_hand.size, *gaps[-1], back // once, nudged // once])
table(
    [
        "net",
        "parameters",
        "gap to autograd",
        "gap to differences",
        "backward costs",
        "differences cost",
    ],
    rows,
    digits=2,
)

# %% [markdown]
# ## The symmetry task of 1986
#
# Six bits in; one output that says whether they read the same backwards. The paper's settings: two
# hidden units, step size 0.1, momentum 0.9, weights uniform in [−0.3, 0.3]. Every one of the 64
# patterns is trained on, as in the paper, so the score says how well the net stores the rule. 100
# nets train side by side.

# %%
X, T = symmetry_task()


def rerun(hidden, lr, scale, n):
    """Train 100 nets; return them, their error after each sweep, and where they ended."""
    net = Network([6, hidden, 1], np.random.default_rng(0), scale, runs=RUNS)
    errors = np.array(list(sweeps(net, X, T, n, lr=lr)))
    Y = net.forward(X)
    solved = ((Y > 0.5) == T).all(axis=(1, 2))
    plateau = (Y < 0.5).all(axis=(1, 2))
    return net, errors, solved, plateau


paper, paper_errors, solved, plateau = rerun(2, 0.1, 0.3, 3000)

# %% name="scores"
flat = Network([6, 1], np.random.default_rng(0))
list(sweeps(flat, X, T, 3000))
no_hidden = ((flat.forward(X) > 0.5) == T).mean()
paper_scores = ((paper.forward(X) > 0.5) == T).mean(axis=(1, 2))
table(
    ["model", "patterns right of 64"],
    [
        ["always “not symmetric”", int((T == 0).sum())],
        ["one sigmoid unit, no hidden layer", int(no_hidden * 64)],
        [f"two hidden units, the {solved.sum()} runs of {RUNS} that solve it", 64],
        ["two hidden units, the other runs (mean)", round(64 * paper_scores[~solved].mean(), 1)],
    ],
)

# %% [markdown]
# ## What the hidden units learned

# %% name="pattern"
W = paper.linear[0].W[solved]  # (S, 6, 2)
size = np.abs(W).max(axis=1, keepdims=True)
mirror = (np.abs(W + W[:, ::-1]) / size).max()
twins = (np.abs(W[..., 0] + W[..., 1]) / size.max(axis=2)).max()
ratio = np.sort(np.abs(W[:, :3]), axis=1)
ratio /= ratio[:, :1]  # (S, 3, 2): each unit's three magnitudes, the smallest one 1
code_124 = (np.abs(ratio / np.array([1, 2, 4])[:, None] - 1) < 0.05).all(axis=(1, 2))
code_234 = (np.abs(ratio / np.array([2, 3, 4])[:, None] * 2 - 1) < 0.05).all(axis=(1, 2))
table(
    ["what the paper reports", f"in the {solved.sum()} runs that solve the task"],
    [
        ["mirrored weights are opposite", f"all, to {mirror:.1%} of the largest weight"],
        ["the two units are opposite", f"all, to {twins:.1%} of the largest weight"],
        ["sizes 1 : 2 : 4", f"{code_124.sum()} runs, to 5%"],
        ["(not reported) sizes 2 : 3 : 4", f"{code_234.sum()} runs, to 5%"],
        ["(not reported) other sizes", f"{(~code_124 & ~code_234).sum()}"],
    ],
)

# %% name="found"
values(
    solved=solved.sum(),
    ratio_124=code_124.sum(),
    ratio_234=code_234.sum(),
    others=(~code_124 & ~code_234).sum(),
)

# %% name="weights"
fig, axes = plot.subplots(2, 1, width=3.7, height=5.0, sharey=True)
place = np.arange(1, 7)
for ax, which, title, unit in [
    (axes[0], code_124, "a run with 1 : 2 : 4", 1),
    (axes[1], code_234, "a run with 2 : 3 : 4", 2),
]:
    one = W[np.flatnonzero(which)[0]]
    one = unit * one / np.abs(one).min(axis=0)  # the smallest magnitude becomes 1, or 2
    ax.bar(place - 0.2, one[:, 0], 0.38, color=plot.BLUE, label="hidden unit 1")
    ax.bar(place + 0.2, one[:, 1], 0.38, color=plot.ORANGE, hatch="///", label="hidden unit 2")
    ax.axvline(3.5, color=plot.MUTED, linewidth=1, linestyle=":")
    ax.axhline(0, color=plot.MUTED, linewidth=1)
    ax.set(title=title, ylabel="weight, rescaled", xticks=place, yticks=range(-4, 5))
axes[1].set_xlabel("input bit")
axes[0].legend(fontsize=9, loc="upper center")
axes[1].set_ylim(-4.6, 7.6)
plot.figure(
    fig,
    alt="Two bar charts of the weights from six input bits to two hidden units. In both, weights "
    "left and right of the centre are opposite, and the two units are negatives of each other. "
    "Above, the sizes are 1, 2 and 4 in some order, below 2, 3 and 4.",
    caption="Weights of two solved runs, each hidden unit's rescaled so that its smallest is 1 "
    "(above) or 2 (below). The dotted line is the centre of the pattern.",
)

# %% [markdown]
# The rescaled sizes are whole numbers. Which three whole numbers up to 4 work? A hidden unit must
# see something other than 0 for each difference between the two halves.

# %% name="codes"
differences = np.array([d for d in product([-1, 0, 1], repeat=3) if any(d)])  # (26, 3)
working = [code for code in combinations(range(1, 5), 3) if (differences @ code != 0).all()]
print(working)

# %% [markdown]
# ## Unsolved runs, counted
#
# Same task, 100 starts per row. A run has solved the task, or says “not symmetric” to every pattern
# (the plateau), or gives both answers, some of them wrong. Brackets hold the 95% interval, by
# Wilson's formula.

# %%
settings = [(2, 0.1, 0.3, 3000), (2, 0.05, 0.3, 2000), (2, 0.05, 1.0, 2000), (8, 0.05, 1.0, 2000)]
ends = [(paper, paper_errors, solved, plateau)] + [rerun(*setting) for setting in settings[1:]]

# %% name="optima"
rows = []
for (hidden, lr, scale, n), (_, _, good, high) in zip(settings, ends, strict=True):
    other = int((~good & ~high).sum())
    low, up = binomtest(other, RUNS).proportion_ci(method="wilson")
    counted = f"{other} ({RUNS * low:.0f} to {RUNS * up:.0f})"
    rows.append([hidden, lr, f"±{scale}", n, good.sum(), high.sum(), counted])
table(["hidden", "ε", "start", "sweeps", "solved", "plateau", "unsolved, off it"], rows)

# %% name="falls"
fig, axes = plot.subplots(2, 1, width=3.7, height=4.6, sharey=True)
for ax, end, (_, lr, _, n) in zip(axes, ends[:2], settings[:2], strict=True):
    shown = np.unique(np.geomspace(1, n - 1, 60).astype(int))
    ax.plot(shown, end[1][shown, :10], color=plot.BLUE, linewidth=0.9)
    ax.axhline(4, color=plot.ORANGE, linewidth=1.2, linestyle="--")
    ax.text(3, 4.25, "always “not symmetric”: E = 4", color=plot.ORANGE, fontsize=9)
    ax.set(title=f"step size ε = {lr}", ylabel="error E", xscale="log", ylim=(0, 10))
axes[1].set_xlabel("sweep")
plot.figure(
    fig,
    alt="Error against sweeps, 10 runs in each of two charts. With step size 0.1 all runs are on a "
    "plateau at error 4 within ten sweeps; some fall to 0 after hundreds of sweeps, others never "
    "do. With step size 0.05 all reach 0.",
    caption="The first 10 of the 100 runs with the paper's step size and with half of it. The long "
    "flat stretch is a plateau, not a minimum.",
)

# %% [markdown]
# A plateau is not a minimum. From there the error falls all the way as the output's bias alone
# rises, up to where no bias is better.


# %%
def along_the_bias(net, which):
    """The error of some nets, (201, S), as their output's bias rises from where it is by 20."""
    last = net.linear[-1]
    kept, errors = last.b.copy(), []
    for rise in np.linspace(0, 20, 201):
        last.b = kept + rise
        errors.append(squared_error(net.forward(X), T)[0][which])
    last.b = kept
    return np.array(errors)


stayed = plateau & (paper_errors[-1] > 3.9)
along = along_the_bias(paper, stayed)
lowest_bias = along.argmin(axis=0)
downhill = [
    (np.diff(path[: k + 1]) < 0).all() for path, k in zip(along.T, lowest_bias, strict=True)
]

# %% [markdown]
# The other unsolved runs differ: train those nets three times as long again, and none gets out. Are
# they in a local minimum? There the gradient would be zero. We look at its length.

# %%
wide, _, wide_solved, wide_plateau = ends[2]
stuck = ~wide_solved & ~wide_plateau
longer = Network([6, 2, 1], np.random.default_rng(0), runs=int(stuck.sum()))
for parameter, trained in zip(longer.parameters(), wide.parameters(), strict=True):
    parameter[:] = trained[stuck]


def where(net):
    """Error of each net, length of its gradient, and the largest weight of any."""
    E, slope = squared_error(net.forward(X), T)
    squares = [(g**2).reshape(len(E), -1).sum(axis=1) for g in net.backward(slope)]
    return E, np.sqrt(sum(squares)), max(np.abs(p).max() for p in net.parameters())


MORE = 6000
E_before, slope_before, weight_before = where(longer)
list(sweeps(longer, X, T, MORE, lr=0.05))
E_after, slope_after, weight_after = where(longer)
escaped = ((longer.forward(X) > 0.5) == T).all(axis=(1, 2)).sum()

# %% name="plateau"
values(
    done=(paper_errors[1425] < 0.5).sum(),
    waiting=(paper_errors[1425] > 3.9).sum(),
    stayed=stayed.sum(),
    now=f"{along[0].mean():.2f}",
    best=f"{along.min(axis=0).mean():.2f}",
    stuck=stuck.sum(),
    sweeps=f"{settings[2][3]:,}",
    more=f"{MORE:,}",
    escaped=escaped or "none",
    fell=f"{np.median(E_before):.2f} to {np.median(E_after):.2f}",
    slope=f"{np.median(slope_before):.4f} to {np.median(slope_after):.4f}",
    weight=f"{weight_before:.0f} to {weight_after:.0f}",
    wide=int((~ends[3][2] & ~ends[3][3]).sum()) or "none",
)

# %% [markdown]
# ## The 8-3-8 encoder
#
# Eight patterns with a single 1 must pass through three hidden units and come out unchanged.

# %%
eye = np.eye(8)
encoder = Network([8, 3, 8], np.random.default_rng(0), runs=RUNS)
encoder_errors = np.array(list(sweeps(encoder, eye, eye, 2000)))
encoder_out = encoder.forward(eye)
codes = encoder.layers[1].A  # (R, 8, 3)
encoded = ((encoder_out > 0.5) == eye).all(axis=(1, 2))
apart = np.array([min(np.abs(a - b).max() for a, b in combinations(run, 2)) for run in codes])
binary = np.array([len(np.unique(run > 0.5, axis=0)) == 8 for run in codes])
low, _ = binomtest(int(encoded.sum()), RUNS).proportion_ci(method="wilson")
net_error = np.median(encoder_errors[-1])
guess_error = 0.5 * np.sum((eye - 1 / 8) ** 2)
pca = PCA(3).fit(eye)
pca_error = 0.5 * np.sum((pca.inverse_transform(pca.transform(eye)) - eye) ** 2)

# %% name="encoder"
values(
    runs=RUNS,
    returned=encoded.sum(),
    at_least=f"{low:.0%}",
    binary=binary.sum(),
    apart=f"{apart[encoded].min():.2f}",
    net=f"{net_error:.2f}",
    linear=f"{pca_error:.2f}",
    guess=f"{guess_error:.2f}",
)

# %% name="encoder_codes"
left, right = codes[np.flatnonzero(binary)[0]], codes[np.flatnonzero(encoded & ~binary)[0]]
table(
    ["pattern", "code in one run", "code in another run"],
    [
        [
            "".join("●" if bit else "○" for bit in pattern),
            " ".join(f"{a:.1f}" for a in code),
            " ".join(f"{a:.1f}" for a in other),
        ]
        for pattern, code, other in zip(eye, left, right, strict=True)
    ],
)

# %% [markdown]
# ## Overfitting
#
# Is a handwritten digit odd or even? A 64-16-1 net learns it from 100 images, ten of each digit, 20
# times from 20 draws of training images, and again from 20 more. The labels of all validation
# images choose the sweep to stop at. Test images are scored every ten sweeps, and choose nothing.

# %%
split = data.split(pixels, digit)
DRAWS = 20


def draw(seed):
    """Choose ten training images of each digit, `DRAWS` times: (DRAWS, 100)."""
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(split.y_train == d) for d in range(10)]
    return np.array(
        [np.concatenate([rng.choice(r, 10, replace=False) for r in rows]) for _ in range(DRAWS)]
    )


few = draw(3)
odd_train, odd_val, odd_test = (
    (y % 2)[..., None].astype(float) for y in (split.y_train, split.y_val, split.y_test)
)


def learn(X_few, odd_few, n, seed=4):
    """Train one net for each draw; return errors per image, and test accuracy, by sweep."""
    net = Network([64, 16, 1], np.random.default_rng(seed), runs=len(X_few))
    history = []
    for i, E in enumerate(sweeps(net, X_few, odd_few, n, lr=1 / X_few.shape[1])):
        if i % 10 == 0:
            E_val, _ = squared_error(net.forward(split.X_val), odd_val)
            right = ((net.forward(split.X_test) > 0.5) == odd_test).mean(axis=(1, 2))
            history.append((E / X_few.shape[1], E_val / len(odd_val), right))
    right = ((net.forward(X_few) > 0.5) == odd_few).mean(axis=(1, 2))
    return *np.array(history).swapaxes(0, 1), right


train_error, val_error, test_right, train_right = learn(split.X_train[few], odd_train[few], 1000)


def at_lowest(error, right):
    """Test accuracy of each net at the sweep where its validation error was lowest."""
    return right[error.argmin(axis=0), np.arange(error.shape[1])]


stopped = at_lowest(val_error, test_right)
again = draw(20)
_, again_val, again_right, _ = learn(split.X_train[again], odd_train[again], 1000, seed=21)
again_stopped = at_lowest(again_val, again_right)

# %% name="curves"
fig, ax = plot.subplots(width=3.7, height=3)
sweep = 10 * np.arange(len(train_error))
for E, colour, style, name in [
    (train_error, plot.BLUE, "-", "training images"),
    (val_error, plot.ORANGE, "--", "validation images"),
]:
    mean = E.mean(axis=1)
    ax.plot(sweep, mean, color=colour, linestyle=style)
    ax.fill_between(sweep, E.min(axis=1), E.max(axis=1), color=colour, alpha=0.15, linewidth=0)
    ax.text(sweep[-1], mean[-1] + 0.003, name, color=colour, ha="right", va="bottom")
lowest = val_error.mean(axis=1).argmin()
ax.plot(sweep[lowest], val_error.mean(axis=1)[lowest], "o", color=plot.ORANGE)
ax.annotate(
    "stop here",
    (sweep[lowest], val_error.mean(axis=1)[lowest]),
    (sweep[lowest] + 60, 0.085),
    color=plot.INK,
    arrowprops={"arrowstyle": "-", "color": plot.MUTED},
)
ax.set(xlabel="sweep", ylabel="error per image", ylim=(0, 0.14), xlim=(0, 1000))
plot.figure(
    fig,
    alt="Error per image against sweeps, mean of 20 nets with their range. On the training images "
    "it falls to almost zero. On the validation images it falls at first, is lowest early on, and "
    "then rises again.",
    caption="Odd or even, learned from 100 real digits: mean and range over 20 draws of training "
    "images.",
)

# %%
NETS = 4
_, _, all_test, all_right = learn(
    np.tile(split.X_train, (NETS, 1, 1)), np.tile(odd_train, (NETS, 1, 1)), 1000
)


def linear(X_few, odd_few):
    """Accuracy of logistic regression on its training images and on the test images."""
    model = LogisticRegression(max_iter=1000).fit(X_few, odd_few[:, 0])
    return model.score(X_few, odd_few[:, 0]), model.score(split.X_test, odd_test[:, 0])


linear_each = np.array([linear(split.X_train[f], odd_train[f]) for f in few])
linear_again = np.array([linear(split.X_train[f], odd_train[f]) for f in again])
linear_few = linear_each.mean(axis=0)
linear_all = linear(split.X_train, odd_train)
majority = np.mean(odd_test == (odd_train.mean() > 0.5))


def interval(difference):
    """The 95 % interval of a paired difference over draws, in percentage points."""
    found = ttest_1samp(100 * difference, 0).confidence_interval()
    return found.low, found.high


stopping = interval(stopped - test_right[-1]), interval(again_stopped - again_right[-1])
against = interval(stopped - linear_each[:, 1]), interval(again_stopped - linear_again[:, 1])

# %% name="overfit"
table(
    ["model", "training images", "right on them", "right on test images"],
    [
        ["always the majority", "—", "—", f"{majority:.1%}"],
        ["logistic regression", 100, f"{linear_few[0]:.1%}", f"{linear_few[1]:.1%}"],
        ["net, all 1,000 sweeps", 100, f"{train_right.mean():.1%}", f"{test_right[-1].mean():.1%}"],
        ["net, stopped early", 100, "—", f"{stopped.mean():.1%}"],
        ["logistic regression", "1,077", f"{linear_all[0]:.1%}", f"{linear_all[1]:.1%}"],
        ["net, all 1,000 sweeps", "1,077", f"{all_right.mean():.1%}", f"{all_test[-1].mean():.1%}"],
    ],
)

# %% name="gain"
values(
    stop=f"{sweep[lowest]}",
    draws=DRAWS,
    nets=NETS,
    validation=len(odd_val),
    **{
        name: "{:.1f} to {:.1f}".format(*ends).replace("-", "−")
        for name, ends in (
            ("first", stopping[0]),
            ("second", stopping[1]),
            ("linear_first", against[0]),
            ("linear_second", against[1]),
        )
    },
    rise=f"{val_error[-1].mean() / val_error.min(axis=0).mean() - 1:.0%}",
)

# %% [markdown]
# ## Where it breaks
#
# Hidden units that start equal stay equal.

# %%
starts = []
for name, spread in [("all weights 0", 0.0), ("two equal hidden units", 0.3), ("random", 0.3)]:
    net = Network([6, 2, 1], np.random.default_rng(5), spread)
    if "equal" in name:
        for p in net.parameters()[:2]:
            p[:, 1] = p[:, 0]
        net.linear[1].W[1] = net.linear[1].W[0]
    error = list(sweeps(net, X, T, 3000, lr=0.05))[-1]
    apart_now = np.abs(net.linear[0].W[:, 0] - net.linear[0].W[:, 1]).max()
    starts.append([name, float(apart_now), float(error), int(((net.forward(X) > 0.5) == T).sum())])

# %% name="starts"
table(["start", "units differ by", "error E after 3,000 sweeps", "right of 64"], starts)

# %% name="equal"
values(equal=starts[1][3], random=starts[2][3], solve=ends[1][2].sum())

# %% [markdown]
# In a deep stack of sigmoids the gradient shrinks at every layer on its way back.

# %%
deep = Network([32] * 11 + [1], np.random.default_rng(6), runs=50)
inputs = np.random.default_rng(7).uniform(size=(20, 32))
_, slope = squared_error(deep.forward(inputs), np.arange(20)[:, None] % 2)
deep.backward(slope)
norms = np.array([np.linalg.norm(layer.dW, axis=(1, 2)) for layer in deep.linear])  # (11, 50)
typical = np.exp(np.log(norms).mean(axis=1))
shrink = (typical[-2] / typical[0]) ** (1 / 9)

# %% name="vanishing"
fig, ax = plot.subplots(width=3.7, height=2.6)
ax.fill_between(range(1, 12), norms.min(axis=1), norms.max(axis=1), color=plot.BLUE_SOFT)
ax.plot(range(1, 12), typical, "o-", color=plot.BLUE)
ax.set(yscale="log", xlabel="layer, from the inputs", ylabel="size of dE/dW", xticks=range(1, 12))
plot.figure(
    fig,
    alt="Size of the gradient of each layer's weights in a net of eleven sigmoid layers, on a "
    "logarithmic axis. It falls in a straight line from about 1 at the last layer to less than "
    "a millionth at the first.",
    caption="Geometric mean and range over 50 random nets of eleven layers (ten of 32 hidden "
    "units), weights uniform in [−0.3, 0.3].",
)

# %% name="shrink"
values(factor=f"{shrink:.1f}", total=f"{typical[-1] / typical[0] / 1e6:.1f} million")

# %% [markdown]
# ## What this notebook claims

# %%
# The set-up as the page states it.
assert (RUNS, settings[0][3], len(split.X_train)) == (100, 3000, 1077)
assert np.max(gaps, axis=0)[0] < 1e-12
assert np.max(gaps, axis=0)[1] < 1e-7
assert ratios == [[2, 2]] * 4
assert 0.2 < solved.mean() < 0.8
assert plateau.sum() + solved.sum() > 0.95 * RUNS
assert mirror < 0.02
assert twins < 0.15
assert (code_124 | code_234).mean() > 0.9
assert code_124.sum() > code_234.sum() > 0
assert working == [(1, 2, 4), (2, 3, 4)]
assert ends[1][2].mean() > 0.9
assert (paper_errors[1425:, stayed] > 3.9).all()
assert (along.min(axis=0) < 3.6).all()
assert all(downhill)
assert (lowest_bias > 0).all()
assert (lowest_bias < 200).all()
assert escaped == 0
assert stuck.sum() > 10
assert stuck.sum() > 5 * max(1, (~ends[3][2] & ~ends[3][3]).sum())
assert encoded.mean() > 0.97
assert apart[encoded].min() > 0.2
assert guess_error > pca_error > 10 * net_error
assert train_right.mean() > 0.98 > stopped.mean() > majority + 0.2
# What the page says: stopping early helps in one block of draws only, and no block beats a line.
assert stopping[0][0] > 0 > stopping[1][0]
assert max(low for low, _ in against) < 0
assert (slope_after < slope_before).all()
assert (E_after < E_before).all()
assert weight_after > weight_before
assert val_error[-1].mean() > 1.1 * val_error.min(axis=0).mean()
assert all_test[-1].min() > linear_all[1] + 0.02
assert starts[0][1] == starts[1][1] == 0
assert starts[2][3] == 64
assert ends[1][2].sum() == RUNS, "the page says that this step size solves all"
assert shrink > 3
