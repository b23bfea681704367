"""A small net that looks at a picture once: each cell of a grid gives a score and a box."""

import numpy as np
import torch
from scipy.special import expit
from torch import nn

from introdl.arguments import takes
from introdl.vision.detection.boxes import nms, refuse_flat
from introdl.vision.detection.scenes import SIDE
from introdl.vision.detection.scoring import Found

#: Pixels along each side of a cell, and cells along each side of a scene.
CELL = 8
CELLS = SIDE // CELL
#: Pixels that the middle of each cell is from the left, and from the top.
_MIDDLES = CELL * (np.arange(CELLS) + 0.5)
#: The size in pixels that 0 stands for.
_USUAL = 16


def targets(boxes: np.ndarray, of: np.ndarray, count: int) -> np.ndarray:
    """Write true boxes as what the cells should say.

    A cell answers for a digit if its middle is less than 8 pixels from the digit's middle, across
    and down: for two of them, the nearer one.

    Args:
        boxes: True boxes of all pictures, (M, 4).
        of: Which picture each is in, (M,) of integers.
        count: How many pictures there are.

    Returns:
        (N, 5, 6, 6): 1 where a cell answers, else 0; how many cells the digit's middle lies to the
        right and below; the logarithms of width and height, divided by 16 pixels.
    """
    told, nearest = np.zeros((count, 5, CELLS, CELLS)), np.full((count, CELLS, CELLS), np.inf)
    for box, scene in zip(boxes, of, strict=True):
        across, down = np.meshgrid(*((box[:2] + box[2:])[:, None] / 2 - _MIDDLES))
        far = np.hypot(across, down)
        mine = (np.maximum(abs(across), abs(down)) < CELL) & (far < nearest[scene])
        nearest[scene][mine] = far[mine]
        size = np.log((box[2:] - box[:2]) / _USUAL)
        told[scene, 0][mine] = 1
        told[scene, 1][mine], told[scene, 2][mine] = across[mine] / CELL, down[mine] / CELL
        told[scene, 3:, mine] = size
    return told


def to_boxes(said: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Read boxes and scores out of what the cells say, (N, 5, 6, 6).

    Returns:
        Boxes, (N, 36, 4), and scores between 0 and 1, (N, 36).
    """
    middle = np.stack([_MIDDLES + CELL * said[:, 1], _MIDDLES[:, None] + CELL * said[:, 2]], axis=3)
    size = np.clip(np.moveaxis(said[:, 3:], 1, 3), -10, 10)  # a wild net is no overflow
    half = _USUAL * np.exp(size) / 2
    boxes = np.concatenate([middle - half, middle + half], axis=3)
    return boxes.reshape(len(said), -1, 4), expit(said[:, 0]).reshape(len(said), -1)


def detector() -> nn.Sequential:
    """Make the net, with random weights: pictures (N, 1, 48, 48) become (N, 5, 6, 6).

    Examples:
        >>> sum(p.numel() for p in detector().parameters())
        15429
    """
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 5, 1),
    )


def loss(said: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
    """Add the surprise at scores and, where a cell answers, 1 − IoU.

    Args:
        said: What the net says, (N, 5, 6, 6).
        told: What the cells should say, of the same shape.
    """
    answers = told[:, 0]  # (N, 6, 6)
    surprise = nn.functional.binary_cross_entropy_with_logits
    # Middles and half sides, in cells.
    a, b = said[:, 1:3], told[:, 1:3]
    half_a = said[:, 3:].exp() * _USUAL / CELL / 2
    half_b = told[:, 3:].exp() * _USUAL / CELL / 2
    begin = torch.maximum(a - half_a, b - half_b)
    end = torch.minimum(a + half_a, b + half_b)
    both = (end - begin).clamp(min=0).prod(dim=1)
    either = 4 * half_a.prod(dim=1) + 4 * half_b.prod(dim=1) - both
    missing = answers * (1 - both / either)
    mean = missing.sum() / answers.sum().clamp(min=1)
    return surprise(said[:, 0], answers) + mean


def fit(
    pictures: np.ndarray,
    boxes: np.ndarray,
    of: np.ndarray,
    *,
    rate: float = 0.01,
    epochs: int = 4,
    batch: int = 10,
    seed: int = 0,
) -> nn.Sequential:
    """Train a detector, with Adam; its rate rises for a third of the steps, then falls to 0.

    Args:
        pictures: Scenes, (N, 48, 48).
        boxes: True boxes of all scenes, (M, 4).
        of: Which scene each is in, (M,) of integers.
        rate: The largest learning rate.
        epochs: Passes through the scenes.
        batch: Scenes per step.
        seed: Of the first weights and of the order of the scenes.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net, seen = detector(), torch.tensor(pictures, dtype=torch.float32)[:, None]
        told = torch.tensor(targets(boxes, of, len(pictures)), dtype=torch.float32)
        optimizer = torch.optim.Adam(net.parameters(), lr=rate, fused=True)
        parts = [p for _ in range(epochs) for p in torch.randperm(len(seen)).split(batch)]
        for step, part in enumerate(parts):
            done = step / len(parts)
            optimizer.param_groups[0]["lr"] = rate * min(0.1 + 3 * done, (1 - done) / 0.7)
            optimizer.zero_grad()
            loss(net(seen[part]), told[part]).backward()
            optimizer.step()
    return net


def predict(net: nn.Sequential, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Look at pictures, (N, 48, 48): all boxes, (N, 36, 4), and their scores, (N, 36)."""
    with torch.no_grad():
        said = net(torch.tensor(pictures, dtype=torch.float32)[:, None])
    return to_boxes(said.numpy().astype(float))


def held(boxes: np.ndarray, scores: np.ndarray, limit: float = 1.0) -> Found:
    """Thin out the boxes of each picture by `nms`; a limit of 1 keeps all of them.

    Args:
        boxes: All boxes of each picture, (N, 36, 4).
        scores: Their scores, (N, 36).
        limit: The IoU with a kept box above which a box is dropped.
    """
    kept = [nms(own, sure, limit) for own, sure in zip(boxes, scores, strict=True)]
    return Found(
        np.concatenate([own[k] for own, k in zip(boxes, kept, strict=True)]),
        np.concatenate([sure[k] for sure, k in zip(scores, kept, strict=True)]),
        np.repeat(np.arange(len(boxes)), [len(k) for k in kept]),
    )


def _known(boxes: np.ndarray, of: np.ndarray, **others: object) -> None:
    refuse_flat(boxes=boxes)
    count = others["count"] if "count" in others else len(others["pictures"])  # type: ignore[arg-type]
    if len(of) and not 0 <= of.min() <= of.max() < count:  # type: ignore[operator]
        raise ValueError(f"of names pictures {of.min()} to {of.max()}, but there are {count}")


_BOXES = {"boxes": "(M, 4)", "of": "(M,) of integers"}
takes(targets, _BOXES, also=_known)
takes(fit, {"pictures": "(N, 48, 48), not empty", **_BOXES}, also=_known)
takes(predict, {"pictures": "(N, 48, 48), not empty"})
takes(to_boxes, {"said": "(N, 5, 6, 6), not empty"})
takes(held, {"boxes": "(N, K, 4), not empty", "scores": "(N, K)", "limit": "() in [0, 1]"})
