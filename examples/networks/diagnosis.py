# %% [markdown]
# # Diagnosis, executed
#
# Fourteen trainings on real digits: one healthy, thirteen made ill on purpose, and what nine cheap
# checks say about each. Then learning curves over the number of examples, and a squared error taken
# apart. All seeds are fixed. The text is in [the lesson](../../networks/diagnosis.md).

# %%
import itertools

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from introdl import data, plot, show
from introdl.intervals import mean_interval, seen
from introdl.networks.diagnosis import CHECKLIST, PATIENTS, parts_of_error
from introdl.networks.regularization import noisy_wave, powers, ridge
from introdl.show import table, values

# %% [markdown]
# ## Fourteen patients
#
# Every second digit is used: 1,000 for training, 500 for validation. Each patient has one run, on
# the same split.

# %%
pictures, digit = data.mnist()
label = torch.tensor(digit)
X, y = torch.tensor(pictures, dtype=torch.float32).flatten(1)[::2], label[::2]
EPOCHS = 6
curves = {name: patient.run(X, y).curve(EPOCHS) for name, patient in PATIENTS.items()}
findings = {
    name: {what: check(lambda p=patient: p.run(X, y)) for what, check in CHECKLIST.items()}
    for name, patient in PATIENTS.items()
}


# %%
def ends(name):
    return [f"{curves[name][-1][key]:.2f}" for key in ("loss", "val_loss")]


# %% name="three"
table(
    ["net", "loss in training", "loss in validation"],
    [["A", *ends("healthy")], ["B", *ends("few")], ["C", *ends("small")]],
)

# %% name="four"
SHAPES = {
    "underfits": "small",
    "overfits": "few",
    "rate too high": "fast",
    "healthy": "healthy",
}
fig, axes = plot.subplots(2, 2, width=3.7, height=3.8)
for ax, (title, name) in zip(np.ravel(axes), SHAPES.items(), strict=True):
    at = np.arange(1, EPOCHS + 1)
    for key, style, colour in [("loss", "-", plot.BLUE), ("val_loss", "--", plot.ORANGE)]:
        drawn = np.minimum([row[key] for row in curves[name]], 3)
        ax.plot(at, drawn, style, color=colour, label=key)
    ax.axhline(np.log(10), color=plot.MUTED, ls=":")
    ax.set(ylim=(0, 3.1), xticks=[1, 3, 6])
    ax.set_title(title)
np.ravel(axes)[3].legend(["training", "validation"], fontsize=7.5)
for ax in axes[1]:
    ax.set_xlabel("pass")
for ax in axes[:, 0]:
    ax.set_ylabel("loss")
plot.figure(
    fig,
    alt="Four pairs of loss curves over six passes. Underfits: both stay high, close together. "
    "Overfits: training goes to 0, validation stays high. Rate too high: both lie at or above the "
    "loss of a guess. Healthy: both fall, and validation stays a little above training.",
    caption="Loss in training (line) and in validation (dashes); dotted: the loss of a guess. A "
    "loss above 3 is drawn at 3.",
)

# %% [markdown]
# ## What the checks say

# %%
ASKED = [
    ("loss at the start", "unscaled"),
    ("loss on one batch, learned by heart", "softmax"),
    ("loss on one batch, learned by heart", "zero_grad"),
    ("nearest neighbours with the same label", "labels"),
    ("mean and spread of the inputs", "unscaled"),
    ("gradient of first and last layer", "deep"),
    ("dead and twin units", "dead"),
    ("dead and twin units", "equal"),
    ("rate sweep", "fast"),
    ("rate sweep", "slow"),
    ("difference of two looks", "eval"),
    ("held-out examples seen in training", "leak"),
]

# %% name="checklist"
table(
    ["check", "healthy", "the ill net", "its illness"],
    [
        [check, findings["healthy"][check].said, findings[name][check].said, PATIENTS[name].title]
        for check, name in ASKED
    ],
)

# %% name="all_findings"
table(
    ["patient", "what was done", "symptoms"],
    [
        [
            patient.title,
            patient.cause,
            "; ".join(f"{what}: {f.said}" for what, f in findings[name].items() if f.symptom)
            or "none",
        ]
        for name, patient in PATIENTS.items()
    ],
)

# %% [markdown]
# ## Would more data help?
#
# Two nets see from 50 to 1,600 digits. The stiff one has no hidden layer, and sees each digit as
# 2 by 2 grey squares; the supple one has 32 hidden units, and sees 14 by 14. Each square has mean
# 0 and spread about 1 over all pictures. 1,000 other digits are held out. Sixteen splits train side
# by side, in two blocks of eight; every training has the same number of steps.

# %%
SIZES, HELD, SPLITS, BLOCK = [50, 100, 200, 400, 800, 1600], 1000, 16, 8
STEPS, BATCH = 300, 50
NETS = {"stiff": [4, 10], "supple": [196, 32, 10]}
RATES = [0.03, 0.1, 0.3, 1.0, 3.0]


def squares(side):
    """Each digit as the means of side by side squares, standardised, (N, side²)."""
    pieces = pictures.reshape(-1, side, 28 // side, side, 28 // side).mean(axis=(2, 4))
    flat = torch.tensor(pieces, dtype=torch.float32).flatten(1)
    return (flat - flat.mean(dim=0)) / (flat.std(dim=0) + 0.1 * flat.std())


SEEN_BY = {"stiff": squares(2), "supple": squares(14)}


def scores(parts, A):
    """The ten sums of each split's net for its own inputs, (S, M, D) to (S, M, 10)."""
    for W, b in parts[:-1]:
        A = torch.baddbmm(b, A, W).relu()
    return torch.baddbmm(parts[-1][1], A, parts[-1][0])


def side_by_side(name, seeds, size, rate):
    """Train a net per split on its first digits; shares wrong there and on the held-out ones."""
    torch.manual_seed(seeds[0])
    inputs, widths = SEEN_BY[name], NETS[name]
    orders = [np.random.default_rng(seed).permutation(len(label)) for seed in seeds]
    orders = torch.tensor(np.array(orders))
    train, held = orders[:, :size], orders[:, -HELD:]
    parts = [
        (
            torch.randn(len(seeds), n_in, n_out) * (2 / n_in) ** 0.5,
            torch.zeros(len(seeds), 1, n_out),
        )
        for n_in, n_out in itertools.pairwise(widths)
    ]
    flat = [part.requires_grad_() for layer in parts for part in layer]
    for _ in range(STEPS):
        rows = train.gather(1, torch.randint(size, (len(seeds), BATCH)))
        sums = scores(parts, inputs[rows]).flatten(0, 1)
        loss = torch.nn.functional.cross_entropy(sums, label[rows].flatten())
        slopes = torch.autograd.grad(loss * len(seeds), flat)
        with torch.no_grad():
            for part, slope in zip(flat, slopes, strict=True):
                part -= rate * slope
    with torch.no_grad():
        said = [(scores(parts, inputs[rows]).argmax(dim=2), rows) for rows in (train, held)]
    return [(digits != label[rows]).double().mean(dim=1).numpy() for digits, rows in said]


# %% [markdown]
# The rate of each net is chosen from five, on four other splits, with 400 digits.

# %%
CHOOSE = range(100, 104)
grid = {name: [side_by_side(name, CHOOSE, 400, rate)[1].mean() for rate in RATES] for name in NETS}
rates = {name: RATES[int(np.argmin(row))] for name, row in grid.items()}
wrong = {
    name: np.array([side_by_side(name, range(SPLITS), size, rates[name]) for size in SIZES])
    for name in NETS
}  # (sizes, 2, splits)


def in_words(values):
    return mean_interval(100 * np.asarray(values)).text().replace("\u00a0", " ")


# %%
def learning_curve(name):
    fig, ax = plot.subplots(width=3.4, height=3.0)
    for k, (label, style, colour) in enumerate(
        [("on its own digits", "-", plot.BLUE), ("on held-out digits", "--", plot.ORANGE)]
    ):
        found = [mean_interval(100 * row[k]) for row in wrong[name]]
        mean, half = np.transpose(found)
        ax.errorbar(SIZES, mean, yerr=half, fmt="o" + style, ms=3.5, color=colour, capsize=2)
        ax.plot([], [], style, color=colour, label=label)
    ax.set(xscale="log", xticks=SIZES[1::2], xlabel="digits to learn from", ylabel="% wrong")
    ax.set(xticklabels=SIZES[1::2], ylim=(-2, 85))
    ax.minorticks_off()
    ax.legend(fontsize=8.5)
    return fig


# %% name="curve_stiff"
plot.figure(
    learning_curve("stiff"),
    alt="Share wrong against the number of digits. The two curves approach each other, and at the "
    "end lie close together and high.",
    caption="Stiff: 4 grey squares, no hidden layer. Mean of 16 splits, with 95 % intervals.",
)

# %% name="curve_supple"
plot.figure(
    learning_curve("supple"),
    alt="Share wrong against the number of digits. On training digits it is near 0; on held-out "
    "digits it falls all the way, and is still above the other at the end.",
    caption="Supple: 196 grey squares, 32 hidden units. The same splits.",
)

# %%
gains = {name: wrong[name][-1, 1] - wrong[name][-3, 1] for name in NETS}
gaps = {name: wrong[name][-3, 1] - wrong[name][-3, 0] for name in NETS}

# %% [markdown]
# Is the stiff net stiff, or was it stopped too early? The same model, trained to the end.


# %%
def to_the_end(size):
    """Held-out share wrong of the stiff model, fitted until it stands, over the first splits."""
    inputs, found = SEEN_BY["stiff"].numpy(), []
    for seed in range(BLOCK):
        order = np.random.default_rng(seed).permutation(len(label))
        fitted = LogisticRegression(C=1000, max_iter=2000)
        fitted.fit(inputs[order[:size]], digit[order[:size]])
        found.append(1 - fitted.score(inputs[order[-HELD:]], digit[order[-HELD:]]))
    return float(np.mean(found))


ended = {size: to_the_end(size) for size in (400, 1600)}


def both_blocks(name):
    return [mean_interval(block) for block in np.reshape(100 * gains[name], (2, BLOCK))]


# %% name="gains"
table(
    ["held-out digits wrong, of 100", "splits 0 to 7", "splits 8 to 15", "difference"],
    [
        [
            f"{name}: 1,600 minus 400 digits",
            *(d.text().replace("\u00a0", " ") for d in both_blocks(name)),
            "seen" if seen(both_blocks(name)) else "not seen",
        ]
        for name in NETS
    ],
)

# %% name="rates"
table(
    ["held-out digits wrong, of 100", *(f"rate {rate:g}" for rate in RATES)],
    [[name, *(f"{100 * share:.1f}" for share in grid[name])] for name in NETS],
)

# %% [markdown]
# ## A squared error, taken apart
#
# Synthetic data: 200 draws of 15 noisy points from one wave, and a polynomial through each draw.

# %%
DRAWS, POINTS, NOISE = 200, 15, 0.3
rng = np.random.default_rng(0)
x, places = np.linspace(-1, 1, POINTS), np.linspace(-0.95, 0.95, 39)
truth = noisy_wave(places, rng, noise=0)
draws = np.array([noisy_wave(x, rng, NOISE) for _ in range(DRAWS)])
fresh = np.array([noisy_wave(places, rng, NOISE) for _ in range(DRAWS)])
DEGREES = range(10)
parts, measured = [], []
for degree in DEGREES:
    said = np.array([powers(places, degree) @ ridge(powers(x, degree), t, 0) for t in draws])
    parts.append(parts_of_error(said, truth))
    measured.append(((said - fresh) ** 2).mean())
parts = np.array(parts)

# %% name="parts"
fig, ax = plot.subplots(width=3.7, height=3.2)
layers = [("bias²", parts[:, 0], plot.BLUE), ("variance", parts[:, 1], plot.ORANGE)]
layers.append(("noise", np.full(len(parts), NOISE**2), plot.MUTED))
floor = np.zeros(len(parts))
for label, part, colour in layers:
    ax.bar(DEGREES, part, bottom=floor, color=colour, label=label)
    floor = floor + part
ax.plot(DEGREES, measured, "o", color=plot.INK, ms=5, label="measured")
ax.set(xlabel="degree", ylabel="mean squared error", xticks=DEGREES)
ax.legend(fontsize=8.5)
plot.figure(
    fig,
    alt="One stacked bar per degree. For low degrees nearly all is squared bias; this vanishes "
    "towards higher degrees, where variance grows. The noise is the same for each. Dots of the "
    "measured error lie on top of the bars.",
    caption="Bars: the three parts. Dots: the error against fresh noisy points. Synthetic data.",
)

# %% [markdown]
# ## What the page's widget shows

# %%
show.data(
    "ward",
    {
        "epochs": EPOCHS,
        "guess": float(np.log(10)),
        "healthy": {what: f.said for what, f in findings["healthy"].items()},
        "patients": {
            name: {
                "title": patient.title,
                "cause": patient.cause,
                "cure": patient.cure,
                "loss": [min(row["loss"], 1e9) for row in curves[name]],
                "val": [min(row["val_loss"], 1e9) for row in curves[name]],
                "right": [row["val_right"] for row in curves[name]],
                "found": {what: [f.said, f.symptom] for what, f in findings[name].items()},
            }
            for name, patient in PATIENTS.items()
        },
    },
    digits=4,
)

# %% name="numbers"
values(
    guess=f"{np.log(10):.2f}",
    ill=len(PATIENTS) - 1,
    checks=len(CHECKLIST),
    healthy_right=f"{curves['healthy'][-1]['val_right']:.0%}",
    few_right=f"{curves['few'][-1]['val_right']:.0%}",
    small_right=f"{curves['small'][-1]['val_right']:.0%}",
    ended_few=f"{100 * ended[400]:.0f}",
    ended_many=f"{100 * ended[1600]:.0f}",
    stiff_gain=in_words(gains["stiff"]),
    supple_gain=in_words(gains["supple"]),
    stiff_gap=f"{100 * gaps['stiff'].mean():.0f}",
    supple_gap=f"{100 * gaps['supple'].mean():.0f}",
    stiff_wrong=f"{100 * wrong['stiff'][-3, 1].mean():.0f}",
    supple_wrong=f"{100 * wrong['supple'][-3, 1].mean():.0f}",
    same_neighbours=findings["healthy"]["nearest neighbours with the same label"].said,
    wrong_neighbours=findings["labels"]["nearest neighbours with the same label"].said,
    softmax_end=findings["softmax"]["loss on one batch, learned by heart"].said,
    softmax_right=f"{curves['softmax'][-1]['val_right']:.0%}",
    leak_share=findings["leak"]["held-out examples seen in training"].said,
)

# %% [markdown]
# ## What this notebook claims

# %%
assert (len(PATIENTS), len(CHECKLIST), SPLITS, BLOCK, STEPS) == (14, 9, 16, 8, 300)
assert not any(f.symptom for f in findings["healthy"].values())
assert all(findings[name][check].symptom for check, name in ASKED)
assert not any(f.symptom for f in findings["few"].values())
assert np.allclose(parts.sum(axis=1) + NOISE**2, measured, atol=0.03)
assert gains["supple"].mean() < gains["stiff"].mean()
assert 0.51 < wrong["stiff"][-3, 0].mean() < 0.55 < wrong["stiff"][-3, 1].mean() < 0.59
assert ended[400] - ended[1600] < 0.03, "trained to the end it gains little, too"
assert gaps["supple"].mean() > gaps["stiff"].mean()
