# %% [markdown]
# # ADALINE, executed
#
# A linear unit learns by the LMS rule of Widrow and Hoff. Here it meets the closed-form least
# squares, diverges at the learning rate that the largest eigenvalue predicts, learns a threshold,
# settles where the perceptron does not, and shows why inputs should be standardised. All seeds are
# fixed. The text is in [the lesson](../../history/adaline.md).

# %%
import numpy as np
from scipy import stats
from scipy.optimize import brentq
from sklearn.datasets import load_breast_cancer

from introdl import data, plot, show
from introdl.history.adaline import (
    Adaline,
    correlation,
    gradient_descent,
    largest_rate,
    least_squares,
    lms_torch,
)
from introdl.history.perceptron import Perceptron
from introdl.show import table, values


def power(value):
    """Write a very large or small number as a power of ten, such as 4.5 × 10⁻⁷."""
    if 0.1 < value < 100:
        return f"{value:.2g}"
    digits, exponent = f"{value:.1e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits}\u00a0×\u00a010{raised}"


# %% [markdown]
# ## Two errors
#
# The perceptron compares the decision with the label, ADALINE the net input before the threshold.

# %% name="two_errors"
fig, ax = plot.subplots(width=3.7, height=2.8)
s = np.linspace(-2.5, 3.5, 200)
ax.plot(s, 1 - s, color=plot.BLUE)
ax.plot([-2.5, 0, 0, 3.5], [1, 1, 0, 0], color=plot.ORANGE, ls="--")
ax.axhline(0, color=plot.MUTED, lw=0.8)
ax.annotate("ADALINE", (-1.2, 2.5), color=plot.BLUE)
ax.annotate("perceptron", (-2.4, 0.35), color=plot.ORANGE)
ax.set(xlabel="sum s, for the label +1", ylabel="size of the correction", ylim=(-2.6, 3.6))
plot.figure(
    fig,
    alt="The correction against the sum, for a label of plus one. ADALINE's falls along a straight "
    "line and is negative beyond a sum of one; the perceptron's is one, or zero from a sum of zero "
    "on.",
    caption="How far each rule corrects. ADALINE also corrects decisions that are right.",
)

# %% [markdown]
# ## The bowl
#
# The mean squared error of two examples by their one weight, and that of the flowers by two: data
# for the figure that the reader moves.


# %%
def bowl(name, Z, target, **drawn):
    """Half the mean squared error as a bowl: M, p, its lowest point and what it is at zero."""
    M, p = Z.T @ Z / len(Z), Z.T @ target / len(Z)
    best = np.linalg.solve(M, p)
    return {
        "name": name,
        "M": M.tolist(),
        "p": p.tolist(),
        "c": float((target**2).mean() / 2),
        "start": [0.0] * len(p),
        "best": best.tolist(),
        **drawn,
    }


# %% name="bowls"
petals, kinds = data.iris(1, 2)
petals, sides = petals[:, [1, 2]], np.where(kinds == 2, 1.0, -1.0)  # sepal width, petal length
centred = petals - petals.mean(axis=0)
TWO = bowl(
    "two examples, one weight",
    np.array([[1.0], [-2.0]]),
    np.array([1.0, -1.0]),
    x=[-2, 3],
    y=[0, 8],
    across="weight w",
    up="half the mean squared error",
    step=0.02,
    most=1.2,
    first=0.1,
)
SCALED = bowl(
    "flowers, scaled",
    centred / centred.std(axis=0),
    sides,
    x=[-1, 1.5],
    y=[-1, 1.5],
    across="weight of the sepal width",
    up="weight of the petal length",
    step=0.02,
    most=2.0,
    first=0.2,
)
LONG = bowl(
    "flowers, length times 10",
    centred / centred.std(axis=0) * [1, 10],
    sides,
    x=[-1, 1],
    y=[-0.1, 0.25],
    across="weight of the sepal width",
    up="weight of the petal length, in tenths",
    step=0.0005,
    most=0.03,
    first=0.005,
)
show.data("bowls", {"two": TWO, "scaled": SCALED, "long": LONG})

# %% name="still"
fig, ax = plot.subplots(width=3.4, height=2.6)
v = np.linspace(-2, 3, 200)
ax.plot(v, TWO["c"] - TWO["p"][0] * v + TWO["M"][0][0] * v**2 / 2, color=plot.INK)
ax.plot([0], [TWO["c"]], "o", color=plot.ORANGE)
ax.plot(TWO["best"][0], TWO["c"] - TWO["p"][0] * TWO["best"][0] / 2, "x", color=plot.INK, ms=9)
ax.set(xlabel="weight w", ylabel="half the mean squared error")
plot.figure(
    fig,
    alt="The error of the two examples against their weight: a bowl, with its lowest point at 0.6. "
    "A dot at zero is the start.",
    caption="The error of two examples as a bowl. The dot is the start; the cross is the lowest "
    "point.",
)

# %% [markdown]
# ## LMS against least squares
#
# 100 real flowers, versicolor against virginica, four standardised inputs, in a shuffled order
# (seed 0).

# %%
flowers, species = data.iris(1, 2)
order = np.random.default_rng(0).permutation(len(flowers))
X = ((flowers - flowers.mean(axis=0)) / flowers.std(axis=0))[order]
y = np.where(species == 2, 1.0, -1.0)[order]
X1 = np.column_stack([X, np.ones(len(X))])

best = least_squares(X, y)
limit = largest_rate(X)


def loss(weights):
    """Mean squared error of weights (..., D + 1) on the flowers."""
    return ((y - weights @ X1.T) ** 2).mean(axis=-1)


PASSES = 400
batch = gradient_descent(X, y, limit / 2, PASSES)
lms = {}
for rate in [0.1, 0.01, 0.002]:
    unit, lms[rate] = Adaline(4, rate), [np.zeros(5)]
    for _ in range(PASSES):
        unit.fit(X, y, epochs=1)
        lms[rate].append(np.append(unit.w, unit.b))
    lms[rate] = np.array(lms[rate])

# %% name="weights"
names = ["sepal length", "sepal width", "petal length", "petal width", "bias"]
found = {
    "least squares": best,
    "gradient descent": batch[-1],
    "LMS, η = 0.002": lms[0.002][-1],
    "LMS, η = 0.1": lms[0.1][-1],
}
table(
    ["weights", *names, "mean squared error"],
    [
        [
            name.replace(" = ", "\u00a0=\u00a0"),
            *(f"{round(v, 3) + 0:.3f}".replace("-", "−") for v in weights),
            f"{loss(weights):.4f}",
        ]
        for name, weights in found.items()
    ],
)

# %% name="converge"
fig, ax = plot.subplots(width=3.7, height=3.2)
passes = np.arange(PASSES + 1)
for path, colour, style, text, place in [
    (batch, plot.INK, "-", "all at once", (215, 2e-3)),
    (lms[0.1], plot.RED, "--", "η = 0.1", (300, 0.17)),
    (lms[0.01], plot.ORANGE, "-.", "η = 0.01", (300, 0.034)),
    (lms[0.002], plot.BLUE, "-", "η = 0.002", (300, 0.007)),
]:
    ax.plot(passes, np.linalg.norm(path - best, axis=1), color=colour, ls=style)
    ax.annotate(text, place, color=colour)
ax.set(yscale="log", xlabel="passes through the 100 flowers", ylabel="distance to least squares")
plot.figure(
    fig,
    alt=f"Distance to the least-squares weights over {PASSES} passes, log axis. Gradient descent "
    "falls steadily. LMS falls fast and then stays at a distance, a smaller one for the "
    "smaller rate.",
    caption="LMS goes to the least-squares weights, and with a constant rate stops short of them. "
    "A smaller rate brings it closer and takes longer.",
)

# %% [markdown]
# ## Where the learning rate diverges
#
# Gradient descent over all examples: predicted 2/λ_max. To observe the limit we halve the interval
# from 0.1 to 0.8, which uses no eigenvalue: does the distance to the solution still grow
# in the second half of a run?


# %%
def grows(rate, steps=1000):
    """Whether gradient descent is on its way out in the second half of a run."""
    distance = np.linalg.norm(gradient_descent(X, y, rate, steps) - best, axis=1)
    return distance[-1] > max(distance[steps // 2], 1e-6)


def halve(leaves, low, high):
    """The rate between `low` and `high` at which a run begins to leave, to 1e-6."""
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if leaves(middle) else (middle, high)
    return (low + high) / 2


observed = halve(grows, 0.1, 0.8)


# %% [markdown]
# The rule that takes one example at a time multiplies the deviation by a different matrix,
# I − η x xᵀ, for each example. A pass multiplies it by their product, and grows when that product
# has an eigenvalue beyond 1 in absolute value.


# %%
def pass_factor(rate):
    """The largest eigenvalue, in absolute value, of one LMS pass over the flowers."""
    product = np.eye(5)
    for x in X1:
        product -= rate * np.outer(x, x @ product)
    return np.abs(np.linalg.eigvals(product)).max()


def lms_excess(rate, passes=50):
    """Loss above the least possible after some LMS passes, relative to the start."""
    unit = Adaline(4, rate)
    for _ in range(passes):
        unit.fit(X, y, epochs=1)
        now = loss(np.append(unit.w, unit.b))
        if now > 1e8:
            break
    return (now - loss(best)) / (loss(np.zeros(5)) - loss(best))


def lms_leaves(rate, passes=100):
    """Whether the change that a pass makes still grows in the second half of a run."""
    unit, weights = Adaline(4, rate), [np.zeros(5)]
    for _ in range(passes):
        unit.fit(X, y, epochs=1)
        weights.append(np.append(unit.w, unit.b))
        if np.abs(weights[-1]).max() > 1e8:
            return True
    change = np.linalg.norm(np.diff(weights, axis=0), axis=1)
    return change[-1] > max(change[passes // 2], 1e-6)


lms_limit = brentq(lambda rate: pass_factor(rate) - 1, 0.1, limit)
lms_observed = halve(lms_leaves, 0.1, 0.8)
safe = 2 / (X1**2).sum(axis=1).max()

# %% name="limits"
values(
    lambda_max=f"{np.linalg.eigvalsh(correlation(X))[-1]:.4f}",
    predicted=f"{limit:.5f}",
    observed=f"{observed:.5f}",
    lms_predicted=f"{lms_limit:.4f}",
    lms_observed=f"{lms_observed:.4f}",
    safe=f"{safe:.3f}",
)

# %% name="sweep"
ratios = np.unique(np.append(np.geomspace(0.01, 1.3, 30), np.linspace(0.95, 1.05, 21)))
start = loss(np.zeros(5)) - loss(best)
all_at_once = [
    (loss(gradient_descent(X, y, r * limit, 300)[-1]) - loss(best)) / start for r in ratios
]
one_by_one = [lms_excess(r * limit) for r in ratios if r < 0.75]
fig, ax = plot.subplots(width=3.7, height=3.6)
for place, colour, text in [
    (1, plot.BLUE, "predicted: $2/\\lambda_\\mathrm{max}$"),
    (lms_limit / limit, plot.ORANGE, "from one pass"),
]:
    ax.axvline(place, color=colour, ls=":", lw=1.5)
    side = -1 if place == 1 else 1
    ax.text(
        place * 1.03**side,
        2e-7,
        text,
        color=colour,
        ha="right" if side < 0 else "left",
        rotation=90,
    )
ax.plot(ratios, np.clip(all_at_once, 1e-13, 1e8), color=plot.BLUE, marker="o", ms=3)
ax.plot(
    ratios[ratios < 0.75],
    np.clip(one_by_one, 1e-13, 1e8),
    color=plot.ORANGE,
    marker="s",
    ms=3,
)
ax.axhline(1, color=plot.MUTED, lw=0.8)
ax.annotate("error at the start", (0.0102, 2), color=plot.MUTED)
ax.annotate("all at once,\n300 steps", (0.04, 3e-8), color=plot.BLUE)
ax.annotate("one by one,\n50 passes", (0.02, 0.05), color=plot.ORANGE)
ax.set(xscale="log", yscale="log", ylim=(1e-10, 1e7), xlim=(0.0095, 1.4))
ax.set_xticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
ax.set(
    xlabel="learning rate / ($2/\\lambda_\\mathrm{max}$)",
    ylabel="excess error / its start",
)
plot.figure(
    fig,
    alt="Excess error against the learning rate, log axes. Gradient descent falls until two "
    "over lambda max and there jumps up. LMS has a higher floor and jumps up at about half "
    "that rate.",
    caption="Real flowers. Both rules blow up where the dotted lines predict it: gradient "
    "descent at 2 divided by the largest eigenvalue, the one-by-one rule where a pass gets an "
    "eigenvalue beyond 1.",
)

# %% [markdown]
# ## A threshold is learned like a weight
#
# One input, the petal length in cm; 10 random splits (seeds 0 to 9; 80 % train, 20 % test). Without
# a bias the unit can put its threshold only at 0 cm.


# %%
def cut(X, y, seed):
    """Split with labels -1 and +1; nothing is chosen here, so validation joins training."""
    part = data.split(X, np.where(y == y.max(), 1, -1), seed=seed)
    return part._replace(
        X_train=np.vstack([part.X_train, part.X_val]),
        y_train=np.append(part.y_train, part.y_val),
    )


def majority(part):
    """Held-out accuracy of always giving the more frequent label of the training part."""
    return np.mean(part.y_test == (1 if part.y_train.sum() > 0 else -1))


def right(part, weights):
    """Held-out accuracy of weights (D + 1,), bias last."""
    return np.mean(np.where(part.X_test @ weights[:-1] + weights[-1] >= 0, 1, -1) == part.y_test)


petal = {"always the majority": [], "weight only": [], "weight and threshold": []}
thresholds = []
for seed in range(10):
    part = cut(flowers[:, 2:3], species, seed)
    unit = Adaline(1, rate=0.005)
    unit.fit(part.X_train, part.y_train, epochs=400)
    thresholds.append(-unit.b / unit.w[0])
    # Least squares without a constant input: the best that a weight alone can do.
    lone = np.linalg.lstsq(part.X_train, part.y_train, rcond=None)[0]
    petal["always the majority"].append(majority(part))
    petal["weight only"].append(right(part, np.append(lone, 0)))
    petal["weight and threshold"].append(right(part, np.append(unit.w, unit.b)))

# %% name="threshold"
learned = f"{np.mean(thresholds):.2f}\u00a0±\u00a0{np.std(thresholds):.2f}\u00a0cm"
table(
    ["unit", "threshold on the petal", "held-out accuracy"],
    [
        [name, place, f"{np.mean(petal[name]):.3f}\u00a0±\u00a0{np.std(petal[name]):.3f}"]
        for name, place in zip(petal, ["none", "0 cm", learned], strict=True)
    ],
)

# %% [markdown]
# ## Held-out accuracy
#
# Four tasks on real data, two blocks of 20 random splits each (seeds 0 to 19 and 20 to 39; 80 %
# train, 20 % test). Inputs are standardised by the mean and spread of the training part. LMS: 20
# passes at the rate 1 / max |(x, 1)|², half of what is safe for every order of the examples.
# Perceptron: at most 20 passes.


# %%
def standardise(part):
    """Give each input mean 0 and spread 1 on the training part; a constant input becomes 0."""
    mean, spread = part.X_train.mean(axis=0), part.X_train.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    return part._replace(
        X_train=(part.X_train - mean) / spread, X_test=(part.X_test - mean) / spread
    )


tumours = load_breast_cancer(return_X_y=True)
TASKS = {
    "digits: 0 or 1": data.digits(0, 1),
    "iris: setosa or versicolor": data.iris(0, 1),
    "iris: versicolor or virginica": data.iris(1, 2),
    "tumours: malignant or benign": tumours,
}


SPLITS = 20
scores = {}
for task in TASKS:
    rows = []
    for seed in range(2 * SPLITS):
        part = standardise(cut(*TASKS[task], seed))
        dim = part.X_train.shape[1]
        rosenblatt = Perceptron(dim)
        rosenblatt.fit(part.X_train, part.y_train, epochs=20)
        widrow = Adaline(dim, rate=1 / ((part.X_train**2).sum(axis=1) + 1).max())
        widrow.fit(part.X_train, part.y_train, epochs=20)
        rows.append(
            [
                majority(part),
                right(part, np.append(rosenblatt.w, rosenblatt.b)),
                right(part, np.append(widrow.w, widrow.b)),
                right(part, least_squares(part.X_train, part.y_train)),
            ]
        )
    scores[task] = np.array(rows).reshape(2, SPLITS, 4)  # two blocks of seeds

# %% name="scores"
table(
    ["task", "always the majority", "perceptron", "ADALINE by LMS", "least squares"],
    [
        [task, f"{s[0, :, 0].mean():.2f}"]
        + [f"{s[0, :, i].mean():.3f}\u00a0±\u00a0{s[0, :, i].std():.3f}" for i in (1, 2, 3)]
        for task, s in scores.items()
    ],
)

# %% [markdown]
# Both rules see the same splits, so we compare them split by split, and once more on the second
# block of seeds. A difference counts if both intervals exclude zero, on the same side.


# %%
def interval(difference):
    """Mean and half-width of the 95 % t-interval of paired differences, in percentage points."""
    d = 100 * np.asarray(difference)
    half_width = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), half_width


def seen(blocks):
    """The sign of a difference that every block shows; 0 if none is seen."""
    means, half_widths = np.array([interval(block) for block in blocks]).T
    signs = np.where(np.abs(means) > half_widths, np.sign(means), 0)
    return int(signs[0]) if (signs == signs[0]).all() else 0


gains = {task: s[..., 2] - s[..., 1] for task, s in scores.items()}  # (2, 20) each

# %% name="paired_table"
rows = []
for task, gain in gains.items():
    cells = []
    for block in gain:
        counts = [int((np.sign(block) == sign).sum()) for sign in (1, 0, -1)]
        mean, half_width = interval(block)
        cells.append("{}, {}, {}".format(*counts))
        cells.append(f"{mean:+.2f}\u00a0±\u00a0{half_width:.2f}".replace("-", "−"))
    verdict = {1: "ADALINE", 0: "no difference seen", -1: "perceptron"}[seen(gain)]
    rows.append([task, *cells, verdict])
table(["task", "seeds 0–19", "gain", "seeds 20–39", "gain", "ahead in both"], rows)

# %% name="paired"
hard = "iris: versicolor or virginica"
values(
    splits=SPLITS,
    better=int((gains[hard][0] > 0).sum()),
    equal=int((gains[hard][0] == 0).sum()),
    worse=int((gains[hard][0] < 0).sum()),
    on_digits="{:.1f}\u00a0±\u00a0{:.1f}".format(*interval(gains["digits: 0 or 1"].ravel())),
)

# %% [markdown]
# Do scaled inputs also help the perceptron? One block of 20 splits is too few to say by how much,
# so here are six, seeds 0 to 119, of the same flowers.

# %%
BLOCKS = 6


def rosenblatt_right(part):
    """Held-out accuracy of a perceptron after at most 20 passes."""
    rosenblatt = Perceptron(part.X_train.shape[1])
    rosenblatt.fit(part.X_train, part.y_train, epochs=20)
    return right(part, np.append(rosenblatt.w, rosenblatt.b))


raw_splits = [cut(flowers, species, seed) for seed in range(BLOCKS * SPLITS)]
scaled_gain = np.array(
    [rosenblatt_right(standardise(part)) - rosenblatt_right(part) for part in raw_splits]
)
by_block = scaled_gain.reshape(BLOCKS, SPLITS)

# %% name="scaled"
values(
    splits=len(scaled_gain),
    gain="{:.0f}\u00a0±\u00a0{:.0f}".format(*interval(scaled_gain)),
    least=f"{100 * by_block.mean(axis=1).min():.0f}",
    most=f"{100 * by_block.mean(axis=1).max():.0f}",
)

# %% [markdown]
# ## It settles where the perceptron does not
#
# The 80 training flowers of seed 0, which no line separates.

# %% name="settles"
part = standardise(cut(flowers, species, seed=0))
rosenblatt, widrow = Perceptron(4), Adaline(4, rate=0.01)
tracks = []
for _ in range(100):
    rosenblatt.fit(part.X_train, part.y_train, epochs=1)
    widrow.fit(part.X_train, part.y_train, epochs=1)
    tracks.append([(u.predict(part.X_train) != part.y_train).sum() for u in (rosenblatt, widrow)])
tracks = np.array(tracks)  # (100, 2)
fig, ax = plot.subplots(width=3.7, height=2.8)
ax.plot(np.arange(1, 101), tracks[:, 0], color=plot.ORANGE, ls="--", lw=1.2)
ax.plot(np.arange(1, 101), tracks[:, 1], color=plot.BLUE)
ax.annotate("perceptron", (70, tracks[:, 0].max() - 1), color=plot.ORANGE)
ax.annotate("ADALINE", (70, 1.2), color=plot.BLUE)
ax.set(xlabel="passes through the 80 flowers", ylabel="wrong", ylim=(0, None))
plot.figure(
    fig,
    alt="How many of the 80 training flowers are on the wrong side after each of 100 passes. The "
    "perceptron's number jumps up and down to the end; ADALINE's soon stays constant.",
    caption="Versicolor and virginica, in the same order for both. No line separates them, so the "
    "perceptron goes on jumping; ADALINE settles near the line of least squared error.",
)

# %% name="rest"
WATCHED = 50  # the last passes
late = tracks[-WATCHED:]
values(
    first=len(tracks) - WATCHED + 1,
    last=len(tracks),
    flowers=len(part.y_train),
    fewest=late[:, 0].min(),
    most=late[:, 0].max(),
    adaline=", ".join(map(str, np.unique(late[:, 1]))),
)

# %% [markdown]
# ## Badly scaled inputs
#
# The tumour data have 30 inputs, from thousandths to thousands. Gradient descent over all training
# examples, 2,000 steps at half the largest rate, on raw and on standardised inputs.

# %%
STEPS = 2000
drawn = np.unique(np.geomspace(1, 20 * STEPS, 120).astype(int))
scaling = {}
for name, prepare in [("raw", lambda part: part), ("standardised", standardise)]:
    accuracies = []
    for seed in range(20):
        part = prepare(cut(*tumours, seed))
        path = gradient_descent(
            part.X_train,
            part.y_train,
            largest_rate(part.X_train) / 2,
            STEPS if seed else 20 * STEPS,
        )
        accuracies.append(right(part, path[min(STEPS, len(path) - 1)]))
        if seed == 0:
            inputs = np.column_stack([part.X_train, np.ones(len(part.X_train))])
            losses = ((part.y_train - path[drawn] @ inputs.T) ** 2).mean(axis=1)
            floor = (
                (part.y_train - inputs @ least_squares(part.X_train, part.y_train)) ** 2
            ).mean()
            spectrum = np.linalg.svd(inputs, compute_uv=False) ** 2 / len(inputs)
    scaling[name] = (spectrum, np.array(accuracies), losses, floor)

# %% name="scaling_table"
rows = []
for name, (spectrum, accuracies, *_) in scaling.items():
    rows.append(
        [
            name,
            power(spectrum[0]),
            power(spectrum[-1]),
            power(spectrum[0] / spectrum[-1]),
            power(2 / spectrum[0]),
            f"{accuracies.mean():.3f}\u00a0±\u00a0{accuracies.std():.3f}",
        ]
    )
table(
    ["inputs", "largest λ", "smallest λ", "their ratio", "largest rate", "held-out accuracy"], rows
)

# %% name="scaling"
fig, ax = plot.subplots(width=3.7, height=3.0)
for (name, (_, _, losses, _)), colour, style in zip(
    scaling.items(), [plot.ORANGE, plot.BLUE], ["--", "-"], strict=True
):
    ax.plot(drawn, losses, color=colour, ls=style)
    ax.annotate(name, (500, np.interp(500, drawn, losses) + 0.03), color=colour)
ax.axhline(floor, color=plot.MUTED, ls=":")
ax.annotate("least squares, the same for both", (1.1, floor - 0.045), color=plot.MUTED)
ax.set(xscale="log", xlabel="steps", ylabel="mean squared error", ylim=(0.1, 1))
plot.figure(
    fig,
    alt="Mean squared error over 40,000 steps, steps on a logarithmic axis. With standardised "
    "inputs it falls to the least-squares floor. With raw inputs it stays far above.",
    caption="Real tumour data, each curve at half its own largest rate. The best line is the same; "
    "only the road to it differs.",
)

# %% [markdown]
# ## Where it breaks: points too far on the correct side
#
# Synthetic points (seed 3). The far group lies far out on its correct side, and LMS pulls the line
# towards it.

# %% name="too_right"
rng = np.random.default_rng(3)
near = np.vstack(
    [rng.normal((-1.2, 0), (0.35, 1), (30, 2)), rng.normal((1.2, 0), (0.35, 1), (30, 2))]
)
far = rng.normal((14, 0), (0.6, 1), (12, 2))
cases = {"without the far points": near, "with the far points": np.vstack([near, far])}
fig, axes = plot.subplots(2, 1, width=3.7, height=5.0)
wrong = {}
for ax, (name, points) in zip(axes, cases.items(), strict=True):
    labels = np.where(np.arange(len(points)) < 30, -1, 1)
    rosenblatt = Perceptron(2)
    settled = rosenblatt.fit(points, labels, epochs=1000)
    lines = {
        "perceptron": np.append(rosenblatt.w, rosenblatt.b),
        "ADALINE": least_squares(points, labels),
    }
    for label, colour, marker in [(1, plot.BLUE, "o"), (-1, plot.ORANGE, "s")]:
        ax.scatter(*points[labels == label].T, s=14, color=colour, marker=marker)
    for (rule, v), style in zip(lines.items(), ["--", "-"], strict=True):
        height = np.array([-3.4, 3.4])
        ax.plot(-(v[1] * height + v[2]) / v[0], height, color=plot.INK, ls=style)
        wrong[name, rule] = int((labels * (points @ v[:2] + v[2]) <= 0).sum())
    misses = [wrong[name, rule] for rule in lines]
    counts = f"wrong: perceptron {misses[0]}, ADALINE {misses[1]}"
    ax.set_title(f"{name}\n{counts}", fontsize=9)
    ax.set(xlabel="$x_1$", xlim=(points[:, 0].min() - 0.5, points[:, 0].max() + 0.8))
    ax.set(ylim=(-3.4, 3.4))
axes[1].set_xticks([0, 5, 10, 15])
plot.figure(
    fig,
    alt="Synthetic squares and circles with a clear gap. Above: both lines run through it. Below: "
    "more circles lie far to the right, and ADALINE's line has moved into the near ones; the "
    "perceptron's has not.",
    caption="Synthetic points. Solid: ADALINE (least squares). Dashed: perceptron. Points that are "
    "far on the correct side have a large squared error, so they pull the line.",
)

# %% [markdown]
# ## The same rule in PyTorch

# %% name="twin"
unit, ours = Adaline(4, rate=0.01), []
for _ in range(5):
    for x, target in zip(X, y, strict=True):
        unit.step(x, target)
        ours.append(np.append(unit.w, unit.b))
twin = lms_torch(X, y, rate=0.01, epochs=5)
difference = np.abs(np.array(ours) - twin).max()
values(steps=len(twin), difference=power(difference))

# %% [markdown]
# ## What this notebook claims

# %%
assert np.linalg.norm(batch[-1] - best) < 1e-4
far_off = {rate: np.linalg.norm(path[-1] - best) for rate, path in lms.items()}
assert far_off[0.002] < far_off[0.01] < far_off[0.1]
assert abs(observed / limit - 1) < 1e-5
assert abs(lms_observed / lms_limit - 1) < 1e-3
assert safe < lms_limit < limit
assert lms_excess(0.8 * lms_limit) > 0.5
assert petal["weight only"] == petal["always the majority"]
assert (len(thresholds), PASSES, len(X)) == (10, 400, 100), "the set-up as the page states it"
assert np.mean(petal["weight and threshold"]) > np.mean(petal["weight only"]) + 0.3
for s in scores.values():
    assert s[..., 2].mean() > s[..., 0].mean() + 0.3
    assert abs(s[..., 2].mean() - s[..., 3].mean()) < 0.02
# What the page says of ADALINE and the perceptron: ahead on the digits, else no difference seen.
assert [seen(gain) for gain in gains.values()] == [1, 0, 0, 0]
center, half_width = interval(scaled_gain)
assert center > half_width, "scaling helps the perceptron, over all blocks together"
assert late[:, 1].std() == 0 < late[:, 0].std()
raw, cured = scaling["raw"], scaling["standardised"]
assert cured[1].mean() > raw[1].mean() + 0.05
assert np.isclose(raw[3], cured[3])
assert wrong["with the far points", "perceptron"] == 0 < wrong["with the far points", "ADALINE"]
assert wrong["without the far points", "ADALINE"] == 0
assert difference < 1e-12
