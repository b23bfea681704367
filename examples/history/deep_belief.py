# %% [markdown]
# # Deep belief nets, executed
#
# A restricted Boltzmann machine small enough to solve exactly shows what contrastive divergence
# gets right and wrong. Then a stack of them learns features of real digits without labels, and we
# measure what that is worth to a classifier and to an autoencoder.
# [The lesson](../../history/deep_belief.md) explains each step.

# %%
import numpy as np
import torch
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.functional import cross_entropy

from introdl import data, plot, show
from introdl.history.deep_belief import (
    RBM,
    binary_states,
    cd_gradient,
    chain_distribution,
    copy_stack,
    exact_gradient_torch,
    fine_tune,
    gradient,
    hidden_given_visible,
    log_likelihood,
    mlp,
    model_distribution,
    train_rbm,
    train_stack,
    visible_given_hidden,
)
from introdl.show import table, values

torch.set_num_threads(1)

# %% [markdown]
# ## The idea in one picture
#
# Three machines trained one on top of another, then turned into one net.

# %% name="idea"
fig, axes = plot.subplots(1, 2, width=3.7, height=3.0)


def units(ax, n, y, colour):
    """Draw a row of n units centred on x = 0."""
    x = np.arange(n) - (n - 1) / 2
    ax.scatter(x, np.full(n, y), s=90, color=colour, edgecolor=plot.INK, zorder=3)
    return x


def layer(ax, below, above, y, colour):
    """Draw the weights between two rows, one unit of height apart."""
    for a in below:
        ax.plot(np.array([np.full(len(above), a), above]), [y, y + 1], color=colour, lw=0.7)


for ax, title in zip(axes, ("A stack of three", "One net"), strict=True):
    plot.bare(ax).set_title(title)
    ax.set(xlim=(-3.1, 3.1), ylim=(-1.0, 4.5))

for i, n in enumerate((4, 4, 4)):
    y = 1.5 * i
    low = units(axes[0], 5 if i == 0 else 4, y, plot.PAPER if i == 0 else plot.BLUE_SOFT)
    layer(axes[0], low, units(axes[0], n, y + 1, plot.BLUE_SOFT), y, plot.BLUE)
    if i:
        for a in low:
            axes[0].plot([a, a], [y - 0.5, y], color=plot.ORANGE, lw=2.2)
axes[0].text(1.7, 1.25, "copied up", color=plot.ORANGE, va="center")
axes[0].text(0, -0.75, "pixels", ha="center")
low = units(axes[1], 5, 0, plot.PAPER)
for y, n, colour in ((0, 4, plot.BLUE), (1, 4, plot.BLUE), (2, 4, plot.BLUE), (3, 2, plot.ORANGE)):
    high = units(axes[1], n, y + 1, plot.ORANGE_SOFT if y == 3 else plot.BLUE_SOFT)
    layer(axes[1], low, high, y, colour)
    low = high
axes[1].text(0, -0.75, "pixels", ha="center")
axes[1].text(0.9, 3.9, "classes", ha="left")
plot.figure(
    fig,
    alt="""Left, three machines: each joins a row of units to the row above it, with no lines inside
    a row, and the upper row of each is copied up as the lower row of the next. Right, the same
    weights as one net with a row of classes on top.""",
    caption="""Learn features of the data, then features of the features, then use all of them as
    the starting weights of an ordinary net.""",
)

# %% [markdown]
# ## A machine small enough to solve exactly
#
# Bars and stripes: the 14 pictures of 3×3 pixels (synthetic) whose rows, or whose columns, are
# each all on or all off. With 9 visible units there are only 512 visible states to add up.

# %%
half = binary_states(3)
V = np.unique(np.vstack([np.repeat(half, 3, axis=1), np.tile(half, (1, 3))]), axis=0)  # (14, 9)


def cosine(a: RBM, b: RBM) -> float:
    """Cosine of the angle between two gradients, all parameters together; 0 if one is zero."""
    a, b = (np.concatenate([p.ravel() for p in g]) for g in (a, b))
    return float(a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-300))


def walk(estimate, compare=False, steps=4000, every=125, rate=0.1):
    """Climb along `estimate`; return (step, log-likelihood, cosines if asked for) on the way."""
    rng = np.random.default_rng(0)
    rbm = RBM(rng.normal(0, 0.1, (9, 8)), np.zeros(9), np.zeros(8))
    path = []
    for step in range(steps + 1):
        if step % every == 0:
            path.append([step, log_likelihood(rbm, V)])
            if compare:
                exact = gradient(rbm, V, model_distribution(rbm))
                for k in (1, 10):
                    on_average = gradient(rbm, V, chain_distribution(rbm, V, k))
                    path[-1].append(cosine(exact, on_average))
                one = cd_gradient(rbm, V, np.random.default_rng(step))
                path[-1].append(cosine(exact, one))
        g = estimate(rbm, rng)
        rbm = RBM(*(p + rate * d for p, d in zip(rbm, g, strict=True)))
    return rbm, np.array(path)


rbm_exact, path_exact = walk(lambda rbm, rng: gradient(rbm, V, model_distribution(rbm)))
rbm_cd, path_cd = walk(lambda rbm, rng: cd_gradient(rbm, V, rng), compare=True)
best, uniform = -np.log(len(V)), -9 * np.log(2)

# %% name="tiny"
fig, axes = plot.subplots(2, 1, width=3.7, height=5.6)
ax = axes[0]
for y, text in ((best, "best possible"), (uniform, "every picture equally likely")):
    ax.axhline(y, color=plot.MUTED, lw=1, ls=":")
    ax.text(4000, y + 0.06, text, ha="right", va="bottom", color=plot.MUTED)
ax.plot(path_exact[:, 0], path_exact[:, 1], color=plot.BLUE)
ax.plot(path_cd[:, 0], path_cd[:, 1], color=plot.ORANGE, ls="--")
ax.text(1800, -3.3, "exact gradient", color=plot.BLUE, ha="right")
ax.text(2300, -4.0, "CD-1", color=plot.ORANGE)
ax.set(title="True log-likelihood", xlabel="step", ylabel="nats per picture", ylim=(-6.5, -2.1))
ax = axes[1]
ax.axhline(0, color=plot.MUTED, lw=1)
ax.scatter(path_cd[:, 0], path_cd[:, 4], s=12, color=plot.MUTED, marker="x", lw=1)
ax.plot(path_cd[:, 0], path_cd[:, 2], color=plot.ORANGE, ls="--")
ax.plot(path_cd[:, 0], path_cd[:, 3], color=plot.GREEN)
ax.text(4000, 1.08, "CD-10, on average", color=plot.GREEN, ha="right")
ax.text(1650, 0.68, "CD-1, on average", color=plot.ORANGE)
ax.text(900, -0.75, "× one CD-1 estimate", color=plot.MUTED)
ax.set(title="Cosine with the exact gradient", xlabel="step of CD-1 training", ylim=(-1, 1.3))
plot.figure(
    fig,
    alt="""Above: the log-likelihood climbs close to the best possible under the exact gradient;
    under CD-1 it levels off lower and jitters. Below: the cosine with the exact gradient falls from
    one towards zero for the average of CD-1 and stays above about 0.8 for that of CD-10; single
    CD-1 estimates scatter widely.""",
    caption="Same start, same step size (synthetic bars and stripes, seed 0).",
)

# %% name="tiny_values"
theta = np.concatenate([p.ravel() for p in rbm_cd])


def shaped(flat):
    return RBM(flat[:72].reshape(9, 8), flat[72:81], flat[81:])


def nats(value):
    return f"{value:.2f}".replace("-", "−")


exact = gradient(rbm_cd, V, model_distribution(rbm_cd))
flat = np.concatenate([p.ravel() for p in exact])
eps = 1e-5
slopes = np.array(
    [
        (log_likelihood(shaped(theta + d), V) - log_likelihood(shaped(theta - d), V)) / (2 * eps)
        for d in eps * np.eye(len(theta))
    ]
)
autograd = np.concatenate([p.ravel() for p in exact_gradient_torch(rbm_cd, V)])
values(
    parameters=len(theta),
    differences=f"{np.abs(flat - slopes).max():.0e}",
    autograd=f"{np.abs(flat - autograd).max():.0e}",
    best=nats(best),
    exact=nats(path_exact[-1, 1]),
    cd=nats(path_cd[-8:, 1].mean()),
    cosine_first=f"{path_cd[0, 2]:.2f}",
    cosine_last=f"{path_cd[-8:, 2].mean():.2f}",
    cosine10_last=f"{path_cd[-8:, 3].mean():.2f}",
)

# %% [markdown]
# ## A stack on real digits
#
# Three RBMs of 64 hidden units, by CD-1, on the training images alone: no label is used. Two
# blocks of eight stacks, from seeds 0 to 7 and 8 to 15.

# %%
X, y = data.digits()
s = data.split(X, y, seed=0)
SEEDS = range(16)
stacks = [train_stack(s.X_train, (64, 64, 64), np.random.default_rng(seed)) for seed in SEEDS]


def features(stack, v):
    """The images and what each layer makes of them: four arrays, (N, 64) each."""
    out = [v]
    for rbm in stack:
        out.append(hidden_given_visible(rbm, out[-1]))
    return out


# %% name="filters"
def mosaic(images, rows, cols):
    """Tile (rows*cols, 64) into one picture with a gap between the tiles."""
    tiles = np.full((rows * cols, 9, 9), np.nan)
    tiles[:, :8, :8] = images.reshape(-1, 8, 8)
    grid = tiles.reshape(rows, cols, 9, 9).transpose(0, 2, 1, 3).reshape(rows * 9, cols * 9)
    return grid[:-1, :-1]


filters = stacks[0][0].W.T
filters = filters / np.abs(filters).max(axis=1, keepdims=True)
third = features(stacks[0], s.X_train)[3]
favourites = s.X_train[np.argsort(-third, axis=0)[:15]].mean(axis=0)  # (64, 64)

fig, ax = plot.subplots(width=3.3, height=3.4)
plot.bare(ax).set_title("First layer: weights to the pixels")
ax.imshow(mosaic(filters, 8, 8), cmap="RdBu", vmin=-1, vmax=1, interpolation="none")
plot.figure(
    fig,
    alt="""A grid of 64 small pictures, first-layer weights: spots and strokes, positive and
    negative.""",
    caption="Each unit's weights, blue for ink and red for none.",
)

# %% name="favourites"
fig, ax = plot.subplots(width=3.3, height=3.4)
plot.bare(ax).set_title("Third layer: what excites it")
ax.imshow(mosaic(favourites, 8, 8), cmap="gray_r", interpolation="none")
plot.figure(
    fig,
    alt="""A grid of 64 small pictures, for each third-layer unit the mean of the images that excite
    it most: nearly every one can be read as a digit.""",
    caption="The mean of the 15 training images that excite each unit most.",
)

# %% [markdown]
# ## It dreams
#
# The first RBM of the first stack, for the figure that the reader moves, and ten test images.

# %% name="dreams"
PICK = [int(np.flatnonzero(s.y_test == digit)[0]) for digit in range(10)]
show.arrays(
    "rbm",
    W=stacks[0][0].W.astype(np.float32),
    b=stacks[0][0].b.astype(np.float32),
    c=stacks[0][0].c.astype(np.float32),
    digits=np.round(16 * s.X_test[PICK]).astype(np.uint8),
)

# %% name="still"
rng = np.random.default_rng(0)
v, dream = rng.random((1, 64)), []
for step in range(31):
    if step in (0, 1, 5, 30):
        dream.append(1 - v[0].reshape(8, 8))
    h = (rng.random((1, 64)) < hidden_given_visible(stacks[0][0], v)).astype(float)
    v = visible_given_hidden(stacks[0][0], h)
show.strip(
    dream,
    labels=["noise", "step 1", "step 5", "step 30"],
    columns=4,
    alt="Four pictures of 8 × 8 pixels. The first is noise; after some steps of the machine there "
    "are strokes in the middle, as of a digit.",
    caption="A machine that has seen digits begins with noise and dreams.",
)


# %% [markdown]
# How much of a unit's variance on test images lies between digits? And is that learned? As a
# control, stacks of random layers: Gaussian weights with the spread of the trained ones, and biases
# that centre each unit on the training images.


# %%
def between_digits(v):
    """Share of the units' variance that lies between digits: mean over units that vary."""
    v = v[:, v.std(axis=0) > 0.02]
    means = np.array([v[s.y_test == digit].mean(axis=0) for digit in range(10)])
    shares = np.bincount(s.y_test) / len(v)
    return np.mean(shares @ (means - v.mean(axis=0)) ** 2 / v.var(axis=0))


def random_stack(trained, rng):
    """A stack like `trained` that has learned nothing."""
    stack, v = [], s.X_train
    for rbm in trained:
        W = rng.normal(0, rbm.W.std(), rbm.W.shape)
        stack.append(RBM(W, rbm.b, -v.mean(axis=0) @ W))
        v = hidden_given_visible(stack[-1], v)
    return stack


untrained = [
    random_stack(stack, np.random.default_rng([seed, 2]))
    for seed, stack in zip(SEEDS, stacks, strict=True)
]
between, control = (
    np.array([[between_digits(v) for v in features(stack, s.X_test)] for stack in kind])
    for kind in (stacks, untrained)
)  # (16, 4) each

# %% name="layers"
table(
    [f"variance between digits, mean of {len(stacks)} stacks", "pixels", "1st", "2nd", "3rd layer"],
    [
        [name, *(f"{100 * share:.0f}%" for share in shares.mean(axis=0))]
        for name, shares in (("trained", between), ("random layers", control))
    ],
)

# %% [markdown]
# ## Fine-tuning, against the same net from random weights
#
# The net is 64-64-64-64-10. A random start has the spread that Glorot and Bengio advise, or four
# times that, which suits sigmoids better. Each start runs with either optimiser, and both are
# shown: to choose one would take labels. Nothing is chosen on validation images. Two blocks of
# seeds, eight each with 30 labels, four each with all. The baselines are a logistic regression on
# the pixels, with scikit-learn's C = 1, and the class that is most common in training.

# %%
f32 = {name: torch.tensor(getattr(s, name), dtype=torch.float32) for name in ("X_train", "X_test")}
y_train = torch.tensor(s.y_train)
OPTIMIZERS = {
    "SGD": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
    "Adam": lambda parameters: torch.optim.Adam(parameters, lr=0.02, fused=True),
}


def labelled(per_class, seed):
    """Rows of the training set whose label we are allowed to see; all when per_class is 0."""
    if not per_class:
        return np.arange(len(s.y_train))
    rng = np.random.default_rng([seed, per_class])
    rows = [np.flatnonzero(s.y_train == digit) for digit in range(10)]
    return np.concatenate([rng.choice(r, per_class, replace=False) for r in rows])


def logistic(rows):
    """Test accuracy of a logistic regression."""
    model = LogisticRegression(max_iter=2000).fit(s.X_train[rows], s.y_train[rows])
    return model.score(s.X_test, s.y_test)


@torch.no_grad()
def accuracy(net):
    return np.mean(net(f32["X_test"]).argmax(dim=1).numpy() == s.y_test)


EPOCHS = {3: 100, 0: 20}


@torch.no_grad()
def started(start, seed):
    net = mlp((64, 64, 64, 64, 10), seed=seed)
    if start == "random, four times":
        for parameter in net.parameters():
            parameter *= 4
    return copy_stack(net, stacks[seed]) if start == "pretrained" else net


def with_thirty(start, optimizer, seeds, updates=EPOCHS[3]):
    """Accuracies of nets that learn from 30 labels each, which are one batch: all run at once."""
    nets = [started(start, seed) for seed in seeds]
    rows = [labelled(3, seed) for seed in seeds]
    X_few = torch.stack([f32["X_train"][r] for r in rows])  # (S, 30, 64)
    y_few = torch.stack([y_train[r] for r in rows])
    weights, _ = stack_module_state(nets)  # each (S, ...)
    step = OPTIMIZERS[optimizer](weights.values())

    def outputs(weights, x):
        return functional_call(nets[0], weights, (x,))

    for _ in range(updates):
        step.zero_grad()
        cross_entropy(vmap(outputs)(weights, X_few).mT, y_few, reduction="none").mean(
            dim=1
        ).sum().backward()
        step.step()
    with torch.no_grad():
        found = vmap(outputs, in_dims=(0, None))(weights, f32["X_test"]).argmax(dim=2)
    return (found.numpy() == s.y_test).mean(axis=1)


def with_all(start, optimizer, seeds):
    """Accuracies of nets that learn from all labels."""
    found = []
    for seed in seeds:
        net = started(start, seed)
        step = OPTIMIZERS[optimizer](net.parameters())
        fine_tune(net, f32["X_train"], y_train, nn.CrossEntropyLoss(), step, EPOCHS[0])
        found.append(accuracy(net))
    return found


STARTED = ("random", "random, four times", "pretrained")
BLOCKS = {3: SEEDS, 0: [*range(4), *range(8, 12)]}  # the first half of each is one block
scores = {}  # (2, seeds of a block)
for per_class, seeds in BLOCKS.items():
    classify = with_thirty if per_class else with_all
    for start in STARTED:
        for optimizer in OPTIMIZERS:
            found = classify(start, optimizer, seeds)
            scores[per_class, start, optimizer] = np.reshape(found, (2, -1))
    draws = [logistic(labelled(per_class, seed)) for seed in (seeds if per_class else seeds[:1])]
    scores[per_class, "logistic"] = np.reshape(draws, (2, -1) if per_class else (1, 1))
majority = np.mean(s.y_test == np.bincount(s.y_train).argmax())

# %% [markdown]
# The pretrained net had updates of its RBMs before. So the random start with 30 labels goes on,
# until it has had as many in all.

# %%
RBM_UPDATES = 20 * -(-len(s.X_train) // 50)  # of one RBM, 20 epochs
LONG = 3 * RBM_UPDATES + EPOCHS[3]
long_gain = {
    o: scores[3, "pretrained", o]
    - np.reshape(with_thirty("random, four times", o, SEEDS, LONG), (2, -1))
    for o in OPTIMIZERS
}


# %% name="labels"
def interval(difference):
    """Mean and half-width of the 95% t-interval over seeds."""
    d = np.asarray(difference)
    half_width = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), half_width


def points(difference):
    """A difference of accuracies in percentage points, with its interval."""
    mean, half_width = interval(100 * np.asarray(difference))
    return f"{mean:+.1f}\u00a0±\u00a0{half_width:.1f}".replace("-", "−")


BUDGETS = {3: "30", 0: f"{len(s.y_train):,}"}
CASES = [(per_class, optimizer) for per_class in BUDGETS for optimizer in OPTIMIZERS]
rows = []
for per_class, optimizer in CASES:
    kinds = [("logistic",), *((start, optimizer) for start in STARTED)]
    cells = [f"{100 * scores[per_class, *kind].mean():.1f}%" for kind in kinds]
    rows.append([BUDGETS[per_class], optimizer, *cells])
table(["labels", "optimiser", "logistic regression", "random", "random, ×4", "pretrained"], rows)

# %% name="gains"
gains = {
    (*case, name): scores[case[0], "pretrained", case[1]] - scores[case[0], *other]
    for case in CASES
    for name, other in (
        ("random start", ("random", case[1])),
        ("random, ×4", ("random, four times", case[1])),
        ("logistic", ("logistic",)),
    )
}
table(
    ["labels", "optimiser", "pretrained, over", "first seeds", "others"],
    [
        [BUDGETS[n], o, name, *map(points, gains[n, o, name])]
        for n, o in CASES
        for name in ("random start", "random, ×4", "logistic")
    ],
)

# %% name="label_values"
values(
    train=len(s.y_train),
    test=len(s.y_test),
    validation=len(s.y_val),
    times=len(s.y_val) // 30,
    few_updates=EPOCHS[3],
    rbm_updates=f"{3 * RBM_UPDATES:,}",
    long_updates=f"{LONG:,}",
    long_sgd=points(long_gain["SGD"].ravel()).removeprefix("+"),
    long_adam=points(long_gain["Adam"].ravel()).removeprefix("+"),
    all_updates=EPOCHS[0] * -(-len(s.y_train) // 100),
    majority=f"{100 * majority:.0f}%",
    small_sgd=points(gains[3, "SGD", "random start"].ravel()),
    large_sgd=points(gains[3, "SGD", "random, ×4"].ravel()),
    large_adam=points(gains[3, "Adam", "random, ×4"].ravel()),
    logistic_sgd=points(gains[3, "SGD", "logistic"].ravel()),
    logistic_adam=points(gains[3, "Adam", "logistic"].ravel()),
    all_sgd=points(gains[0, "SGD", "random, ×4"].ravel()),
    all_adam=points(gains[0, "Adam", "random, ×4"].ravel()),
)

# %% [markdown]
# ## A deep autoencoder against PCA, two numbers per digit
#
# 64-64-64-64-2-64-64-64-64: seven hidden layers, squeezed through two numbers. The same stack
# starts it, with a fourth RBM for the code: binary, where the paper's has Gaussian hidden units,
# and without its sigmoid in the net. Every start gets 20 epochs of Adam at rate 0.01. But the
# pretrained one has had updates before these, so the random ones go on to 100 epochs.

# %%
SIZES = (64, 64, 64, 64, 2, 64, 64, 64, 64)
for seed in SEEDS[:3]:
    deepest = features(stacks[seed], s.X_train)[-1]
    stacks[seed].append(train_rbm(deepest, 2, np.random.default_rng([seed, 1])))


@torch.no_grad()
def rebuild(net):
    return torch.sigmoid(net(f32["X_test"])).numpy()


def error(images):
    return float(np.mean((images - s.X_test) ** 2))


def autoencode(start, seed):
    """The net, and its test error after each number of epochs in `STARTS[start]`."""
    net = mlp(SIZES, seed=seed, code=4, relu=start == "random, ReLU")
    if start == "pretrained, sigmoid":
        copy_stack(net, stacks[seed], unroll=True)
    adam = torch.optim.Adam(net.parameters(), lr=0.01, fused=True)
    found, done = [], 0
    for epochs in STARTS[start]:
        fine_tune(net, f32["X_train"], f32["X_train"], nn.BCEWithLogitsLoss(), adam, epochs - done)
        found.append(error(rebuild(net)))
        done = epochs
    return net, found


STARTS = {
    "random, sigmoid": (20, 100),
    "random, ReLU": (20, 100),
    "pretrained, sigmoid": (20,),
}
runs = {start: [autoencode(start, seed) for seed in SEEDS[:3]] for start in STARTS}
PER_EPOCH = -(-len(s.X_train) // 100)  # updates by Adam
STACK_UPDATES = 4 * RBM_UPDATES  # with the RBM for the code
pca = PCA(2).fit(s.X_train)
by_pca = pca.inverse_transform(pca.transform(s.X_test))
mean_error = error(s.X_train.mean(axis=0))
pca_error = error(by_pca)
errors = {
    (start, epochs): [found[i] for _, found in runs[start]]
    for start in STARTS
    for i, epochs in enumerate(STARTS[start])
}

# %% name="autoencoder"
rows = [["always the mean image", "", f"{mean_error:.4f}"], ["PCA", "", f"{pca_error:.4f}"]]
for (start, epochs), three in errors.items():
    before = f"{STACK_UPDATES:,} + " if "pretrained" in start else ""
    updates = f"{before}{epochs * PER_EPOCH:,}"
    rows.append([f"net: {start}", updates, ", ".join(f"{e:.4f}" for e in sorted(three))])
table(["2 numbers per digit", "updates", "squared error per test pixel, three seeds"], rows)

# %% name="codes"
net = runs["pretrained, sigmoid"][0][0]
with torch.no_grad():
    deep_code = net[:7](f32["X_test"]).numpy()  # up to and with the code layer
fig, axes = plot.subplots(2, 2, width=3.7, height=3.0, gridspec_kw={"height_ratios": [3, 1]})
fig.get_layout_engine().set(wspace=0.1)
colours = (*plot.SERIES, plot.INK, plot.MUTED, plot.BLUE, plot.ORANGE, plot.GREEN)
for column, code, rebuilt, title in (
    (axes[:, 0], pca.transform(s.X_test), by_pca, "PCA"),
    (axes[:, 1], deep_code, rebuild(net), "Deep autoencoder"),
):
    for digit in range(10):
        own = code[:180][s.y_test[:180] == digit]
        column[0].scatter(*own.T, s=14, marker=f"${digit}$", color=colours[digit], lw=0.3)
    plot.bare(column[0]).set_title(title)
    pairs = np.vstack([s.X_test[PICK], rebuilt[PICK]]).clip(0, 1)
    plot.bare(column[1]).imshow(mosaic(pairs, 2, 10), cmap="gray_r", interpolation="none")
plot.figure(
    fig,
    alt="""180 held-out digits drawn as numerals at their two numbers. Under PCA they overlap in
    one cloud; under the deep autoencoder most digits form arms or clumps of their own. Below, ten
    digits as rebuilt: PCA blurs that look alike, the autoencoder sharper ones, some wrong.""",
    caption="""Top: test digits at their codes; labels only choose the numeral. Bottom: one test
    image of each digit, and what each method rebuilds.""",
)

# %% name="code_values"
trained = np.mean(errors["pretrained, sigmoid", 20])
values(
    saved=f"{100 * (1 - trained / pca_error):.0f}%",
    stuck=sum(e > 0.95 * mean_error for e in errors["random, sigmoid", 20]),
    stuck_later=sum(e > 0.95 * mean_error for e in errors["random, sigmoid", 100]) or "none",
)

# %% [markdown]
# ## What this notebook claims

# %%
# The exact gradient is exact, and contrastive divergence parts from it.
assert np.abs(flat - autograd).max() < 1e-12
assert np.abs(flat - slopes).max() < 1e-7
assert path_cd[0, 2] > 0.99
assert path_cd[-8:, 2].mean() < 0.5 < 0.8 < path_cd[-8:, 3].mean()
assert uniform + 1 < path_cd[-8:, 1].mean() < path_exact[-1, 1] - 0.2

# Higher features tell the digits further apart, in every stack; random layers do not go on to.
assert np.all(np.diff(between, axis=1) > 0)
assert sum(interval(control[:, 3] - control[:, 1])) < 0.02, "nothing to speak of"


def low(blocks):
    """The lower end of each block's interval."""
    return [mean - half_width for mean, half_width in map(interval, blocks)]


# With few labels pretraining helps the net, whatever the optimiser and the block of seeds.
assert all(min(low(gains[3, o, "random start"])) > 0 for o in OPTIMIZERS)
assert scores[3, "random", "SGD"].mean() > majority + 0.3
assert all(min(low(gains[3, o, "random, ×4"])) > 0 for o in OPTIMIZERS)
# Against logistic regression that depends on the optimiser.
assert min(low(gains[3, "SGD", "logistic"])) > 0
assert max(low(gains[3, "Adam", "logistic"])) < 0

# From two numbers, the pretrained autoencoder rebuilds digits better than PCA; so does a random
# start in time.
assert max(errors["pretrained, sigmoid", 20]) < 0.8 * pca_error < pca_error < mean_error
assert max(errors["random, ReLU", 20]) < pca_error < np.mean(errors["random, sigmoid", 20])
assert max(errors["random, sigmoid", 100]) < pca_error
assert max(errors["random, ReLU", 100]) < min(errors["pretrained, sigmoid", 20])
assert STACK_UPDATES + 20 * PER_EPOCH > 100 * PER_EPOCH, "the page says which had more updates"
assert [len(seeds) for seeds in BLOCKS.values()] == [16, 8], "the page says how many seeds"
