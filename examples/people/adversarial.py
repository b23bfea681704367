# %% [markdown]
# # Adversarial examples, executed
#
# Real digits are pushed, pixel by pixel, against nets that read them: at random, and along the
# slope of the loss. The text is in [the lesson](../../people/adversarial.md).

# %%
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from introdl import data, handed, plot, show
from introdl.people.adversarial import fit_pushed, push, slopes
from introdl.show import table, values
from introdl.vision.cnn import SHAPES, torch_net

X, y = data.mnist()
X = X[:, None]  # (5000, 1, 28, 28)
order = np.random.default_rng(0).permutation(len(X))
seen, unseen = order[:4000], order[4000:4500]
Xu, yu = X[unseen], y[unseen]
SIZES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3)


# %%
def right(net, pictures, labels=yu):
    """The share of right answers."""
    with torch.no_grad():
        said = net(torch.tensor(pictures, dtype=torch.float64)).argmax(dim=1).numpy()
    return float(np.mean(said == labels))


def trained(seed, size=0.0):
    """A net of the lesson on CNNs, trained on 4,000 digits; with pushes of this size."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = torch_net()
    fit_pushed(net, X[seen], y[seen], size=size, epochs=3, seed=seed)
    return net.double()


# %% [markdown]
# ## Two nets, pushed at random and along the slope
#
# The first net is the one of the lesson on CNNs; it learned from the same 4,000 digits. The second
# began with other weights.

# %%
kept = handed.get("vision/cnn/net")
first = torch_net().double()
with torch.no_grad():
    for weight, name in zip(first.parameters(), SHAPES, strict=True):
        weight.copy_(torch.tensor(kept[name]).reshape(weight.shape))
nets = [first, trained(1)]
coins = np.random.default_rng(1).choice([-1.0, 1.0], size=Xu.shape)
steep = [slopes(net, Xu, yu) for net in nets]
by_slope = np.array(
    [[right(n, push(Xu, s, e)) for e in SIZES] for n, s in zip(nets, steep, strict=True)]
)
at_random = np.array([[right(net, push(Xu, coins, e)) for e in SIZES] for net in nets])
across = np.array(
    [[right(nets[1 - i], push(Xu, steep[i], e)) for e in SIZES] for i in range(len(nets))]
)

# %% name="curve"
fig, ax = plot.subplots(width=3.7, height=3.2)
LINES = [
    ("at random", plot.BLUE, at_random),
    ("of the other net", plot.PURPLE, across[::-1]),
    ("along its slope", plot.RED, by_slope),
]
for name, colour, shares in LINES:
    for share, style, label in zip(shares, ("-", "--"), (name, None), strict=True):
        ax.plot(SIZES, 100 * share, style, color=colour, label=label)
ax.set(xlabel="size of the push (1 is from paper to ink)", ylabel="right out of 100", ylim=(0, 102))
ax.legend(loc="lower left", frameon=False, fontsize=9)
plot.figure(
    fig,
    alt="Right answers against the size of the push, for two nets. Pushed at random, both stay "
    "above 80 out of 100. Pushed along the slope of the other net, they fall more slowly. Along "
    "their own slope they fall below 75 out of 100 at a tenth and below 20 at three tenths.",
    caption="500 digits that neither net has seen. Solid: the first net; dashed: the second.",
)

# %% name="table"
at = SIZES.index(0.1)
table(
    [
        "right out of 100",
        "unchanged",
        "pushed at random",
        "along the other's slope",
        "along its own",
    ],
    [
        [
            name,
            *(
                100 * v
                for v in (at_random[i, 0], at_random[i, at], across[1 - i, at], by_slope[i, at])
            ),
        ]
        for i, name in enumerate(["first net", "second net"])
    ],
)

# %% [markdown]
# ## Is it the net's depth?
#
# A linear model, pushed along its own slope.

# %% name="linear"
linear = LogisticRegression(C=0.01, max_iter=300).fit(X[seen].reshape(4000, -1), y[seen])


def linear_slopes(pictures, labels):
    """Slopes of the loss of the linear model, (N, 1, 28, 28)."""
    flat = pictures.reshape(len(pictures), -1)
    off = linear.predict_proba(flat) - np.eye(10)[labels]  # (N, 10)
    return (off @ linear.coef_).reshape(pictures.shape)


def linear_right(pictures):
    """The share of right answers of the linear model."""
    return float(linear.score(pictures.reshape(len(pictures), -1), yu))


flat_slopes = linear_slopes(Xu, yu)
plain = [linear_right(push(Xu, flat_slopes, e)) for e in SIZES]
values(
    plain=f"{100 * plain[0]:.0f}",
    pushed=f"{100 * plain[at]:.0f}",
    weights=f"{np.abs(linear.coef_).mean():.2f}",
    most=f"{100 * np.mean(yu == np.bincount(y[seen]).argmax()):.0f}",
)

# %% [markdown]
# ## The defence: train on pushed digits
#
# Two nets learn from batches of which half is pushed by 0.15 against the net as it is then; two
# others, with the same first weights and the same batches, as usual.

# %% name="defence"
TRAINED = 0.15
usual, hardened = [nets[1], trained(2)], [trained(1, TRAINED), trained(2, TRAINED)]
rows, gains = [], []
for size in (0.0, 0.1, 0.2, 0.3):
    shares = [
        [right(net, push(Xu, slopes(net, Xu, yu), size)) for net in group]
        for group in (usual, hardened)
    ]
    gains.append(np.subtract(shares[1], shares[0]))
    rows.append([size, *(100 * v for v in shares[0]), *(100 * v for v in shares[1])])
heads = ["size", "usual, 1", "usual, 2", "trained on pushes, 1", "trained on pushes, 2"]
table(heads, rows)

# %% [markdown]
# ## The digits of the figure
#
# One of each that the first net reads rightly, and the signs of its slopes.

# %%
said = first(torch.tensor(Xu)).argmax(dim=1).numpy()
chosen = [int(np.flatnonzero((yu == d) & (said == d))[0]) for d in range(10)]
show.arrays(
    "digits",
    pictures=np.round(255 * Xu[chosen, 0]).astype(np.uint8),
    signs=(1 + np.sign(slopes(first, np.round(255 * Xu[chosen]) / 255, yu[chosen])[:, 0])).astype(
        np.uint8
    ),
    random=(1 + coins[chosen, 0]).astype(np.uint8),
)

# %% name="still"
show.strip(
    [
        image
        for d in (3, 7)
        for image in (
            Xu[chosen[d], 0],
            0.5 + 0.5 * np.sign(steep[0][chosen[d], 0]),
            push(Xu[chosen[d], 0], steep[0][chosen[d], 0], 0.2),
        )
    ],
    labels=["a 3", "its push", "pushed by 0.2", "a 7", "its push", "pushed by 0.2"],
    alt="A three and a seven, the push of each as a grey pattern, and each pushed by two tenths. "
    "The pushed digits have a grey haze around them and are as easy to read as before.",
    caption="White: towards ink, which is white here; black: towards paper; grey: no push.",
    columns=3,
)

# %% [markdown]
# ## What this notebook claims

# %%
prediction = np.round(100 * np.array([at_random[0, 0], at_random[0, at], by_slope[0, at]]))
assert np.abs(prediction - [97, 96, 65]).max() <= 1, "the page's prediction has these numbers"
assert (at_random[:, 0] > 0.85).all()
assert (at_random[:, at] > at_random[:, 0] - 0.06).all(), "random pushes do little harm"
assert (by_slope[:, at] < 0.85).all()
assert (by_slope[:, -1] < 0.3).all()
assert (across[:, -1] < at_random[:, -1] - 0.1).all(), "a push for one net also hurts the other"
assert plain[at] < plain[0] - 0.3
assert (gains[1] > 0.05).all(), "the defence helps against a push of 0.1"
assert (gains[2] > 0.1).all()
