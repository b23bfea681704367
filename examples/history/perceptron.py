# %% [markdown]
# # The perceptron, executed
#
# A machine corrects its weights after each mistake, and stops when it makes none. Here you watch
# its line move, count its mistakes on many data sets, and give it real digits and flowers, among
# them a pair of species that no line separates. All seeds are fixed. The text is in
# [the lesson](../../history/perceptron.md).

# %%
import numpy as np
from scipy.linalg import hadamard

from introdl import data, plot, show
from introdl.history.perceptron import Perceptron, fit_torch, max_margin, mistake_bound
from introdl.show import table, values

# %% [markdown]
# ## A run in the plane
#
# 24 synthetic points, moved off the origin so that the line needs its bias. The seed, 57, is
# chosen: its run is long enough to watch, and one correction of it makes ten more points wrong.


# %%
def points(seed):
    """Draw 24 points with a gap between the classes."""
    X, y = data.separable(24, margin=0.1, rng=np.random.default_rng(seed))
    return (X + 0.5).round(3), y


X, y = points(57)
unit = Perceptron(2)
passes = unit.fit(X, y)
missed = [i for mistakes in passes for i in mistakes]
lengths = [sum(map(len, Perceptron(2).fit(*points(seed), epochs=1000))) for seed in range(100)]

# Every correction adds y (x, 1), so the run is the running sum of the examples it got wrong.
Z = y[:, None] * np.column_stack([X, np.ones(len(X))])
path = np.vstack([np.zeros(3), Z[missed].cumsum(axis=0)])
assert np.allclose(path[-1], [*unit.w, unit.b])

# %% name="run"
CORNERS = [[-1, -1], [-1, 1], [1, -1], [1, 1]]
show.data(
    "run",
    {
        "or": [[*corner, label] for corner, label in zip(CORNERS, [-1, 1, 1, 1], strict=True)],
        "points": [[*point, label] for point, label in zip(X.tolist(), y.tolist(), strict=True)],
    },
)

# %% name="run_numbers"
values(
    points=len(X),
    passes=len(passes),
    mistakes=len(missed),
    each_pass=", ".join(str(len(mistakes)) for mistakes in passes),
    bound=int(mistake_bound(X, y)),  # mistakes are whole
    typical=f"{np.median(lengths):.0f}",
    as_long=sum(length >= len(missed) for length in lengths),
)

# %% [markdown]
# ## One mistake
#
# The circle with the ring lies on the wrong side, and no other point does. The correction swings
# the line past it, and past others.


# %%
def draw(ax, weights, *, ring=None, before=None):
    """Draw the points, the line of `weights`, and the line as it was `before`."""
    low, high = X.min(axis=0) - 0.25, X.max(axis=0) + 0.25
    for label, colour, marker in [(1, plot.BLUE, "o"), (-1, plot.ORANGE, "s")]:
        ax.scatter(*X[y == label].T, s=22, color=colour, marker=marker, zorder=3)
    for w, style in [(before, {"color": plot.MUTED, "ls": ":"}), (weights, {"color": plot.INK})]:
        if w is not None and w[:2].any():
            # Two points far along w·x + b = 0; the axes clip what lies outside.
            foot, along = -w[2] * w[:2] / (w[:2] @ w[:2]), np.array([-w[1], w[0]])
            ends = foot + 9 * np.outer([-1, 1], along / np.linalg.norm(along))
            ax.plot(*ends.T, **style)
    if ring is not None:
        ax.scatter(*X[ring], s=130, facecolors="none", edgecolors=plot.RED, linewidths=2, zorder=4)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    ax.set_xticks([0, 1])
    ax.set_yticks([0, 1])
    ax.set_xlabel("$x_1$")
    ax.set_ylabel("$x_2$")
    ax.label_outer()


# %%
k = 6
wrong = [int((Z @ weights <= 0).sum()) for weights in path]


def one(weights, before, title):
    """Draw the ringed point of mistake `k`, the line, and the arrow to the side called +1."""
    fig, ax = plot.subplots(width=3.3, height=3.3)
    draw(ax, weights, ring=missed[k - 1], before=before)
    foot = -weights[2] * weights[:2] / (weights[:2] @ weights[:2])
    tip = foot + 0.45 * weights[:2] / np.linalg.norm(weights[:2])
    ax.annotate("", tip, foot, arrowprops={"arrowstyle": "-|>", "color": plot.GREEN, "lw": 2})
    ax.annotate("w", tip, xytext=(4, 2), textcoords="offset points", color=plot.GREEN)
    ax.set_title(title)
    return fig


# %% name="before_mistake"
plot.figure(
    one(path[k - 1], None, f"before: {wrong[k - 1]} wrong"),
    alt=f"24 points, circles and squares, and a line. One ringed circle lies on the wrong side of "
    f"the line: {wrong[k - 1]} point is wrong.",
    caption="Circles should be +1, squares −1. The arrow points to the side where the machine "
    "says +1. Synthetic points.",
)

# %% name="after_mistake"
plot.figure(
    one(path[k], path[k - 1], f"after the correction: {wrong[k]} wrong"),
    alt=f"The same points after the correction. The line has swung to the other side of many of "
    f"them, and {wrong[k]} are wrong; the old line is dotted.",
    caption="The ringed circle caused the correction. The dotted line is where the line was.",
)

# %% [markdown]
# ## The line moves, mistake by mistake
#
# A correction helps one point, and may put others wrong.

# %% name="line_moves"
fig, axes = plot.subplots(2, 3, width=7, height=5.2, sharex=True, sharey=True)
for ax, k in zip(axes.flat, [2, 3, 5, 6, 9, len(missed)], strict=True):
    draw(ax, path[k], ring=missed[k - 1], before=path[k - 1])
    ax.set_title(f"mistake {k}: {wrong[k]} wrong")
plot.figure(
    fig,
    alt="Six views of the 24 points and the line, after mistakes "
    f"2, 3, 5, 6, 9 and {len(missed)}. The number of points on the wrong side goes up and down, "
    "and after the last mistake it is zero: the line runs between circles and squares.",
    caption="The line after six of the corrections (synthetic points). The ring marks the point "
    "that caused each; the dotted line is the one before. The number wrong does not fall "
    "steadily, yet it reaches zero.",
)

# %% [markdown]
# ## Novikoff's proof, run
#
# Two quantities after each mistake: how far v = (w, b) reaches along the best direction u, and how
# long it is. The first grows at least like k, the second at most like √k.

# %% name="squeeze"
u, margin = max_margin(X, y)
radius = np.linalg.norm(Z, axis=1).max()
progress, length = path @ u, np.linalg.norm(path, axis=1)
bound = (radius / margin) ** 2
k, mistake = np.geomspace(1, 2 * bound, 50), np.arange(len(path))
inside = k <= bound
fig, ax = plot.subplots(width=7, height=3.6)
ax.fill_between(
    k[inside], k[inside] * margin, radius * np.sqrt(k[inside]), color=plot.BLUE_SOFT, lw=0
)
ax.plot(k, radius * np.sqrt(k), color=plot.MUTED, ls="--")
ax.plot(k, k * margin, color=plot.MUTED, ls="--")
ax.plot(mistake[1:], length[1:], color=plot.BLUE, marker="o", ms=4)
ax.plot(mistake[1:], progress[1:], color=plot.GREEN, marker="s", ms=4)
ax.plot(bound, bound * margin, "D", color=plot.RED)
ax.annotate("|v|", (5, 2.3), color=plot.BLUE, ha="right")
ax.annotate("u·v", (mistake[-1] * 1.1, progress[-1]), color=plot.GREEN, va="center")
ax.annotate("at most R√k", (5, 7), color=plot.INK, ha="right")
ax.annotate("at least kγ", (24, 3), color=plot.INK)
ax.annotate(f"the two meet at k = {bound:.1f}", (bound * 0.85, 34), color=plot.RED, ha="right")
ax.set(xlabel="mistakes so far, k", xscale="log", yscale="log", xlim=(0.95, 2 * bound))
plot.figure(
    fig,
    alt=f"The length of v and its reach along u, for the {len(missed)} mistakes of the "
    "run, on logarithmic axes. Both stay between k gamma, the steeper line from below, and R root "
    f"k, the flatter line from above. These two meet at k = {bound:.1f}, beyond which there is no "
    "room for another mistake.",
    caption="The proof as a picture, both axes logarithmic. The curves of the run must stay in the "
    "shaded wedge, and the wedge closes at k = (R/γ)².",
)

# %% name="margins"
reached = (Z @ path[-1]).min() / length[-1]
values(percent=f"{100 * reached / margin:.0f}")

# %% [markdown]
# ## The bound on many data sets
#
# 200 synthetic sets (seeds 0 to 199) with 2 to 20 inputs, and the worst case: rows of a Hadamard
# matrix, which are at right angles to each other, so that no mistake helps with the next point.

# %%
found = []
for seed in range(200):
    rng = np.random.default_rng(seed)
    dim, n, gap = rng.integers(2, 21), rng.integers(10, 121), rng.uniform(0.01, 0.3)
    X_set, y_set = data.separable(n, dim=dim, margin=gap, rng=rng)
    X_set = X_set + rng.uniform(-0.5, 0.5, size=dim)
    made = sum(map(len, Perceptron(dim).fit(X_set, y_set, epochs=10_000)))
    found.append((mistake_bound(X_set, y_set), made))
found = np.array(found)

worst = []
for n in [2, 4, 8, 16, 32, 64]:
    # The first column, all ones, is the constant input of the bias.
    X_set = hadamard(n)[:, 1:].astype(float)
    y_set = np.where(np.arange(n) % 3 == 0, 1, -1)
    worst.append((mistake_bound(X_set, y_set), sum(map(len, Perceptron(n - 1).fit(X_set, y_set)))))
worst = np.array(worst)

# %% name="bound"
fig, ax = plot.subplots(width=7, height=3.8)
limits = np.array([1.5, 1.5 * found[:, 0].max()])
ax.plot(limits, limits, color=plot.RED)
ax.scatter(*found.T, s=14, color=plot.BLUE, alpha=0.7)
ax.scatter(*worst.T, s=36, color=plot.ORANGE, marker="^", zorder=3)
ax.annotate("the limit: no dot can lie above", (250, 350), color=plot.RED, ha="right")
ax.annotate("200 random sets", (600, 10), color=plot.BLUE)
ax.annotate("points at right angles:\non the line", (1.8, 18), color=plot.ORANGE)
ax.set(xscale="log", yscale="log", xlabel="limit on the mistakes", ylabel="mistakes made")
ax.set(xlim=limits, ylim=(1.5, 1000))
plot.figure(
    fig,
    alt="Mistakes made against their limit, both on logarithmic axes. All 200 random data sets lie "
    "below the diagonal, most of them far below. Six triangles, the worst cases, lie on it.",
    caption="200 synthetic data sets, one dot each; on both axes each step is ten times as much. "
    "No dot lies above the limit. The triangles are sets built to be as hard as possible.",
)

# %% name="bound_numbers"
values(
    sets=len(found),
    exceed=int((found[:, 1] > found[:, 0]).sum()) or "none",
    median_percent=f"{100 * np.median(found[:, 1] / found[:, 0]):.0f}",
)

# %% [markdown]
# ## Real data
#
# Digits 0 against 1 and two pairs of iris species. Each number is a mean over 50 random splits
# (seeds 0 to 49; 80 % of the examples train, 20 % test). The majority baseline always gives the
# more frequent label of the training part. A split has a line if one separates its training part.

# %%
TASKS = {
    "digits: 0 or 1": data.digits(0, 1),
    "iris: setosa or versicolor": data.iris(0, 1),
    "iris: versicolor or virginica": data.iris(1, 2),
}


def cut(task, seed):
    """Split one task, labels -1 and +1; nothing is chosen here, so validation joins training."""
    X, y = TASKS[task]
    part = data.split(X, np.where(y == y.max(), 1, -1), seed=seed)
    return part._replace(
        X_train=np.vstack([part.X_train, part.X_val]),
        y_train=np.append(part.y_train, part.y_val),
    )


def has_line(X, y):
    """Whether some line separates the two classes."""
    try:
        return max_margin(X, y)[1] > 0
    except ValueError:
        return False


accuracy, baseline, log, lines = {}, {}, {}, {}
for task in TASKS:
    scores, guesses, runs, separable = [], [], [], 0
    for seed in range(50):
        part = cut(task, seed)
        unit = Perceptron(part.X_train.shape[1])
        runs.append(unit.fit(part.X_train, part.y_train, epochs=100))
        scores.append(np.mean(unit.predict(part.X_test) == part.y_test))
        majority = 1 if part.y_train.sum() > 0 else -1
        guesses.append(np.mean(part.y_test == majority))
        separable += has_line(part.X_train, part.y_train)
    accuracy[task], baseline[task] = np.array(scores), np.array(guesses)
    log[task], lines[task] = runs, separable

# %% name="scores"
rows = []
for task in TASKS:
    settled = sum(not run[-1] for run in log[task])
    rows.append(
        [
            task,
            f"{baseline[task].mean():.2f}",
            f"{accuracy[task].mean():.3f}\u00a0±\u00a0{accuracy[task].std():.3f}",
            f"{lines[task]} of 50",
            f"{settled} of 50",
        ]
    )
table(["task", "always the majority", "perceptron", "splits with a line", "runs that stop"], rows)

# %% [markdown]
# The bound holds on real data too, wherever a line exists. One split, seed 0:

# %% name="real_bound"
rows = []
for task in TASKS:
    part = cut(task, 0)
    made = sum(map(len, log[task][0]))
    try:
        limit = f"{mistake_bound(part.X_train, part.y_train):.0f}"
    except ValueError:
        limit = "none: no line exists"
    rows.append([task, len(log[task][0]), made, limit])
table(["task", "passes", "mistakes", "bound (R/γ)²"], rows)

# %% [markdown]
# ## What the digit weights look like
#
# One weight per pixel, so the weights are a picture: a stencil laid over the digit.

# %% name="digit_weights"
part = cut("digits: 0 or 1", 0)
unit = Perceptron(64)
unit.fit(part.X_train, part.y_train)
stencil = unit.w.reshape(8, 8)
reach = np.abs(stencil).max()
fig, axes = plot.subplots(1, 3, width=7, height=2.6)
for ax, label, name in [(axes[0], -1, "mean of the 0s"), (axes[1], 1, "mean of the 1s")]:
    mean = part.X_train[part.y_train == label].mean(axis=0).reshape(8, 8)
    plot.bare(ax).imshow(mean, cmap="gray_r", vmin=0, vmax=1)
    ax.set_title(name)
shown = plot.bare(axes[2]).imshow(stencil, cmap="RdBu", vmin=-reach, vmax=reach)
axes[2].set_title("weights")
bar = fig.colorbar(shown, ax=axes[2], ticks=[-reach, 0, reach], shrink=0.8)
bar.ax.set_yticklabels(["says 0", "0", "says 1"], color=plot.INK)
bar.ax.tick_params(color=plot.MUTED)
bar.outline.set_visible(False)
plot.figure(
    fig,
    alt="Three eight-by-eight pictures: the mean zero, a ring of ink around white paper; the mean "
    "one, a vertical bar; and the learned weights, positive in the middle where ones have ink and "
    "negative on the two sides where zeros have it.",
    caption="The perceptron learned where ink speaks for a 1 (blue) and where it speaks for a 0 "
    "(red), from real digits and a handful of mistakes.",
)

# %% [markdown]
# ## Where it does not settle
#
# Versicolor and virginica overlap. Every pass ends with mistakes, and the held-out accuracy jumps
# for as long as the training runs.

# %%
part = cut("iris: versicolor or virginica", 0)
unit, each_pass, jumps = Perceptron(4), [], []
for _ in range(100):
    each_pass.append(len(unit.fit(part.X_train, part.y_train, epochs=1)[0]))
    jumps.append(np.mean(unit.predict(part.X_test) == part.y_test))
jumps = np.array(jumps)
easy = [len(mistakes) for mistakes in log["iris: setosa or versicolor"][0]]

# %% name="unsettled"
fig, (top, low) = plot.subplots(2, 1, width=7, height=4.4, sharex=True)
passed = np.arange(1, 101)
top.plot(passed, each_pass, color=plot.ORANGE)
top.plot(np.arange(1, len(easy) + 1), easy, color=plot.BLUE, marker="o", ms=4)
top.annotate("versicolor or virginica: never 0", (52, max(each_pass) - 1), color=plot.ORANGE)
top.annotate("setosa or versicolor: done", (len(easy) + 1, 2), color=plot.BLUE)
top.set(ylabel="mistakes in the pass", ylim=(0, None))
low.plot(passed, jumps, color=plot.ORANGE)
low.axhline(0.5, color=plot.MUTED, ls="--")
low.annotate("always the majority", (99, 0.52), color=plot.MUTED, ha="right")
low.set(xlabel="passes through the training data", ylabel="held-out accuracy", ylim=(0.4, 1.03))
plot.figure(
    fig,
    alt="Above, mistakes in each of 100 passes: for setosa and versicolor they fall to zero in "
    "two passes, for versicolor and virginica they never reach zero. Below, the held-out accuracy "
    "of the second pair after each pass jumps up and down to the end.",
    caption="Real iris flowers. Where no line separates the species the rule never stops, and its "
    "accuracy depends on the pass you happen to stop after.",
)

# %% name="unsettled_numbers"
task = "iris: versicolor or virginica"
values(
    lowest=f"{jumps[20:].min():.2f}",
    highest=f"{jumps[20:].max():.2f}",
    held_out=len(part.y_test),
    splits=len(log[task]),
    lines=lines[task],
    stopped=sum(not run[-1] for run in log[task]),
)

# %% [markdown]
# ## The same unit in PyTorch

# %% name="twin"
part = cut("digits: 0 or 1", 0)
ours = Perceptron(64)
ours.fit(part.X_train, part.y_train)
twin = fit_torch(part.X_train, part.y_train)
difference = np.abs(np.append(ours.w, ours.b) - [*twin.weight[0].tolist(), twin.bias.item()]).max()
values(weights=len(ours.w) + 1, difference=difference)

# %% [markdown]
# ## What this notebook claims

# %%
assert not passes[-1]
assert (wrong[5], wrong[6], y[missed[5]]) == (1, 11, 1)  # the page asks about this mistake
assert len(missed) <= bound
assert np.isclose(bound, mistake_bound(X, y))
assert np.all(progress >= mistake * margin - 1e-9)
assert np.all(length <= radius * np.sqrt(mistake) + 1e-9)
assert np.all(found[:, 1] <= found[:, 0] + 1e-6)
assert np.allclose(*worst.T)
for task in list(TASKS)[:2]:
    assert lines[task] == sum(not run[-1] for run in log[task]) == 50
    assert accuracy[task].mean() > 0.98 > baseline[task].mean() + 0.3
task = "iris: versicolor or virginica"
assert sum(not run[-1] for run in log[task]) < lines[task] < 25
assert not has_line(cut(task, 0).X_train, cut(task, 0).y_train)
assert accuracy[task].mean() > baseline[task].mean() + 0.3
assert min(each_pass) > 0
assert jumps[20:].max() - jumps[20:].min() > 0.15
assert difference == 0
