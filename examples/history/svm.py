# %% [markdown]
# # The support vector machine, executed
#
# The widest margin is found by moving two multipliers at a time, and checked against scikit-learn
# and against a direct minimisation in PyTorch. Then the kernel, which a person must choose, decides
# what the machine can learn: on synthetic points, on iris flowers and on handwritten digits. All
# seeds are fixed. The text is in [the lesson](../../history/svm.md).

# %%
from functools import partial

import numpy as np
from sklearn import svm as sklearn_svm

from introdl import data, plot, show
from introdl.history.svm import (
    SVC,
    kkt_residuals,
    linear,
    objectives,
    polynomial,
    rbf,
    smo,
    torch_primal,
)
from introdl.history.xor import wilson_interval
from introdl.show import table, values


def tiny(x):
    """Write a residual by its order of magnitude."""
    return f"{x:.0e}" if x else "0"


def draw(ax, X, y, size=26):
    """Draw class +1 as blue circles and class -1 as orange squares."""
    ax.scatter(*X[y == 1].T, s=size, color=plot.BLUE, marker="o", zorder=3)
    ax.scatter(*X[y == -1].T, s=size, color=plot.ORANGE, marker="s", zorder=3)


def regions(ax, model, span, levels=(0,), points=81):
    """Shade where the model says +1, and draw the lines f = level."""
    u = np.linspace(-span, span, points)
    plane = np.stack(np.meshgrid(u, u), axis=-1).reshape(-1, 2)
    f = model.decision_function(plane).reshape(points, points)
    ax.contourf(u, u, f, levels=[0, max(f.max(), 1e-9)], colors=[plot.BLUE_SOFT])
    styles = ["-" if level == 0 else "--" for level in levels]
    ax.contour(u, u, f, levels=list(levels), colors=[plot.INK], linestyles=styles, linewidths=1.3)
    ax.set(xlim=(-span, span), ylim=(-span, span), aspect="equal")


# %% [markdown]
# ## The worked example
#
# Three points on a line. One step of the solver ends at the widest margin; the third point has no
# part in it.

# %%
x, labels = np.array([[0.0], [2.0], [3.0]]), np.array([-1, 1, 1])
found = smo(linear(x, x), labels, C=1.0)
print(found)
assert found.beta.tolist() == [-0.5, 0.5, 0.0]
assert (found.b, found.steps) == (-1.0, 1)
assert objectives(linear(x, x), labels, found.beta, found.b, C=1.0) == (0.5, 0.5)

# %% [markdown]
# ## The idea: many lines separate, one has the widest margin

# %%
X, y = data.separable(40, margin=0.2, rng=np.random.default_rng(3))
widest = SVC(linear, C=1e6).fit(X, y)
w = widest.beta @ widest.vectors
margin = 1 / np.linalg.norm(w)

# %% name="lines"
fig, ax = plot.subplots(width=3.3, height=3.3)
rng, ends = np.random.default_rng(0), np.array([-1.2, 1.2])
slopes = []
while len(slopes) < 4:
    v, b = rng.normal(size=2), rng.normal(scale=0.3)
    if (y * (X @ v + b) > 0).all():
        slopes.append((v, b))
        ax.plot(ends, -(v[0] * ends + b) / v[1], color=plot.MUTED)
ax.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal", title="four lines without error")
draw(ax, X, y)
plot.figure(
    fig,
    alt="Forty points of two classes, and four different lines that separate them.",
    caption="Synthetic points: circles +1, squares −1. Which line would you take?",
)

# %% name="margin"
fig, ax = plot.subplots(width=3.3, height=3.3)
regions(ax, widest, 1.15, levels=(-1, 0, 1), points=3)
draw(ax, X, y)
ax.scatter(*widest.vectors.T, s=110, facecolors="none", edgecolors=plot.INK, linewidths=1.6)
ax.set(title="the widest gap")
plot.figure(
    fig,
    alt="The same points with one line and a band around it; three ringed points lie on its edges "
    "and none inside.",
    caption="The dashed lines are the edges of the gap. The ringed points on them, the support "
    "vectors, alone fix it.",
)

# %% name="margin_values"
other = [(y * (X @ v + b)).min() / np.linalg.norm(v) for v, b in slopes]
values(
    points=len(X),
    support=len(widest.support),
    width=f"{margin:.3f}",
    best_other=f"{max(other):.3f}",
)

# %% [markdown]
# Points for the figures that the reader moves: twelve with a gap, and a ring around a disc.

# %% name="moved"
few, sides = data.separable(12, margin=0.3, rng=np.random.default_rng(5))
rng = np.random.default_rng(0)
around = np.repeat([-1, 1], 24)
radius = np.where(around == 1, rng.uniform(0.75, 1.05, 48), rng.uniform(0, 0.5, 48))
angle = rng.uniform(0, 2 * np.pi, 48)
ring = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
show.data(
    "points",
    {
        "gap": np.column_stack([few, sides]).tolist(),
        "ring": np.column_stack([ring, around]).tolist(),
    },
)

# %% name="still"
machine = SVC(linear, C=1e3).fit(few, sides)
fig, ax = plot.subplots(width=3.3, height=3.3)
regions(ax, machine, 1.15, levels=(-1, 0, 1), points=3)
draw(ax, few, sides)
ax.scatter(*machine.vectors.T, s=110, facecolors="none", edgecolors=plot.INK, linewidths=1.6)
plot.figure(
    fig,
    alt="Twelve points of two classes, the line between them and a band around it; ringed points "
    "lie on its edges.",
    caption="Twelve synthetic points and the widest gap between them.",
)

# %% name="lifted"
fig, ax = plot.subplots(width=3.3, height=2.8)
draw(ax, np.column_stack([ring[:, 0], (ring**2).sum(axis=1)]), around)
ax.axhline(0.4, color=plot.INK)
ax.set(xlabel="$x_1$", ylabel="height, $x_1^2 + x_2^2$")
plot.figure(
    fig,
    alt="The ring and the disc seen from the side after each point was lifted by the square of its "
    "distance from the centre: the circles of the ring lie above a straight cut, the squares of "
    "the disc below it.",
    caption="Lifted points from the side. A straight cut divides them.",
)

# %% [markdown]
# ## Soft margin: the price of slack
#
# Overlapping classes. A small C accepts many points inside the band, a large C hardly any.

# %%
rng = np.random.default_rng(0)
X = np.vstack([rng.normal(-1, 0.9, (25, 2)), rng.normal(1, 0.9, (25, 2))])
y = np.repeat([-1, 1], 25)
PRICES = (0.01, 1.0, 100.0)
soft = {C: SVC(linear, C).fit(X, y) for C in PRICES}

# %% name="soft"
fig, axes = plot.subplots(2, 1, width=2.8, height=5.2)
for ax, C in zip(axes, (PRICES[0], PRICES[-1]), strict=True):
    model = soft[C]
    regions(ax, model, 3.4, levels=(-1, 0, 1), points=3)
    draw(ax, X, y, size=14)
    ax.scatter(*model.vectors.T, s=46, facecolors="none", edgecolors=plot.INK, linewidths=0.9)
    ax.set_title(f"C = {C:g}: {len(model.support)} support vectors", size=9)
plot.figure(
    fig,
    alt="Two overlapping clouds, twice. With C = 0.01 the band is wide and most points are ringed "
    "as support vectors; with C = 100 the band is narrow and fewer points are ringed.",
    caption="Synthetic points. Ringed points lie on the edge of the band, inside it, or on the "
    "wrong side: only these have a multiplier above 0.",
)

# %% [markdown]
# ## Two objectives that meet
#
# The dual can only rise, the primal is above it, and they meet at the optimum. So their gap bounds
# the error of a solution without knowing the answer.

# %% name="gap"
K = linear(X, X)
runs = [smo(K, y, 1.0, tol=1e-9, max_steps=n) for n in range(1, 121)]
primal, dual = np.array([objectives(K, y, run.beta, run.b, 1.0) for run in runs]).T
primal = np.minimum.accumulate(primal)  # the best bound so far
steps = np.array([run.steps for run in runs])
assert (np.diff(dual) >= -1e-9).all()

fig, (left, right) = plot.subplots(2, 1, width=3.7, height=4.6)
left.plot(steps, primal, color=plot.ORANGE, ls="--")
left.plot(steps, dual, color=plot.BLUE)
left.text(8, primal[7] + 1, "primal", color=plot.ORANGE)
left.text(9, dual[8] - 2, "dual", color=plot.BLUE)
left.set(ylim=(0, 16), ylabel="objective")
right.plot(steps, np.maximum(primal - dual, 1e-10), color=plot.INK)
right.set(yscale="log", xlabel="pairs moved", ylabel="primal − dual")
plot.figure(
    fig,
    alt="Above: the dual objective rises and the primal falls until they meet. Below: their "
    "difference falls from about ten to less than a billionth.",
    caption="The solver on two overlapping clouds of 25 synthetic points each, C = 1. The "
    "primal is the best value so far. Where the curves meet, both are optimal; a gap of 0 is drawn "
    "at 1e-10.",
)

# %% name="gap_values"
values(pairs=int(steps[-1]), points=len(y), value=f"{dual[-1]:.4f}")

# %% [markdown]
# ## The same solution as scikit-learn, and as PyTorch
#
# Five problems, synthetic and real. Scikit-learn's solver (LIBSVM) is run to a tolerance of 1e-10.


# %%
def rings(n, rng):
    """Draw a synthetic disc (-1) inside a ring (+1), with a gap between them."""
    y = np.repeat([-1, 1], n // 2)
    radius = np.where(y == 1, rng.uniform(0.6, 1, n), rng.uniform(0, 0.4, n)) + 0.05 * rng.normal(
        size=n
    )
    angle = rng.uniform(0, 2 * np.pi, n)
    return radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), y


def checker(n, rng):
    """Draw synthetic points whose class is the XOR of the signs of their coordinates."""
    X = rng.uniform(-1, 1, (n, 2))
    return X, np.where(X[:, 0] * X[:, 1] > 0, -1, 1)


rng = np.random.default_rng(1)
pixels, digit = data.digits()
lengths, species = data.iris(1, 2)
SETS = {
    "XOR of signs, synthetic": data.split(*checker(400, rng)),
    "ring around a disc, synthetic": data.split(*rings(400, rng)),
    "iris: versicolor or virginica": data.split(lengths, np.where(species == 2, 1, -1)),
    "digits: odd or even": data.split(pixels, np.where(digit % 2 == 1, 1, -1)),
}


def kernels(X):
    """Build the three kernels, scaled as scikit-learn scales them: gamma = 1 / (D var(X))."""
    gamma = 1 / (X.shape[1] * X.var())
    return {
        "linear": (linear, {"kernel": "linear"}),
        "polynomial": (
            partial(polynomial, degree=3, gamma=gamma),
            {"kernel": "poly", "degree": 3, "gamma": gamma, "coef0": 1.0},
        ),
        "RBF": (partial(rbf, gamma=gamma), {"kernel": "rbf", "gamma": gamma}),
    }


CASES = [
    ("two clouds", "linear", X, y),
    *(
        (name, kernel, SETS[name].X_train, SETS[name].y_train)
        for name, kernel in zip(SETS, ("polynomial", "RBF", "linear", "RBF"), strict=True)
    ),
]

SHORT = dict(
    zip((case[0] for case in CASES), ("clouds", "XOR", "ring", "iris", "digits"), strict=True)
)

# %% name="agreement"
rows, residuals = [], {}
for name, kernel, Xc, yc in CASES:
    function, options = kernels(Xc)[kernel]
    Kc = function(Xc, Xc)
    ours = smo(Kc, yc, C=1.0, tol=1e-9)
    theirs = sklearn_svm.SVC(C=1.0, tol=1e-10, **options).fit(Xc, yc)
    beta = np.zeros(len(yc))
    beta[theirs.support_] = theirs.dual_coef_[0]
    bias = theirs.intercept_[0]
    p, d = objectives(Kc, yc, ours.beta, ours.b, 1.0)
    _, d_theirs = objectives(Kc, yc, beta, bias, 1.0)
    same = np.array_equal(np.flatnonzero(abs(ours.beta) > 1e-7), np.flatnonzero(abs(beta) > 1e-7))
    f_ours, f_theirs = Kc @ ours.beta + ours.b, theirs.decision_function(Xc)
    residuals[name] = kkt_residuals(Kc, yc, ours.beta, ours.b, 1.0)
    rows.append(
        [
            f"{SHORT[name]}, {kernel}",
            len(yc),
            f"{d:.6f}",
            tiny(abs(d - d_theirs)),
            int((abs(ours.beta) > 1e-7).sum()),
            tiny(abs(f_ours - f_theirs).max()),
            tiny(max(residuals[name].values())),
        ]
    )
    assert abs(d - d_theirs) < 1e-6
    assert same
    assert abs(f_ours - f_theirs).max() < 1e-4
    assert abs(p - d) < 1e-5
    assert max(residuals[name].values()) < 1e-6
table(
    [
        "problem, kernel",
        "points",
        "dual objective",
        "minus theirs",
        "support vectors",
        "f minus theirs",
        "worst breach",
    ],
    rows,
)

# %% [markdown]
# How far each solution is from each condition at the optimum.

# %%
names = list(next(iter(residuals.values())))
table(
    ["problem", *names],
    [[SHORT[name], *(tiny(breach[key]) for key in names)] for name, breach in residuals.items()],
)

# %% [markdown]
# PyTorch minimises the primal itself, with no multipliers. It must land on the same number.

# %% name="twin"
rows = []
for C in (0.1, 1.0, 10.0):
    found = smo(K, y, C, tol=1e-9)
    dual_value = objectives(K, y, found.beta, found.b, C)[1]
    w_torch, b_torch, primal_value = torch_primal(X, y, C)
    line = np.append(found.beta @ X, found.b)
    apart = abs(line - np.append(w_torch, b_torch)).max()
    rows.append([f"{C:g}", f"{dual_value:.5f}", f"{primal_value:.5f}", tiny(apart)])
    assert 0 <= primal_value - dual_value < 1e-5 * dual_value
    assert apart < 1e-3
table(["C", "dual, NumPy", "primal, PyTorch", "worst difference of w and b"], rows)

# %% [markdown]
# ## The kernel decides
#
# C is 1 throughout. Each model is trained on the training part; validation picks a kernel; the test
# part scores all of them.

# %%
scores, picks = {}, {}
for name, part in SETS.items():
    fitted = {
        kernel: SVC(function).fit(part.X_train, part.y_train)
        for kernel, (function, _) in kernels(part.X_train).items()
    }
    majority = 1 if (part.y_train == 1).mean() >= 0.5 else -1
    scores[name] = {"baseline": float((part.y_test == majority).mean())} | {
        kernel: float((model.predict(part.X_test) == part.y_test).mean())
        for kernel, model in fitted.items()
    }
    picks[name] = max(
        fitted, key=lambda kernel: (fitted[kernel].predict(part.X_val) == part.y_val).mean()
    )

# %% name="kernels"
table(
    ["data", "test points", "majority", "linear", "polynomial", "RBF", "validation picks"],
    [
        [name, len(SETS[name].y_test), *(f"{v:.1%}" for v in row.values()), picks[name]]
        for name, row in scores.items()
    ],
)

# %% name="kernel_regions"
fig, axes = plot.subplots(3, 2, width=3.5, height=5.2)
for row, name in zip(axes.T, list(SETS)[:2], strict=True):
    part = SETS[name]
    for ax, (kernel, (function, _)) in zip(row, kernels(part.X_train).items(), strict=True):
        plot.bare(ax)
        regions(ax, SVC(function).fit(part.X_train, part.y_train), 1.15, points=31)
        draw(ax, part.X_test[:40], part.y_test[:40], size=12)
        ax.set_title(f"{kernel}: {scores[name][kernel]:.0%}", size=10)
plot.figure(
    fig,
    alt="Two synthetic data sets, each with three kernels. On XOR and on a ring around a disc "
    "the linear kernel fails; polynomial and RBF shade the right regions.",
    caption="Shaded: the machine says +1. Points and accuracies are from the test part. The data "
    "and the solver are the same in a column; only the kernel changes.",
)

# %% [markdown]
# ## And so does its width
#
# The RBF kernel has one more number to choose, gamma. Odd or even digits again.

# %%
part = SETS["digits: odd or even"]
gammas = np.geomspace(1e-4, 10, 11)
curve = []
for gamma in gammas:
    model = SVC(partial(rbf, gamma=gamma), tol=1e-3).fit(part.X_train, part.y_train)
    curve.append(
        [
            (model.predict(part.X_train) == part.y_train).mean(),
            (model.predict(part.X_val) == part.y_val).mean(),
            len(model.support) / len(part.y_train),
        ]
    )
train, val, share = np.array(curve).T

# %% name="width"
fig, ax = plot.subplots(width=3.7, height=3.2)
ax.plot(gammas, train, color=plot.BLUE, marker="o", ms=4)
ax.plot(gammas, val, color=plot.ORANGE, marker="s", ms=4)
ax.plot(gammas, share, color=plot.MUTED, ls=":", marker="^", ms=4)
ax.axhline(max((part.y_val == 1).mean(), (part.y_val == -1).mean()), color=plot.INK, lw=1)
ax.text(10, 1.06, "train", color=plot.BLUE, ha="right")
ax.text(0.5, 0.7, "validation", color=plot.ORANGE)
ax.text(0.06, 0.16, "support vectors,\nas a share", color=plot.MUTED, ha="center")
ax.text(1.2e-4, 0.43, "majority")
ax.set(xscale="log", xlim=(1e-4, 12), ylim=(0, 1.15), xlabel="gamma", ylabel="accuracy, or share")
plot.figure(
    fig,
    alt="Accuracy against gamma, log axis. In training it rises to 100 percent. In validation "
    "it is highest around 0.1 and falls towards the majority baseline.",
    caption="Odd or even digits. With a large gamma each point resembles only itself: the machine "
    "remembers the training set and nothing else.",
)

# %% name="width_values"
values(
    best=f"{gammas[val.argmax()]:.2g}",
    best_val=f"{val.max():.1%}",
    wide_val=f"{val[-1]:.1%}",
    wide_train=f"{train[-1]:.1%}",
    wide_share=f"{share[-1]:.0%}",
)

# %% [markdown]
# ## What the kernel does not know
#
# The RBF kernel sees 64 numbers, not an image. Shuffling the pixels changes nothing for it, and
# moving a digit by one pixel, which changes nothing for us, costs it many answers. Then the
# knowledge is put in by hand: copies of the support vectors, each moved by a pixel, join the
# training set.

# %%
MOVES = [(0, 1), (0, -1), (1, 0), (-1, 0)]


def moved(images, down, right):
    """Move 8×8 images (N, 64) by whole pixels; what leaves the frame is lost."""
    framed = np.pad(images.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    return framed[:, 1 - down : 9 - down, 1 - right : 9 - right].reshape(-1, 64)


kernel = kernels(part.X_train)["RBF"][0]
plain = SVC(kernel).fit(part.X_train, part.y_train)

order = np.random.default_rng(0).permutation(64)
shuffled = SVC(kernel).fit(part.X_train[:, order], part.y_train)

X_virtual = np.vstack([plain.vectors, *(moved(plain.vectors, *move) for move in MOVES)])
virtual = SVC(kernel).fit(X_virtual, np.tile(part.y_train[plain.support], 5))

X_moved = [moved(part.X_test, *move) for move in MOVES]


# %% name="prior"
def score(model, X, y):
    """Count the right answers, and show them as a rate with its 95% interval."""
    right = int((model.predict(X) == y).sum())
    low, high = wilson_interval(right, len(y))
    return right / len(y), f"{right / len(y):.1%} ({low:.1%} to {high:.1%})"


def mean_score(model, moves, y):
    """The mean share right over several moves of each digit; the interval is over digits."""
    right = np.mean([model.predict(X) == y for X in moves], axis=0)  # (N,)
    half = 1.96 * right.std(ddof=1) / np.sqrt(len(y))
    mean = right.mean()
    return mean, f"{mean:.1%} ({mean - half:.1%} to {mean + half:.1%})"


upright, text_upright = score(plain, part.X_test, part.y_test)
mixed, text_mixed = score(shuffled, part.X_test[:, order], part.y_test)
pushed, text_pushed = mean_score(plain, X_moved, part.y_test)
virtual_upright, text_virtual_upright = score(virtual, part.X_test, part.y_test)
virtual_pushed, text_virtual_pushed = mean_score(virtual, X_moved, part.y_test)
table(
    ["trained on", "tested on", "accuracy (95% interval)"],
    [
        ["digits", "digits", text_upright],
        ["digits, pixels shuffled", "digits, pixels shuffled alike", text_mixed],
        ["digits", "digits moved by one pixel, mean of four ways", text_pushed],
        ["support vectors and moved copies", "digits", text_virtual_upright],
        [
            "support vectors and moved copies",
            "digits moved by one pixel, mean of four ways",
            text_virtual_pushed,
        ],
    ],
)

# %% [markdown]
# ## What this notebook claims

# %%
assert margin > 1.1 * max(other)
assert len(soft[0.01].support) > len(soft[1.0].support) >= len(soft[100.0].support)
assert primal[-1] - dual[-1] < 1e-6
for name in list(SETS)[:2]:
    assert scores[name]["linear"] < 0.75
    assert min(scores[name]["polynomial"], scores[name]["RBF"]) > 0.9
digits_scores = scores["digits: odd or even"]
assert digits_scores["baseline"] + 0.3 < digits_scores["linear"] < digits_scores["RBF"] - 0.03
assert all(max(row["linear"], row["RBF"]) > row["baseline"] + 0.3 for row in scores.values())
assert train[-1] == 1
assert val[-1] < val.max() - 0.2
assert (shuffled.predict(part.X_test[:, order]) == plain.predict(part.X_test)).all()
assert pushed < upright - 0.1
assert virtual_pushed > pushed + 0.1
