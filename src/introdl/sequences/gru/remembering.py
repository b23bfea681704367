"""GRUs in both forms for the task of the lesson before: which capital came last?"""

import numpy as np
import torch

from introdl.sequences.lstm.remembering import Rememberers


class GRUs(Rememberers):
    """GRUs whose reset gate acts after the product, their weights as in `GRU`."""

    parts, keeps = 3, 1

    def shapes(self, hidden: int) -> dict[str, tuple[int, int]]:
        """Give the shape of each array of weights of one net."""
        return super().shapes(hidden) | {"b_heard": (1, hidden)}

    def step(self, read: torch.Tensor, *state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Compute the states."""
        h, unused = state
        gates, candidate = read.split([2 * self.hidden, self.hidden], dim=-1)
        said, heard = (h @ self.W).split([2 * self.hidden, self.hidden], dim=-1)
        r, z = torch.sigmoid(gates + said).chunk(2, dim=-1)
        candidate = torch.tanh(candidate + r * (heard + self.b_heard))
        return z * h + (1 - z) * candidate, unused

    def weights(self, net: int) -> tuple[np.ndarray, ...]:
        """Give U, W, b and b_heard of one net in float64."""
        return *super().weights(net), self.b_heard[net, 0].detach().numpy().astype(float)


class GRUsBefore(Rememberers):
    """GRUs whose reset gate acts before the product: one bias per part is enough."""

    parts, keeps = 3, 1

    def step(self, read: torch.Tensor, *state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Compute the states."""
        h, unused = state
        gates, candidate = read.split([2 * self.hidden, self.hidden], dim=-1)
        gated, new = self.W.split([2 * self.hidden, self.hidden], dim=-1)
        r, z = torch.sigmoid(torch.baddbmm(gates, h, gated)).chunk(2, dim=-1)
        candidate = torch.tanh(torch.baddbmm(candidate, r * h, new))
        return z * h + (1 - z) * candidate, unused

    def weights(self, net: int) -> tuple[np.ndarray, ...]:
        """Give U, W, b and b_heard, which is zero, of one net in float64."""
        return *super().weights(net), np.zeros(self.hidden)
