"""The simple rules to beat: how much a frame differs from the last one, and linear models of it."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from introdl.applications.silent_film.films import Film, hit_table
from introdl.arguments import takes

AROUND = 4  # frames before and after one, of which the linear model knows the change
PLACE = np.s_[:, 8:15, 4:17]  # the part of a frame in which objects stand
NEAR = np.s_[:, 8:16, 4:18]  # and one row and one column more


def change(frames: np.ndarray) -> np.ndarray:
    """Tell how much each frame differs from the one before it.

    Args:
        frames: Grey values, 0 to 255, (T, H, W).

    Returns:
        The mean over all pixels of the absolute difference, 0 to 1,
        (T,); 0 for the first frame.
    """
    steps = np.abs(np.diff(frames, axis=0, prepend=frames[:1])) / 255
    return steps.mean(axis=(1, 2))


def changes(frames: np.ndarray) -> np.ndarray:
    """Tell how much each block of a frame changes, in the frames around it.

    Args:
        frames: Grey values, 0 to 255, (T, 16, 24).

    Returns:
        Mean absolute differences in 16 blocks of 4 × 6 pixels, for nine frames, (T, 144).
    """
    steps = np.abs(np.diff(frames, axis=0, prepend=frames[:1])) / 255
    blocks = steps.reshape(len(frames), 4, 4, 4, 6).mean(axis=(2, 4)).reshape(len(frames), 16)
    longer = np.pad(blocks, ((AROUND, AROUND), (0, 0)))
    return np.hstack([longer[k : k + len(frames)] for k in range(2 * AROUND + 1)])


def looks(frames: np.ndarray) -> np.ndarray:
    """Measure how the object looks and, for each frame, how it moves after that.

    Args:
        frames: Grey values, 0 to 255, (T, 16, 24).

    Returns:
        For each frame ten numbers on the texture of the still picture (the median over time) and
        ten on the change where the object stands, in the next ten frames, (T, 20).
    """
    still = np.median(frames[NEAR], axis=0) / 255
    across, down = np.diff(still, axis=1), np.diff(still, axis=0)
    both = np.diff(across, axis=0)
    place = np.s_[:-1, :-1]
    edges = [np.abs(edge) for edge in (across[:-1], down[:, :-1], both)]
    texture = [still[place].mean(), still[place].std()]
    texture += [np.log(np.mean(edge**q) + 1e-6) for edge in edges for q in (1, 3)]
    texture += [
        np.corrcoef(still[place][k:].ravel(), still[place][:-k].ravel())[0, 1] for k in (1, 2)
    ]
    steps = np.abs(np.diff(frames[PLACE], axis=0, prepend=frames[PLACE][:1])) / 255
    longer = np.pad(steps.mean(axis=(1, 2)), (0, 11))
    moves = np.stack([longer[1 + k : 1 + k + len(frames)] for k in range(10)], axis=1)
    return np.hstack([np.tile(texture, (len(frames), 1)), np.log(moves + 0.005)])


def linear() -> Pipeline:
    """Logistic regression on standardised numbers."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=300))


def fit_hits(some: list[Film]) -> Pipeline:
    """Fit "hit or not" to the changes around each frame."""
    X = np.concatenate([changes(one.frames) for one in some])
    return linear().fit(X, hit_table(some).ravel())


def fit_materials(some: list[Film]) -> Pipeline:
    """Fit the material to the looks of each hit."""
    X = np.concatenate([looks(one.frames)[list(one.hits)] for one in some])
    return linear().fit(X, np.repeat([f.material for f in some], [len(f.hits) for f in some]))


def chances(model: Pipeline, some: list[Film]) -> np.ndarray:
    """Give the linear model's probability of a hit for each frame, (N, T)."""
    X = np.concatenate([changes(one.frames) for one in some])
    return model.predict_proba(X)[:, 1].reshape(len(some), -1)


def materials(model: Pipeline, some: list[Film]) -> np.ndarray:
    """Name the material that each frame's looks speak for, 0 to 3, (N, T)."""
    X = np.concatenate([looks(one.frames) for one in some])
    return model.predict(X).reshape(len(some), -1)


takes(change, {"frames": "(T, H, W), not empty"})
takes(changes, {"frames": "(T, 16, 24), not empty"})
takes(looks, {"frames": "(T, 16, 24), not empty"})
