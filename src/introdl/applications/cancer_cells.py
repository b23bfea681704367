"""Cancer cells: what a test finds, what it misses, and what an alarm is worth."""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from introdl.arguments import takes


class Outcomes(NamedTuple):
    """How a test did: the tumours in each of its four boxes.

    Attributes:
        found: Malignant, and the alarm rings.
        missed: Malignant, and it stays silent.
        false_alarms: Benign, and the alarm rings.
        cleared: Benign, and it stays silent.
    """

    found: int
    missed: int
    false_alarms: int
    cleared: int

    @property
    def accuracy(self) -> float:
        """The share of all that is right."""
        return (self.found + self.cleared) / sum(self)

    @property
    def sensitivity(self) -> float:
        """The share of the malignant that is found; NaN if there is none."""
        sick = self.found + self.missed
        return self.found / sick if sick else float("nan")

    @property
    def specificity(self) -> float:
        """The share of the benign that is cleared; NaN if there is none."""
        well = self.cleared + self.false_alarms
        return self.cleared / well if well else float("nan")


def outcomes(
    scores: np.ndarray,
    labels: np.ndarray,
    limit: float,
) -> Outcomes:
    """Count the four boxes of a test that rings where the score is above a limit.

    Args:
        scores: One per tumour, (N,); larger means more like a malignant one.
        labels: 1 malignant, 0 benign, (N,).
        limit: Scores above it ring the alarm.

    Examples:
        >>> outcomes(np.array([0.9, 0.2, 0.6, 0.1]), np.array([1, 1, 0, 0]), 0.5)
        Outcomes(found=1, missed=1, false_alarms=1, cleared=1)
    """
    rings, sick = scores > limit, labels == 1
    boxes = (rings & sick, ~rings & sick, rings & ~sick, ~rings & ~sick)
    return Outcomes(*(int(box.sum()) for box in boxes))


def roc(
    scores: np.ndarray,
    labels: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Give the shares of false alarms and of finds for each limit.

    Args:
        scores: One per tumour, (N,).
        labels: 1 malignant, 0 benign, (N,), both present.

    Returns:
        False alarms among the benign and finds among the malignant,
        0 to 1, (K + 1,) for K different scores: from a limit at the
        largest down to one below all.
    """
    limits = np.append(np.unique(scores)[::-1], -np.inf)
    rings = scores[None] > limits[:, None]  # (K + 1, N)
    false = rings[:, labels == 0].mean(axis=1)
    return false, rings[:, labels == 1].mean(axis=1)


def area(scores: np.ndarray, labels: np.ndarray) -> float:
    """Give the area under the ROC curve, by comparing pairs.

    It is the share of pairs, one malignant and one benign, in which the
    malignant tumour has the larger score; a tie counts half.
    Source: Hanley & McNeil (1982), Radiology 143.

    Args:
        scores: One per tumour, (N,).
        labels: 1 malignant, 0 benign, (N,), both present.

    Examples:
        >>> area(np.array([0.9, 0.2, 0.6, 0.1]), np.array([1, 1, 0, 0]))
        0.75
    """
    gap = scores[labels == 1][:, None] - scores[labels == 0][None]
    return float(((gap > 0) + 0.5 * (gap == 0)).mean())


def chance_of_cancer(sensitivity: float, specificity: float, share: float) -> float:
    """Tell how likely cancer is once the alarm has rung (Bayes' rule).

    Args:
        sensitivity: Share of the sick that the test finds, 0 to 1.
        specificity: Share of the well that it clears, 0 to 1.
        share: Share of the tested who have cancer, 0 to 1.

    Returns:
        The share of the alarms that are true; NaN if no alarm can ring.

    Examples:
        >>> round(chance_of_cancer(0.9, 0.9, 0.01), 3)
        0.083
    """
    true = sensitivity * share
    false = (1 - specificity) * (1 - share)
    return true / (true + false) if true + false else float("nan")


def best_limit(values: np.ndarray, labels: np.ndarray) -> float:
    """Find the limit for one measurement that labels most tumours correctly.

    Args:
        values: One measurement per tumour, (N,).
        labels: 1 malignant, 0 benign, (N,).

    Returns:
        One of the values; the smallest of the best.
    """
    limits = np.unique(values)
    right = [outcomes(values, labels, limit).accuracy for limit in limits]
    return float(limits[int(np.argmax(right))])


def fit_net(X: np.ndarray, y: np.ndarray, *, seed: int, passes: int = 10) -> nn.Module:
    """Train a net with two hidden layers on standardised measurements.

    Args:
        X: Measurements, (N, D), each with mean 0 and spread 1.
        y: 1 malignant, 0 benign, (N,).
        seed: Of the first weights and of the order.
        passes: Through all tumours, in batches of 32.

    Returns:
        A net from (N, D) in float32 to log-odds of cancer, (N, 1).
    """
    random = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = nn.Sequential(
            nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1)
        )
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.001)
    inputs = torch.tensor(X, dtype=torch.float32)
    labels = torch.tensor(y, dtype=torch.float32)[:, None]
    for _ in range(passes):
        for part in torch.randperm(len(inputs), generator=random).split(32):
            loss = nn.functional.binary_cross_entropy_with_logits(net(inputs[part]), labels[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net


def _both(labels: np.ndarray, **_: object) -> None:
    if len(set(labels.tolist())) < 2:
        raise ValueError("labels must hold both 0 and 1")


def _shares(**given: float) -> None:
    for name, value in given.items():
        if not 0 <= value <= 1:
            raise ValueError(f"chance_of_cancer(): {name} must be 0 to 1, got {value}")


_SCORED = {"scores": "(N,), not empty", "labels": "(N,) of 0 and 1"}
takes(outcomes, _SCORED | {"limit": "() of any numbers"})
takes(roc, _SCORED, also=_both)
takes(area, _SCORED, also=_both)
takes(
    chance_of_cancer,
    dict.fromkeys(("sensitivity", "specificity", "share"), "()"),
    also=_shares,
)
takes(best_limit, {"values": "(N,), not empty", "labels": "(N,) of 0 and 1"})
takes(fit_net, {"X": "(N, D), not empty", "y": "(N,) of 0 and 1"})
