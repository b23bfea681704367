# %% [markdown]
# # Convolution, executed
#
# Nine weights slide over real photographs: they find edges, blur and sharpen. Then the same sums
# are timed as a loop, as one matrix product and in PyTorch, nine weights are learned from one
# photograph and tried on another, and you see what one small window misses. All seeds are fixed.
# The text is in [the lesson](../../vision/convolution.md).

# %%
import numpy as np
import torch
from scipy.ndimage import zoom

from introdl import data, show
from introdl.show import table, values
from introdl.vision.convolution import conv2d, conv_transpose2d, time_convolutions

KERNELS = {
    "vertical edges": np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
    "horizontal edges": np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]),
    "blur": np.array([[0.1, 0.1, 0.1], [0.1, 0.2, 0.1], [0.1, 0.1, 0.1]]),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
}


# %%
def smaller(x, times):
    """Put the mean of each `times` × `times` pixels in their place."""
    height, width = x.shape[0] // times, x.shape[1] // times
    x = x[: height * times, : width * times]
    return x.reshape(height, times, width, times).mean(axis=(1, 3))


def slide(x, kernel, **options):
    """Slide one kernel over one grey picture."""
    return conv2d(x[None, None], kernel[None, None], np.zeros(1), **options)[0, 0]


def as_picture(sums, kernel, reach=None):
    """Sums as brightness from 0 to 1; where the weights cancel, middle grey is zero."""
    if np.isclose(kernel.sum(), 0):
        return 0.5 + sums / (2 * (np.abs(sums).max() if reach is None else reach))
    return sums.clip(0, 1)


camera = smaller(data.photograph("camera"), 4)  # (128, 128)
brick = smaller(data.photograph("brick"), 4)

# %% [markdown]
# ## Four kernels on one photograph

# %% name="kernels"
UPRIGHT = KERNELS["vertical edges"]
show.strip(
    [camera, *(as_picture(slide(camera, kernel), kernel) for kernel in KERNELS.values())],
    labels=["photograph", *KERNELS],
    alt="A photograph of a man with a camera on a tripod, and what four kernels make of it. "
    "Vertical edges: his coat and the legs of the tripod stand out, dark on one side and bright "
    "on the other, on even grey. Horizontal edges: shoulders and the horizon instead. Blur: soft. "
    "Sharpen: crisp, with bright and dark seams.",
    caption="One photograph of 128 × 128 pixels, and what four kernels of nine weights make of it. "
    "Vertical edges run from top to bottom, horizontal ones from left to right. In these two "
    "pictures middle grey is an answer of zero; white is a large positive answer, black a large "
    "negative one.",
)

# %% [markdown]
# ## What the page lets its reader move
#
# Two real photographs of 48 × 48 pixels, brightness as whole numbers from 0 to 100.

# %%
man = smaller(data.photograph("camera")[60:252, 130:322], 4)
wall = smaller(data.photograph("brick")[:384, :384], 8)
HAND = [[20, 20, 80, 80], [20, 20, 80, 80], [20, 80, 80, 80], [80, 80, 80, 80]]
show.data(
    "pictures",
    {
        "hand": HAND,
        "man": (100 * man).round().astype(int),
        "wall": (100 * wall).round().astype(int),
    },
)

# %% name="grows"
sums = slide(man, UPRIGHT)
whole = as_picture(sums, UPRIGHT)
part = np.where(np.arange(whole.size).reshape(whole.shape) < 800, whole, 1.0)
show.strip(
    [man, part, whole],
    labels=["photograph", "after 800 windows", f"after all {whole.size:,}"],
    alt="A photograph of a man with a camera; the picture of its vertical edges, with the top "
    "third done and the rest still white; and the whole picture of edges.",
    caption="The window goes along each row and adds one pixel to the output at each place.",
)

# %% [markdown]
# ## Anywhere in the picture
#
# Move the photograph, and the kernel's answers move with it. Away from the border nothing else
# changes.

# %% name="moved"
moved = np.roll(camera, (9, 17), axis=(0, 1))
before, after = slide(camera, UPRIGHT), slide(moved, UPRIGHT)
away = np.abs(np.roll(before, (9, 17), axis=(0, 1)) - after)[11:, 19:].max()
values(largest_change=away)

# %% [markdown]
# ## How many weights sharing saves

# %% name="counts"
pixels, outputs = camera.size, before.size
values(shared=UPRIGHT.size, dense=pixels * outputs, pixels=pixels, outputs=outputs)

# %% [markdown]
# ## Nine weights, learned
#
# The picture of edges is the target, the weights start at random, and 600 steps of gradient descent
# (PyTorch's Adam, η = 0.1) make the squared error small. The wall is held out. The baseline answers
# zero everywhere, which is near the mean of the target.

# %% name="learned"
torch.manual_seed(0)
net = torch.nn.Conv2d(1, 1, 3, dtype=torch.float64)
optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
x, target = torch.tensor(camera)[None, None], torch.tensor(before)[None, None]
for _ in range(600):
    loss = ((net(x) - target) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
learned = net.weight.detach().numpy()[0, 0]
held_out = slide(brick, UPRIGHT)
error = np.mean((slide(brick, learned) + net.bias.item() - held_out) ** 2)
baseline = np.mean(held_out**2)
table(
    ["left", "middle", "right"],
    [[f"{weight:.2f}".replace("-", "−") for weight in row + 0.0] for row in learned.round(2)],
)

# %% name="learned_numbers"
values(error=f"{error:.7f}", baseline=f"{baseline:.4f}", times=f"{baseline / error:,.0f}")

# %% [markdown]
# ## Where one window fails
#
# **It finds edges in one direction.** After a quarter turn, the wall's long joints are horizontal.

# %% name="turned"
turned = np.rot90(wall)
answers = [slide(picture, UPRIGHT) for picture in (wall, turned)]
reach = max(np.abs(answer).max() for answer in answers)
show.strip(
    [wall, as_picture(answers[0], UPRIGHT, reach), turned, as_picture(answers[1], UPRIGHT, reach)],
    labels=["a wall", "its vertical edges", "after a quarter turn", "its vertical edges"],
    alt="A wall of upright bricks, and its vertical edges: all long joints stand out. The same "
    "wall after a quarter turn: its long joints are horizontal now and vanish from the answers, "
    "where only the short joints are left.",
    caption="The same kernel on the same wall, before and after a quarter turn.",
    columns=2,
)

# %% name="turned_numbers"
strength = [np.abs(answer).mean() for answer in answers]
values(times=f"{strength[0] / strength[1]:.1f}")

# %% [markdown]
# **It is small.** Enlarge the photograph smoothly, and each edge is spread over more pixels.

# %% name="enlarged"
sizes = {
    times: np.abs(slide(zoom(camera, times, order=1), UPRIGHT)).max() for times in (1, 2, 4, 8)
}
table(
    ["enlarged", "strongest answer"],
    [[f"{times} ×", f"{strongest:.2f}"] for times, strongest in sizes.items()],
)

# %% [markdown]
# **It stops at the border.** Without padding the picture shrinks. With a frame of zeros, the frame
# itself makes an edge.

# %% name="border"
padded = np.abs(slide(camera, UPRIGHT, padding=1))
frame = np.ones(padded.shape, dtype=bool)
frame[:, 1:-1] = False
values(
    side=camera.shape[0],
    smaller=before.shape[0],
    times=f"{padded[frame].mean() / padded[1:-1, 1:-1].mean():.0f}",
)

# %% [markdown]
# ## The way back: a transposed convolution
#
# Each pixel of a small picture stamps the kernel into a larger one.

# %% name="stamps"
small = smaller(man, 2)
tent = np.outer([0.5, 1, 0.5], [0.5, 1, 0.5])
stamped = {
    name: conv_transpose2d(small[None, None], kernel[None, None], np.zeros(1), stride=2, padding=1)[
        0, 0
    ]
    for name, kernel in {"a tent": tent, "nine equal weights": np.full((3, 3), 4 / 9)}.items()
}
show.strip(
    [small, *(picture.clip(0, 1) for picture in stamped.values())],
    labels=["24 × 24", *(f"{name}: 47 × 47" for name in stamped)],
    alt="A small photograph; the same nearly twice as large, smooth, made with a kernel that is 1 "
    "in the middle and ½ at the sides; and made with nine equal weights, covered by a chessboard "
    "pattern.",
    caption="With stride 2 the stamps lie two pixels apart and overlap by one. Unless the weights "
    "make up for it, pixels under four stamps become brighter than those under one.",
)

# %% [markdown]
# ## Loop, product, PyTorch
#
# One picture, 3 × 3 kernels, padding 1, one thread. The methods take turns; each number is a ratio
# of two medians from the same run.

# %%
SIZES = {
    "1 → 8, 128 × 128": (1, 8, 128),
    "3 → 16, 64 × 64": (3, 16, 64),
    "16 → 32, 32 × 32": (16, 32, 32),
}
speeds = {name: time_convolutions(*size, rounds=3) for name, size in SIZES.items()}

# %% name="speed" timed=true
table(
    ["layer", "loop : product", "product : PyTorch", "the same, float32"],
    [
        [
            name,
            f"{s.naive / s.product:,.0f}",
            f"{s.product / s.torch64:.1f}",
            f"{s.product / s.torch32:.1f}",
        ]
        for name, s in speeds.items()
    ],
)

# %% [markdown]
# ## What this notebook claims

# %%
assert away == 0
assert np.abs(learned - UPRIGHT).max() < 0.05
assert error < baseline / 1000
assert strength[0] > 2 * strength[1]
assert sizes[8] < sizes[4] < sizes[2] < sizes[1]
assert padded[frame].mean() > 5 * padded[1:-1, 1:-1].mean()
assert np.allclose(slide(np.rot90(wall), np.rot90(UPRIGHT)), np.rot90(slide(wall, UPRIGHT)))
assert stamped["a tent"].shape == (47, 47)
for s in speeds.values():
    assert s.naive > 20 * s.product
